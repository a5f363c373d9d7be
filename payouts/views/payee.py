"""The advocate's own money page: where payouts go."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from payouts.bank_payouts import failures_of, why_it_failed
from payouts.dunning import behind_with
from payouts.enums import PayoutState
from payouts.gateway import GatewayError
from payouts.models import Payee, Payout
from payouts.onboarding import UnableToOnboard, refresh_account, start_onboarding
from payouts.payees import payee_of
from payouts.self_billing import PROFILES, agreement_of
from payouts.write_offs import debts_of

if TYPE_CHECKING:
    from community.models import User


def _payee(request: HttpRequest) -> Payee:
    """Who is logged in, as somebody to be paid; `login_required` has seen to it that somebody is."""
    return payee_of(user=cast("User", request.user), at=timezone.now())


@login_required
def payout_setup(request: HttpRequest) -> HttpResponse:
    """Where payouts go: the account at Stripe, and who one is for the tax office."""
    payee = _payee(request)
    parked = Payout.objects.filter(payee=payee, state=PayoutState.PARKED).select_related("run__payer")
    context = {
        "payee": payee,
        "account": payee.account,
        "parked": parked,
        "refused": [{"row": row, "why": why_it_failed(row)} for row in failures_of(payee=payee)],
        "behind": behind_with(payee=payee),
        "debts": debts_of(payee=payee),
        "can_self_bill": payee.tax_profile in PROFILES,
        "agreement": agreement_of(payee),
    }
    return render(request, "payouts/payout_setup.html", context)


@login_required
@require_POST
def onboarding(request: HttpRequest) -> HttpResponse:
    """Go to Stripe to set the account up."""
    payee = _payee(request)
    return _to_stripe(request, payee)


@login_required
def onboarding_again(request: HttpRequest) -> HttpResponse:
    """Stripe sends people here whose address was used or too old: they get a fresh one."""
    return _to_stripe(request, _payee(request))


@login_required
def onboarding_done(request: HttpRequest) -> HttpResponse:
    """Back from Stripe: look how the account stands."""
    payee = _payee(request)
    if payee.account is not None:
        try:
            refresh_account(account=payee.account, at=timezone.now())
        except GatewayError:
            messages.info(request, _("Stripe has not answered yet. This page will know within minutes."))
    return redirect("payouts:payout_setup")


def _to_stripe(request: HttpRequest, payee: Payee) -> HttpResponse:
    try:
        address = start_onboarding(
            payee=payee,
            return_url=request.build_absolute_uri(reverse("payouts:onboarding_done")),
            refresh_url=request.build_absolute_uri(reverse("payouts:onboarding_again")),
            at=timezone.now(),
        )
    except UnableToOnboard as error:
        messages.error(request, str(error))
        return redirect("payouts:payout_setup")
    return redirect(address)
