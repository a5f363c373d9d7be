"""Addresses of the advocate's money pages."""

from django.urls import path

from payouts.views import payee, statements, tax

app_name = "payouts"
urlpatterns = [
    path("studio/payouts/", payee.payout_setup, name="payout_setup"),
    path("studio/payouts/tax/", tax.tax_profile, name="tax_profile"),
    path("studio/payouts/tax/agree/", tax.self_billing_agree, name="self_billing_agree"),
    path("studio/payouts/tax/revoke/", tax.self_billing_revoke, name="self_billing_revoke"),
    path("studio/payouts/stripe/", payee.onboarding, name="onboarding"),
    path("studio/payouts/stripe/again/", payee.onboarding_again, name="onboarding_again"),
    path("studio/payouts/stripe/done/", payee.onboarding_done, name="onboarding_done"),
    path("studio/statements/", statements.statements, name="statements"),
    path("studio/statements/<int:pk>/", statements.statement, name="statement"),
    path("studio/statements/<int:pk>/file.<slug:form>", statements.statement_file, name="statement_file"),
    path("studio/statements/<int:pk>/dispute/", statements.statement_dispute, name="statement_dispute"),
    path("studio/statements/year/<int:year>.<slug:form>", statements.year_file, name="statement_year"),
]
