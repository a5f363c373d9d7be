"""Collections: what a shop settles with its advocates, each run with its payment and its payouts."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.desk_forms import CancelRunForm
from advocates.models import Shop
from advocates.shop_reports import figures_of
from advocates.tasks import advance_settlement
from advocates.views.desk import PER_PAGE, ask, of_shop, page_of, person
from payouts.commissions import mature_commissions
from payouts.dunning import dunning_of
from payouts.enums import CollectionState, PayBy, RunState
from payouts.funding import UnableToCollect, pay_at_bank, refresh_collection, retry_collection
from payouts.gateway import GatewayError
from payouts.models import Collection, MoneyDecision, SettlementRun
from payouts.money import format_minor
from payouts.progress import progress_of
from payouts.reserves import due_minor, shares_due
from payouts.settlement import (
    UNFUNDED,
    UnableToApprove,
    UnableToCancel,
    approve_run,
    cancel_run,
    start_run,
)

#: Runs that go on by themselves: their page looks again until they wait for somebody.
_MOVING = (RunState.DRAFT, RunState.FROZEN, RunState.FUNDED, RunState.SENDING)
#: Digits of the largest id that the database has.
_LONGEST_ID = 18
_SENDING = (RunState.SENDING, RunState.SETTLED, RunState.PARTIALLY_SETTLED)
_RETRIABLE = (CollectionState.FAILED, CollectionState.RETURNED, CollectionState.REQUIRES_ACTION)


@of_shop
def desk_runs(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The shop's settlement runs, what the next one would take, and the button that starts it."""
    runs = _runs(shop).annotate(advocates=Count("payouts"), total=Sum("payouts__amount_minor"))
    due = shares_due(payer=shop.payer, currency=shop.currency)
    context = {
        "shop": shop,
        "page_of_runs": page_of(request, runs.order_by("-created_at", "-pk")),
        "unfunded": _runs(shop).filter(state__in=UNFUNDED).first(),
        "due_advocates": len(due),
        "due_minor": sum(share.total_minor for share in due.values()),
        "figures": figures_of(shop, at=timezone.now()),
    }
    return render(request, "desk/runs.html", context)


@require_POST
@of_shop
def desk_settle(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Settle now: start a run, or take the one up that waits, and let a worker take its steps."""
    at = timezone.now()
    if not shop.payer.stripe_payment_method_id and shop.payer.pays_by == PayBy.SAVED:
        messages.error(request, _("Save how you pay first; then you can settle."))
        return redirect("advocates:desk_payments", shop.slug)
    mature_commissions(at=at, payer=shop.payer)
    run = start_run(payer=shop.payer, currency=shop.currency, by=person(request), at=at)
    if run is not None and run.needs_approval:
        # It had begun on its day, and waited for this.
        approve_run(run=run, by=person(request), at=at)
    if run is None:
        messages.info(
            request,
            _(
                "Nothing to settle: no advocate has enough that is due and approved. It is carried to a later run."
            ),
        )
        return redirect("advocates:desk_runs", shop.slug)
    advance_settlement.enqueue(run.pk)
    messages.success(request, _("The settlement is under way."))
    return redirect("advocates:desk_run", shop.slug, run.pk)


@of_shop
def desk_run(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One run, like an invoice: what the shop pays, the fee, and what each advocate gets of it."""
    run = get_object_or_404(_runs(shop), pk=pk)
    collection = _collection(run)
    after = request.GET.get("after", "")
    payouts = run.payouts.select_related("payee__user__profile").annotate(lines=Count("commissions"))
    if _is_id(after):
        payouts = payouts.filter(pk__gt=int(after))
    listed = list(payouts.order_by("pk")[: PER_PAGE + 1])
    total = run.payouts.aggregate(total=Sum("amount_minor"))["total"] or 0
    is_asked = collection is not None or run.funded_at is not None
    context: dict[str, Any] = {
        "shop": shop,
        "run": run,
        "collection": collection,
        "payouts": listed[:PER_PAGE],
        "next_after": listed[PER_PAGE - 1].pk if len(listed) > PER_PAGE else None,
        "so_far": progress_of(run),
        "is_asked": is_asked,
        "ahead_minor": total - (collection.commissions_minor if collection else 0) if is_asked else 0,
        "is_moving": run.state in _MOVING
        and not (run.stop_reason or run.needs_approval)
        and not _is_id(after),
        "is_sending": run.state in _SENDING,
        "due_minor": due_minor(payer=shop.payer, currency=run.currency) if run.needs_approval else 0,
        "dunning": dunning_of(run),
        "decisions": _decisions(run, shop),
        "can_cancel": run.state in UNFUNDED,
        "can_retry": collection is not None and collection.state in _RETRIABLE,
        "can_pay": collection is not None and _is_unpaid(collection),
    }
    template = "desk/run.html#run" if request.headers.get("HX-Request") else "desk/run.html"
    return render(request, template, context)


@require_POST
@of_shop
def desk_run_approve(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Let a settlement begin that waits for the shop's word."""
    run = get_object_or_404(_runs(shop), pk=pk)
    try:
        approve_run(run=run, by=person(request), at=timezone.now())
    except UnableToApprove as error:
        messages.info(request, str(error))
    else:
        advance_settlement.enqueue(run.pk)
        messages.success(request, _("Approved: the settlement is under way."))
    return redirect("advocates:desk_run", shop.slug, run.pk)


@require_POST
@of_shop
def desk_run_retry(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask again for a payment that failed or was taken back, with what is saved, and look how the others stand."""
    run = get_object_or_404(_runs(shop), pk=pk)
    collection = _collection(run)
    try:
        if collection is not None and _is_unpaid(collection):
            retry_collection(collection=collection, pays_by=PayBy.SAVED, at=timezone.now())
    except UnableToCollect as error:
        messages.error(request, str(error))
    else:
        advance_settlement.enqueue(run.pk)
        messages.success(request, _("We are looking again; this page shows how it stands."))
    return redirect("advocates:desk_run", shop.slug, run.pk)


@require_POST
@of_shop
def desk_run_transfer(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Pay this settlement by bank transfer: the page then says where to."""
    run, collection = _to_pay(shop, pk)
    try:
        retry_collection(collection=collection, pays_by=PayBy.BANK_TRANSFER, at=timezone.now())
    except UnableToCollect as error:
        messages.error(request, str(error))
    else:
        advance_settlement.enqueue(run.pk)
        messages.success(request, _("In a moment this page says where to transfer it."))
    return redirect("advocates:desk_run", shop.slug, run.pk)


@require_POST
@of_shop
def desk_run_ideal(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Go to the bank's page and pay this settlement by iDEAL."""
    run, collection = _to_pay(shop, pk)
    back_url = reverse("advocates:desk_run_paid", args=[shop.slug, run.pk])
    try:
        address = pay_at_bank(
            collection=collection, return_url=request.build_absolute_uri(back_url), at=timezone.now()
        )
    except UnableToCollect as error:
        messages.error(request, str(error))
        return redirect("advocates:desk_run", shop.slug, run.pk)
    return redirect(address)


@of_shop
def desk_run_paid(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Back from the bank: look what came of it, and go on."""
    run, collection = _to_pay(shop, pk)
    try:
        refresh_collection(collection=collection, at=timezone.now())
    except GatewayError:
        messages.info(request, _("Stripe has not answered yet. This page will know within minutes."))
    advance_settlement.enqueue(run.pk)
    return redirect("advocates:desk_run", shop.slug, run.pk)


@of_shop
def desk_run_cancel(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask why, then give up a run that is not paid for."""
    run = get_object_or_404(_runs(shop), pk=pk)
    back_url = reverse("advocates:desk_run", args=[shop.slug, run.pk])
    form = CancelRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_run(run=run, by=person(request), reason=form.cleaned_data["reason"], at=timezone.now())
        except UnableToCancel as error:
            messages.error(request, str(error))
        except GatewayError as error:
            messages.error(
                request,
                _("Stripe did not answer as it should (%(error)s). Try again in a few minutes.")
                % {"error": error},
            )
        else:
            messages.success(request, _("Cancelled. The commissions wait for the next settlement."))
        return redirect(back_url)
    total = run.payouts.aggregate(total=Sum("amount_minor"))["total"] or 0
    return ask(
        request,
        shop,
        current="runs",
        title=_("Cancel this settlement of %(total)s?") % {"total": format_minor(total, run.currency)},
        text=_("Nothing is collected, and its commissions wait for the next settlement."),
        confirm_label=_("Cancel the settlement"),
        back_url=back_url,
        form=form,
        status=422 if form.errors else 200,
    )


def _runs(shop: Shop) -> Any:
    return SettlementRun.objects.filter(payer=shop.payer).select_related("collection", "payer", "started_by")


def _collection(run: SettlementRun) -> Collection | None:
    return getattr(run, "collection", None)


def _to_pay(shop: Shop, pk: int) -> tuple[SettlementRun, Collection]:
    """A run with its collection; one that asks for nothing is not there to be paid."""
    run = get_object_or_404(_runs(shop).filter(collection__isnull=False), pk=pk)
    return run, run.collection


def _is_unpaid(collection: Collection) -> bool:
    """Whether the shop may pay it in another way: it failed, came back, waits for the shop, or cannot be asked for."""
    is_refused = collection.state == CollectionState.CREATED and bool(collection.failure)
    return collection.state in _RETRIABLE or is_refused


def _decisions(run: SettlementRun, shop: Shop) -> list[tuple[MoneyDecision, str]]:
    """What people decided on this run, each with who: those of the shop by name, others as the house."""
    mine = set(shop.memberships.values_list("user", flat=True))
    return [
        (one, _who(one, is_mine=one.decided_by_id in mine))
        for one in run.decisions.select_related("decided_by", "payout__payee")
    ]


def _who(decision: MoneyDecision, *, is_mine: bool) -> str:
    if decision.decided_by is None:
        return ""
    return str(decision.decided_by) if is_mine else "Voorspraak"


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID
