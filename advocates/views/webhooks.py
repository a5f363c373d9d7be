"""The webhooks of a shop or of an advocate: where they are told, what was sent, and what was answered.

One implementation of the screen for two owners; whoever owns nothing here finds nothing (404).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from advocates.enums import EndpointProblem, MessageState
from advocates.forms import show_refusal
from advocates.models import Advocate, Shop, WebhookAttempt, WebhookEndpoint, WebhookMessage
from advocates.refusals import Refusal
from advocates.tasks import send_webhooks
from advocates.webhook_endpoints import (
    MOST_ENDPOINTS,
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    endpoints_of,
    remove_endpoint,
    rotate_secret,
    secrets_at,
)
from advocates.webhook_forms import EndpointForm, ReplayForm
from advocates.webhook_messages import (
    RETENTION,
    body_of,
    make_test_message,
    replay_message,
    replay_since,
)

_PER_PAGE = 20
#: A message that will be sent within this is waited for by the page.
_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Screen:
    """Whose webhooks these are, and so where their pages stand."""

    owner: Shop | Advocate

    @property
    def shop(self) -> Shop | None:
        return self.owner if isinstance(self.owner, Shop) else None

    def url(self, name: str, *args: object) -> str:
        if self.shop:
            return reverse(f"advocates:desk_{name}", args=[self.shop.slug, *args])
        return reverse(f"advocates:studio_{name}", args=args)

    def endpoint(self, pk: int) -> WebhookEndpoint:
        """One of the owner's; anybody else's is not there."""
        return get_object_or_404(endpoints_of(self.owner), pk=pk)


def of_owner[**P](
    view: Callable[Concatenate[HttpRequest, Screen, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give the view the shop that the address names, if this person runs it; without one, the advocate one is."""

    @login_required
    @wraps(view)
    def with_owner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        slug = kwargs.pop("slug", None)
        owner: Shop | Advocate
        if slug is None:
            owner = get_object_or_404(Advocate, user=request.user.pk)
        else:
            owner = get_object_or_404(Shop.objects.of_member(request.user), slug=slug)
        return view(request, Screen(owner), *args, **kwargs)

    return with_owner


@of_owner
def endpoints(request: HttpRequest, screen: Screen) -> HttpResponse:
    """All endpoints of the owner, and the form that makes another."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_endpoint(
                owner=screen.owner,
                url=form.cleaned_data["url"],
                event_types=form.cleaned_data["event_types"],
                at=timezone.now(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The endpoint is there. Send it a test to see whether it answers."))
            return redirect(screen.url("webhook", made.pk))
    rows = list(endpoints_of(screen.owner))
    context = {
        "screen": screen,
        "form": form,
        "rows": [(row, screen.url("webhook", row.pk)) for row in rows],
        "is_full": len(rows) >= MOST_ENDPOINTS,
        "most": MOST_ENDPOINTS,
        "here_url": screen.url("webhooks"),
    }
    return render(request, "advocates/webhooks.html", context, status=422 if form.errors else 200)


@of_owner
def endpoint(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """One endpoint: how it stands, its settings, its log."""
    shown = screen.endpoint(pk)
    if request.method != "POST":
        return _endpoint_page(request, screen, shown)
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            change_endpoint(
                endpoint=shown,
                url=form.cleaned_data["url"],
                event_types=form.cleaned_data["event_types"],
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The endpoint is changed."))
            return redirect(screen.url("webhook", pk))
    shown.refresh_from_db()
    return _endpoint_page(request, screen, shown, form=form, status=422)


@require_POST
@never_cache
@of_owner
def secret(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """Show the secret, on this answer and nowhere else."""
    shown = screen.endpoint(pk)
    return _endpoint_page(request, screen, shown, shown_secrets=secrets_at(shown, at=timezone.now()))


@never_cache
@of_owner
def rotate(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """Ask, then give the endpoint another secret and show it."""
    shown = screen.endpoint(pk)
    if request.method == "POST":
        rotate_secret(endpoint=shown, at=timezone.now())
        return _endpoint_page(request, screen, shown, shown_secrets=secrets_at(shown, at=timezone.now()))
    return _ask(
        request,
        screen,
        title=_("Make another secret for %(url)s?") % {"url": shown.url},
        text=_(
            "Messages are signed with both for a day, so that your system can change over. "
            "After that the old one ends."
        ),
        confirm_label=_("Make another secret"),
        back_url=screen.url("webhook", pk),
        variant="primary",
    )


@require_POST
@of_owner
def switch(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """Switch an endpoint off, or on again."""
    shown = screen.endpoint(pk)
    if "on" in request.POST:
        enable_endpoint(endpoint=shown)
        messages.success(request, _("The endpoint is on. Send again what it missed, below."))
    else:
        disable_endpoint(endpoint=shown, because=EndpointProblem.BY_HAND, at=timezone.now())
        messages.success(request, _("The endpoint is off: nothing is sent there."))
    return redirect(screen.url("webhook", pk))


@of_owner
def remove(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """Ask, then forget the endpoint with its log."""
    shown = screen.endpoint(pk)
    if request.method == "POST":
        remove_endpoint(endpoint=shown)
        messages.success(request, _("The endpoint is removed."))
        return redirect(screen.url("webhooks"))
    return _ask(
        request,
        screen,
        title=_("Remove %(url)s?") % {"url": shown.url},
        text=_("Its secret and its log go too, and what still waits is not sent. This cannot be undone."),
        confirm_label=_("Remove endpoint"),
        back_url=screen.url("webhook", pk),
        variant="danger",
    )


@require_POST
@of_owner
def test(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """Send a message that means nothing."""
    shown = screen.endpoint(pk)
    if shown.disabled_at:
        messages.error(request, _("The endpoint is off. Switch it on first."))
    else:
        make_test_message(endpoint=shown, at=timezone.now())
        send_webhooks.enqueue()
        messages.success(request, _("A test is on its way; its answer appears in the log."))
    return redirect(screen.url("webhook", pk))


@require_POST
@of_owner
def replay(request: HttpRequest, screen: Screen, pk: int) -> HttpResponse:
    """Send again what was made since a moment."""
    shown = screen.endpoint(pk)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return _endpoint_page(request, screen, shown, replay_form=form, status=422)
    at = timezone.now()
    count = replay_since(
        endpoint=shown,
        since=max(form.cleaned_data["since"], at - RETENTION),
        with_delivered=form.cleaned_data["with_delivered"],
        at=at,
    )
    send_webhooks.enqueue()
    told = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
    messages.success(request, told % {"count": count})
    return redirect(screen.url("webhook", pk))


@of_owner
def message(request: HttpRequest, screen: Screen, pk: int, message_pk: UUID) -> HttpResponse:
    """One message: what it says, every attempt and its answer; a POST sends it again."""
    shown = screen.endpoint(pk)
    row = get_object_or_404(shown.messages.prefetch_related("attempts"), pk=message_pk)
    here_url = screen.url("webhook_message", pk, message_pk)
    if request.method == "POST":
        if replay_message(message=row, at=timezone.now()):
            send_webhooks.enqueue()
            messages.success(request, _("The message is sent again, under the same id."))
        else:
            messages.error(request, _("The endpoint is off. Switch it on first."))
        return redirect(here_url)
    context = {
        "screen": screen,
        "endpoint": shown,
        "message": row,
        "payload": body_of(row, indent=2),
        "endpoint_url": screen.url("webhook", pk),
        "here_url": here_url,
    }
    return render(request, "advocates/webhook_message.html", context)


def _endpoint_page(
    request: HttpRequest,
    screen: Screen,
    shown: WebhookEndpoint,
    *,
    form: EndpointForm | None = None,
    replay_form: ReplayForm | None = None,
    shown_secrets: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows, older = _log(shown, request.GET.get("before", ""))
    names = ("secret", "rotate", "switch", "remove", "test", "replay")
    context = {
        "screen": screen,
        "endpoint": shown,
        "form": form or EndpointForm(initial={"url": shown.url, "event_types": shown.event_types}),
        "replay_form": replay_form or ReplayForm(),
        "shown_secrets": shown_secrets,
        "rows": [(row, screen.url("webhook_message", shown.pk, row.pk)) for row in rows],
        "older": older,
        "is_awaited": _is_awaited(rows),
        "here_url": screen.url("webhook", shown.pk),
        "list_url": screen.url("webhooks"),
        **{f"{name}_url": screen.url(f"webhook_{name}", shown.pk) for name in names},
    }
    template = "advocates/webhook.html"
    is_log = request.headers.get("HX-Target") == "log"
    return render(request, f"{template}#log" if is_log else template, context, status=status)


def _log(shown: WebhookEndpoint, before: str) -> tuple[list[WebhookMessage], str]:
    """The newest messages, or those before an id, and the id to go on from; ids are in order of time."""
    attempts = Prefetch("attempts", queryset=WebhookAttempt.objects.order_by("-pk"))
    rows = shown.messages.order_by("-pk").prefetch_related(attempts)
    with suppress(ValueError):  # nonsense in the address shows the newest
        rows = rows.filter(pk__lt=UUID(before)) if before else rows
    found = list(rows[: _PER_PAGE + 1])
    shown_rows = found[:_PER_PAGE]
    return shown_rows, str(shown_rows[-1].pk) if len(found) > _PER_PAGE else ""


def _is_awaited(rows: list[WebhookMessage]) -> bool:
    soon = timezone.now() + _SOON
    return any(row.state == MessageState.WAITING and row.next_at and row.next_at < soon for row in rows)


def _ask(request: HttpRequest, screen: Screen, **context: Any) -> HttpResponse:
    return render(request, "advocates/webhook_ask.html", {"screen": screen, **context})
