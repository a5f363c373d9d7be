"""Joining a shop's programme: its terms in sentences, asking, and how it stands; ending it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.bonuses import MonthStanding, standing_of_month
from advocates.deals import terms_of, terms_sentences
from advocates.desk_forms import JoinForm
from advocates.enrolments import accept_deal, end_enrolment, request_to_join, unaccepted_deals
from advocates.enums import EnrolmentState, ShopRole
from advocates.forms import show_refusal
from advocates.models import Deal, Enrolment, Programme, Shop
from advocates.programmes import open_programme_of
from advocates.refusals import Refusal
from advocates.term_sentences import rate_words
from advocates.views.desk import person


def join(request: HttpRequest, slug: str) -> HttpResponse:
    """What a shop offers its advocates, for anybody; asking to join, for who is logged in."""
    at = timezone.now()
    shop = get_object_or_404(Shop.objects.select_related("picture"), slug=slug)
    programme = open_programme_of(shop=shop)
    deal: Deal | None = Deal.objects.with_terms().in_force(programme, at=at) if programme else None
    form = None
    if request.user.is_authenticated and programme is not None and deal is not None:
        form = JoinForm(request.POST or None, version=deal.version)
        if request.method == "POST" and form.is_valid() and _asked(request, programme, form):
            return redirect("advocates:join", shop.slug)
    elif request.method == "POST" and not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    enrolment = _latest(request, shop)
    role = shop.memberships.filter(user=request.user.pk).values_list("role", flat=True).first()
    context: dict[str, Any] = {
        "shop": shop,
        "programme": programme,
        "deal": deal,
        "sentences": terms_sentences(deal) if deal else [],
        "rate": rate_words(terms_of(deal)) if deal else "",
        "enrolment": enrolment,
        "can_ask": role != ShopRole.OWNER and _may_ask(enrolment),
        "is_mine": role is not None,
        "form": form,
        "budget": programme.budget if _is_joined(enrolment) and programme else None,
        "month": _month(enrolment, deal, at=at),
        "news": [{"deal": later, "sentences": terms_sentences(later)} for later in _unaccepted(enrolment)],
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "advocates/join.html", context, status=status)


@login_required
@require_POST
def join_accept(request: HttpRequest, slug: str) -> HttpResponse:
    """Accept a later version of the terms."""
    enrolment = _mine(request, slug)
    version = request.POST.get("version", "")
    deal = get_object_or_404(
        Deal, programme=enrolment.programme, version=int(version) if version.isdecimal() else 0
    )
    accept_deal(enrolment=enrolment, deal=deal, by=person(request), at=timezone.now())
    messages.success(request, _("Accepted."))
    return redirect("advocates:join", slug)


@login_required
def join_end(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask, then end one's own enrolment."""
    enrolment = _mine(request, slug)
    if request.method == "POST":
        try:
            end_enrolment(enrolment=enrolment, by=person(request), at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Ended. What you earned before stays yours."))
        return redirect("advocates:join", slug)
    return render(request, "advocates/join_end.html", {"shop": enrolment.programme.shop})


def _asked(request: HttpRequest, programme: Programme, form: JoinForm) -> bool:
    try:
        request_to_join(
            user=person(request),
            programme=programme,
            motivation=form.cleaned_data["motivation"],
            at=timezone.now(),
        )
    except Refusal as refusal:
        show_refusal(form, refusal)
        return False
    messages.success(request, _("Asked. The shop looks at it; you see the answer here."))
    return True


def _latest(request: HttpRequest, shop: Shop) -> Enrolment | None:
    if not request.user.is_authenticated:
        return None
    mine = Enrolment.objects.filter(programme__shop=shop, advocate__user=request.user.pk)
    return mine.select_related("programme").order_by("-pk").first()


def _may_ask(enrolment: Enrolment | None) -> bool:
    return enrolment is None or enrolment.state in {EnrolmentState.DECLINED, EnrolmentState.ENDED}


def _is_joined(enrolment: Enrolment | None) -> bool:
    return enrolment is not None and enrolment.state == EnrolmentState.ACTIVE


def _month(enrolment: Enrolment | None, deal: Deal | None, *, at: datetime) -> MonthStanding | None:
    """How the advocate's own month stands; None for who has not joined, and where no term looks at months."""
    if enrolment is None or deal is None or not _is_joined(enrolment):
        return None
    month = standing_of_month(enrolment=enrolment, terms=terms_of(deal), at=at)
    return month if month.has_rules else None


def _unaccepted(enrolment: Enrolment | None) -> list[Deal]:
    if enrolment is None or not _is_joined(enrolment):
        return []
    return unaccepted_deals(enrolment=enrolment)


def _mine(request: HttpRequest, slug: str) -> Enrolment:
    """One's latest active enrolment with this shop; 404 when there is none."""
    mine = Enrolment.objects.filter(advocate__user=request.user.pk, state=EnrolmentState.ACTIVE)
    found: Enrolment | None = (
        mine.filter(programme__shop__slug=slug)
        .select_related("programme__shop", "advocate")
        .order_by("-pk")
        .first()
    )
    if found is None:
        raise Http404
    return found
