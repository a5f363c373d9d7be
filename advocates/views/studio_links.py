"""An advocate's links and codes: made, named, shown with their figures, taken out of use."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from advocates.codes import create_code, retire_code, suggest_codes
from advocates.enums import EnrolmentState, LinkState
from advocates.forms import CodeForm, LinkForm, LinkNameForm, show_refusal
from advocates.insight import link_figures
from advocates.link_names import name_link, spoken_path
from advocates.link_targets import clean_query, find_products, products_to_link, shops_with_deal
from advocates.links import create_link, reopen_link, retire_link
from advocates.models import Advocate, Code, Enrolment, Link
from advocates.refusals import Refusal
from advocates.views.cards import card_answer

if TYPE_CHECKING:
    from django.db.models import QuerySet

_PER_PAGE = 50
_MOST_FOUND = 8
_LARGEST_ID = 2**63 - 1
#: What is offered for a channel; anybody may write words of her own.
CHANNELS = (
    gettext_lazy("instagram"),
    gettext_lazy("newsletter"),
    gettext_lazy("shelf"),
    gettext_lazy("youtube"),
    gettext_lazy("podcast"),
)
#: Which links the list shows → whether they stand in a publication.
_SHOWN = {"own": True, "publications": False}


@login_required
def links(request: HttpRequest) -> HttpResponse:
    """One's links with their clicks and sales, and one's codes with the form for another."""
    return _links_page(request)


@login_required
def link_new(request: HttpRequest) -> HttpResponse:
    """Find a product or name a page, say where the link will be used, and make it."""
    advocate = get_object_or_404(Advocate, user=request.user)
    at = timezone.now()
    products = products_to_link(advocate=advocate, at=at)
    if request.method != "POST":
        form = LinkForm(initial=_asked(request), products=products)
        return _new_page(request, advocate, form=form)
    form = LinkForm(request.POST, products=products)
    if form.is_valid():
        data = form.cleaned_data
        try:
            link = create_link(
                advocate=advocate,
                product=data["product"],
                url=data["url"],
                channel=data["channel"],
                name=data["name"],
                at=at,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Your link is ready: copy it below."))
            return redirect("advocates:link", link.pk)
    return _new_page(request, advocate, form=form, status=422)


@login_required
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One link: its addresses, its cards, what it brought, and the others to the same place."""
    return _link_page(request, _own_link(request, pk))


@login_required
def link_card(request: HttpRequest, pk: int, *, size: str, language: str, kind: str) -> HttpResponse:
    """A card of one's link to print."""
    return card_answer(request, _own_link(request, pk), size=size, language=language, kind=kind)


@login_required
@require_POST
def link_name(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a link its name."""
    shown = _own_link(request, pk)
    form = LinkNameForm(request.POST)
    if form.is_valid():
        try:
            name_link(link=shown, name=form.cleaned_data["name"])
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The link has its name. It leads from now on."))
            return redirect("advocates:link", shown.pk)
    return _link_page(request, shown, form=form, status=422)


@login_required
@require_POST
def link_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a link; who still follows it is told where else to look."""
    retire_link(link=_own_link(request, pk))
    messages.success(request, _("The link is retired. What it earned stays yours."))
    return redirect("advocates:link", pk)


@login_required
@require_POST
def link_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a link that one retired lead again."""
    reopened = reopen_link(link=_own_link(request, pk))
    if reopened.state == LinkState.ACTIVE:
        messages.success(request, _("The link leads again."))
    return redirect("advocates:link", pk)


@login_required
@require_POST
def code_new(request: HttpRequest) -> HttpResponse:
    advocate = get_object_or_404(Advocate, user=request.user)
    form = CodeForm(request.POST, advocate=advocate)
    if form.is_valid():
        data = form.cleaned_data
        try:
            create_code(enrolment=data["enrolment"], code=data["code"], at=timezone.now())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The code is yours. Tell the shop to set it up at its till."))
            return redirect("advocates:links")
    return _links_page(request, code_form=form, status=422)


@login_required
def code_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a code out of use for good."""
    codes = Code.objects.select_related("programme__shop")
    code = get_object_or_404(
        codes, pk=_id(pk), enrolment__advocate__user=request.user.pk, retired_at__isnull=True
    )
    if request.method != "POST":
        return render(request, "advocates/code_retire.html", {"code": code})
    retire_code(code=code, at=timezone.now())
    messages.success(request, _("The code is retired. What it earned stays yours."))
    return redirect("advocates:links")


def _id(pk: int) -> int:
    return pk if pk <= _LARGEST_ID else 0


def _own_link(request: HttpRequest, pk: int) -> Link:
    found: Link = get_object_or_404(_with_all(Link.objects.all()), pk=_id(pk), advocate__user=request.user.pk)
    return found


def _with_all(links: "QuerySet[Link]") -> "QuerySet[Link]":
    return links.select_related("shop", "product", "publication", "advocate__user__profile")


def _asked(request: HttpRequest) -> dict[str, str]:
    """What another page of ours asks to begin with."""
    return {name: request.GET.get(name, "").replace("\x00", "") for name in ("product", "channel", "url")}


def _new_page(request: HttpRequest, advocate: Advocate, *, form: LinkForm, status: int = 200) -> HttpResponse:
    at = timezone.now()
    query = clean_query(request.GET.get("q", ""))
    found = find_products(advocate=advocate, query=query, most=_MOST_FOUND, at=at)
    chosen = form["product"].value()
    products = products_to_link(advocate=advocate, at=at).select_related("shop", "picture")
    context: dict[str, Any] = {
        "form": form,
        "query": query,
        "found": found,
        "product": products.filter(pk=_id(int(chosen))).first() if str(chosen or "").isdecimal() else None,
        "shops": shops_with_deal(advocate=advocate, at=at),
        "channels": CHANNELS,
    }
    template = "advocates/link_new.html"
    if request.headers.get("HX-Request"):
        template += "#found"
    return render(request, template, context, status=status)


def _link_page(
    request: HttpRequest, shown: Link, *, form: LinkNameForm | None = None, status: int = 200
) -> HttpResponse:
    same = Link.objects.filter(
        advocate=shown.advocate_id,
        shop=shown.shop_id,
        product=shown.product_id,
        target_url=shown.target_url,
    ).exclude(pk=shown.pk)
    others: list[Any] = list(_with_all(same).order_by("channel", "pk")[:_PER_PAGE])
    figures = link_figures([shown, *others], at=timezone.now())
    for one in others:
        one.figures = figures[one.pk]
    context = {
        "link": shown,
        "figures": figures[shown.pk],
        "address": request.build_absolute_uri(shown.get_absolute_url()),
        "spoken": request.build_absolute_uri(spoken_path(shown)) if shown.name else "",
        "others": others,
        "form": form or LinkNameForm(),
        "is_own": shown.publication_id is None,
    }
    return render(request, "advocates/link.html", context, status=status)


def _links_page(
    request: HttpRequest, *, code_form: CodeForm | None = None, status: int = 200
) -> HttpResponse:
    advocate = Advocate.objects.filter(user=request.user.pk).first()
    if advocate is None:
        return render(request, "advocates/links.html", {"advocate": None, "enrolments": []}, status=status)
    at, only = timezone.now(), request.GET.get("show", "")
    mine = _with_all(Link.objects.filter(advocate=advocate))
    if only in _SHOWN:
        mine = mine.filter(publication__isnull=_SHOWN[only])
    page = Paginator(mine.order_by("-created_at", "-pk"), _PER_PAGE).get_page(request.GET.get("page", "1"))
    shown: list[Any] = list(page.object_list)
    figures = link_figures(shown, at=at)
    for one in shown:
        one.address = request.build_absolute_uri(spoken_path(one))
        one.figures = figures[one.pk]
    enrolments = list(
        Enrolment.objects.filter(advocate=advocate, state=EnrolmentState.ACTIVE).select_related(
            "programme__shop", "advocate__user"
        )
    )
    suggested = suggest_codes(enrolments=enrolments, at=at)
    codes = Code.objects.filter(enrolment__advocate=advocate).select_related("programme__shop")
    initial = {name: request.GET.get(name, "").replace("\x00", "") for name in ("code", "enrolment")}
    context = {
        "advocate": advocate,
        "page_of_links": page,
        "links": shown,
        "only": only,
        "query": f"show={only}&" if only in _SHOWN else "",
        "codes": codes.order_by("retired_at", "programme__shop__name", "pk"),
        "enrolments": enrolments,
        "suggestions": [(one, suggested[one.pk]) for one in enrolments],
        "code_form": code_form or CodeForm(advocate=advocate, initial=initial),
    }
    return render(request, "advocates/links.html", context, status=status)
