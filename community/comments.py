"""Comments on publications, one level deep: the newest thread first, and in a thread the oldest remark first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from advocates.enums import PublicationKind
from advocates.models import Publication
from advocates.querysets import Viewer
from community.limits import SENT_TWICE, Written, count_writing, hold_writer
from community.models import Comment, User
from community.mutes import unwanted_by

THREADS_PER_PAGE = 10
#: So that a page of threads stays a page; who has more to say begins another thread.
MOST_REPLIES = 50
#: How long somebody may mend what they wrote; after that others have read it and answered it.
MENDING_TIME = timedelta(hours=1)
#: An answer has its own place, under its question.
COMMENTED_KINDS = (PublicationKind.POST, PublicationKind.GUIDE, PublicationKind.BOARD)


class UnableToComment(Exception):
    """The comment cannot be stored or changed; the message says why."""


@dataclass(frozen=True, slots=True)
class CommentCard:
    """A comment as this viewer sees it. `removal` says who removed it; the text is gone then."""

    comment: Comment
    is_mine: bool
    is_by_author: bool
    may_change: bool
    may_remove: bool
    removal: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment, and what was said to it."""

    first: CommentCard
    replies: list[CommentCard]

    @property
    def may_reply(self) -> bool:
        return not self.first.removal and len(self.replies) < MOST_REPLIES


@dataclass(frozen=True, slots=True)
class CommentPage:
    """A piece of the comments; `older_before` begins the next one, and is None after the last."""

    threads: list[Thread]
    older_before: int | None
    is_newest: bool


def comments_for(
    *, publication: Publication, viewer: Viewer, at: datetime, before: int | None = None
) -> CommentPage:
    """The newest threads, or those older than the thread with id `before`, without what this viewer does not want
    to see. Five queries whatever their number.
    """
    unwanted = unwanted_by(viewer)
    said = Comment.objects.filter(publication=publication).not_by(unwanted)
    said = said.select_related("author__profile__portrait", "author__profile__works_at")
    said = said.prefetch_related("author__profile__portrait__renditions")
    openings = said.filter(parent=None).order_by("-pk")
    if before is not None:
        openings = openings.filter(pk__lt=before)
    found = list(openings[: THREADS_PER_PAGE + 1])
    shown = found[:THREADS_PER_PAGE]
    replies: dict[int, list[Comment]] = {opening.pk: [] for opening in shown}
    for reply in said.filter(parent__in=replies).order_by("pk"):
        replies[reply.parent_id].append(reply)
    threads = [
        Thread(
            first=_card(opening, publication, viewer, at=at),
            replies=[_card(reply, publication, viewer, at=at) for reply in replies[opening.pk]],
        )
        for opening in shown
    ]
    older = shown[-1].pk if len(found) > THREADS_PER_PAGE else None
    return CommentPage(threads=threads, older_before=older, is_newest=before is None)


@transaction.atomic(durable=True)
def write_comment(
    *, publication: Publication, author: User, text: str, parent: Comment | None = None, at: datetime
) -> Comment:
    """Store a comment, or a reply when `parent` is the comment that opened a thread. The same words sent a second time
    are the comment that is there. Raises TooOften, UnableToComment.
    """
    hold_writer(author)
    same = Comment.objects.filter(publication=publication, author=author, parent=parent, text=text)
    sent_before: Comment | None = same.filter(removed_at=None, created_at__gt=at - SENT_TWICE).first()
    if sent_before is not None:
        return sent_before
    count_writing(user=author, what=Written.COMMENT, at=at)
    if parent is not None and parent.parent_id is not None:
        raise UnableToComment(_("A reply is to the first comment of a thread."))
    if parent is not None and parent.removed_at is not None:
        raise UnableToComment(_("This comment was removed: there is nothing left to reply to."))
    if parent is not None and parent.replies.count() >= MOST_REPLIES:
        raise UnableToComment(_("This thread is full: begin a new one."))
    comment: Comment = Comment.objects.create(
        publication=publication, author=author, parent=parent, text=text, created_at=at
    )
    return comment


def change_comment(*, comment: Comment, text: str, at: datetime) -> Comment:
    """Let the author mend what was written in the last hour; readers see that it was changed."""
    mendable = Comment.objects.filter(pk=comment.pk, removed_at=None, created_at__gt=at - MENDING_TIME)
    if not mendable.update(text=text, edited_at=at):
        raise UnableToComment(_("A comment can be changed for one hour; you can still remove it."))
    comment.refresh_from_db()
    return comment


def remove_comment(*, comment: Comment, by: User, at: datetime) -> None:
    """Take the text away, by its writer or by the author of the publication; its place stays, with who did it."""
    Comment.objects.filter(pk=comment.pk, removed_at=None).update(text="", removed_at=at, removed_by=by)


def removable_by(user: Viewer) -> Q:
    """Which comments somebody may remove: one's own, and all on one's own publications."""
    return Q(author=user.pk) | Q(publication__author=user.pk)


def thread_start(comment: Comment) -> int:
    """The `before` with which the thread of this comment stands on top."""
    return (comment.parent_id or comment.pk) + 1


def _card(comment: Comment, publication: Publication, viewer: Viewer, *, at: datetime) -> CommentCard:
    is_mine = viewer.is_authenticated and comment.author_id == viewer.pk
    is_publisher = viewer.is_authenticated and publication.author_id == viewer.pk
    is_there = comment.removed_at is None
    return CommentCard(
        comment=comment,
        is_mine=is_mine,
        is_by_author=comment.author_id == publication.author_id,
        may_change=is_mine and is_there and comment.created_at > at - MENDING_TIME,
        may_remove=is_there and (is_mine or is_publisher),
        removal="" if is_there else _removal(comment, publication),
    )


def _removal(comment: Comment, publication: Publication) -> str:
    if comment.removed_by_id == comment.author_id:
        return _("Removed by who wrote it.")
    if comment.removed_by_id == publication.author_id:
        return _("Removed by %(name)s, whose page this is.") % {"name": publication.author.get_short_name()}
    return _("Removed by the editors.")
