"""A shop reviews what its advocates earned: approve all or some, or reject one with its reason."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from advocates.appeal_forms import RejectForm, ReviewDaysForm
from advocates.appeals import appeals_for
from advocates.models import Deal, Shop
from advocates.views.desk import ask, of_shop, page_of, person
from payouts.enums import CommissionState, RejectionReason
from payouts.models import Commission, CommissionReview
from payouts.money import format_minor
from payouts.querysets import CommissionQuerySet, review_end
from payouts.reviews import UnableToReview, approve_commissions, reject_commission, set_review_days

_PER_PAGE = 100
_LONGEST_ID = 18


@of_shop
def desk_review(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Commissions that wait for the shop's decision, by advocate; or the decisions taken (`?show=decided`)."""
    shows_decided = request.GET.get("show") == "decided"
    context: dict[str, Any] = {
        "shop": shop,
        "shows_decided": shows_decided,
        "open": _sums(_open(shop)),
        "appeals": appeals_for(shop=shop, user=person(request)).count(),
        "first": _open(shop).exclude(state=CommissionState.ON_HOLD).order_by(review_end(), "pk").first(),
    }
    if shows_decided:
        decided = CommissionReview.objects.filter(commission__payer=shop.payer).select_related(
            "commission__payee__user", "commission__share", "decided_by", "appeal__decision"
        )
        context["page_of_reviews"] = page_of(request, decided.order_by("-decided_at", "-pk"))
    else:
        rows = _open(shop).select_related("payee__user__profile", "share__attribution__sale")
        page = page_of(
            request, rows.order_by("payee__name", "payee_id", "earned_at", "pk"), per_page=_PER_PAGE
        )
        payees = {row.payee_id for row in page.object_list}
        sums = _open(shop).filter(payee__in=payees).order_by().values("payee_id")
        context["page_of_commissions"] = page
        context["sums"] = {row["payee_id"]: row for row in sums.annotate(count=Count("pk"), total=_left())}
        for row in page.object_list:
            row.group = context["sums"][row.payee_id]
    context["days_form"] = ReviewDaysForm(initial={"review_days": shop.payer.review_days})
    return render(request, "desk/review.html", context)


@of_shop
def desk_approve_all(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Ask, with count and sum; then approve what was asked about. What was earned since then waits for its turn."""
    open_ones = _open(shop)
    back_url = reverse("advocates:desk_review", args=[shop.slug])
    if request.method == "POST":
        until = request.POST.get("until", "")
        if until.isdecimal() and len(until) <= _LONGEST_ID:
            open_ones = open_ones.filter(pk__lte=int(until))
        return _approve(request, shop, list(open_ones.values_list("pk", flat=True)))
    sums = _sums(open_ones)
    if not sums["count"]:
        messages.info(request, _("There is nothing to review."))
        return redirect(back_url)
    return ask(
        request,
        shop,
        current="review",
        title=ngettext(
            "Approve %(count)d commission, %(total)s?",
            "Approve all %(count)d commissions, %(total)s together?",
            sums["count"],
        )
        % {"count": sums["count"], "total": format_minor(sums["total"] or 0, shop.currency)},
        text=_(
            "They are paid at the first settlement after their return period. What is returned until then is "
            "taken off by itself."
        ),
        confirm_label=_("Approve all"),
        back_url=back_url,
        variant="primary",
        hidden={"until": sums["last"]},
    )


@require_POST
@of_shop
def desk_approve(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Approve the commissions that were ticked."""
    chosen = [
        int(text)
        for text in request.POST.getlist("commission")
        if text.isdecimal() and len(text) <= _LONGEST_ID
    ]
    if not chosen:
        messages.error(request, _("Tick the commissions that you approve first."))
        return redirect("advocates:desk_review", shop.slug)
    return _approve(request, shop, chosen)


@of_shop
def desk_reject(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Reject one commission, with a reason and a note that the advocate reads."""
    commission = get_object_or_404(
        Commission.objects.for_payer(shop.payer).select_related("payee__user"), pk=pk
    )
    form = RejectForm(request.POST or None, deal=_deal_of(commission))
    if request.method == "POST" and form.is_valid():
        try:
            reject_commission(
                commission=commission,
                reason=RejectionReason(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"],
                clause=form.cleaned_data["clause"],
                by=person(request),
                at=timezone.now(),
            )
        except UnableToReview as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Rejected. The advocate gets a mail with the reason and your note."))
            return redirect("advocates:desk_review", shop.slug)
    return ask(
        request,
        shop,
        current="review",
        title=_("Reject %(amount)s of %(advocate)s?")
        % {
            "amount": format_minor(commission.open_minor, commission.currency),
            "advocate": commission.payee.name,
        },
        text=_(
            "%(description)s. You cannot take a rejection back. The advocate reads why, and may appeal: then somebody "
            "else decides."
        )
        % {"description": commission.description},
        confirm_label=_("Reject this commission"),
        back_url=reverse("advocates:desk_review", args=[shop.slug]),
        form=form,
        status=422 if form.is_bound else 200,
    )


@require_POST
@of_shop
def desk_review_days(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Say within how many days the shop decides on what comes from now on."""
    form = ReviewDaysForm(request.POST)
    if form.is_valid():
        set_review_days(payer=shop.payer, days=form.cleaned_data["review_days"])
        messages.success(request, _("Saved. It counts for commissions from now on."))
        return redirect("advocates:desk_review", shop.slug)
    return ask(
        request,
        shop,
        current="review",
        title=_("How long you take to review"),
        text=_("What you have not decided on by then is approved by itself. Your advocates see the date."),
        confirm_label=_("Save"),
        back_url=reverse("advocates:desk_review", args=[shop.slug]),
        variant="primary",
        form=form,
        status=422,
    )


def _open(shop: Shop) -> CommissionQuerySet:
    return Commission.objects.for_payer(shop.payer).filter(currency=shop.currency).to_review()


def _deal_of(commission: Commission) -> Deal | None:
    """The terms under which it was earned."""
    of_share = Deal.objects.filter(attributions__shares__commission=commission)
    of_bonus = Deal.objects.filter(bonuses__awarded__commission=commission)
    found: Deal | None = of_share.first() or of_bonus.first()
    return found


def _left() -> Sum:
    return Sum(F("amount_minor") - F("reversed_minor"))


def _sums(commissions: CommissionQuerySet) -> dict[str, int | None]:
    return commissions.aggregate(count=Count("pk"), total=_left(), last=Max("pk"))


def _approve(request: HttpRequest, shop: Shop, chosen: list[int]) -> HttpResponse:
    try:
        count = approve_commissions(
            payer=shop.payer, commission_ids=chosen, by=person(request), at=timezone.now()
        )
    except UnableToReview as error:
        messages.error(request, str(error))
    else:
        told = ngettext("%(count)d commission is approved.", "%(count)d commissions are approved.", count) % {
            "count": count
        }
        if passed := len(chosen) - count:
            told += " " + ngettext(
                "%(count)d was decided on before, or is your own: that is somebody else's to approve.",
                "%(count)d were decided on before, or are your own: those are somebody else's to approve.",
                passed,
            ) % {"count": passed}
        messages.success(request, told)
    return redirect("advocates:desk_review", shop.slug)
