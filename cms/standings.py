"""Where the stories of an author stand: drafted, being read, sent back with a remark, or live."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Page, Paginator
from wagtail.models import TaskState, WorkflowState

from cms.models import PostPage
from community.models import Picture, User

PER_PAGE = 24


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


def posts_of(*, author: User, number: str = "1") -> tuple[Page[Any], list[Standing]]:
    """One page of somebody's stories, the last changed first; a number beyond the end is the last page."""
    mine = PostPage.objects.filter(owner=author).select_related("publication", "latest_revision")
    page = Paginator(mine.order_by("-latest_revision_created_at", "-pk"), PER_PAGE).get_page(number)
    posts = list(page.object_list)
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
    return page, standings


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
