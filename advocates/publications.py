"""Publications: what somebody published, kept current by the floor that owns the thing itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import get_language
from wagtail.images.models import AbstractImage

from advocates.enums import PublicationKind, PublicationState, Relation
from advocates.links import links_for
from advocates.models import Advocate, Link, Mention, Product, Publication


@transaction.atomic
def publish(
    *,
    publication: Publication | None,
    author: AbstractBaseUser,
    kind: PublicationKind,
    title: str,
    summary: str,
    path: str,
    cover: AbstractImage | None,
    language: str,
    theme_slugs: Sequence[str],
    state: PublicationState,
    relation: Relation,
    products: Sequence[Product],
    credited: Mapping[int, Link] | None = None,
    at: datetime,
) -> Publication:
    """Make or change the row of a publication; mentions follow `products` in their order, each once.

    A mention leads along the author's own link, or along the one that `credited` names for its product (by id):
    that of whoever inspired it (docs/decisions/0007).

    Part of the caller's transaction, so that the thing and its row never differ. `published_at` is the first
    time that others could see it. A product that is mentioned no longer loses its mention; its link stays as it
    is and goes on leading to the shop, because it may stand in mails and feeds already.
    """
    publication = publication or Publication()
    publication.author_id = author.pk
    publication.kind = kind
    publication.title = title
    publication.summary = summary
    publication.path = path
    publication.cover_id = cover.pk if cover is not None else None
    publication.language = language
    publication.theme_slugs = list(theme_slugs)
    publication.state = state
    publication.relation = relation
    publication.changed_at = at
    if publication.published_at is None and state != PublicationState.HIDDEN:
        publication.published_at = at
    publication.save()
    mentioned = list({product.pk: product for product in products}.values())
    _follow_products(publication, mentioned, credited or {}, at=at)
    return publication


def withdraw(*, publication: Publication, at: datetime) -> Publication:
    """Hide a publication from everybody but its author. Its row, links and touches stay: sales may hang on them."""
    publication.state = PublicationState.HIDDEN
    publication.changed_at = at
    publication.save(update_fields=["state", "changed_at"])
    return publication


def replace_cover(*, old: AbstractImage, new: AbstractImage | None) -> None:
    """Let publications that had `old` for a cover have `new`: a product's picture that was replaced, say."""
    Publication.objects.filter(cover=old.pk).update(cover=new.pk if new is not None else None)


def address_of(publication: Publication) -> str:
    """The path of a publication in the reader's language."""
    language = get_language() or settings.LANGUAGE_CODE
    prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
    return f"{prefix}{publication.path}"


def _follow_products(
    publication: Publication, products: list[Product], credited: Mapping[int, Link], *, at: datetime
) -> None:
    """Bring mentions and links in line with the products, touching only what differs."""
    mentions = {mention.product_id: mention for mention in Mention.objects.filter(publication=publication)}
    kept = {product.pk for product in products}
    gone = [mention.pk for product_id, mention in mentions.items() if product_id not in kept]
    if gone:
        Mention.objects.filter(pk__in=gone).delete()
    links = dict(credited)
    if own := [product for product in products if product.pk not in links]:
        advocate = Advocate.objects.filter(user=publication.author_id).first()
        links |= links_for(publication=publication, products=own, advocate=advocate, at=at)
    new, moved = [], []
    for position, product in enumerate(products):
        link = links[product.pk]
        mention = mentions.get(product.pk)
        if mention is None:
            new.append(Mention(publication=publication, product=product, link=link, position=position))
        elif (mention.position, mention.link_id) != (position, link.pk):
            mention.position, mention.link = position, link
            moved.append(mention)
    Mention.objects.bulk_create(new)
    if moved:
        Mention.objects.bulk_update(moved, ["position", "link"])
