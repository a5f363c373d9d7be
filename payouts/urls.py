"""Addresses of the advocate's money pages."""

from django.urls import path

from payouts.views import payee

app_name = "payouts"
urlpatterns = [
    path("studio/payouts/", payee.payout_setup, name="payout_setup"),
    path("studio/payouts/tax/", payee.tax_profile, name="tax_profile"),
    path("studio/payouts/stripe/", payee.onboarding, name="onboarding"),
    path("studio/payouts/stripe/again/", payee.onboarding_again, name="onboarding_again"),
    path("studio/payouts/stripe/done/", payee.onboarding_done, name="onboarding_done"),
    path("studio/statements/", payee.statements, name="statements"),
    path("studio/statements/<int:pk>/", payee.statement, name="statement"),
]
