"""The stand-in webshop of the demo: every shop's own shop, played by one small server.

`python -m cms.demo.webshop --port 8001 --config webshop.json`. It stands outside: it imports nothing of the product
and no Django, and talks to Voorspraak and to the stand-in for Stripe over HTTP, as any shop would. A visitor who came
through a link carries `vp_click`; the shop keeps it in a cookie of its own and tells it with the order: by the shop
API, or inside a Stripe Checkout of its connected account.
"""
