"""What the story's editor sends and shows: read, stored as a draft, drawn again with what is wrong or in the way."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from advocates.enums import Relation
from advocates.models import Product
from cms import posts
from cms.forms import PostForm
from cms.models import PostPage
from cms.post_publications import board_cards
from cms.story import WHOLE, UnableToReadStory, blocks_of, ids_in, picture_ids
from cms.views.request import SignedInRequest
from community.models import Board, Picture, User
from community.pictures import store_picture

_MOST_BLOCKS = 100

Blocks = Sequence[Mapping[str, Any]]
Problems = Mapping[int, str]


def blocks_from(text: str) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """The blocks that the editor sent as JSON; what is no list of blocks is said as a problem of the whole."""
    blocks = _json_from(text or "[]")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return [], {WHOLE: _("The story could not be read. Go back, copy your text, and try again.")}
    if len(blocks) > _MOST_BLOCKS:
        return blocks, {WHOLE: _("A story holds %(most)d parts at most.") % {"most": _MOST_BLOCKS}}
    return blocks, {}


def fields_from(body: bytes) -> MultiValueDict[str, str]:
    """The fields of a form that came as JSON, {name: [values]}; what is no such thing falls away."""
    fields: MultiValueDict[str, str] = MultiValueDict()
    sent = _json_from(body)
    for name, values in (sent if isinstance(sent, dict) else {}).items():
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            # Half a surrogate pair is no text that can be stored.
            fields.setlist(name, [value.encode("utf-8", "replace").decode() for value in values])
    return fields


def save_written(*, post: PostPage, latest: PostPage, form: PostForm, blocks: Blocks, by: User) -> PostPage:
    """Store what a valid form and these blocks say as a draft.

    Raises UnableToStorePicture for a cover, and what posts.save_draft raises; then the new cover is gone again.
    """
    data = form.cleaned_data
    new = None
    if data.get("cover_file") and not data["cover_is_removed"]:
        new = store_picture(file=data["cover_file"], title=data["title"] or _("Story"), uploaded_by=by)
    draft = posts.Draft(
        title=data["title"] or latest.title,
        intro=data["intro"],
        language=data["language"],
        relation=Relation(data["relation"]),
        themes=list(data["themes"]),
        cover=None if data["cover_is_removed"] else new or data["cover"],
        blocks=blocks,
        is_guide=data["is_guide"],
        cover_alt=data["cover_alt"],
        cover_is_decorative=data["cover_is_decorative"],
    )
    try:
        return posts.save_draft(
            post=post, draft=draft, by=by, based_on=data["version"], overwrites=data["sitting"]
        )
    except (UnableToReadStory, posts.UnableToChangePost):
        if new is not None:
            new.delete()
        raise


def draft_form(latest: PostPage, *, author: User) -> PostForm:
    """The form, filled with the last draft."""
    cover = latest.cover
    names = ("title", "intro", "language", "relation", "is_guide", "cover")
    initial = {name: getattr(latest, name) for name in names} | {
        "themes": [theme.pk for theme in latest.themes.all()],
        "cover_alt": cover.alt_text if cover is not None else "",
        "cover_is_decorative": cover is not None and cover.is_decorative,
        "version": posts.version_of(latest),
    }
    return PostForm(initial=initial, author=author, cover=cover)


def editor(
    request: SignedInRequest,
    post: PostPage,
    latest: PostPage,
    *,
    form: PostForm,
    blocks: Blocks,
    problems: Problems | None = None,
    is_saved: bool = False,
    other: PostPage | None = None,
    status: int = 200,
) -> HttpResponse:
    """The editor with this form and these blocks.

    `is_saved`: they are what is stored, and only something is missing. `other` is a version that somebody saved
    elsewhere meanwhile, to choose between.
    """
    problems = problems or {}
    if form.is_bound and form.files.get("cover_file") and not form.has_error("cover_file"):
        form.add_error("cover_file", _("Choose the picture once more: the story was not saved yet."))
    covers: Any = form.fields["cover"]
    cover = covers.queryset.filter(pk__in=ids_in([form["cover"].value()])).first()
    context = {
        "post": post,
        "latest": latest,
        "form": form,
        "cover": cover or (latest.cover if not form.is_bound else None),
        "blocks_json": json.dumps(list(blocks)),
        "story": _story_for_script(blocks, problems, by=request.user, kept=picture_ids(latest.body)),
        "whole_problem": problems.get(WHOLE, ""),
        "has_problems": bool(problems),
        "is_saved": is_saved,
        "is_fresh": not form.is_bound and not problems,
        "other": other,
        "boards": board_cards(page=other or latest, viewer=request.user, at=timezone.now()),
        "is_in_review": posts.is_in_review(post),
        "remark": posts.moderator_remark(post),
    }
    return render(request, "cms/post_edit.html", context, status=status)


def draft_editor(
    request: SignedInRequest, post: PostPage, latest: PostPage, *, problems: Problems | None = None
) -> HttpResponse:
    """The editor with the last draft, and with what it misses to be sent in."""
    form = draft_form(latest, author=request.user)
    blocks = blocks_of(latest.body)
    status = 422 if problems else 200
    return editor(
        request, post, latest, form=form, blocks=blocks, problems=problems, is_saved=True, status=status
    )


def conflict_editor(
    request: SignedInRequest, post: PostPage, *, form: PostForm, blocks: Blocks, other: PostPage
) -> HttpResponse:
    """The editor with what was sent, and the version that stands there now: saving once more chooses the former."""
    data: Any = form.data  # a copy, made to be changed
    data["version"] = posts.version_of(other)
    data["sitting"] = ""
    return editor(request, post, other, form=form, blocks=blocks, other=other, status=409)


def shown(picture: Picture) -> str:
    """The address of a picture as the editor shows it."""
    return str(picture.get_rendition("width-480|format-webp").url)


def _json_from(text: str | bytes) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


def _story_for_script(
    blocks: Blocks, problems: Problems, *, by: User, kept: Collection[int]
) -> dict[str, Any]:
    """What the editor's script starts from: the blocks, what is wrong with them, and what their ids stand for."""
    product_ids = {pk for block in blocks for pk in ids_in(block.get("products"))}
    board_ids = {pk for block in blocks for pk in ids_in(block.get("board"))}
    chosen = ids_in([one for block in blocks for one in _pictures_named(block)])
    pictures = Picture.objects.filter(Q(uploaded_by_user=by) | Q(pk__in=kept), pk__in=chosen)
    boards = Board.objects.visible_to(by).filter(pk__in=board_ids).select_related("publication", "owner")
    products = Product.objects.filter(pk__in=product_ids).select_related("shop")
    return {
        "blocks": list(blocks),
        "problems": {str(index): text for index, text in problems.items()},
        "products": {str(one.pk): {"title": one.title, "from": one.shop.name} for one in products},
        "board": {str(one.pk): {"title": one.publication.title, "from": one.owner.name} for one in boards},
        "pictures": {str(one.pk): shown(one) for one in pictures.prefetch_related("renditions")},
    }


def _pictures_named(block: Mapping[str, Any]) -> Iterator[Any]:
    """What a block, whatever it is, names as its pictures."""
    listed = block.get("pictures")
    places = [block, *(block.get(key) for key in ("before", "after", "poster"))]
    for place in [*places, *(listed if isinstance(listed, list) else [])]:
        if isinstance(place, Mapping):
            yield place.get("picture")
