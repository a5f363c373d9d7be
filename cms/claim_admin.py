"""Where the house decides on claims that were appealed, and sees which shops are late with theirs."""

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

from advocates.claim_forms import AppealDecisionForm
from advocates.claim_tasks import tell_advocate, tell_shop
from advocates.claims import decide_appeal, sale_of
from advocates.enums import ClaimState
from advocates.forms import show_refusal
from advocates.models import Claim
from advocates.refusals import Refusal
from advocates.traces import trace_of
from community.list_pages import page_of

if TYPE_CHECKING:
    from community.models import User

#: Whoever has it decides on appeals; `cms/site_tree.py` gives it to the moderators.
PERMISSION = "advocates.change_claim"

_may_decide = permission_required(PERMISSION, raise_exception=True)


class ClaimsMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Claims"), reverse("claim_queue"), name="claim-queue", icon_name="help", order=306
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


def addresses() -> list[URLPattern]:
    return [
        path("claims/", claim_queue, name="claim_queue"),
        path("claims/<int:pk>/", claim_appeal_decide, name="claim_appeal_decide"),
    ]


@_may_decide
def claim_queue(request: HttpRequest) -> HttpResponse:
    """Appeals, the one that is due first on top; claims that shops are late with; and what was decided lately."""
    at, number = timezone.now(), request.GET.get("page", "1")
    rows = Claim.objects.for_lists().select_related("appeal_decided_by")
    appeals = rows.filter(state=ClaimState.APPEALED).order_by("due_at", "pk")
    late = rows.filter(state=ClaimState.OPEN).overdue(at=at).order_by("due_at", "pk")
    decided = rows.filter(appeal_decided_at__isnull=False).order_by("-appeal_decided_at", "-pk")
    context = {
        "page_of_appeals": page_of(appeals, number=number),
        "page_of_late": page_of(late, number=number),
        "page_of_decided": page_of(decided, number=number),
        "at": at,
    }
    return render(request, "cms/claim_queue.html", context)


@_may_decide
def claim_appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One claim whole, with the order and its path; where it was appealed, the decision. Both sides are told."""
    rows = Claim.objects.for_lists().select_related("appeal_decided_by")
    claim = get_object_or_404(rows, pk=pk)
    form = AppealDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decide_appeal(
                claim=claim,
                is_granted=form.cleaned_data["decision"] == "grant",
                note=form.cleaned_data["note"],
                by=cast("User", request.user),
                at=timezone.now(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_advocate.enqueue(claim.pk)
            tell_shop.enqueue(claim.pk)
            messages.success(request, _("Decided. The advocate and the shop get a mail."))
            return redirect("claim_queue")
    sale = sale_of(claim)
    context = {
        "claim": get_object_or_404(rows, pk=pk),
        "form": form,
        "trace": trace_of(sale) if sale else None,
        "at": timezone.now(),
    }
    return render(request, "cms/claim_decide.html", context, status=422 if form.is_bound else 200)
