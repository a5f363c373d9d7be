"""Where the house sees to money under way: alarms, each run with its payees, and what differs from Stripe."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem

from cms.difference_words import WHAT_TO_DO
from cms.money_forms import DecisionForm, UnableToDecide
from cms.money_tasks import compare_and_take_in
from community.list_pages import page_of
from payouts.alarms import open_alarms
from payouts.enums import PayoutState
from payouts.models import BooksCheck, Collection, Difference, Payout, Reconciliation, SettlementRun
from payouts.progress import progress_of

if TYPE_CHECKING:
    from community.models import User

#: Who may look, and who may decide; `cms/site_tree.py` gives both to the bookkeepers.
MAY_LOOK, MAY_DECIDE = "payouts.view_settlementrun", "payouts.change_settlementrun"
_PAYEES = 50
#: Seconds in which nobody begins a second comparison.
_COMPARED_FOR = 60

_looks = permission_required(MAY_LOOK, raise_exception=True)
_decides = permission_required([MAY_LOOK, MAY_DECIDE], raise_exception=True)


class MoneyMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Money today"),
            reverse("money_today"),
            name="money-today",
            icon_name="warning",
            order=308,
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MAY_LOOK))


def addresses() -> list[URLPattern]:
    return [
        path("money/", money_today, name="money_today"),
        path("money/compare/", compare, name="money_compare"),
        path("money/differences/", difference_list, name="difference_list"),
        path("money/runs/", run_list, name="run_list"),
        path("money/runs/<int:pk>/", run_view, name="run_view"),
        path("money/runs/<int:pk>/decide/", run_decide, name="run_decide"),
    ]


@require_safe
@_looks
def money_today(request: HttpRequest) -> HttpResponse:
    """Alarms, whether the books balance, and whether they agree with Stripe."""
    context = {
        "alarms": open_alarms(),
        "check": BooksCheck.objects.order_by("-pk").first(),
        "last": Reconciliation.objects.order_by("-pk").first(),
        "may_decide": request.user.has_perm(MAY_DECIDE),
    }
    return render(request, "cms/money_today.html", context)


@require_POST
@_decides
def compare(request: HttpRequest) -> HttpResponse:
    """Have a worker compare with Stripe now, and take in what is missing here; once a minute at most."""
    if cache.add("money-compared-by-hand", True, _COMPARED_FOR):
        compare_and_take_in.enqueue()
        messages.success(request, _("The comparison has begun. Look again in a few minutes."))
    else:
        messages.info(request, _("A comparison was begun less than a minute ago."))
    return redirect("difference_list")


@require_safe
@_looks
def difference_list(request: HttpRequest) -> HttpResponse:
    """What differs, with what to do; and what is over."""
    number = request.GET.get("page", "1")
    rows = Difference.objects.select_related("payout", "collection")
    page_of_open = page_of(rows.filter(resolved_at=None).order_by("first_seen_at", "pk"), number=number)
    context = {
        "page_of_open": page_of_open,
        "open": [(row, WHAT_TO_DO[row.kind]) for row in page_of_open.object_list],
        "page_of_over": page_of(
            rows.exclude(resolved_at=None).order_by("-resolved_at", "-pk"), number=number
        ),
        "last": Reconciliation.objects.order_by("-pk").first(),
        "may_decide": request.user.has_perm(MAY_DECIDE),
    }
    return render(request, "cms/difference_list.html", context)


@require_safe
@_looks
def run_list(request: HttpRequest) -> HttpResponse:
    """Every settlement run, the newest first, with what of it was sent."""
    counted = ~Q(payouts__state=PayoutState.VOID)
    page = page_of(
        SettlementRun.objects.select_related("payer").order_by("-pk"), number=request.GET.get("page", "1")
    )
    # The figures of this page's runs alone: one more query, however many runs there are.
    figures = {
        row["pk"]: row
        for row in SettlementRun.objects.filter(pk__in=[run.pk for run in page.object_list])
        .order_by()
        .values("pk")
        .annotate(
            payees=Count("payouts", filter=counted),
            sent=Count("payouts", filter=Q(payouts__state=PayoutState.SENT)),
            parked=Count("payouts", filter=Q(payouts__state=PayoutState.PARKED)),
            total=Sum("payouts__amount_minor", filter=counted),
        )
    }
    rows = [(run, figures[run.pk]) for run in page.object_list]
    return render(request, "cms/run_list.html", {"page": page, "rows": rows})


@require_safe
@_looks
def run_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: how far it is, its payment, and each payee."""
    return _show_run(request, pk, form=None)


@require_POST
@_decides
def run_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the run, let it go on, or park, retry or give up one of its payouts."""
    run = get_object_or_404(SettlementRun.objects.select_related("payer"), pk=pk)
    form = DecisionForm(request.POST, run=run)
    if form.is_valid():
        try:
            form.decide(by=cast("User", request.user), at=timezone.now())
        except UnableToDecide as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Done."))
            return redirect("run_view", pk=pk)
    return _show_run(request, pk, form=form)


def _show_run(request: HttpRequest, pk: int, *, form: DecisionForm | None) -> HttpResponse:
    run = get_object_or_404(SettlementRun.objects.select_related("payer", "started_by"), pk=pk)
    payouts = Payout.objects.filter(run=run).select_related("payee", "transfer", "parked_by").order_by("pk")
    context: dict[str, Any] = {
        "run": run,
        "collection": Collection.objects.filter(run=run).first(),
        "progress": progress_of(run),
        "page": page_of(payouts, number=request.GET.get("page", "1"), per_page=_PAYEES),
        "decisions": run.decisions.select_related("decided_by", "payout__payee").order_by("-pk")[:20],
        "form": form or DecisionForm(run=run),
        "chosen": form.data.get("payout", "") if form else "",
        "may_decide": request.user.has_perm(MAY_DECIDE),
    }
    return render(request, "cms/run_view.html", context, status=422 if form else 200)
