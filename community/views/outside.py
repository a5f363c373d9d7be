"""What leaves the site: feeds for readers, pictures for shared links, cards to stand in other pages.

None of it looks at who asks, and all of it holds only what anybody may find.
"""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.csp import CSP
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from advocates.models import Publication
from community import embeds, rss, share_images
from community.models import Board, Profile, Theme
from community.publication_cards import cards_of

_HOUR, _DAY = 3600, 86_400
_for_everybody = cache_control(public=True, max_age=_HOUR // 4)
#: A card in somebody else's page: pictures and style of ours, no script, and anybody may frame it.
_EMBED_POLICY: Mapping[str, list[str]] = {
    "default-src": [CSP.NONE],
    "img-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": ["*"],
}


@require_safe
@_for_everybody
def rss_stories(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """The feed of all stories."""
    return _feed(rss.stories_feed(at=timezone.now()))


@require_safe
@_for_everybody
def rss_profile(request: HttpRequest, handle: str) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """The feed of one person."""
    people = Profile.objects.select_related("user")
    profile = get_object_or_404(people, handle=handle, user__is_active=True)
    return _feed(rss.profile_feed(profile=profile, at=timezone.now()))


@require_safe
@_for_everybody
def rss_board(request: HttpRequest, handle: str, slug: str) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """The feed of one public board."""
    listed = Board.objects.filter(publication__in=Publication.objects.listed())
    board = get_object_or_404(
        listed.select_related("publication", "owner__profile"), owner__profile__handle=handle, slug=slug
    )
    return _feed(rss.board_feed(board=board, at=timezone.now()))


@require_safe
@_for_everybody
def rss_theme(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """The feed of one theme."""
    return _feed(rss.theme_feed(theme=get_object_or_404(Theme, slug=slug), at=timezone.now()))


@require_safe
@cache_control(public=True, max_age=_DAY)
def share_image(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """The picture that services show beside a shared link."""
    publication = _listed(pk)
    content, digest = share_images.share_image(publication=publication, at=timezone.now())
    response = HttpResponse(content, content_type=share_images.MEDIA_TYPE)
    response.headers["ETag"] = f'"{digest}"'
    return response


@require_safe
@_for_everybody
def oembed(request: HttpRequest) -> HttpResponse:
    """The answer to "how do I show this address?" (oembed.com): 404 for what is not ours or not public."""
    form = request.GET.get("format", "json")
    if form not in {"json", "xml"}:
        return HttpResponse("json or xml", status=501, content_type="text/plain")
    publication = embeds.publication_at(request.GET.get("url", ""))
    if publication is None:
        raise Http404
    try:
        room = embeds.room_of(request.GET.get("maxwidth", ""), request.GET.get("maxheight", ""))
    except ValueError:
        return HttpResponse("maxwidth and maxheight are numbers", status=400, content_type="text/plain")
    told = embeds.oembed(publication=publication, room=room)
    if form == "xml":
        response = HttpResponse(embeds.as_xml(told), content_type="text/xml; charset=utf-8")
    else:
        response = JsonResponse(told)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@xframe_options_exempt
@csp_override(_EMBED_POLICY)
@_for_everybody
def embed(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of a publication, to stand in a frame on somebody's own site: label and author stay with it."""
    publication = _listed(pk)
    with translation.override(publication.language):
        card = cards_of([publication], at=timezone.now())[0]
        return render(request, "community/embed.html", {"card": card, "publication": publication})


def _listed(pk: int) -> Publication:
    publication: Publication = get_object_or_404(Publication.objects.listed().for_cards(), pk=pk)
    return publication


def _feed(channel: rss.Channel) -> HttpResponse:
    # No Last-Modified: a feed also changes when its newest item is withdrawn, and then it would go back in time.
    return HttpResponse(channel.as_xml(), content_type=rss.MEDIA_TYPE)
