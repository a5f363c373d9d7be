"""Posts: written on the site, approved by a moderator, published by Wagtail.

An author needs no access to the admin: a draft is a page that is not live, submitting starts the workflow, and
what the moderator approves is the revision that was submitted. A draft may be unfinished; what is submitted may not.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Revision, TaskState, WorkflowState

from advocates.enums import Relation
from advocates.models import Publication
from cms.models import PostIndexPage, PostPage
from cms.story import blocks_of, picture_ids, story_from
from community.models import Picture, Pin, Theme, User
from community.pictures import store_picture


class UnableToChangePost(Exception):
    """The post cannot be changed now; the message says what to do first."""


class DraftChanged(UnableToChangePost):
    """The draft was changed elsewhere since the writer began: `latest` is what stands there now."""

    def __init__(self, latest: PostPage) -> None:
        super().__init__(_("This story was changed elsewhere while you were writing here."))
        self.latest = latest


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author writes: `blocks` as the editor sends them (see cms/story.py).

    `cover_alt` says what can be seen on the cover; None leaves the picture's own words.
    """

    title: str
    intro: str
    language: str
    relation: Relation
    themes: Sequence[Theme]
    cover: Picture | None
    blocks: Sequence[Mapping[str, Any]]
    is_guide: bool = False
    cover_alt: str | None = None
    cover_is_decorative: bool = False


@transaction.atomic
def start_post(*, author: User, title: str, language: str) -> PostPage:
    """An empty draft of `author` under the story overview."""
    # Two new stories at once would take the same place in the tree and the same address.
    index = PostIndexPage.objects.select_for_update().get()
    post = PostPage(title=title, slug=_free_slug(index, title), owner=author, live=False, language=language)
    index.add_child(instance=post)
    post.save_revision(user=author)
    return post


def version_of(latest: PostPage) -> str:
    """A digest of what an author wrote in this draft: who saves says on which one it is based."""
    written = {
        "title": latest.title,
        "intro": latest.intro,
        "language": latest.language,
        "relation": latest.relation,
        "is_guide": latest.is_guide,
        "themes": sorted(theme.pk for theme in latest.themes.all()),
        "cover": latest.cover_id,
        "blocks": [{**block, "id": ""} for block in blocks_of(latest.body)],
    }
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:20]


@transaction.atomic
def save_draft(
    *, post: PostPage, draft: Draft, by: User, based_on: str = "", overwrites: int | None = None
) -> PostPage:
    """Store the draft as a revision; what is live stays as it is.

    `based_on` is the version that the writer began with (nothing: it does not matter). `overwrites` is the revision
    that this sitting stored before: it is written over, so that saving by itself does not bury the history. Nothing
    is stored where nothing changed. Raises UnableToChangePost while a moderator reads, DraftChanged when somebody
    else (or another window) saved since, UnableToReadStory for a part that cannot be taken.
    """
    post = _locked(post)
    if is_in_review(post):
        raise UnableToChangePost(_("A moderator is reading this story: withdraw it first, then change it."))
    latest: PostPage = post.get_latest_revision_as_object()
    version = version_of(latest)
    if based_on and based_on != version:
        raise DraftChanged(latest)
    latest.title = draft.title
    latest.intro = draft.intro
    latest.language = draft.language
    latest.relation = draft.relation
    latest.is_guide = draft.is_guide
    latest.themes.set(draft.themes)
    latest.body = story_from(draft.blocks, by=by, kept=picture_ids(latest.body), is_draft=True)
    latest.cover = draft.cover
    if draft.cover is not None and draft.cover_alt is not None:
        latest.cover = described_cover(
            cover=draft.cover, alt_text=draft.cover_alt, is_decorative=draft.cover_is_decorative, by=by
        )
    if version_of(latest) != version:
        latest.save_revision(user=by, overwrite_revision=_own_last(post, by=by, overwrites=overwrites))
    return latest


def described_cover(*, cover: Picture, alt_text: str, is_decorative: bool, by: User) -> Picture:
    """The cover with these words for who cannot see it.

    A picture that is shown somewhere changes nowhere without a moderator: other words make another picture of it.
    """
    words = "" if is_decorative else alt_text
    if (cover.alt_text, cover.is_decorative) == (words, is_decorative):
        return cover
    is_shown = Publication.objects.filter(cover=cover).exists() or Pin.objects.filter(picture=cover).exists()
    if is_shown:
        with cover.file.open() as file:
            return store_picture(
                file=file, title=cover.title, uploaded_by=by, alt_text=words, is_decorative=is_decorative
            )
    cover.alt_text, cover.is_decorative = words, is_decorative
    cover.save(update_fields=["alt_text", "is_decorative"])
    return cover


@transaction.atomic
def submit_post(*, post: PostPage, by: User) -> WorkflowState:
    """Hand the latest revision to the moderators: for the first time, or again after their remarks.

    Raises UnableToChangePost, or UnableToReadStory with what the parts still miss.
    """
    post = _locked(post)
    state = post.current_workflow_state
    if state is not None and state.status != WorkflowState.STATUS_NEEDS_CHANGES:
        raise UnableToChangePost(_("A moderator is reading this story already."))
    _refuse_unfinished(post.get_latest_revision_as_object(), by=by)
    if state is not None:
        state.resume(user=by)
        return state
    workflow = post.get_workflow()
    if workflow is None:
        raise UnableToChangePost(_("No moderation is set up for stories: ask the editors."))
    started: WorkflowState = workflow.start(post, by)
    return started


@transaction.atomic
def withdraw_post(*, post: PostPage, by: User) -> None:
    """Take a submitted story back, to change it."""
    post = _locked(post)
    state = post.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS:
        raise UnableToChangePost(_("This story is with nobody: there is nothing to take back."))
    state.cancel(user=by)


def is_in_review(post: PostPage) -> bool:
    state = post.current_workflow_state
    return state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS


def moderator_remark(post: PostPage) -> str:
    """What the moderator wrote when asking for changes, or nothing."""
    state = post.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_NEEDS_CHANGES:
        return ""
    rejected = TaskState.objects.filter(workflow_state=state, status=TaskState.STATUS_REJECTED)
    last = rejected.order_by("-finished_at").first()
    return last.comment if last else ""


def _refuse_unfinished(latest: PostPage, *, by: User) -> None:
    if not latest.body:
        raise UnableToChangePost(_("Write something first: an empty story has nothing to review."))
    cover = latest.cover
    if cover is not None and not cover.alt_text and not cover.is_decorative:
        raise UnableToChangePost(_("Say what can be seen on the cover, or mark it as decoration."))
    story_from(blocks_of(latest.body), by=by, kept=picture_ids(latest.body))


def _own_last(post: PostPage, *, by: User, overwrites: int | None) -> Revision | None:
    """The revision that may be written over: the latest, if this sitting stored it and nobody else looks at it."""
    revision = post.latest_revision
    if revision is None or revision.pk != overwrites or revision.user_id != by.pk:
        return None
    is_held = revision.pk == post.live_revision_id or TaskState.objects.filter(revision=revision).exists()
    return None if is_held else revision


def _locked(post: PostPage) -> PostPage:
    """The story as it is now, held until the change is done.

    One change waits for another, and what is submitted is the last that was saved, not what the caller loaded.
    """
    held: PostPage = PostPage.objects.select_for_update().get(pk=post.pk)
    return held


def _free_slug(index: PostIndexPage, title: str) -> str:
    wanted = slugify(title)[:200] or "story"
    taken = set(index.get_children().filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 1
    slug = wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
