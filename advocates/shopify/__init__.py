"""Shopify's orders and refunds (REST Admin API, as its webhooks send them) in our words.

docs/connections.md has the whole table.
"""

from advocates.shopify.orders import news_of
from advocates.shopify.refunds import refund_report

__all__ = ["news_of", "refund_report"]
