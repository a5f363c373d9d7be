"""Who gets what of one sale: a pure function over plain values, without database, network or clock.

`attribution.attribute_sale` collects the inputs and stores them with the result, so that anybody can run `split`
again on what was stored and come to the same cents. docs/commissions.md tells the rules in prose; its tables are
run as tests, and docs/recompute.py does the same without this code. A change of a rule is a new engine
(`split_facts.ENGINE_VERSION`), never a new meaning of an old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from advocates.enums import AttributionModel, CodePrecedence, Outcome, RateSource, Reason, TouchKind
from advocates.split_facts import (
    ENGINE_VERSION,
    ENGINE_VERSIONS,
    AdvocateFacts,
    Inputs,
    LineFacts,
    RateFacts,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
    inputs_as_json,
    inputs_from_json,
)
from advocates.weights import weigh
from payouts.money import BPS, allocate, round_half_up

__all__ = [
    "CLOCK_TOLERANCE",
    "ENGINE_VERSION",
    "AdvocateFacts",
    "AdvocateShare",
    "Credit",
    "Inputs",
    "LineCommission",
    "LineFacts",
    "RateFacts",
    "Result",
    "SaleFacts",
    "TermsFacts",
    "TierFacts",
    "TouchFacts",
    "UnableToSplit",
    "inputs_as_json",
    "inputs_from_json",
    "rate_of_line",
    "split",
    "weigh",
]

#: What earns only beside a click or a code, and only where the deal says so.
PASSIVE: Mapping[str, Reason] = {
    TouchKind.VIEW: Reason.VIEW_ONLY,
    TouchKind.SAVE: Reason.SAVE_ONLY,
    TouchKind.ANSWER: Reason.ANSWER_ONLY,
}
#: What stands at the moment of the sale, and so at the end of the path.
AT_THE_SALE = frozenset({TouchKind.CODE, TouchKind.CLAIM})

#: Clocks of shops and ours may differ by this much before a touch counts as later than the sale.
CLOCK_TOLERANCE = timedelta(minutes=5)


class UnableToSplit(Exception):
    """The inputs were written by another version of the rules."""


@dataclass(frozen=True)
class Credit:
    """What one touch carries: weight of `of`, or the reason why nothing comes of it."""

    touch: TouchFacts
    weight: int
    of: int
    reason: str


@dataclass(frozen=True)
class LineCommission:
    """The commission on one line for all advocates together: by the rates, within the sale's cap, and what is left
    of it by the advocates' monthly limits. `rate_bps` is without what anybody's tier puts on top.
    """

    line_id: str
    base_minor: int
    rate_bps: int
    rate_source: RateSource
    uncapped_minor: int
    capped_minor: int
    commission_minor: int


@dataclass(frozen=True)
class AdvocateShare:
    """One advocate's part: an amount per line, in the order of the lines; `uncapped` before her monthly limit."""

    advocate: int
    enrolment: int | None
    outcome: str
    reason: str
    weight: int
    weight_of: int
    amounts: tuple[int, ...]
    credits: tuple[Credit, ...]
    extra_bps: int = 0
    uncapped: tuple[int, ...] = ()


@dataclass(frozen=True)
class Result:
    outcome: str
    reason: str
    base_minor: int
    commission_minor: int
    is_capped: bool
    lines: tuple[LineCommission, ...]
    credits: tuple[Credit, ...]
    shares: tuple[AdvocateShare, ...]


@dataclass(frozen=True)
class _Party:
    """An advocate of the path: what she carries of the sale, and what her month says."""

    advocate: int
    weight: int
    extra_bps: int
    left_minor: int | None


def split(inputs: Inputs) -> Result:
    """Divide one sale's commission over the advocates whose touches led to it.

    The order in which touches are given does not matter. The shares of each line sum to the commission on that
    line, to the last cent; a sale is paid in full or, where the budget cannot carry it, not at all.
    Raises UnableToSplit for inputs of an engine that we do not know.
    """
    if inputs.engine_version not in ENGINE_VERSIONS:
        raise UnableToSplit(f"These inputs are of engine {inputs.engine_version}, this is {ENGINE_VERSION}.")
    path = sorted(inputs.touches, key=_place)
    refusals = _refusals(path, inputs.sale, inputs.terms)
    weights = _weights(path, refusals, inputs)
    parties = _parties(path, weights, inputs)
    lines, amounts = _line_commissions(inputs, parties)
    within_limits = [_limited(party, own) for party, own in zip(parties, amounts, strict=True)]
    if any(weights):
        totals = [sum(of_line) for of_line in zip(*within_limits, strict=True)]
        lines = [replace(line, commission_minor=total) for line, total in zip(lines, totals, strict=True)]
    reason = _refusal_of_the_sale(inputs, path, refusals, lines)
    credits_ = _credits(path, refusals, weights, reason)
    is_capped = any(line.capped_minor != line.uncapped_minor for line in lines)
    return Result(
        outcome=Outcome.NOT_ELIGIBLE if reason else Outcome.ATTRIBUTED,
        reason=reason,
        base_minor=sum(line.base_minor for line in inputs.lines),
        commission_minor=0 if reason else sum(line.commission_minor for line in lines),
        is_capped=is_capped,
        lines=tuple(lines),
        credits=credits_,
        shares=tuple(
            _share(
                party,
                tuple(credit for credit in credits_ if credit.touch.advocate == party.advocate),
                () if reason else tuple(own),
                () if reason else tuple(before),
                is_capped=is_capped,
            )
            for party, own, before in zip(parties, within_limits, amounts, strict=True)
        ),
    )


def rate_of_line(line: LineFacts, sale: SaleFacts, terms: TermsFacts) -> tuple[int, RateSource]:
    """The rate of a line and where it stands: its product's, else its nearest category's, else a new customer's."""
    product = [rate for rate in terms.rates if rate.product is not None and rate.product == line.product]
    if product:
        return product[0].rate_bps, RateSource.PRODUCT
    categories = [rate for rate in terms.rates if rate.category and _is_below(line.category, rate.category)]
    if categories:
        return max(categories, key=lambda rate: len(rate.category)).rate_bps, RateSource.CATEGORY
    if terms.new_customer_rate_bps is not None and sale.is_new_customer is not False:
        return terms.new_customer_rate_bps, RateSource.NEW_CUSTOMER
    return terms.rate_bps, RateSource.STANDARD


def _is_below(category: str, above: str) -> bool:
    """Whether a category is another or below it: "Wonen > Kaarsen" is below "Wonen", "Woningen" is not."""
    return f"{category} > ".casefold().startswith(f"{above} > ".casefold())


def _place(touch: TouchFacts) -> tuple[object, ...]:
    return touch.kind in AT_THE_SALE, touch.occurred_at, touch.id


def _refusal(touch: TouchFacts, sale: SaleFacts, terms: TermsFacts) -> str:
    """Why this touch cannot count, or "". The first reason that holds is the one that is told."""
    oldest = sale.placed_at - timedelta(days=terms.window_days)
    passive = PASSIVE.get(touch.kind)
    is_paid_by_code = terms.model == AttributionModel.CODE
    rules = (
        (touch.advocate is None, Reason.NOT_ENROLLED),
        (touch.is_other_shop, Reason.OTHER_SHOP),
        (touch.occurred_at > sale.placed_at + CLOCK_TOLERANCE, Reason.AFTER_SALE),
        (touch.occurred_at < oldest, Reason.OUTSIDE_WINDOW),
        (passive is not None and touch.kind not in terms.assists, passive),
        (touch.is_suspended, Reason.SUSPENDED),
        (touch.is_own, Reason.OWN_PURCHASE),
        (touch.is_employee, Reason.EMPLOYEE),
        (touch.enrolment is None, Reason.NOT_ENROLLED),
        (is_paid_by_code and touch.kind not in AT_THE_SALE, Reason.CODE_ONLY),
    )
    return next((str(reason) for holds, reason in rules if holds), "")


def _refusals(path: Sequence[TouchFacts], sale: SaleFacts, terms: TermsFacts | None) -> list[str]:
    """Each touch's own refusal, then what the deal says where a code meets a link, then assists without either."""
    if terms is None:
        return [str(Reason.NO_DEAL)] * len(path)
    refusals = [_refusal(touch, sale, terms) for touch in path]
    counted = {touch.kind for touch, refusal in zip(path, refusals, strict=True) if not refusal}
    losers: frozenset[str] = frozenset()
    loss = ""
    if TouchKind.CODE in counted and terms.code_precedence == CodePrecedence.CODE_WINS:
        losers, loss = frozenset({TouchKind.CLICK, *PASSIVE}), str(Reason.CODE_WINS)
    elif {TouchKind.CODE, TouchKind.CLICK} <= counted and terms.code_precedence == CodePrecedence.LINK_WINS:
        losers, loss = frozenset({TouchKind.CODE}), str(Reason.LINK_WINS)
    elif not counted - {*PASSIVE}:
        losers, loss = frozenset(PASSIVE), str(Reason.ASSIST_ALONE)
    return [
        refusal or (loss if touch.kind in losers else "")
        for touch, refusal in zip(path, refusals, strict=True)
    ]


def _weights(path: Sequence[TouchFacts], refusals: Sequence[str], inputs: Inputs) -> list[int]:
    if inputs.terms is None:
        return [0] * len(path)
    counted = [touch for touch, refusal in zip(path, refusals, strict=True) if not refusal]
    weights = iter(weigh(counted, placed_at=inputs.sale.placed_at, terms=inputs.terms))
    return [0 if refusal else next(weights) for refusal in refusals]


def _parties(path: Sequence[TouchFacts], weights: Sequence[int], inputs: Inputs) -> list[_Party]:
    """The advocates of the path, in the order of their first touch that counts; then those without one."""
    gathered: dict[int, int] = {}
    for touch, weight in sorted(zip(path, weights, strict=True), key=lambda pair: pair[1] == 0):
        if touch.advocate is not None:
            gathered[touch.advocate] = gathered.get(touch.advocate, 0) + weight
    months = {facts.advocate: facts for facts in inputs.advocates}
    tiers = inputs.terms.tiers if inputs.terms else ()
    parties = []
    for advocate, weight in gathered.items():
        month = months.get(advocate, AdvocateFacts(advocate))
        reached = [tier.extra_bps for tier in tiers if tier.from_order <= month.orders + 1]
        parties.append(_Party(advocate, weight, max(reached, default=0), month.left_minor))
    return parties


def _line_commissions(
    inputs: Inputs, parties: Sequence[_Party]
) -> tuple[list[LineCommission], list[list[int]]]:
    """The commission on each line, and per party her part of each line before her monthly limit.

    Of a line comes base × Σ(weight × rate) ÷ (Σ weight × 100 %), rounded once; the sale's cap is spread over the
    lines; and each line is allocated over weight × rate.
    """
    terms, whole = inputs.terms, sum(party.weight for party in parties)
    if terms is None:
        none = [
            LineCommission(line.line_id, line.base_minor, 0, RateSource.STANDARD, 0, 0, 0)
            for line in inputs.lines
        ]
        return none, [[0] * len(none) for _party in parties]
    rates = [rate_of_line(line, inputs.sale, terms) for line in inputs.lines]
    scores = [[party.weight * _with_extra(rate, party) for party in parties] for rate, _source in rates]
    full = [
        round_half_up(line.base_minor * (sum(score) if whole else rate), (whole or 1) * BPS)
        for line, score, (rate, _source) in zip(inputs.lines, scores, rates, strict=True)
    ]
    is_capped = terms.cap_minor is not None and sum(full) > terms.cap_minor
    capped = allocate(terms.cap_minor or 0, full) if is_capped else full
    parts = [allocate(amount if whole else 0, score) for amount, score in zip(capped, scores, strict=True)]
    lines = [
        LineCommission(line.line_id, line.base_minor, rate, source, uncapped, amount, amount)
        for line, (rate, source), uncapped, amount in zip(inputs.lines, rates, full, capped, strict=True)
    ]
    return lines, [[part[index] for part in parts] for index in range(len(parties))]


def _with_extra(rate_bps: int, party: _Party) -> int:
    """A rate with what the party's tier puts on top; what earns nothing stays at nothing."""
    return min(rate_bps + party.extra_bps, BPS) if rate_bps else 0


def _limited(party: _Party, amounts: Sequence[int]) -> list[int]:
    """A party's amounts within what her month leaves her, taken off in proportion."""
    if party.left_minor is None or sum(amounts) <= party.left_minor:
        return list(amounts)
    return allocate(party.left_minor, amounts)


def _refusal_of_the_sale(
    inputs: Inputs, path: Sequence[TouchFacts], refusals: Sequence[str], lines: Sequence[LineCommission]
) -> str:
    """Why the sale as a whole earns nothing, or ""; the first reason that holds is the one that is told."""
    terms, total = inputs.terms, sum(line.commission_minor for line in lines)
    if terms is None:
        return Reason.NO_DEAL
    if all(refusals):
        return _nearest_reason(inputs.sale, path, refusals)
    left = terms.budget_left_minor
    rules = (
        (terms.is_first_order_only and inputs.sale.is_new_customer is False, Reason.RETURNING_CUSTOMER),
        (sum(line.base_minor for line in lines) <= 0, Reason.NOTHING_TO_SHARE),
        (not any(line.capped_minor for line in lines), Reason.ROUNDS_TO_NOTHING),
        (total == 0, Reason.ADVOCATE_CAP),
        (left is not None and total > left, Reason.BUDGET_EMPTY),
    )
    return next((str(reason) for holds, reason in rules if holds), "")


def _nearest_reason(sale: SaleFacts, path: Sequence[TouchFacts], refusals: Sequence[str]) -> str:
    """Of a sale without a touch that counts: what came nearest to one."""
    acted = [refusal for touch, refusal in zip(path, refusals, strict=True) if touch.kind not in PASSIVE]
    if acted:
        return acted[-1]
    if sale.click == "unknown":
        return Reason.UNKNOWN_CLICK
    if sale.code == "unknown":
        return Reason.UNKNOWN_CODE
    return refusals[-1] if refusals else Reason.NO_TOUCH


def _credits(
    path: Sequence[TouchFacts], refusals: Sequence[str], weights: Sequence[int], reason: str
) -> tuple[Credit, ...]:
    of = sum(weights)
    return tuple(
        Credit(touch, weight, of, refusal or (reason if weight else str(Reason.MODEL_GIVES_OTHERS)))
        for touch, refusal, weight in zip(path, refusals, weights, strict=True)
    )


def _share(
    party: _Party,
    own: tuple[Credit, ...],
    amounts: tuple[int, ...],
    uncapped: tuple[int, ...],
    *,
    is_capped: bool,
) -> AdvocateShare:
    reason = "" if sum(amounts) else _reason_of_share(own, party, uncapped, is_capped=is_capped)
    earning_first = sorted(own, key=lambda credit: credit.weight == 0)
    return AdvocateShare(
        advocate=party.advocate,
        enrolment=next((c.touch.enrolment for c in earning_first if c.touch.enrolment is not None), None),
        outcome=Outcome.NOT_ELIGIBLE if reason else Outcome.ATTRIBUTED,
        reason=reason,
        weight=party.weight,
        weight_of=own[0].of,
        amounts=amounts,
        credits=own,
        extra_bps=party.extra_bps if party.weight else 0,
        uncapped=uncapped,
    )


def _reason_of_share(
    own: Sequence[Credit], party: _Party, uncapped: Sequence[int], *, is_capped: bool
) -> str:
    """Why an advocate of the path gets nothing: what stopped the touch that came nearest to earning."""
    if party.weight:
        told = next(credit.reason for credit in own if credit.weight)
        if told:
            return told
        if sum(uncapped):
            return Reason.ADVOCATE_CAP
        return Reason.CAP_REACHED if is_capped else Reason.ROUNDS_TO_NOTHING
    acted = [credit.reason for credit in own if credit.touch.kind not in PASSIVE]
    lost_to_the_model = [reason for reason in acted if reason == Reason.MODEL_GIVES_OTHERS]
    return (lost_to_the_model or acted or [credit.reason for credit in own])[-1]
