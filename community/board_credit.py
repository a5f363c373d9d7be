"""Who is credited for what stands on a board: not always its owner (docs/decisions/0007)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from advocates import links
from advocates.models import Advocate, Link, Mention, Product
from community.models import Board


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a product first stands on a board: saved from where, and by whom."""

    product_id: int
    origin_id: int | None
    added_by_id: int


def credited_links(*, board: Board, at: datetime) -> dict[int, Link]:
    """The links of the products on this board that are not its owner's, by product id.

    What was saved from a publication keeps the link of its mention there, so that whoever inspired it goes on
    earning. What somebody else pinned leads along that person's link, if that is an advocate. The board is locked
    already; one query where everything is the owner's, and a fixed number otherwise.
    """
    places = {place.product_id: place for place in reversed(_places(board))}
    saved = [place for place in places.values() if place.origin_id is not None]
    added = [
        place for place in places.values() if place.origin_id is None and place.added_by_id != board.owner_id
    ]
    return _links_of_origins(board, saved) | _links_of_contributors(board, added, at=at)


def _places(board: Board) -> list[_Place]:
    """In the order of who goes first: the pins of products, then the hotspots, each in reading order."""
    rows = (
        board.pins.filter(Q(product__isnull=False) | Q(hotspots__isnull=False))
        .order_by("position", "hotspots__position", "hotspots__pk")
        .values_list("product", "hotspots__product", "origin", "added_by")
    )
    pinned = [_Place(product, origin, by) for product, _spot, origin, by in rows if product is not None]
    shown = [_Place(spot, origin, by) for _product, spot, origin, by in rows if spot is not None]
    return [*pinned, *shown]


def _links_of_origins(board: Board, places: Collection[_Place]) -> dict[int, Link]:
    """The links of saved products: the origin's mention; where it is mentioned there no longer, the link that
    stands on this board since it was saved, or else the one that the origin had made.
    """
    if not places:
        return {}
    wanted = {(place.origin_id, place.product_id) for place in places}
    origins, products = {place.origin_id for place in places}, {place.product_id for place in places}
    mentions = Mention.objects.filter(publication__in=origins, product__in=products).select_related("link")
    found = {
        mention.product_id: mention.link
        for mention in mentions
        if (mention.publication_id, mention.product_id) in wanted
    }
    if left := products - found.keys():
        made = Link.objects.filter(publication__in=origins, product__in=left, channel="")
        for link in made.order_by("advocate", "pk"):
            if (link.publication_id, link.product_id) in wanted and link.product_id is not None:
                found.setdefault(link.product_id, link)
        kept = Mention.objects.filter(publication=board.publication_id, product__in=left)
        for mention in kept.exclude(link__publication=board.publication_id).select_related("link"):
            found[mention.product_id] = mention.link
    return found


def _links_of_contributors(board: Board, places: Collection[_Place], *, at: datetime) -> dict[int, Link]:
    """The links of what others pinned, where they are advocates; for the rest the owner's stand."""
    if not places:
        return {}
    people = {place.added_by_id for place in places}
    advocates = {advocate.user_id: advocate for advocate in Advocate.objects.filter(user__in=people)}
    theirs = {place.product_id: advocates.get(place.added_by_id) for place in places}
    products = Product.objects.filter(pk__in=[pk for pk, advocate in theirs.items() if advocate])
    wanted = [(product, theirs[product.pk]) for product in products]
    return links.links_by(publication=board.publication, wanted=wanted, at=at) if wanted else {}
