"""Following and no longer following, and the list of what one follows."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community import follows
from community.follows import Followed, FollowKind, UnableToFollow
from community.ids import id_in

if TYPE_CHECKING:
    from community.models import User


@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Follow what `kind` and `id` name, or no longer (`wanted=off`). A GET asks; who is not logged in is asked to do
    that first, and the wish is kept.
    """
    data = request.POST if request.method == "POST" else request.GET
    kind, pk = data.get("kind", ""), data.get("id", "")
    if request.user.is_authenticated and request.method == "POST" and data.get("wanted") == "off":
        return _unfollow(request, kind, pk)
    followed = follows.find_followed(kind=kind, pk=pk, viewer=request.user)
    if followed is None:
        raise Http404
    if not request.user.is_authenticated:
        request.session[follows.SESSION_KEY] = follows.as_session(followed, at=timezone.now())
    if request.method == "GET" or not request.user.is_authenticated:
        return render(request, "community/follow.html", _told(request, followed))
    try:
        follows.follow(follower=request.user, followed=followed, at=timezone.now())
    except UnableToFollow as error:
        return _refused(request, followed, str(error))
    return _answer(request, kind, int(pk), followed)


@login_required
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What somebody follows, to look at and to let go."""
    groups = follows.follows_of(cast("User", request.user))
    return render(request, "community/following.html", {"groups": groups})


def _unfollow(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    number = id_in(pk)
    if kind not in FollowKind or number is None:
        raise Http404
    follows.unfollow(follower=cast("User", request.user), kind=FollowKind(kind), pk=number)
    return _answer(request, kind, number, follows.find_followed(kind=kind, pk=pk, viewer=request.user))


def _answer(request: HttpRequest, kind: str, pk: int, followed: Followed | None) -> HttpResponse:
    """The switch as it stands now, for htmx; else back to where it was switched."""
    next_url = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(next_url, allowed_hosts=None)
    if not _is_htmx(request):
        place = next_url if is_safe else (follows.url_of(followed) if followed else "")
        return redirect(place or "community:following")
    context = {
        "kind": kind,
        "id": pk,
        "about": follows.name_of(followed) if followed else "",
        "is_following": followed is not None and follows.is_following(request.user, followed),
        "small": request.POST.get("small") == "1",
        "next": next_url if is_safe else "",
    }
    return render(request, "components/follow.html", context)


def _refused(request: HttpRequest, followed: Followed, why: str) -> HttpResponse:
    if not _is_htmx(request):
        return render(
            request, "community/follow.html", {**_told(request, followed), "problem": why}, status=422
        )
    # The page that asks can say why; the switch has no room for it.
    messages.error(request, why)
    return HttpResponse(headers={"HX-Redirect": follows.url_of(followed)})


def _told(request: HttpRequest, followed: Followed) -> dict[str, object]:
    kind = follows.kind_of(followed)
    what = {
        FollowKind.PERSON: _("Their new stories and boards will stand in your feed."),
        FollowKind.BOARD: _("What is added to this board will stand in your feed."),
        FollowKind.THEME: _("New stories and boards on this theme will stand in your feed."),
        FollowKind.SHOP: _("What people say of this shop's products will stand in your feed."),
    }
    return {
        "kind": kind.value,
        "followed": followed,
        "name": follows.name_of(followed),
        "url": follows.url_of(followed),
        "what": what[kind],
        "is_following": follows.is_following(request.user, followed),
    }


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
