"""Writing a story without the admin: one page with the story's blocks, a preview, and the moderators' answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.enums import Relation
from advocates.models import Product
from cms import posts
from cms.forms import NewPostForm, PostForm, StoryPictureForm
from cms.models import PostPage
from cms.story import UnableToReadStory, blocks_of
from community.models import Picture
from community.pictures import UnableToStorePicture, store_picture
from community.search import clean_query, search

_MOST_FOUND = 8
_MOST_BLOCKS = 100


@login_required
def post_new(request: HttpRequest) -> HttpResponse:
    """Begin a story with its title."""
    form = NewPostForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        post = posts.start_post(author=request.user, **form.cleaned_data)
        return redirect("cms:post_edit", post.pk)
    return render(request, "cms/post_new.html", {"form": form})


@login_required
def post_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor; saving stores a draft, what is live stays until a moderator approves."""
    post = _own_post(request, pk)
    if request.method != "POST":
        latest = post.get_latest_revision_as_object()
        return _editor(request, post, form=PostForm(initial=_initial(latest)), blocks=blocks_of(latest.body))
    form = PostForm(request.POST, request.FILES)
    blocks, problems = _blocks_from(request)
    if form.is_valid() and not problems:
        problems = _save(request, post, form, blocks)
    if not form.is_valid() or problems:
        return _editor(request, post, form=form, blocks=blocks, problems=problems, status=422)
    if "submit" in request.POST:
        return _submit(request, post)
    messages.success(request, _("Saved as a draft."))
    return redirect("cms:post_edit", pk)


@login_required
def post_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest draft, as it will look."""
    latest = _own_post(request, pk).get_latest_revision_as_object()
    context = {**latest.get_context(request), "is_preview": True}
    return render(request, latest.get_template(request), context)


@login_required
@require_POST
def post_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a story back from the moderators."""
    try:
        posts.withdraw_post(post=_own_post(request, pk), by=request.user)
    except posts.UnableToChangePost as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The story is yours again: change it and submit it when it is ready."))
    return redirect("cms:post_edit", pk)


@login_required
def product_choices(request: HttpRequest) -> HttpResponse:
    """Products for the story's product block, as JSON: id, title, shop."""
    found = search(clean_query(request.GET.get("q", "")), most=_MOST_FOUND).products
    choices = [{"id": one.pk, "title": one.title, "shop": one.shop.name} for one in found]
    return JsonResponse({"products": choices})


@login_required
@require_POST
def picture_new(request: HttpRequest) -> HttpResponse:
    """Store a picture for a story; answers its id and address, or what is wrong with it."""
    form = StoryPictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": str(form.errors["file"][0])}, status=422)
    try:
        picture = store_picture(file=form.cleaned_data["file"], title=_("Story"), uploaded_by=request.user)
    except UnableToStorePicture as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"id": picture.pk, "url": picture.get_rendition("width-480|format-webp").url})


def _own_post(request: HttpRequest, pk: int) -> PostPage:
    post: PostPage = get_object_or_404(PostPage, pk=pk, owner=request.user)
    return post


def _blocks_from(request: HttpRequest) -> tuple[list[Mapping[str, Any]], dict[int, str]]:
    """The blocks that the editor sent as JSON; what is no list of blocks is said as a problem of the whole."""
    try:
        blocks = json.loads(request.POST.get("blocks", "[]"))
    except ValueError:
        return [], {0: _("The story could not be read. Go back, copy your text, and try again.")}
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return [], {0: _("The story could not be read. Go back, copy your text, and try again.")}
    if len(blocks) > _MOST_BLOCKS:
        return blocks, {0: _("A story holds %(most)d parts at most.") % {"most": _MOST_BLOCKS}}
    return blocks, {}


def _save(
    request: HttpRequest, post: PostPage, form: PostForm, blocks: Sequence[Mapping[str, Any]]
) -> dict[int, str]:
    """Store the draft; the problems by block, if there are any. What concerns a field goes to the form."""
    data = form.cleaned_data
    latest = post.get_latest_revision_as_object()
    cover = latest.cover
    if data["cover_file"]:
        try:
            cover = store_picture(
                file=data["cover_file"],
                title=data["title"],
                uploaded_by=request.user,
                alt_text=data["cover_alt"],
                is_decorative=not data["cover_alt"],
            )
        except UnableToStorePicture as error:
            form.add_error("cover_file", str(error))
            return {}
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


def _submit(request: HttpRequest, post: PostPage) -> HttpResponse:
    try:
        posts.submit_post(post=post, by=request.user)
    except posts.UnableToChangePost as error:
        messages.error(request, str(error))
        return redirect("cms:post_edit", post.pk)
    messages.success(request, _("Sent to the moderators. You hear from them here and by e-mail."))
    return redirect("cms:studio")


def _initial(post: PostPage) -> dict[str, Any]:
    fields = {name: getattr(post, name) for name in ("title", "intro", "language", "relation")}
    return {**fields, "themes": post.themes.all()}


def _editor(
    request: HttpRequest,
    post: PostPage,
    *,
    form: PostForm,
    blocks: Sequence[Mapping[str, Any]],
    problems: Mapping[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    product_ids = {int(pk) for block in blocks for pk in block.get("products") or [] if str(pk).isdecimal()}
    picture_ids = {int(block["picture"]) for block in blocks if str(block.get("picture", "")).isdecimal()}
    pictures = Picture.objects.filter(pk__in=picture_ids).prefetch_related("renditions")
    context = {
        "post": post,
        "form": form,
        "story": {
            "blocks": list(blocks),
            "problems": {str(index): text for index, text in (problems or {}).items()},
            "products": {
                str(product.pk): {"title": product.title, "shop": product.shop.name}
                for product in Product.objects.filter(pk__in=product_ids).select_related("shop")
            },
            "pictures": {
                str(picture.pk): picture.get_rendition("width-480|format-webp").url for picture in pictures
            },
        },
        "problems": problems or {},
        "is_in_review": posts.is_in_review(post),
        "remark": posts.moderator_remark(post),
    }
    return render(request, "cms/post_edit.html", context, status=status)
