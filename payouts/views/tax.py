"""Who an advocate is for the tax office, and whether invoices are made out in her name."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from payouts.forms import TaxProfileForm
from payouts.models import Payee
from payouts.payees import UnableToSetTaxProfile, payee_of, set_tax_profile
from payouts.self_billing import (
    PROFILES,
    UnableToAgree,
    agree_to_self_billing,
    agreement_of,
    agreement_text,
    revoke_self_billing,
)
from payouts.vies import last_check

if TYPE_CHECKING:
    from community.models import User


def _payee(request: HttpRequest) -> Payee:
    return payee_of(user=cast("User", request.user), at=timezone.now())


@login_required
def tax_profile(request: HttpRequest) -> HttpResponse:
    """The tax profile; a POST stores it. Documents that were issued keep what they say."""
    payee = _payee(request)
    initial = {name: getattr(payee, name) for name in TaxProfileForm.base_fields}
    form = TaxProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_tax_profile(payee=payee, at=timezone.now(), **form.cleaned_data)
        except UnableToSetTaxProfile as error:
            for field, message in error.errors.items():
                form.add_error(field, message)
        else:
            messages.success(request, _("Saved. Payouts from now on use this."))
            return redirect("payouts:tax_profile")
    context = {
        "payee": payee,
        "form": form,
        "can_self_bill": payee.tax_profile in PROFILES,
        "agreement": agreement_of(payee),
        "agreement_text": agreement_text(),
        "check": last_check(payee),
    }
    return render(request, "payouts/tax_profile.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def self_billing_agree(request: HttpRequest) -> HttpResponse:
    """Agree that invoices are made out in one's name."""
    payee = _payee(request)
    try:
        agree_to_self_billing(payee=payee, by=cast("User", request.user), at=timezone.now())
    except UnableToAgree as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Agreed. The invoices for your next payouts are made for you."))
    return redirect("payouts:tax_profile")


@login_required
@require_POST
def self_billing_revoke(request: HttpRequest) -> HttpResponse:
    """End that."""
    revoke_self_billing(payee=_payee(request), by=cast("User", request.user), at=timezone.now())
    messages.success(request, _("Revoked. From the next payout on you send the invoices yourself."))
    return redirect("payouts:tax_profile")
