"""Writing a story without the admin: one page with the story's blocks, a preview, and the moderators' answer."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.enums import Relation
from advocates.models import Product
from cms import posts
from cms.forms import NewPostForm, PostForm, StoryPictureForm
from cms.models import PostPage
from cms.story import WHOLE, UnableToReadStory, blocks_of, ids_in, picture_ids
from cms.views.request import SignedInRequest
from community.models import Picture, User
from community.pictures import UnableToStorePicture, store_picture
from community.search import clean_query, search

_MOST_FOUND = 8
_MOST_BLOCKS = 100


@login_required
def post_new(request: SignedInRequest) -> HttpResponse:
    """Begin a story with its title."""
    form = NewPostForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        post = posts.start_post(author=request.user, **form.cleaned_data)
        return redirect("cms:post_edit", post.pk)
    status = 422 if form.is_bound else 200
    return render(request, "cms/post_new.html", {"form": form}, status=status)


@login_required
def post_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """The editor; saving stores a draft, what is live stays until a moderator approves."""
    post = _own_post(request, pk)
    latest: PostPage = post.get_latest_revision_as_object()
    if request.method != "POST":
        form = PostForm(initial=_initial(latest), author=request.user, cover=latest.cover)
        return _editor(request, post, latest, form=form, blocks=blocks_of(latest.body))
    form = PostForm(request.POST.copy(), request.FILES, author=request.user, cover=latest.cover)
    blocks, problems = _blocks_from(request)
    cover = _cover_from(request, form)
    if form.is_valid() and not problems:
        problems = _save(request, post, form, cover, blocks)
    if not form.is_valid() or problems:
        return _editor(request, post, latest, form=form, blocks=blocks, problems=problems, status=422)
    if "submit" in request.POST:
        return _submit(request, post)
    if "preview" in request.POST:
        return redirect("cms:post_preview", pk)
    messages.success(request, _("Saved as a draft."))
    return redirect("cms:post_edit", pk)


@login_required
def post_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """The latest draft, as it will look."""
    latest = _own_post(request, pk).get_latest_revision_as_object()
    context = {**latest.get_context(request), "is_preview": True}
    return render(request, latest.get_template(request), context)


@login_required
@require_POST
def post_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a story back from the moderators."""
    try:
        posts.withdraw_post(post=_own_post(request, pk), by=request.user)
    except posts.UnableToChangePost as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The story is yours again: change it and submit it when it is ready."))
    return redirect("cms:post_edit", pk)


@login_required
def product_choices(request: SignedInRequest) -> HttpResponse:
    """Products for the story's product block, as JSON: id, title, shop."""
    found = search(clean_query(request.GET.get("q", "")), most=_MOST_FOUND).products
    choices = [{"id": one.pk, "title": one.title, "shop": one.shop.name} for one in found]
    return JsonResponse({"products": choices})


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
    return JsonResponse({"id": picture.pk, "url": _shown(picture)})


def _own_post(request: SignedInRequest, pk: int) -> PostPage:
    post: PostPage = get_object_or_404(PostPage, pk=pk, owner=request.user)
    return post


def _blocks_from(request: SignedInRequest) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """The blocks that the editor sent as JSON; what is no list of blocks is said as a problem of the whole."""
    try:
        blocks = json.loads(request.POST.get("blocks") or "[]", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        blocks = None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return [], {WHOLE: _("The story could not be read. Go back, copy your text, and try again.")}
    if len(blocks) > _MOST_BLOCKS:
        return blocks, {WHOLE: _("A story holds %(most)d parts at most.") % {"most": _MOST_BLOCKS}}
    return blocks, {}


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


def _cover_from(request: SignedInRequest, form: PostForm) -> Picture | None:
    """The chosen cover. A new one is stored at once, so that it is not lost when another field is wrong."""
    form.is_valid()
    data = form.cleaned_data
    if data.get("cover_is_removed"):
        return None
    cover: Picture | None = data.get("cover")
    if not data.get("cover_file"):
        return cover
    try:
        cover = store_picture(
            file=data["cover_file"], title=data.get("title") or _("Story"), uploaded_by=request.user
        )
    except UnableToStorePicture as error:
        form.add_error("cover_file", str(error))
        return cover
    data_shown: Any = form.data  # a copy, made to be changed
    data_shown["cover"] = str(cover.pk)
    return cover


def _save(
    request: SignedInRequest,
    post: PostPage,
    form: PostForm,
    cover: Picture | None,
    blocks: Sequence[Mapping[str, Any]],
) -> dict[int, str]:
    """Store the draft; the problems by block, if there are any. What concerns a field goes to the form."""
    data = form.cleaned_data
    if cover is not None:
        cover = posts.described_cover(
            cover=cover,
            alt_text=data["cover_alt"],
            is_decorative=data["cover_is_decorative"],
            by=request.user,
        )
    draft = posts.Draft(
        title=data["title"],
        intro=data["intro"],
        language=data["language"],
        relation=Relation(data["relation"]),
        themes=list(data["themes"]),
        cover=cover,
        blocks=blocks,
    )
    try:
        posts.save_draft(post=post, draft=draft, by=request.user)
    except UnableToReadStory as error:
        return error.problems
    except posts.UnableToChangePost as error:
        form.add_error(None, str(error))
    return {}


def _submit(request: SignedInRequest, post: PostPage) -> HttpResponse:
    try:
        posts.submit_post(post=post, by=request.user)
    except posts.UnableToChangePost as error:
        messages.error(request, str(error))
        return redirect("cms:post_edit", post.pk)
    messages.success(request, _("Sent to the moderators. You hear from them here and by e-mail."))
    return redirect("cms:studio")


def _initial(latest: PostPage) -> dict[str, Any]:
    fields = {name: getattr(latest, name) for name in ("title", "intro", "language", "relation", "cover")}
    cover = latest.cover
    return {
        **fields,
        "themes": [theme.pk for theme in latest.themes.all()],
        "cover_alt": cover.alt_text if cover is not None else "",
        "cover_is_decorative": cover is not None and cover.is_decorative,
    }


def _editor(
    request: SignedInRequest,
    post: PostPage,
    latest: PostPage,
    *,
    form: PostForm,
    blocks: Sequence[Mapping[str, Any]],
    problems: Mapping[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    problems = problems or {}
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
        "is_in_review": posts.is_in_review(post),
        "remark": posts.moderator_remark(post),
    }
    return render(request, "cms/post_edit.html", context, status=status)


def _story_for_script(
    blocks: Sequence[Mapping[str, Any]], problems: Mapping[int, str], *, by: User, kept: Collection[int]
) -> dict[str, Any]:
    """What the editor's script starts from: the blocks, what is wrong with them, and what their ids stand for."""
    product_ids = {pk for block in blocks for pk in ids_in(block.get("products"))}
    chosen = ids_in([block.get("picture") for block in blocks])
    pictures = Picture.objects.filter(Q(uploaded_by_user=by) | Q(pk__in=kept), pk__in=chosen)
    return {
        "blocks": list(blocks),
        "problems": {str(index): text for index, text in problems.items()},
        "products": {
            str(product.pk): {"title": product.title, "shop": product.shop.name}
            for product in Product.objects.filter(pk__in=product_ids).select_related("shop")
        },
        "pictures": {str(picture.pk): _shown(picture) for picture in pictures.prefetch_related("renditions")},
    }


def _shown(picture: Picture) -> str:
    return str(picture.get_rendition("width-480|format-webp").url)
