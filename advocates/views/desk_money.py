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

from advocates.models import Shop
from advocates.shop_reports import figures_of
from advocates.tasks import advance_settlement
from advocates.views.desk import ask, of_shop, page_of, person
from payouts.commissions import mature_commissions
from payouts.enums import CollectionState, RunState
from payouts.funding import UnableToCollect, retry_collection
from payouts.gateway import GatewayError
from payouts.models import Collection, SettlementRun
from payouts.money import format_minor
from payouts.reserves import shares_due
from payouts.settlement import UNFUNDED, UnableToCancel, cancel_run, start_run

#: Runs that go on by themselves: their page looks again until they wait for somebody.
_MOVING = (RunState.DRAFT, RunState.FROZEN, RunState.FUNDED, RunState.SENDING)
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
    if not shop.payer.stripe_payment_method_id:
        messages.error(request, _("Save how you pay first; then you can settle."))
        return redirect("advocates:desk_payments", shop.slug)
    mature_commissions(at=at, payer=shop.payer)
    run = start_run(payer=shop.payer, currency=shop.currency, by=person(request), at=at)
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
    payouts = run.payouts.select_related("payee__user__profile").annotate(lines=Count("commissions"))
    collection = _collection(run)
    listed = list(payouts.order_by("payee__name", "pk"))
    total = sum(payout.amount_minor for payout in listed)
    is_asked = collection is not None or run.funded_at is not None
    context: dict[str, Any] = {
        "shop": shop,
        "run": run,
        "collection": collection,
        "payouts": listed,
        "is_asked": is_asked,
        "ahead_minor": total - (collection.commissions_minor if collection else 0) if is_asked else 0,
        "is_moving": run.state in _MOVING and not run.stop_reason,
        "can_cancel": run.state in UNFUNDED,
        "can_retry": collection is not None and collection.state in _RETRIABLE,
    }
    template = "desk/run.html#run" if request.headers.get("HX-Request") else "desk/run.html"
    return render(request, template, context)


@require_POST
@of_shop
def desk_run_retry(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask again for a payment that failed or was taken back, and look how the others stand."""
    run = get_object_or_404(_runs(shop), pk=pk)
    collection = _collection(run)
    try:
        if collection is not None and collection.state in _RETRIABLE:
            retry_collection(collection=collection, at=timezone.now())
    except UnableToCollect as error:
        messages.error(request, str(error))
    else:
        advance_settlement.enqueue(run.pk)
        messages.success(request, _("We are looking again; this page shows how it stands."))
    return redirect("advocates:desk_run", shop.slug, run.pk)


@of_shop
def desk_run_cancel(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask, then give up a run that is not paid for."""
    run = get_object_or_404(_runs(shop), pk=pk)
    back_url = reverse("advocates:desk_run", args=[shop.slug, run.pk])
    if request.method == "POST":
        try:
            cancel_run(run=run, at=timezone.now())
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
    )


def _runs(shop: Shop) -> Any:
    return SettlementRun.objects.filter(payer=shop.payer).select_related("collection", "payer", "started_by")


def _collection(run: SettlementRun) -> Collection | None:
    return getattr(run, "collection", None)
