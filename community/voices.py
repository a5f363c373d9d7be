"""The five voices on a product: an expert, a known face, buyers, the crowd, and the people one follows.

Figures of the crowd are only told from LEAST_TOLD upwards, so that nobody can be made out behind them, and count
public boards alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.utils.translation import gettext as _

from advocates.disclosure import disclosures_of
from advocates.enums import Outcome, PublicationKind
from advocates.models import Link, Mention, Product, Publication, RefundLine, SaleLine
from advocates.querysets import Viewer
from community.enums import ProfileRole, ReviewState
from community.models import Follow, Hotspot, Pin, Profile, Review
from community.mutes import unwanted_by
from community.review_scores import Reviews, for_reading

#: A figure below this is not told.
LEAST_TOLD = 5
#: Beyond this nothing is counted: "1,000 or more" says enough, and costs the same for every product.
MOST_COUNTED = 1000
MOST_FOLLOWED = 3
_SAVED_DAYS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person says of a product: in a publication, or in a review.

    `note` is in the person's own words about this product, or else what the publication is about.
    `link` leads to the shop and credits whoever it belongs to; `label` stands beside it.
    """

    profile: Profile
    publication: Publication | None
    review: Review | None
    note: str
    is_quote: bool
    link: Link | None
    label: str
    is_followed: bool = False

    @property
    def language(self) -> str:
        """What the note is written in."""
        thing = self.publication or self.review
        return thing.language if thing is not None else ""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What many people did; a figure that is too small to tell is 0."""

    boards: int
    savers: int
    sales: int

    @property
    def has_figures(self) -> bool:
        return bool(self.boards or self.savers or self.sales)

    @property
    def most(self) -> int:
        return MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Voices:
    """The voices on a product as a viewer hears them; what nobody said yet is None or empty."""

    product: Product
    expert: Voice | None
    face: Voice | None
    reviews: Reviews
    crowd: Crowd
    followed: Sequence[Voice]

    @property
    def verified(self) -> Review | None:
        """The newest review of a buyer that says something."""
        return next(
            (one for one in self.reviews.newest if one.sale_line_id is not None and (one.text or one.title)),
            None,
        )

    @property
    def absent(self) -> list[str]:
        """Who has not spoken of it yet, in words."""
        voices = [
            (self.expert, _("an expert")),
            (self.face, _("a known face")),
            (self.reviews.score, _("buyers with a verified purchase")),
            (self.crowd.has_figures, _("the crowd (fewer than five so far)")),
        ]
        return [name for voice, name in voices if not voice]

    @property
    def is_followed_heard(self) -> bool:
        """Whether somebody whom the viewer follows is among the voices."""
        return bool(self.followed) or any(one and one.is_followed for one in (self.expert, self.face))

    @property
    def is_silent(self) -> bool:
        return not (self.expert or self.face or self.reviews.score or self.crowd.has_figures or self.followed)


def voices_of(*, product: Product, viewer: Viewer, reviews: Reviews, at: datetime) -> Voices:
    """The voices on a product, in a fixed number of queries; `reviews` are the product's (see review_scores)."""
    unwanted = unwanted_by(viewer)
    followed_ids = _followed_by(viewer) - unwanted
    speaking = Publication.objects.listed().mentioning(product).not_by(unwanted)
    expert = _first_by(speaking, ProfileRole.EXPERT)
    face = _first_by(speaking, ProfileRole.PUBLIC_FIGURE)
    heard = [pk for pk in (expert, face) if pk is not None]
    of_followed = _newest_by(speaking.exclude(pk__in=heard), followed_ids)
    spoken = _voices_in([*heard, *of_followed], product=product, followed_ids=followed_ids, at=at)
    return Voices(
        product=product,
        expert=spoken.get(expert) if expert else None,
        face=spoken.get(face) if face else None,
        reviews=reviews,
        crowd=_crowd_of(product, at=at),
        followed=_followed(product, [spoken[pk] for pk in of_followed], followed_ids),
    )


def _followed_by(viewer: Viewer) -> frozenset[int]:
    if not viewer.is_authenticated:
        return frozenset()
    people = Follow.objects.filter(follower=viewer.pk, person__isnull=False)
    return frozenset(people.values_list("person", flat=True))


def _first_by(speaking: Any, role: ProfileRole) -> int | None:
    """The newest board of a known face, and of an expert whatever explains most: a guide, then a story."""
    firsts = (
        [PublicationKind.BOARD]
        if role == ProfileRole.PUBLIC_FIGURE
        else [PublicationKind.GUIDE, PublicationKind.POST]
    )
    ranks = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(firsts)]
    by_role = speaking.filter(author__profile__role=role)
    ranked = by_role.annotate(rank=Case(*ranks, default=len(firsts), output_field=IntegerField()))
    found: int | None = ranked.order_by("rank", "-published_at", "-pk").values_list("pk", flat=True).first()
    return found


def _newest_by(speaking: Any, people: frozenset[int]) -> list[int]:
    """The newest publication of each of these people, those of the last few."""
    newest = (
        speaking.filter(author__in=people)
        .order_by("author", "-published_at", "-pk")
        .distinct("author")
        .values_list("published_at", "pk")
    )
    return [pk for _published_at, pk in sorted(newest, reverse=True)[:MOST_FOLLOWED]]


def _voices_in(
    pks: Sequence[int], *, product: Product, followed_ids: frozenset[int], at: datetime
) -> dict[int, Voice]:
    """What is said of the product in each of these publications, by publication id."""
    publications = list(
        Publication.objects.filter(pk__in=pks)
        .select_related("author__profile__portrait", "author__profile__works_at")
        .prefetch_related("author__profile__portrait__renditions")
    )
    labels = disclosures_of(publications=publications, at=at)
    notes = _notes_on(product, pks)
    mentions = Mention.objects.filter(product=product, publication__in=pks).select_related("link")
    links = {mention.publication_id: mention.link for mention in mentions}
    voices = {}
    for publication in publications:
        disclosure = labels.get(publication.pk)
        note = notes.get((publication.pk, publication.author_id), "")
        voices[publication.pk] = Voice(
            profile=publication.author.profile,
            publication=publication,
            review=None,
            note=note or publication.summary,
            is_quote=bool(note),
            link=links.get(publication.pk),
            label=disclosure.label_of(product.pk) if disclosure else "",
            is_followed=publication.author_id in followed_ids,
        )
    return voices


def _notes_on(product: Product, pks: Sequence[int]) -> dict[tuple[int, int], str]:
    """What people wrote beside the product on these boards, by publication and writer: each is quoted for oneself."""
    pins = Pin.objects.filter(product=product, board__publication__in=pks).exclude(note="")
    spots = Hotspot.objects.filter(product=product, pin__board__publication__in=pks).exclude(note="")
    return {
        **{
            (pk, by): note
            for pk, by, note in spots.values_list("pin__board__publication", "pin__added_by", "note")
        },
        **{(pk, by): note for pk, by, note in pins.values_list("board__publication", "added_by", "note")},
    }


def _followed(product: Product, spoken: Sequence[Voice], people: frozenset[int]) -> list[Voice]:
    """What the people one follows published or wrote in a review, each person once."""
    reviews = for_reading(
        Review.objects.filter(product=product, state=ReviewState.PUBLIC, author__in=people)
    ).order_by("-written_at", "-pk")[:MOST_FOLLOWED]
    known = {voice.profile.user_id for voice in spoken}
    told = [
        Voice(
            profile=review.author.profile,
            publication=None,
            review=review,
            note=review.title or review.text,
            is_quote=True,
            link=None,
            label="",
            is_followed=True,
        )
        for review in reviews
        if review.author is not None and review.author_id not in known
    ]
    return [*spoken, *told][:MOST_FOLLOWED]


def _crowd_of(product: Product, *, at: datetime) -> Crowd:
    listed = Publication.objects.listed().mentioning(product)
    pins = Pin.objects.filter(
        product=product,
        created_at__gt=at - _SAVED_DAYS,
        board__publication__in=Publication.objects.listed(),
    )
    returned = RefundLine.objects.filter(sale_line=OuterRef("pk")).order_by().values("sale_line")
    sold = (
        SaleLine.objects.filter(product=product, sale__attribution__outcome=Outcome.ATTRIBUTED)
        .annotate(back=Subquery(returned.annotate(total=Sum("amount_minor")).values("total")))
        .filter(Q(back=None) | Q(back__lt=F("gross_minor") - F("discount_minor")))
    )
    return Crowd(
        boards=_told(listed.filter(kind=PublicationKind.BOARD).order_by().values("pk")),
        savers=_told(pins.order_by().values("added_by").distinct()),
        sales=_told(sold.order_by().values("sale").distinct()),
    )


def _told(rows: Any) -> int:
    """How many there are, up to MOST_COUNTED; 0 when there are so few that one could guess who they are."""
    found: int = rows[:MOST_COUNTED].count()
    return found if found >= LEAST_TOLD else 0
