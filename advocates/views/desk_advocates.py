"""Who asks to join a shop's programme, and what those who joined bring."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.desk_forms import DeclineForm
from advocates.enrolments import approve_enrolment, decline_enrolment, end_enrolment
from advocates.enums import EnrolmentState
from advocates.forms import show_refusal
from advocates.models import Enrolment, Shop
from advocates.refusals import Refusal
from advocates.shop_reports import brought_by
from advocates.views.desk import ask, of_shop, page_of, person, query_of


@of_shop
def desk_advocates(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Requests that wait, and the advocates with what they brought; `?show=` picks another state."""
    only = request.GET.get("show", "")
    if only not in EnrolmentState.values:
        only = EnrolmentState.ACTIVE.value
    mine = Enrolment.objects.filter(programme__shop=shop)
    counts = dict(mine.order_by("state").values_list("state").annotate(total=Count("pk")))
    listed = mine.filter(state=only).select_related("advocate__user__profile", "programme", "decided_by")
    page = page_of(request, listed.order_by("-decided_at", "-requested_at", "-pk"))
    brought = brought_by(list(page.object_list), shop=shop, at=timezone.now())
    for enrolment in page.object_list:
        enrolment.brought = brought[enrolment.pk]
    requested = mine.filter(state=EnrolmentState.REQUESTED).select_related("advocate__user__profile")
    context = {
        "shop": shop,
        "requests": page_of(request, requested.order_by("requested_at", "pk")),
        "page_of_enrolments": page,
        "pagination_query": query_of(request),
        "only": only,
        "states": [
            (state.value, state.label, counts.get(state.value, 0))
            for state in EnrolmentState
            if state != EnrolmentState.REQUESTED
        ],
    }
    return render(request, "desk/advocates.html", context)


@require_POST
@of_shop
def desk_enrolment_approve(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Take an advocate in."""
    enrolment = _enrolment(shop, pk)
    try:
        approve_enrolment(enrolment=enrolment, by=person(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s has joined.") % {"name": enrolment.advocate.user.name})
    return redirect("advocates:desk_advocates", shop.slug)


@of_shop
def desk_enrolment_decline(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask for a note, then decline."""
    enrolment = _enrolment(shop, pk)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decline_enrolment(
                enrolment=enrolment, note=form.cleaned_data["note"], by=person(request), at=timezone.now()
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Declined. The person reads your note."))
            return redirect("advocates:desk_advocates", shop.slug)
    return ask(
        request,
        shop,
        current="advocates",
        title=_("Decline the request of %(name)s?") % {"name": enrolment.advocate.user.name},
        text=_("The person may ask again after 30 days."),
        confirm_label=_("Decline"),
        back_url=reverse("advocates:desk_advocates", args=[shop.slug]),
        form=form,
        status=422 if form.is_bound else 200,
    )


@of_shop
def desk_enrolment_end(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask, then end an enrolment."""
    enrolment = _enrolment(shop, pk)
    back_url = reverse("advocates:desk_advocates", args=[shop.slug])
    if request.method == "POST":
        try:
            end_enrolment(enrolment=enrolment, by=person(request), at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Ended. What was earned before stays due."))
        return redirect(back_url)
    return ask(
        request,
        shop,
        current="advocates",
        title=_("End it with %(name)s?") % {"name": enrolment.advocate.user.name},
        text=_(
            "Orders from now on earn this advocate nothing; what was earned before is paid. Links keep leading "
            "to your shop."
        ),
        confirm_label=_("End it"),
        back_url=back_url,
    )


def _enrolment(shop: Shop, pk: int) -> Enrolment:
    known = Enrolment.objects.select_related("programme__shop", "advocate__user")
    enrolment: Enrolment = get_object_or_404(known, pk=pk, programme__shop=shop)
    return enrolment
