"""Comments on publications: the page with all of them, and the forms to write, mend and remove one."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.models import Publication
from community.comments import (
    COMMENTED_KINDS,
    UnableToComment,
    change_comment,
    comments_for,
    removable_by,
    remove_comment,
    thread_start,
    write_comment,
)
from community.ids import id_in
from community.limits import TooOften
from community.models import Comment, User
from community.talk_forms import CommentForm
from community.views.talk import is_parted


def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """All comments on a publication, a piece at a time (`?before=`)."""
    publication = _open_publication(request, pk)
    page = comments_for(
        publication=publication,
        viewer=request.user,
        at=timezone.now(),
        before=id_in(request.GET.get("before", "")),
    )
    return render(request, "community/comments.html", {"publication": publication, "comments": page})


@login_required
def comment_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a comment, or a reply to one (`reply`)."""
    publication = _open_publication(request, pk)
    parent = _replied_to(request, publication)
    form = CommentForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                comment = write_comment(
                    publication=publication,
                    author=cast("User", request.user),
                    text=form.cleaned_data["text"],
                    parent=parent,
                    at=timezone.now(),
                )
            except UnableToComment as error:
                form.add_error("text", str(error))
            except TooOften as error:
                form.add_error("text", str(error))
                status = 429
            else:
                messages.success(request, _("Your comment is there."))
                return redirect(_place_of(comment))
    context = {"publication": publication, "parent": parent, "form": form}
    return render(request, "community/comment_write.html", context, status=status)


@login_required
def comment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend one's own comment."""
    comment = get_object_or_404(_there(), pk=pk, author=request.user.pk)
    publication = _open_publication(request, comment.publication_id)
    form = CommentForm(request.POST or None, initial={"text": comment.text})
    if request.method == "POST" and form.is_valid():
        try:
            change_comment(comment=comment, text=form.cleaned_data["text"], at=timezone.now())
        except UnableToComment as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(_place_of(comment))
    context = {"publication": publication, "comment": comment, "form": form}
    status = 422 if form.errors else 200
    return render(request, "community/comment_write.html", context, status=status)


@login_required
def comment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take away one's own comment, or one on one's own publication."""
    comment = get_object_or_404(_there().filter(removable_by(request.user)), pk=pk)
    if request.method != "POST":
        context = {
            "title": _("Remove this comment?"),
            "quote": comment.text,
            "text": _("Its place stays, with a line that says who removed it."),
            "back": _place_of(comment),
        }
        return render(request, "community/take_away.html", context)
    remove_comment(comment=comment, by=cast("User", request.user), at=timezone.now())
    messages.success(request, _("The comment is gone."))
    is_open = Publication.objects.visible_to(request.user).filter(pk=comment.publication_id).exists()
    return redirect(_place_of(comment) if is_open else "home")


def _open_publication(request: HttpRequest, pk: int) -> Publication:
    """A publication with comments that this person may open; not of somebody one is parted from."""
    opened = Publication.objects.visible_to(request.user).filter(kind__in=COMMENTED_KINDS)
    publication: Publication = get_object_or_404(opened.select_related("author__profile"), pk=pk)
    if is_parted(request.user, publication.author):
        raise Http404
    return publication


def _replied_to(request: HttpRequest, publication: Publication) -> Comment | None:
    """The comment that is answered; somebody one is parted from cannot be answered."""
    wanted = request.POST.get("reply") or request.GET.get("reply") or ""
    if not wanted:
        return None
    openings = _there().filter(publication=publication, parent=None)
    parent: Comment = get_object_or_404(openings, pk=id_in(wanted))
    if is_parted(request.user, parent.author):
        raise Http404
    return parent


def _there() -> Any:
    return Comment.objects.filter(removed_at=None).select_related("author__profile", "publication__author")


def _place_of(comment: Comment) -> str:
    """Where a comment can be seen: with its thread on top of the page with all comments."""
    page = reverse("community:comments", args=[comment.publication_id])
    return f"{page}?before={thread_start(comment)}#comment-{comment.pk}"
