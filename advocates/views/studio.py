"""The advocate's own screens: links and codes, earnings, and why each of them is what it is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.codes import create_code
from advocates.enums import EnrolmentState, Outcome
from advocates.explanations import explain, recompute
from advocates.forms import CodeForm, LinkForm, show_refusal
from advocates.links import create_link, retire_link
from advocates.models import Advocate, Code, Enrolment, Link, Share
from advocates.refusals import Refusal
from advocates.reports import earnings_of, shares_of

_PER_PAGE = 50


def _advocate(request: HttpRequest) -> Advocate | None:
    return Advocate.objects.filter(user=request.user.pk).select_related("payee__account").first()


@login_required
def links(request: HttpRequest) -> HttpResponse:
    """One's links with their clicks, one's codes, and the forms to make more."""
    return _links_page(request, _advocate(request))


@login_required
@require_POST
def link_new(request: HttpRequest) -> HttpResponse:
    advocate = get_object_or_404(Advocate, user=request.user)
    form = LinkForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            create_link(advocate=advocate, url=data["url"], channel=data["channel"], at=timezone.now())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Your link is ready: copy it below."))
            return redirect("advocates:links")
    return _links_page(request, advocate, link_form=form, status=422)


@login_required
@require_POST
def link_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a link; who still follows it is told where else to look."""
    link = get_object_or_404(Link, pk=pk, advocate__user=request.user)
    retire_link(link=link)
    messages.success(request, _("The link is retired. What it earned stays yours."))
    return redirect("advocates:links")


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
    return _links_page(request, advocate, code_form=form, status=422)


@login_required
def earnings(request: HttpRequest) -> HttpResponse:
    """Every share of every sale one had a part in, those that earned nothing too."""
    advocate = _advocate(request)
    only = request.GET.get("show", "")
    shares = shares_of(advocate) if advocate else Share.objects.none()
    if only in Outcome.values:
        shares = shares.filter(outcome=only)
    context = {
        "advocate": advocate,
        "figures": earnings_of(advocate) if advocate else [],
        "page_of_shares": Paginator(shares, _PER_PAGE).get_page(request.GET.get("page", "1")),
        "only": only,
        "outcomes": Outcome.choices,
    }
    return render(request, "advocates/earnings.html", context)


@login_required
def share(request: HttpRequest, pk: str) -> HttpResponse:
    """Why one share is what it is; for its advocate, the shop's people, and staff. Anybody else: 404."""
    shown = get_object_or_404(Share.objects.readable_by(request.user), pk=pk)
    is_mine = shown.advocate.user_id == request.user.pk
    explanation = explain(shown, viewer="advocate" if is_mine else "shop")
    context = {
        "share": shown,
        "explanation": explanation,
        "is_mine": is_mine,
        "is_same_again": recompute(shown),
    }
    return render(request, "advocates/share.html", context)


def _links_page(
    request: HttpRequest,
    advocate: Advocate | None,
    *,
    link_form: LinkForm | None = None,
    code_form: CodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    mine = Link.objects.filter(advocate=advocate) if advocate else Link.objects.none()
    clicks = Count("touches", filter=Q(touches__is_own=False))
    listed = mine.select_related("shop", "product", "publication").annotate(clicks=clicks)
    page = Paginator(listed.order_by("-created_at", "-pk"), _PER_PAGE).get_page(request.GET.get("page", "1"))
    for link in page.object_list:
        link.address = request.build_absolute_uri(link.get_absolute_url())
    context = {
        "advocate": advocate,
        "page_of_links": page,
        "codes": Code.objects.filter(enrolment__advocate=advocate).select_related("programme__shop")
        if advocate
        else [],
        "enrolments": Enrolment.objects.filter(advocate=advocate, state=EnrolmentState.ACTIVE).select_related(
            "programme__shop"
        )
        if advocate
        else [],
        "link_form": link_form or LinkForm(),
        "code_form": code_form or (CodeForm(advocate=advocate) if advocate else None),
    }
    return render(request, "advocates/links.html", context, status=status)
