"""The advocate's own money pages: where payouts go, and her statements."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from payouts.enums import PayoutState
from payouts.forms import TaxProfileForm
from payouts.gateway import GatewayError
from payouts.models import Payee, Payout, Statement
from payouts.onboarding import UnableToOnboard, refresh_account, start_onboarding
from payouts.payees import UnableToSetTaxProfile, payee_of, set_tax_profile
from payouts.statements import hash_of, vat_note

if TYPE_CHECKING:
    from community.models import User

_PER_PAGE = 50


def _payee(request: HttpRequest) -> Payee:
    """Who is logged in, as somebody to be paid; `login_required` has seen to it that somebody is."""
    return payee_of(user=cast("User", request.user), at=timezone.now())


@login_required
def payout_setup(request: HttpRequest) -> HttpResponse:
    """Where payouts go: the account at Stripe, and who one is for the tax office."""
    return _setup_page(request, _payee(request))


@login_required
@require_POST
def tax_profile(request: HttpRequest) -> HttpResponse:
    """Store the tax profile; statements that were issued keep what they say."""
    payee = _payee(request)
    form = TaxProfileForm(request.POST)
    if form.is_valid():
        try:
            set_tax_profile(payee=payee, **form.cleaned_data)
        except UnableToSetTaxProfile as error:
            for field, message in error.errors.items():
                form.add_error(field, message)
        else:
            messages.success(request, _("Saved. Statements from now on use this."))
            return redirect("payouts:payout_setup")
    return _setup_page(request, payee, form=form, status=422)


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


@login_required
def statements(request: HttpRequest) -> HttpResponse:
    """One's payouts, the newest first, each with its statement when it was sent."""
    mine = Payout.objects.filter(payee__user=request.user.pk).exclude(state=PayoutState.VOID)
    listed = mine.select_related("statement", "run__payer").order_by("-created_at", "-pk")
    page = Paginator(listed, _PER_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "payouts/statements.html", {"page_of_payouts": page})


@login_required
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One statement, as it was issued; for its payee and staff. The shop reads its collection instead."""
    readable = Statement.objects.select_related("payout__payee", "payout__run", "payout__transfer")
    if not request.user.is_staff:
        readable = readable.filter(payout__payee__user=request.user.pk)
    shown = get_object_or_404(readable, pk=pk)
    context = {
        "statement": shown,
        "lines": [
            {**line, "occurred_at": datetime.fromisoformat(line["occurred_at"])} for line in shown.lines
        ],
        "vat_note": vat_note(shown),
        "is_unchanged": hash_of(shown.lines) == shown.sha256,
        "is_mine": shown.payout.payee.user_id == request.user.pk,
    }
    return render(request, "payouts/statement.html", context)


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


def _setup_page(
    request: HttpRequest, payee: Payee, *, form: TaxProfileForm | None = None, status: int = 200
) -> HttpResponse:
    initial = {name: getattr(payee, name) for name in ("name", "country", "tax_profile", "vat_number")}
    parked = Payout.objects.filter(payee=payee, state=PayoutState.PARKED).select_related("run__payer")
    context = {
        "payee": payee,
        "account": payee.account,
        "form": form or TaxProfileForm(initial=initial),
        "parked": parked,
    }
    return render(request, "payouts/payout_setup.html", context, status=status)
