"""A post as the rest of the site sees it: its publication, the addresses it had, and what its page shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from wagtail.blocks import StreamValue
from wagtail.contrib.redirects.models import Redirect

from advocates import disclosure, publications, touches
from advocates.enums import PublicationKind, PublicationState, Relation
from advocates.models import Product, Publication
from advocates.querysets import Viewer
from cms.models import PostPage
from cms.story import boards_in, pictures_of
from community.answers import follow_publication
from community.comments import comments_for
from community.follows import is_following
from community.models import User
from community.mutes import unwanted_by
from community.publication_cards import PublicationCard, cards_of
from community.questions import Subject, questions_about

_QUESTIONS = 3


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
        kind=PublicationKind.GUIDE if post.is_guide else PublicationKind.POST,
        title=post.title[:150],
        summary=post.intro,
        path=path_of(post.url_path),
        cover=post.cover,
        language=post.language,
        theme_slugs=[theme.slug for theme in post.themes.all()],
        state=PublicationState.PUBLIC,
        relation=Relation(post.relation),
        products=[by_id[pk] for pk in post.product_ids() if pk in by_id],
        at=at,
    )
    follow_publication(publication=publication, at=at)
    if post.publication_id != publication.pk:
        PostPage.objects.filter(pk=post.pk).update(publication=publication)
        post.publication = publication


@transaction.atomic
def publication_withdrawn(*, post: PostPage, at: datetime) -> None:
    """Hide the publication of a post that was taken off the site."""
    if post.publication is not None:
        publications.withdraw(publication=post.publication, at=at)
        follow_publication(publication=post.publication, at=at)


@transaction.atomic
def publication_moved(*, post: PostPage, url_path_before: str) -> None:
    """Let the publication, and who comes along the old address, find the page at its new one.

    Wagtail itself redirects in the site's own language; the same page has an address in each of the others.
    """
    before, now = path_of(url_path_before), path_of(post.url_path)
    Publication.objects.filter(pk=post.publication_id).update(path=now)
    for language, _name in settings.LANGUAGES:
        if language == settings.LANGUAGE_CODE:
            continue
        old, new = f"/{language}{before}", f"/{language}{now}"
        Redirect.objects.filter(redirect_link=old).update(redirect_link=new)
        Redirect.objects.update_or_create(
            old_path=Redirect.normalise_path(old),
            site=None,
            defaults={"redirect_link": new, "automatically_created": True},
        )


def path_of(url_path: str) -> str:
    """The address without language prefix of a page whose place in Wagtail's tree begins with the home page's."""
    return f"/{url_path.split('/', 2)[2]}"


@contextmanager
def as_if_published(*, post: PostPage, at: datetime) -> Iterator[None]:
    """While it lasts the draft `post` has the publication it will have: its label, links and prices are drawn from
    the very rows that publishing makes. Then all of it is undone.
    """
    if post.pk is None:  # the admin previews pages that were never saved
        yield
        return
    before = post.publication
    with transaction.atomic():
        publication_follows(post=post, at=at)
        yield
        transaction.set_rollback(True)
    post.publication = before


def post_context(*, post: PostPage, request: HttpRequest, is_preview: bool) -> dict[str, Any]:
    """What a post's template needs: author, disclosure before the first link, links per product, boards.

    A preview is drawn inside `as_if_published`, and nobody's view of it is counted.
    """
    at = timezone.now()
    load_renditions(post.body)
    publication = post.publication if post.live or is_preview else None
    mentions = {}
    if publication is not None:
        rows = publication.mentions.select_related(
            "link", "product__shop", "product__offer", "product__picture"
        )
        mentions = {
            mention.product_id: mention for mention in rows.prefetch_related("product__picture__renditions")
        }
    if publication is not None and not is_preview:
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
        "boards": board_cards(page=post, viewer=request.user, at=at),
        "profile": post.author_profile,
        "is_preview": is_preview,
        "now": at,
        **(_talk(publication, viewer=request.user, at=at) if publication and not is_preview else {}),
    }


def _talk(publication: Publication, *, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """What readers say and ask of it, and whether this one follows its author."""
    author = User.objects.get(pk=publication.author_id)
    return {
        "is_self": viewer.pk == author.pk,
        "is_following": is_following(viewer, author),
        "comments": comments_for(publication=publication, viewer=viewer, at=at),
        "questions": questions_about(publication=publication, viewer=viewer, most=_QUESTIONS),
        "ask_url": Subject(publication=publication).ask_url,
    }


def load_renditions(story: StreamValue) -> None:
    """Fetch the renditions of all pictures in a story at once, before they are drawn one by one."""
    prefetch_related_objects(pictures_of(story), "renditions")


def board_cards(*, page: Any, viewer: Viewer, at: datetime) -> dict[int, PublicationCard]:
    """Cards of the boards that stand in a page's story, by the board's id: of those that anybody may find, and that
    are not made by people whom the reader does not want to see.
    """
    boards = {board.publication_id: board.pk for board in boards_in(page.body)}
    if not boards:
        return {}
    listed = Publication.objects.listed().filter(pk__in=boards).not_by(unwanted_by(viewer))
    return {boards[card.publication.pk]: card for card in cards_of(list(listed.for_cards()), at=at)}
