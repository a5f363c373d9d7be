"""The addresses at which Stripe reports, one for each of its secrets."""

from django.urls import path

from payouts.webhooks import webhook

urlpatterns = [
    path("account", webhook, {"endpoint": "account"}, name="stripe_account"),
    path("connect", webhook, {"endpoint": "connect"}, name="stripe_connect"),
    path("thin", webhook, {"endpoint": "thin"}, name="stripe_thin"),
]
