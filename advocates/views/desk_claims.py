"""Claims of a shop's sales: which wait and until when, and the decision on one."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Case, Count, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.claim_forms import GrantForm, RefuseForm
from advocates.claim_tasks import tell_advocate
from advocates.claims import grant_claim, refuse_claim, sale_of
from advocates.enums import ClaimState, Outcome
from advocates.forms import show_refusal
from advocates.models import Claim, Enrolment, Share, Shop
from advocates.refusals import Refusal
from advocates.traces import trace_of
from advocates.views.desk import of_shop, page_of, person, query_of
from payouts.money import format_minor

#: The two answers stand on one page, and each has a note.
_GRANT_ID, _REFUSE_ID = "grant_%s", "refuse_%s"


@of_shop
def desk_claims(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Claims of the shop's sales; those that wait come first, the one that is due first on top."""
    only = request.GET.get("show", ClaimState.OPEN)
    only = only if only in ClaimState.values else ""
    mine = Claim.objects.filter(shop=shop)
    counts = dict(mine.order_by().values_list("state").annotate(total=Count("pk")))
    listed = mine.filter(state=only) if only else mine
    waits = Case(When(state=ClaimState.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    in_order = listed.for_lists().annotate(place=waits).order_by("place", "due_at", "-claimed_at", "-pk")
    context = {
        "shop": shop,
        "page_of_claims": page_of(request, in_order),
        "pagination_query": query_of(request),
        "only": only,
        "states": [(state.value, state.label, counts.get(state, 0)) for state in ClaimState],
        "has_any": bool(counts),
        "at": timezone.now(),
    }
    return render(request, "desk/claims.html", context)


@of_shop
def desk_claim(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One claim beside what is known of the order, and the two answers."""
    return _claim_page(request, shop, _claim(shop, pk))


@require_POST
@of_shop
def desk_claim_grant(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Grant it: the sale is judged again, and the commission is booked."""
    claim, form = _claim(shop, pk), GrantForm(request.POST, auto_id=_GRANT_ID)
    if form.is_valid():
        try:
            granted = grant_claim(
                claim=claim, note=form.cleaned_data["note"], by=person(request), at=timezone.now()
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_advocate.enqueue(claim.pk)
            mine = Share.objects.earning().select_related("commission")
            share = mine.get(attribution__sale=granted.sale_id, advocate=granted.advocate_id)
            messages.success(
                request,
                _("Granted: %(amount)s for %(name)s.")
                % {
                    "amount": format_minor(share.commission.open_minor, share.commission.currency),
                    "name": claim.advocate.user.name,
                },
            )
            return redirect("advocates:desk_claim", shop.slug, pk)
    return _claim_page(request, shop, _claim(shop, pk), grant_form=form, status=422)


@require_POST
@of_shop
def desk_claim_refuse(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Refuse it, with a reason and words for the advocate."""
    claim, form = _claim(shop, pk), RefuseForm(request.POST, auto_id=_REFUSE_ID)
    if form.is_valid():
        try:
            refuse_claim(claim=claim, by=person(request), at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_advocate.enqueue(claim.pk)
            messages.success(request, _("Refused. The advocate reads why, and can appeal."))
            return redirect("advocates:desk_claim", shop.slug, pk)
    return _claim_page(request, shop, _claim(shop, pk), refuse_form=form, status=422)


def _claim(shop: Shop, pk: int) -> Claim:
    found: Claim = get_object_or_404(Claim.objects.for_lists().filter(shop=shop), pk=pk)
    return found


def _claim_page(
    request: HttpRequest,
    shop: Shop,
    claim: Claim,
    *,
    grant_form: GrantForm | None = None,
    refuse_form: RefuseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    at, sale = timezone.now(), sale_of(claim)
    trace = trace_of(sale) if sale else None
    earned = (
        trace is not None
        and trace.attribution is not None
        and trace.attribution.outcome == Outcome.ATTRIBUTED
    )
    context = {
        "shop": shop,
        "claim": claim,
        "sale": sale,
        "trace": trace,
        "is_taken": earned and claim.state != ClaimState.GRANTED,
        "is_own": claim.advocate.user_id == request.user.pk,
        "enrolment": Enrolment.objects.filter(advocate=claim.advocate_id, programme__shop=shop)
        .order_by("-pk")
        .first(),
        "grant_form": grant_form or GrantForm(auto_id=_GRANT_ID),
        "refuse_form": refuse_form or RefuseForm(auto_id=_REFUSE_ID),
        "is_overdue": claim.state == ClaimState.OPEN and claim.due_at is not None and claim.due_at < at,
        "appeal_days": settings.CLAIM_APPEAL_DAYS,
        "at": at,
    }
    return render(request, "desk/claim.html", context, status=status)
