"""What the reviews of a product come to, and the reviews as a viewer reads them.

The score is the mean of the public reviews with the badge "verified purchase", to one decimal, each counting once;
docs and the page "how reviews work" say the same. Everything else is shown, and not counted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from advocates.models import Product
from advocates.querysets import Viewer
from community.enums import ReviewOrigin, ReviewState
from community.list_pages import ListPage, page_of
from community.models import Review, ReviewPicture
from community.mutes import unwanted_by

PER_PAGE = 10
STARS = (5, 4, 3, 2, 1)
_COUNTED = Q(origin=ReviewOrigin.VERIFIED)


@dataclass(frozen=True, slots=True)
class Score:
    """How many verified reviews gave each number of stars. `by_stars` goes from five to one."""

    by_stars: tuple[int, int, int, int, int]

    @property
    def count(self) -> int:
        return sum(self.by_stars)

    @property
    def total(self) -> int:
        """All stars together."""
        return sum(stars * count for stars, count in zip(STARS, self.by_stars, strict=True))

    @property
    def mean(self) -> Decimal:
        """The mean to one decimal, halves upwards; there is none without a review."""
        return (Decimal(self.total) / self.count).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def bars(self) -> list[tuple[int, int]]:
        """Stars and how many gave them, from five to one."""
        return list(zip(STARS, self.by_stars, strict=True))


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews of one product as a viewer sees them: the score, how many of each origin, the newest ones."""

    product: Product
    score: Score | None
    by_origin: Mapping[str, int]
    newest: Sequence[Review]

    @property
    def count(self) -> int:
        return sum(self.by_origin.values())

    @property
    def uncounted(self) -> int:
        """How many are shown beside the score, and not in it."""
        return self.count - (self.score.count if self.score else 0)

    @property
    def origins(self) -> list[tuple[str, str, int]]:
        """Each origin that there is, with its label and how many."""
        return [
            (one.value, str(one.label), self.by_origin[one]) for one in ReviewOrigin if self.by_origin[one]
        ]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reviews are shown: with so many stars, of this origin, with pictures; nothing given shows all."""

    stars: int | None = None
    origin: str = ""
    has_pictures: bool = False

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filter":
        """From an address; what makes no sense is left out."""
        stars = asked.get("stars", "")
        origin = asked.get("origin", "")
        return cls(
            stars=int(stars) if stars in {str(one) for one in STARS} else None,
            origin=origin if origin in ReviewOrigin.values else "",
            has_pictures=asked.get("photos") == "1",
        )


def score_of(products: Collection[Product]) -> dict[int, Score]:
    """Product id → score, in one query; products without a verified review are not in it."""
    counts = (
        _public().filter(_COUNTED, product__in=products).order_by().values("product").annotate(**_by_stars())
    )
    return {row["product"]: _score(row) for row in counts}


def reviews_of(*, product: Product, viewer: Viewer, most: int) -> Reviews:
    """The score of a product and its newest reviews, without those by people whom the viewer does not want to see."""
    row = (
        _public()
        .filter(product=product)
        .aggregate(
            **_by_stars(_COUNTED), **{one.value: Count("pk", filter=Q(origin=one)) for one in ReviewOrigin}
        )
    )
    score = _score(row)
    return Reviews(
        product=product,
        score=score if score.count else None,
        by_origin={one.value: row[one.value] for one in ReviewOrigin},
        newest=list(_shown(product, viewer)[:most]),
    )


def page_of_reviews(*, product: Product, viewer: Viewer, wanted: Filter, number: str) -> ListPage:
    """One piece of the reviews that a filter lets through, newest first."""
    rows = _shown(product, viewer)
    if wanted.stars:
        rows = rows.filter(stars=wanted.stars)
    if wanted.origin:
        rows = rows.filter(origin=wanted.origin)
    if wanted.has_pictures:
        rows = rows.filter(Exists(ReviewPicture.objects.filter(review=OuterRef("pk"))))
    return page_of(rows, number=number, per_page=PER_PAGE)


def for_reading(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """With all that a review shows: who wrote it, pictures, the shop's answer."""
    return reviews.select_related(
        "author__profile__portrait", "product__shop", "reply__author", "sale_line"
    ).prefetch_related("author__profile__portrait__renditions", "review_pictures__picture__renditions")


def _public() -> QuerySet[Review]:
    return Review.objects.filter(state=ReviewState.PUBLIC)


def _shown(product: Product, viewer: Viewer) -> QuerySet[Review]:
    unwanted = unwanted_by(viewer)
    # NULL is in no list: without this, reviews without an account would fall away too.
    rows = _public().filter(product=product)
    if unwanted:
        rows = rows.filter(Q(author__isnull=True) | ~Q(author__in=unwanted))
    return for_reading(rows).order_by("-written_at", "-pk")


def _by_stars(only: Q | None = None) -> dict[str, Any]:
    return {f"of_{stars}": Count("pk", filter=Q(stars=stars) & (only or Q())) for stars in STARS}


def _score(row: Mapping[str, Any]) -> Score:
    five, four, three, two, one = (row[f"of_{stars}"] for stars in STARS)
    return Score(by_stars=(five, four, three, two, one))
