"""Where the house decides on appeals against rejected commissions, and sees which are late."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.menu import MenuItem

from advocates.appeal_forms import AppealAnswerForm
from advocates.appeals import PERMISSION, decide_appeal, may_decide, share_of
from advocates.forms import show_refusal
from advocates.refusals import Refusal
from community.list_pages import page_of
from payouts.models import Appeal

if TYPE_CHECKING:
    from community.models import User

_may_decide = permission_required(PERMISSION, raise_exception=True)


class AppealsMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Appeals"), reverse("appeal_queue"), name="appeal-queue", icon_name="pick", order=308
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


def addresses() -> list[URLPattern]:
    return [
        path("appeals/", appeal_queue, name="appeal_queue"),
        path("appeals/<int:pk>/", appeal_decide, name="appeal_decide"),
    ]


@_may_decide
def appeal_queue(request: HttpRequest) -> HttpResponse:
    """Appeals that wait, the one that is due first on top; and what was decided lately."""
    number, rows = request.GET.get("page", "1"), Appeal.objects.for_lists()
    context = {
        "page_of_waiting": page_of(rows.waiting().order_by("due_at", "pk"), number=number),
        "page_of_decided": page_of(
            rows.filter(decision__isnull=False).order_by("-decision__decided_at", "-pk"), number=number
        ),
        "at": timezone.now(),
    }
    return render(request, "cms/appeal_queue.html", context)


@_may_decide
def appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal with the decision that it is against; and the answer, of which both sides are told."""
    person = cast("User", request.user)
    appeal = get_object_or_404(Appeal.objects.for_lists(), pk=pk)
    may = may_decide(appeal=appeal, user=person)
    form = AppealAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decide_appeal(
                appeal=appeal,
                is_granted=form.cleaned_data["decision"] == "grant",
                note=form.cleaned_data["note"],
                by=person,
                at=timezone.now(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Decided. The advocate and the shop get a mail."))
            return redirect("appeal_queue")
    context = {
        "appeal": get_object_or_404(Appeal.objects.for_lists(), pk=pk),
        "share": share_of(appeal.review.commission),
        "form": form,
        "may_decide": may,
        "at": timezone.now(),
    }
    return render(request, "cms/appeal_decide.html", context, status=422 if form.is_bound else 200)
