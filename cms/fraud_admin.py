"""Where the house sees what the rules against fraud found, and which shops are late. It decides nothing here."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.admin.menu import MenuItem

from advocates.fraud_sentences import told_of
from advocates.models import FraudFinding
from community.list_pages import page_of

#: Whoever has it may look; `cms/site_tree.py` gives it to the moderators.
PERMISSION = "advocates.view_fraudfinding"

_may_look = permission_required(PERMISSION, raise_exception=True)


class FindingsMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Fraud"),
            reverse("finding_list"),
            name="finding-list",
            icon_name="warning",
            order=307,
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


def addresses() -> list[URLPattern]:
    return [
        path("fraud/", finding_list, name="finding_list"),
        path("fraud/<int:pk>/", finding_view, name="finding_view"),
    ]


@require_safe
@_may_look
def finding_list(request: HttpRequest) -> HttpResponse:
    """What shops are late with, what waits for them in time, and what was decided lately."""
    at, number = timezone.now(), request.GET.get("page", "1")
    rows = FraudFinding.objects.for_lists()
    waiting = rows.waiting().order_by("due_at", "pk")
    context: dict[str, Any] = {
        "page_of_late": page_of(rows.overdue(at=at).order_by("due_at", "pk"), number=number),
        "page_of_waiting": page_of(waiting.filter(due_at__gte=at), number=number),
        "page_of_decided": page_of(rows.exclude(decision="").order_by("-decided_at", "-pk"), number=number),
        "at": at,
    }
    return render(request, "cms/finding_list.html", context)


@require_safe
@_may_look
def finding_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding whole, as the shop reads it."""
    finding = get_object_or_404(FraudFinding.objects.for_lists(), pk=pk)
    context = {"finding": finding, "told": told_of(finding, is_shop=True), "at": timezone.now()}
    return render(request, "cms/finding_view.html", context)
