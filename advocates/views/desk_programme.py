"""A shop's programme: what it says, whether it takes advocates in, and the versions of its terms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.deal_forms import DealForm
from advocates.deals import Terms, notice_days_for, publish_deal, terms_errors, terms_of, terms_sentences
from advocates.desk_forms import ProgrammeForm
from advocates.enums import ProgrammeState
from advocates.forms import show_refusal
from advocates.models import Deal, Programme, Shop
from advocates.programmes import (
    change_programme,
    close_programme,
    create_programme,
    latest_programme_of,
    open_programme,
)
from advocates.refusals import Refusal
from advocates.views.desk import ask, of_shop, person

#: What the form of a first deal begins with; the other terms begin as `Terms` does.
_FIRST_RATE_BPS = 1000


@dataclass(frozen=True)
class Change:
    """What a new version of the terms changes, and from when."""

    gone: list[str]
    come: list[str]
    notice_days: int
    from_at: datetime


@of_shop
def desk_programme(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The programme, its terms in sentences, and their history."""
    return _programme_page(request, shop, latest_programme_of(shop=shop))


@require_POST
@of_shop
def desk_programme_describe(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Begin the programme, or change its name and description."""
    programme = latest_programme_of(shop=shop)
    form = ProgrammeForm(request.POST)
    if form.is_valid():
        try:
            if programme is None:
                create_programme(shop=shop, at=timezone.now(), **form.cleaned_data)
            else:
                change_programme(programme=programme, **form.cleaned_data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("advocates:desk_programme", shop.slug)
    return _programme_page(request, shop, programme, form=form, status=422)


@require_POST
@of_shop
def desk_programme_open(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Let advocates ask to join."""
    programme = latest_programme_of(shop=shop)
    try:
        if programme is not None:
            open_programme(programme=programme, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your programme is open: people can ask to join."))
    return redirect("advocates:desk_programme", shop.slug)


@of_shop
def desk_programme_close(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Ask, then close the programme."""
    programme = latest_programme_of(shop=shop)
    back_url = reverse("advocates:desk_programme", args=[shop.slug])
    if programme is None or programme.state != ProgrammeState.OPEN:
        return redirect(back_url)
    if request.method == "POST":
        close_programme(programme=programme, at=timezone.now())
        messages.success(request, _("Your programme is closed. What was earned before stays due."))
        return redirect(back_url)
    return ask(
        request,
        shop,
        current="programme",
        title=_("Close “%(programme)s”?") % {"programme": programme.name},
        text=_(
            "Orders from now on earn nothing, and nobody can join. What was earned before is paid. You can open "
            "it again."
        ),
        confirm_label=_("Close the programme"),
        back_url=back_url,
    )


@of_shop
def desk_deal_new(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Write the next version of the terms: first see what changes and from when, then publish it."""
    programme = latest_programme_of(shop=shop)
    if programme is None:
        messages.info(request, _("Give the programme a name first."))
        return redirect("advocates:desk_programme", shop.slug)
    at = timezone.now()
    known = _known_deals(programme, at=at)
    start = terms_of(known[0]) if known else Terms(rate_bps=_FIRST_RATE_BPS, currency=shop.currency)
    form = DealForm(request.POST or None, shop=shop, terms=start)
    is_back = "change" in request.POST
    if request.method == "POST" and form.is_valid() and not is_back:
        terms = form.terms()
        problems = terms_errors(terms=terms, shop=shop)
        if problems:
            show_refusal(form, Refusal(problems))
        elif "confirmed" not in request.POST:
            return _check_page(request, shop, form, _change(known, terms, at=at))
        elif _publish(request, programme, terms, form):
            return redirect("advocates:desk_programme", shop.slug)
    context = {"shop": shop, "programme": programme, "form": form, "is_first": not known}
    return render(
        request, "desk/deal_new.html", context, status=422 if form.is_bound and not is_back else 200
    )


def _programme_page(
    request: HttpRequest,
    shop: Shop,
    programme: Programme | None,
    *,
    form: ProgrammeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    if form is None:
        said = {"name": programme.name, "description": programme.description} if programme else {}
        form = ProgrammeForm(initial=said)
    deals = (
        list(programme.deals.select_related("created_by").with_terms().order_by("-version"))
        if programme
        else []
    )
    in_force = next((deal for deal in deals if deal.valid_from <= at), None)
    history = [
        {
            "deal": deal,
            "sentences": terms_sentences(deal),
            "state": "in_force" if deal == in_force else "ahead" if deal.valid_from > at else "past",
        }
        for deal in deals
    ]
    context = {
        "shop": shop,
        "programme": programme,
        "form": form,
        "in_force": in_force,
        "sentences": terms_sentences(in_force) if in_force else [],
        "history": history,
    }
    return render(request, "desk/programme.html", context, status=status)


def _known_deals(programme: Programme, *, at: datetime) -> list[Deal]:
    """The version in force and those that are announced, the newest first."""
    deals = list(programme.deals.with_terms().order_by("-version"))
    in_force = next((deal for deal in deals if deal.valid_from <= at), None)
    return [deal for deal in deals if deal.valid_from > at or deal == in_force]


def _change(known: list[Deal], terms: Terms, *, at: datetime) -> Change:
    """What `terms` would change of the latest version, and after what notice of all that are known."""
    before = terms_sentences(known[0]) if known else []
    after = terms_sentences(terms)
    notice = max((notice_days_for(terms_of(deal), terms) for deal in known), default=0)
    return Change(
        gone=[sentence for sentence in before if sentence not in after],
        come=[sentence for sentence in after if sentence not in before],
        notice_days=notice,
        from_at=at + timedelta(days=notice),
    )


def _check_page(request: HttpRequest, shop: Shop, form: DealForm, change: Change) -> HttpResponse:
    return render(request, "desk/deal_check.html", {"shop": shop, "form": form, "change": change})


def _publish(request: HttpRequest, programme: Programme, terms: Terms, form: DealForm) -> bool:
    try:
        deal = publish_deal(programme=programme, terms=terms, by=person(request), at=timezone.now())
    except Refusal as refusal:
        show_refusal(form, refusal)
        return False
    messages.success(
        request, _("Version %(version)d of your terms is published.") % {"version": deal.version}
    )
    return True
