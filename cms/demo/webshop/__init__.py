"""The stand-in webshop of the demo: the shops''' own shops, played by one small server."""
