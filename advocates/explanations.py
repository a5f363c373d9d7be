"""Why a share is what it is, in words and figures that its reader can follow and compute again.

Everything comes from stored rows: the attribution with its inputs, the deal version, the share, its commission and
what was reversed. One tree feeds the screen, the API and the statement. An advocate reads all about her own part,
and of the others only as whom they spoke; the shop reads all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from advocates.bodies import canonical_json, digest_of
from advocates.deals import terms_sentences
from advocates.enums import Outcome, PublicationKind, Reason, TouchKind
from advocates.explanation_inputs import inputs_of_one
from advocates.explanation_lines import LineStep, lines_of, notes_of
from advocates.explanation_money import ReversalStep, Standing, history_of, reversals_of, standing_of
from advocates.models import Advocate, Attribution, Deal, Publication, Share, ShareLine
from advocates.split import Inputs, Result, TouchFacts, UnableToSplit, inputs_from_json, split

type Viewer = Literal["advocate", "shop"]

#: Reasons that tell of the person and not of the path: another advocate does not read them.
PERSONAL = frozenset(
    {Reason.SUSPENDED, Reason.OWN_PURCHASE, Reason.EMPLOYEE, Reason.NOT_ENROLLED, Reason.ADVOCATE_CAP}
)


@dataclass(frozen=True)
class SaleFact:
    """The order as reported. `seconds_to_order` is from the first touch of the path; None without one."""

    external_id: str
    shop: str
    placed_at: datetime
    delivered_at: datetime | None
    code: str
    click_state: str
    shipping_minor: int
    seconds_to_order: int | None


@dataclass(frozen=True)
class PathStep:
    """One touch, `seconds_before` the order. `who` is a name for the shop and for oneself, else as whom one speaks.

    `publication` is the title and `publication_url` where it can be read, where the reader may know it; else only
    what kind of thing of somebody else's it was. `weight` of `of` is the part of the sale that the touch carries:
    of another's touch an advocate reads whether it counted, and neither its weight nor what concerns the person.
    Where nothing comes of a touch, `reason` is the code and `why` the sentence.
    """

    occurred_at: datetime
    seconds_before: int
    kind: str
    what: str
    who: str
    is_mine: bool
    publication: str
    publication_url: str
    weight: int
    of: int
    is_counted: bool
    reason: str
    why: str


@dataclass(frozen=True)
class OtherShare:
    """Another advocate's share, for the shop alone."""

    who: str
    weight: int
    amount_minor: int
    reason: str
    why: str


@dataclass(frozen=True)
class Explanation:
    share_id: UUID
    viewer: Viewer
    advocate: str
    currency: str
    outcome: str
    reason: str
    why: str
    sale: SaleFact
    terms: tuple[str, ...]
    deal_version: int | None
    path: tuple[PathStep, ...]
    notes: tuple[str, ...]
    lines: tuple[LineStep, ...]
    base_minor: int
    rate_bps: int
    commission_minor: int
    cap_minor: int | None
    is_capped: bool
    weight: int
    weight_of: int
    amount_minor: int
    reversals: tuple[ReversalStep, ...]
    open_minor: int
    standing: Standing
    others: tuple[OtherShare, ...]
    rounding: str
    engine_version: int
    inputs_json: str
    inputs_sha256: str
    whole_sha256: str
    recipe: tuple[str, ...]


def explain(share: Share, *, viewer: Viewer = "advocate") -> Explanation:
    """All that led to this share. Reads; changes nothing; asks nobody but the database."""
    share = _with_all(share)
    attribution, commission = share.attribution, share.commission
    history = history_of(commission)
    deal = attribution.deal
    inputs = inputs_from_json(attribution.inputs)
    result = split(inputs)
    may_see_lines = _may_see_lines(share, viewer)
    shown = attribution.inputs
    if viewer == "advocate":
        shown = inputs_of_one(
            stored=shown, result=result, advocate=share.advocate_id, may_see_lines=may_see_lines
        )
    lines = lines_of(share, attribution, result) if may_see_lines else ()
    return Explanation(
        share_id=share.pk,
        viewer=viewer,
        advocate=str(share.advocate),
        currency=attribution.sale.currency,
        outcome=share.outcome,
        reason=share.reason,
        why=_why(share.reason),
        sale=_sale(attribution, inputs),
        terms=tuple(terms_sentences(deal)) if deal else (),
        deal_version=deal.version if deal else None,
        path=path_of(attribution, inputs, reader=share.advocate_id if viewer == "advocate" else None),
        notes=notes_of(share, inputs, is_shop=viewer == "shop"),
        lines=lines,
        base_minor=attribution.base_minor,
        rate_bps=inputs.terms.rate_bps if inputs.terms else 0,
        commission_minor=attribution.commission_minor,
        cap_minor=inputs.terms.cap_minor if inputs.terms else None,
        is_capped=result.is_capped,
        weight=share.weight,
        weight_of=share.weight_of,
        amount_minor=history[0].amount_minor if history else 0,
        reversals=reversals_of(history),
        open_minor=commission.open_minor if commission else 0,
        standing=standing_of(share),
        others=_others(share, attribution) if viewer == "shop" else (),
        rounding=_rounding(),
        engine_version=attribution.engine_version,
        inputs_json=canonical_json(shown),
        inputs_sha256=digest_of(shown),
        whole_sha256=attribution.inputs_sha256,
        recipe=_recipe(),
    )


def recompute(share: Share) -> bool:
    """Whether the stored inputs still hash to the stored hash, and the split of them is what is stored."""
    attribution = share.attribution
    if digest_of(attribution.inputs) != attribution.inputs_sha256:
        return False
    try:
        result = split(inputs_from_json(attribution.inputs))
    except UnableToSplit:
        return False
    return _is_same_judgement(attribution, result) and _is_same_share(share, result)


def _is_same_judgement(attribution: Attribution, result: Result) -> bool:
    stored = (attribution.outcome, attribution.reason, attribution.base_minor, attribution.commission_minor)
    return stored == (result.outcome, result.reason, result.base_minor, result.commission_minor)


def _is_same_share(share: Share, result: Result) -> bool:
    again = next((part for part in result.shares if part.advocate == share.advocate_id), None)
    if again is None:
        return False
    amounts = tuple(share.lines.order_by("pk").values_list("amount_minor", flat=True))
    history = history_of(share.commission)
    carried = [(credit["touch"], credit["weight"], credit["reason"]) for credit in share.credits]
    return (
        (share.outcome, share.reason, share.weight, share.weight_of)
        == (again.outcome, again.reason, again.weight, again.weight_of)
        and carried == [(credit.touch.id, credit.weight, credit.reason) for credit in again.credits]
        and amounts == (again.amounts if share.outcome == Outcome.ATTRIBUTED else ())
        and sum(amounts) == (history[0].amount_minor if history else 0)
    )


def _with_all(share: Share) -> Share:
    """The share with every row that the explanation reads, in a number of queries that does not grow."""
    others = Share.objects.select_related("advocate__user__profile", "commission")
    lines = ShareLine.objects.select_related("sale_line").order_by("pk")
    found: Share = (
        Share.objects.select_related("advocate__user__profile", "attribution__sale__shop", "commission")
        .prefetch_related(
            Prefetch("attribution__deal", queryset=Deal.objects.with_terms()),
            "attribution__sale__lines",
            "commission__reversals",
            "commission__reviews",
            "commission__restores__reversals",
            "commission__restores__reviews",
            Prefetch("lines", queryset=lines),
            Prefetch("attribution__shares", queryset=others),
        )
        .get(pk=share.pk)
    )
    return found


def _may_see_lines(share: Share, viewer: Viewer) -> bool:
    """What was in the order is the shop's, and its advocates': not of somebody who has no deal with it."""
    return viewer == "shop" or share.enrolment_id is not None


def _sale(attribution: Attribution, inputs: Inputs) -> SaleFact:
    sale = attribution.sale
    earlier = [touch.occurred_at for touch in inputs.touches if touch.occurred_at <= sale.placed_at]
    return SaleFact(
        external_id=sale.external_id,
        shop=sale.shop.name,
        placed_at=sale.placed_at,
        delivered_at=sale.delivered_at,
        code=sale.code,
        click_state=inputs.sale.click,
        shipping_minor=sale.shipping_minor,
        seconds_to_order=int((sale.placed_at - min(earlier)).total_seconds()) if earlier else None,
    )


def path_of(attribution: Attribution, inputs: Inputs, *, reader: int | None) -> tuple[PathStep, ...]:
    """The touches that led to a sale, oldest first; for one advocate (her id), or all of it for the shop (None)."""
    shares = attribution.shares.all()
    credits_ = {credit["touch"]: credit for one in shares for credit in one.credits}
    people = {one.advocate_id: one.advocate for one in shares}
    publications = _publications(inputs.touches)
    return tuple(
        _path_step(
            touch,
            credits_.get(touch.id),
            inputs.sale.placed_at,
            who=people.get(touch.advocate or 0),
            publication=publications.get(touch.publication or 0),
            reader=reader,
        )
        for touch in inputs.touches
    )


def _path_step(
    touch: TouchFacts,
    credit: dict[str, Any] | None,
    placed_at: datetime,
    *,
    who: Advocate | None,
    publication: Publication | None,
    reader: int | None,
) -> PathStep:
    may_know = reader is None or touch.advocate == reader
    reason = credit["reason"] if credit else str(Reason.NOT_ENROLLED)
    told = "" if who and not may_know and reason in PERSONAL else reason
    title, url = ("", "") if publication is None else (publication.title, publication.get_absolute_url())
    return PathStep(
        occurred_at=touch.occurred_at,
        seconds_before=int((placed_at - touch.occurred_at).total_seconds()),
        kind=touch.kind,
        what=str(TouchKind(touch.kind).label),
        who=_who(who, may_know=may_know),
        is_mine=touch.advocate is not None and touch.advocate == reader,
        publication=title if may_know else _of_somebody_else(publication),
        publication_url=url if may_know else "",
        weight=credit["weight"] if credit and may_know else 0,
        of=credit["of"] if credit and may_know else 0,
        is_counted=not reason,
        reason=told,
        why=_why(told),
    )


def _of_somebody_else(publication: Publication | None) -> str:
    if publication is None:
        return ""
    return {
        PublicationKind.POST: _("Somebody else’s story"),
        PublicationKind.GUIDE: _("Somebody else’s buying guide"),
        PublicationKind.BOARD: _("Somebody else’s board"),
        PublicationKind.ANSWER: _("Somebody else’s answer"),
    }[PublicationKind(publication.kind)]


def _publications(touches: Iterable[TouchFacts]) -> dict[int, Publication]:
    wanted = {touch.publication for touch in touches if touch.publication is not None}
    return Publication.objects.only("kind", "title", "path").in_bulk(wanted)


def _who(advocate: Advocate | None, *, may_know: bool) -> str:
    if advocate is None:
        return _("Nobody: a link of the house")
    if may_know:
        return str(advocate.user.get_full_name() or advocate)
    profile = getattr(advocate.user, "profile", None)
    return str(profile.get_role_display()) if profile else _("Another advocate")


def _why(reason: str) -> str:
    return str(Reason(reason).label) if reason else ""


def _others(share: Share, attribution: Attribution) -> tuple[OtherShare, ...]:
    rows: Sequence[Share] = [other for other in attribution.shares.all() if other.pk != share.pk]
    return tuple(
        OtherShare(
            who=_who(other.advocate, may_know=True),
            weight=other.weight,
            amount_minor=other.commission.amount_minor if other.commission else 0,
            reason=other.reason,
            why=_why(other.reason),
        )
        for other in rows
    )


def _rounding() -> str:
    return _(
        "Each line is divided by weight and rounded down to the cent. The cents that are left go one each to the "
        "largest remainder, and among equals to whoever was first in the path."
    )


def _recipe() -> tuple[str, ...]:
    return (
        _("Take the inputs below exactly as they stand; their SHA-256 is the hash shown."),
        _("Leave out the touches that do not count, and weigh the others as the deal's split says."),
        _(
            "Take the rate of each line's base, rounded to the cent; spread the cap over the lines if there is one."
        ),
        _("Divide each line by the weights, as the sentence on rounding says."),
    )
