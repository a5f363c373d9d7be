"""Views of the deals floor: each translates in, makes one domain call, and translates out."""
