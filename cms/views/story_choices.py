"""What the story's editor asks for while somebody writes: products and boards to choose from, a place for a picture."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.postgres.search import SearchQuery
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.enums import PublicationKind
from advocates.models import Publication
from cms.forms import StoryPictureForm
from cms.views.request import SignedInRequest
from cms.views.story_editor import shown
from community.mutes import unwanted_by
from community.pictures import UnableToStorePicture, store_picture
from community.search import clean_query, search

_MOST_FOUND = 8


@login_required
def product_choices(request: SignedInRequest) -> HttpResponse:
    """Products for a story, as JSON: id, title, and the shop that they are from."""
    found = search(clean_query(request.GET.get("q", "")), most=_MOST_FOUND).products
    choices = [{"id": one.pk, "title": one.title, "from": one.shop.name} for one in found]
    return JsonResponse({"choices": choices})


@login_required
def board_choices(request: SignedInRequest) -> HttpResponse:
    """Public boards for a story, as JSON: id, title, and whom they are from; one's own first."""
    query = clean_query(request.GET.get("q", ""))
    boards: Any = Publication.objects.listed().filter(kind=PublicationKind.BOARD, board__isnull=False)
    newest = boards.select_related("board", "author").order_by("-published_at", "-pk")
    found = list(newest.filter(author=request.user, title__icontains=query)[:_MOST_FOUND])
    if query:
        others = newest.exclude(author=request.user).not_by(unwanted_by(request.user))
        found += others.filter(search=_words(query))[: _MOST_FOUND - len(found)]
    choices = [{"id": one.board.pk, "title": one.title, "from": one.author.name} for one in found]
    return JsonResponse({"choices": choices})


def _words(query: str) -> Any:
    words = [SearchQuery(query, config=one, search_type="websearch") for one in ("dutch", "english")]
    return words[0] | words[1]


@login_required
@require_POST
def picture_new(request: SignedInRequest) -> HttpResponse:
    """Store a picture for a story; answers its id and address, or what is wrong with it."""
    form = StoryPictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": str(form.errors["file"][0])}, status=422)
    try:
        picture = store_picture(file=form.cleaned_data["file"], title=_("Story"), uploaded_by=request.user)
    except UnableToStorePicture as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"id": picture.pk, "url": shown(picture)})
