"""Writing a story without the admin: one page with the story's blocks, a preview, and the moderators' answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms import posts
from cms.forms import NewPostForm, PostForm
from cms.models import PostPage
from cms.post_publications import as_if_published
from cms.story import WHOLE, UnableToReadStory
from cms.views.request import SignedInRequest
from cms.views.story_editor import (
    blocks_from,
    conflict_editor,
    draft_editor,
    editor,
    fields_from,
    save_written,
)
from community.models import User
from community.pictures import UnableToStorePicture


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
    post = _own_post(request.user, pk)
    latest: PostPage = post.get_latest_revision_as_object()
    if request.method != "POST":
        return draft_editor(request, post, latest)
    form = PostForm(
        request.POST.copy(),
        request.FILES,
        author=request.user,
        cover=latest.cover,
        is_final="submit" in request.POST,
    )
    blocks, problems = blocks_from(request.POST.get("blocks", ""))
    if form.is_valid() and not problems:
        try:
            saved = save_written(post=post, latest=latest, form=form, blocks=blocks, by=request.user)
        except posts.DraftChanged as changed:
            return conflict_editor(request, post, form=form, blocks=blocks, other=changed.latest)
        except posts.UnableToChangePost as error:
            form.add_error(None, str(error))
        except UnableToStorePicture as error:
            form.add_error("cover_file", str(error))
        except UnableToReadStory as error:
            problems = error.problems
        else:
            return _saved(request, saved)
    return editor(request, post, latest, form=form, blocks=blocks, problems=problems, status=422)


@require_POST
def post_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the draft that the editor sends by itself, as JSON; answers when, or why not.

    Status 401: nobody is logged in any more; 409: the draft was changed elsewhere, or a moderator reads it.
    """
    if not isinstance(request.user, User):
        return JsonResponse({"error": _("You are logged out.")}, status=401)
    post = _own_post(request.user, pk)
    latest: PostPage = post.get_latest_revision_as_object()
    fields = fields_from(request.body)
    form = PostForm(fields, author=request.user, cover=latest.cover, needs_title=False)
    blocks, problems = blocks_from(fields.get("blocks", ""))
    if not form.is_valid():
        label, words = next((form[name].label, error[0]) for name, error in form.errors.items())
        return JsonResponse({"error": f"{label}: {words}", "problems": {}}, status=422)
    if not problems:
        try:
            saved = save_written(post=post, latest=latest, form=form, blocks=blocks, by=request.user)
        except UnableToReadStory as error:
            problems = error.problems
        except posts.UnableToChangePost as error:
            is_conflict = isinstance(error, posts.DraftChanged)
            return JsonResponse({"error": str(error), "is_conflict": is_conflict}, status=409)
    if problems:
        return JsonResponse({"error": problems.get(WHOLE, ""), "problems": problems}, status=422)
    before = {latest.latest_revision_id} - {form.cleaned_data["sitting"]}
    answer = {
        "saved_at": time_format(timezone.localtime()),
        "version": posts.version_of(saved),
        # What stood there before this sitting is not its to write over.
        "sitting": "" if saved.latest_revision_id in before else str(saved.latest_revision_id),
        "cover": str(saved.cover_id or ""),
    }
    return JsonResponse(answer)


@login_required
def post_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """The latest draft, as it will look."""
    latest: PostPage = _own_post(request.user, pk).get_latest_revision_as_object()
    request.is_preview = True  # as Wagtail says it to its own previews
    with as_if_published(post=latest, at=timezone.now()):
        context = {**latest.get_context(request), "back_url": reverse("cms:post_edit", args=[pk])}
        return render(request, latest.get_template(request), context)


@login_required
@require_POST
def post_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a story back from the moderators."""
    try:
        posts.withdraw_post(post=_own_post(request.user, pk), by=request.user)
    except posts.UnableToChangePost as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The story is yours again: change it and submit it when it is ready."))
    return redirect("cms:post_edit", pk)


def _own_post(user: User, pk: int) -> PostPage:
    post: PostPage = get_object_or_404(PostPage, pk=pk, owner=user)
    return post


def _saved(request: SignedInRequest, saved: PostPage) -> HttpResponse:
    """After the draft was stored: to the moderators, to the preview, or back to the editor."""
    if "preview" in request.POST:
        return redirect("cms:post_preview", saved.pk)
    if "submit" not in request.POST:
        messages.success(request, _("Saved as a draft."))
        return redirect("cms:post_edit", saved.pk)
    try:
        posts.submit_post(post=saved, by=request.user)
    except UnableToReadStory as error:
        post = _own_post(request.user, saved.pk)
        return draft_editor(request, post, post.get_latest_revision_as_object(), problems=error.problems)
    except posts.UnableToChangePost as error:
        messages.error(request, str(error))
        return redirect("cms:post_edit", saved.pk)
    messages.success(request, _("Sent to the moderators. You hear from them here and by e-mail."))
    return redirect("cms:studio")
