"""Posts: written on the site, approved by a moderator, published by Wagtail.

An author needs no access to the admin: a draft is a page that is not live, submitting starts the workflow, and
what the moderator approves is the revision that was submitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import TaskState, WorkflowState

from advocates import disclosure, publications, touches
from advocates.enums import PublicationKind, PublicationState, Relation
from advocates.models import Product
from cms.models import PostIndexPage, PostPage
from cms.story import picture_ids, story_from
from community.models import Picture, Theme, User
from community.pictures import store_picture


class UnableToChangePost(Exception):
    """The post cannot be changed now; the message says what to do first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author writes: `blocks` as the editor sends them (see cms/story.py)."""

    title: str
    intro: str
    language: str
    relation: Relation
    themes: Sequence[Theme]
    cover: Picture | None
    blocks: Sequence[Mapping[str, Any]]


@transaction.atomic
def start_post(*, author: User, title: str, language: str) -> PostPage:
    """An empty draft of `author` under the story overview."""
    # Two new stories at once would take the same place in the tree and the same address.
    index = PostIndexPage.objects.select_for_update().get()
    post = PostPage(title=title, slug=_free_slug(index, title), owner=author, live=False, language=language)
    index.add_child(instance=post)
    post.save_revision(user=author)
    return post


@transaction.atomic
def save_draft(*, post: PostPage, draft: Draft, by: User) -> PostPage:
    """Store a new revision; what is live stays as it is. Raises UnableToChangePost while a moderator reads."""
    post = _locked(post)
    if is_in_review(post):
        raise UnableToChangePost(_("A moderator is reading this story: withdraw it first, then change it."))
    latest: PostPage = post.get_latest_revision_as_object()
    latest.title = draft.title
    latest.intro = draft.intro
    latest.language = draft.language
    latest.relation = draft.relation
    latest.cover = draft.cover
    latest.themes.set(draft.themes)
    latest.body = story_from(draft.blocks, by=by, kept=picture_ids(latest.body))
    latest.save_revision(user=by)
    return latest


def described_cover(*, cover: Picture, alt_text: str, is_decorative: bool, by: User) -> Picture:
    """The cover with these words for who cannot see it.

    A picture that was described before may stand on the live page, where nothing changes without a moderator:
    other words make another picture of it.
    """
    words = "" if is_decorative else alt_text
    if (cover.alt_text, cover.is_decorative) == (words, is_decorative):
        return cover
    if cover.alt_text or cover.is_decorative:
        with cover.file.open() as file:
            return store_picture(
                file=file, title=cover.title, uploaded_by=by, alt_text=words, is_decorative=is_decorative
            )
    cover.alt_text, cover.is_decorative = words, is_decorative
    cover.save(update_fields=["alt_text", "is_decorative"])
    return cover


@transaction.atomic
def submit_post(*, post: PostPage, by: User) -> WorkflowState:
    """Hand the latest revision to the moderators: for the first time, or again after their remarks."""
    post = _locked(post)
    state = post.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=by)
        return state
    if state is not None:
        raise UnableToChangePost(_("A moderator is reading this story already."))
    latest: PostPage = post.get_latest_revision_as_object()
    if not latest.body:
        raise UnableToChangePost(_("Write something first: an empty story has nothing to review."))
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


class Step(StrEnum):
    """Where a story stands, for its author."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    NEEDS_CHANGES = "needs_changes"
    LIVE = "live"
    LIVE_WITH_DRAFT = "live_with_draft"


@dataclass(frozen=True, slots=True)
class Standing:
    """One of somebody's stories, with where it stands and what a moderator said last."""

    post: PostPage
    step: Step
    remark: str
    cover: Picture | None


def posts_of(*, author: User) -> list[Standing]:
    """All stories of somebody, the last changed first."""
    mine = PostPage.objects.filter(owner=author).select_related("publication", "latest_revision")
    posts = list(mine.order_by("-latest_revision_created_at", "-pk"))
    states = {
        int(state.object_id): state
        for state in WorkflowState.objects.filter(
            content_type=ContentType.objects.get_for_model(PostPage),
            object_id__in=[str(post.pk) for post in posts],
            status__in=[WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES],
        )
    }
    remarks = {
        task.workflow_state_id: task.comment
        for task in TaskState.objects.filter(
            workflow_state__in=states.values(), status=TaskState.STATUS_REJECTED
        ).order_by("finished_at")
    }
    covers = _covers_of(posts)
    standings = []
    for post in posts:
        state = states.get(post.pk)
        remark = remarks.get(state.pk, "") if state is not None else ""
        standings.append(Standing(post, _step_of(post, state), remark, covers.get(post.pk)))
    return standings


def _covers_of(posts: Sequence[PostPage]) -> dict[int, Picture]:
    """The cover that the last draft of each story has, by the story's id."""
    wanted = {post.pk: post.latest_revision.content.get("cover") for post in posts if post.latest_revision}
    pictures = Picture.objects.prefetch_related("renditions").in_bulk(
        {cover for cover in wanted.values() if cover}
    )
    return {pk: pictures[cover] for pk, cover in wanted.items() if cover in pictures}


def _step_of(post: PostPage, state: WorkflowState | None) -> Step:
    if state is not None:
        is_waiting = state.status == WorkflowState.STATUS_IN_PROGRESS
        return Step.IN_REVIEW if is_waiting else Step.NEEDS_CHANGES
    if post.live:
        return Step.LIVE_WITH_DRAFT if post.has_unpublished_changes else Step.LIVE
    return Step.DRAFT


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


@transaction.atomic
def publication_follows(*, post: PostPage, at: datetime) -> None:
    """Let the post's publication say what the page now says; called when Wagtail has published a revision."""
    by_id = Product.objects.in_bulk(post.product_ids())
    owner = post.owner
    if owner is None:
        return
    publication = publications.publish(
        publication=post.publication,
        author=owner,
        kind=PublicationKind.POST,
        title=post.title[:150],
        summary=post.intro,
        path=f"/{post.url_path.split('/', 2)[2]}",
        cover=post.cover,
        language=post.language,
        theme_slugs=list(post.themes.values_list("slug", flat=True)),
        state=PublicationState.PUBLIC,
        relation=Relation(post.relation),
        products=[by_id[pk] for pk in post.product_ids() if pk in by_id],
        at=at,
    )
    if post.publication_id != publication.pk:
        PostPage.objects.filter(pk=post.pk).update(publication=publication)
        post.publication = publication


def publication_withdrawn(*, post: PostPage, at: datetime) -> None:
    """Hide the publication of a post that was taken off the site."""
    if post.publication is not None:
        publications.withdraw(publication=post.publication, at=at)


def post_context(*, post: PostPage, request: HttpRequest) -> dict[str, Any]:
    """What a post's template needs: author, disclosure before the first link, links per product."""
    at = timezone.now()
    publication = post.publication if post.live else None
    mentions = {}
    if publication is not None:
        rows = publication.mentions.select_related(
            "link", "product__shop", "product__offer", "product__picture"
        )
        mentions = {
            mention.product_id: mention for mention in rows.prefetch_related("product__picture__renditions")
        }
        touches.record_view(
            publication=publication,
            visitor_key=touches.visitor_key_of(request),
            viewer=request.user,
            at=at,
        )
    return {
        "publication": publication,
        "disclosure": disclosure.disclosure_of(publication=publication, at=at) if publication else None,
        "mentions": mentions,
        "profile": post.author_profile,
        "now": at,
    }


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
