"""Whom somebody does not want to see or hear: muting, blocking, and undoing it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community import mutes
from community.models import Profile, User
from community.views.talk import way_back

_UNDOING: dict[str, Callable[..., None]] = {"mute": mutes.unmute, "block": mutes.unblock}


@login_required
def unwanted(request: HttpRequest) -> HttpResponse:
    """Everybody this person muted or blocked, each with its undo."""
    found = mutes.put_aside_by(cast("User", request.user))
    return render(request, "community/unwanted.html", {"unwanted": found})


@login_required
def mute(request: HttpRequest) -> HttpResponse:
    """Mute somebody at once (from a menu), or ask first (from an address)."""
    said = _("You no longer meet %(name)s in lists and comments. %(name)s is not told.")
    return _put_aside(request, mutes.mute, kind="mute", said=said, default="")


@login_required
def block(request: HttpRequest) -> HttpResponse:
    """Ask, then block: the other's page is gone for this person, so the way leads to the list with its undo."""
    said = _("You blocked %(name)s. Neither of you sees the other any more.")
    return _put_aside(request, mutes.block, kind="block", said=said, default=reverse("community:unwanted"))


@login_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back a mute or a block."""
    person = _person(request.POST.get("handle", ""))
    verb = _UNDOING.get(request.POST.get("kind", ""))
    if verb is None:
        return redirect("community:unwanted")
    verb(user=cast("User", request.user), other=person.user)
    messages.success(request, _("You may meet %(name)s again.") % {"name": person.user.name})
    return redirect(way_back(request, default=reverse("community:unwanted")))


def _put_aside(
    request: HttpRequest, verb: Callable[..., Any], *, kind: str, said: str, default: str
) -> HttpResponse:
    is_post = request.method == "POST"
    person = _person((request.POST if is_post else request.GET).get("handle", ""))
    back = way_back(request, default=person.get_absolute_url())
    context = {"person": person, "kind": kind, "back": back}
    if not is_post:
        return render(request, "community/put_aside.html", context)
    try:
        verb(user=cast("User", request.user), other=person.user, at=timezone.now())
    except mutes.UnableToPutAside as error:
        return render(request, "community/put_aside.html", {**context, "problem": str(error)}, status=422)
    messages.success(request, said % {"name": person.user.get_short_name()})
    return redirect(default or back)


def _person(handle: str) -> Profile:
    known = Profile.objects.select_related("user", "portrait").filter(user__is_active=True)
    person: Profile = get_object_or_404(known, handle=handle.replace("\x00", ""))
    return person
