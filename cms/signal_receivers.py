"""Where Wagtail's publishing meets ours: a published story updates its publication, a removed one hides it."""

from typing import Any

from django.utils import timezone
from wagtail.signals import page_published, page_slug_changed, page_unpublished

from cms import post_publications
from cms.models import PostPage


def connect() -> None:
    """Listen to Wagtail; called once when the app is ready."""
    page_published.connect(_published, sender=PostPage, dispatch_uid="post-published")
    page_unpublished.connect(_unpublished, sender=PostPage, dispatch_uid="post-unpublished")
    page_slug_changed.connect(_slug_changed, sender=PostPage, dispatch_uid="post-slug-changed")


def _published(instance: PostPage, **_kwargs: Any) -> None:
    post_publications.publication_follows(post=instance, at=timezone.now())


def _unpublished(instance: PostPage, **_kwargs: Any) -> None:
    post_publications.publication_withdrawn(post=instance, at=timezone.now())


def _slug_changed(instance: PostPage, instance_before: PostPage, **_kwargs: Any) -> None:
    post_publications.publication_moved(post=instance, url_path_before=instance_before.url_path)
