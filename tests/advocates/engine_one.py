"""Engine 1 as it was: one rate, fixed parts, no assists and no months. Engine 2 is held to it (test_engine_one.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from advocates.enums import AttributionModel, CodePrecedence, Outcome, Reason, TouchKind
from advocates.split import (
    CLOCK_TOLERANCE,
    AdvocateShare,
    Credit,
    Inputs,
    LineFacts,
    Result,
    SaleFacts,
    TermsFacts,
    TouchFacts,
)
from advocates.split import weigh as two_weigh
from payouts.money import allocate, share_of

PASSIVE = frozenset({TouchKind.VIEW, TouchKind.SAVE})


@dataclass(frozen=True)
class Line:
    line_id: str
    base_minor: int
    uncapped_minor: int
    commission_minor: int


def split(inputs: Inputs) -> Result:
    """Divide one sale's commission over the advocates whose touches led to it.

    The order in which touches are given does not matter. The shares of each line sum to the commission on that
    line, to the last cent; a sale is paid in full or, where the budget cannot carry it, not at all.
    """
    path = sorted(
        inputs.touches, key=lambda touch: (touch.kind == TouchKind.CODE, touch.occurred_at, touch.id)
    )
    refusals = _refusals(path, inputs.sale, inputs.terms)
    lines, is_capped = _line_commissions(inputs.lines, inputs.terms)
    reason = _refusal_of_the_sale(inputs, path, refusals, lines)
    credits_ = _credits(path, refusals, inputs, reason)
    shares = _shares(credits_, lines if not reason else (), is_capped=is_capped)
    return Result(
        outcome=Outcome.NOT_ELIGIBLE if reason else Outcome.ATTRIBUTED,
        reason=reason,
        base_minor=sum(line.base_minor for line in inputs.lines),
        commission_minor=0 if reason else sum(line.commission_minor for line in lines),
        is_capped=is_capped,
        lines=lines,
        credits=credits_,
        shares=shares,
    )


def _refusal(touch: TouchFacts, sale: SaleFacts, terms: TermsFacts) -> str:
    """Why this touch cannot count, or "". The first reason that holds is the one that is told."""
    oldest = sale.placed_at - timedelta(days=terms.window_days)
    rules = (
        (touch.advocate is None, Reason.NOT_ENROLLED),
        (touch.is_other_shop, Reason.OTHER_SHOP),
        (touch.occurred_at > sale.placed_at + CLOCK_TOLERANCE, Reason.AFTER_SALE),
        (touch.occurred_at < oldest, Reason.OUTSIDE_WINDOW),
        (touch.kind == TouchKind.VIEW, Reason.VIEW_ONLY),
        (touch.kind == TouchKind.SAVE, Reason.SAVE_ONLY),
        (touch.is_suspended, Reason.SUSPENDED),
        (touch.is_own, Reason.OWN_PURCHASE),
        (touch.is_employee, Reason.EMPLOYEE),
        (touch.enrolment is None, Reason.NOT_ENROLLED),
    )
    return next((str(reason) for holds, reason in rules if holds), "")


def _refusals(path: Sequence[TouchFacts], sale: SaleFacts, terms: TermsFacts | None) -> list[str]:
    """Each touch's own refusal, and then what the deal says where a code meets a link."""
    if terms is None:
        return [str(Reason.NO_DEAL)] * len(path)
    refusals = [_refusal(touch, sale, terms) for touch in path]
    counted = {touch.kind for touch, refusal in zip(path, refusals, strict=True) if not refusal}
    if not {TouchKind.CODE, TouchKind.CLICK} <= counted:
        return refusals
    loser, reason = {
        CodePrecedence.CODE_WINS: (TouchKind.CLICK, str(Reason.CODE_WINS)),
        CodePrecedence.LINK_WINS: (TouchKind.CODE, str(Reason.LINK_WINS)),
    }.get(CodePrecedence(terms.code_precedence), (None, ""))
    return [
        refusal or (reason if touch.kind == loser else "")
        for touch, refusal in zip(path, refusals, strict=True)
    ]


def _line_commissions(lines: Sequence[LineFacts], terms: TermsFacts | None) -> tuple[tuple[Line, ...], bool]:
    """The rate of each line's base; where that is more than the cap, the cap spread over the lines."""
    full = [share_of(line.base_minor, terms.rate_bps) if terms else 0 for line in lines]
    cap = terms.cap_minor if terms else None
    is_capped = cap is not None and sum(full) > cap
    capped = allocate(cap, full) if cap is not None and is_capped else full
    parts = (
        Line(line.line_id, line.base_minor, uncapped, commission)
        for line, uncapped, commission in zip(lines, full, capped, strict=True)
    )
    return tuple(parts), is_capped


def _refusal_of_the_sale(
    inputs: Inputs, path: Sequence[TouchFacts], refusals: Sequence[str], lines: Sequence[Line]
) -> str:
    """Why the sale as a whole earns nothing, or ""."""
    terms, total = inputs.terms, sum(line.commission_minor for line in lines)
    if terms is None:
        return Reason.NO_DEAL
    if all(refusals):
        return _nearest_reason(inputs.sale, path, refusals)
    if sum(line.base_minor for line in lines) <= 0:
        return Reason.NOTHING_TO_SHARE
    if total == 0:
        return Reason.ROUNDS_TO_NOTHING
    if terms.budget_left_minor is not None and total > terms.budget_left_minor:
        return Reason.BUDGET_EMPTY
    return ""


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
    path: Sequence[TouchFacts], refusals: Sequence[str], inputs: Inputs, reason: str
) -> tuple[Credit, ...]:
    counted = [touch for touch, refusal in zip(path, refusals, strict=True) if not refusal]
    weights = iter(
        weigh(counted, placed_at=inputs.sale.placed_at, terms=inputs.terms) if inputs.terms else []
    )
    weighed = [0 if refusal else next(weights) for refusal in refusals]
    of = sum(weighed)
    return tuple(
        Credit(touch, weight, of, refusal or (reason if weight else str(Reason.MODEL_GIVES_OTHERS)))
        for touch, refusal, weight in zip(path, refusals, weighed, strict=True)
    )


def weigh(touches, *, placed_at, terms):
    count = len(touches)
    match AttributionModel(terms.model):
        case AttributionModel.LAST:
            return [0] * (count - 1) + [1] * min(count, 1)
        case AttributionModel.FIRST:
            return [1] * min(count, 1) + [0] * (count - 1)
        case AttributionModel.LINEAR:
            return [1] * count
        case AttributionModel.POSITION:
            between = count - 2
            return [1] * count if between < 1 else [2 * between, *[1] * between, 2 * between]
        case AttributionModel.DECAY:
            return two_weigh(touches, placed_at=placed_at, terms=terms)


def _shares(
    credits_: Sequence[Credit], lines: Sequence[Line], *, is_capped: bool
) -> tuple[AdvocateShare, ...]:
    """The credits gathered per advocate, in the order of their first touch that counts; then each line allocated."""
    gathered: dict[int, list[Credit]] = {}
    for credit in sorted(credits_, key=lambda credit: credit.weight == 0):
        if credit.touch.advocate is not None:
            gathered.setdefault(credit.touch.advocate, []).append(credit)
    weights = [sum(credit.weight for credit in own) for own in gathered.values()]
    amounts = [allocate(line.commission_minor, weights) for line in lines]
    return tuple(
        _share(advocate, own, weight, tuple(line[index] for line in amounts), is_capped=is_capped)
        for index, ((advocate, own), weight) in enumerate(zip(gathered.items(), weights, strict=True))
    )


def _share(
    advocate: int, own: Sequence[Credit], weight: int, amounts: tuple[int, ...], *, is_capped: bool
) -> AdvocateShare:
    reason = "" if sum(amounts) else _reason_of_share(own, weight, is_capped=is_capped)
    in_order = sorted(
        own,
        key=lambda credit: (credit.touch.kind == TouchKind.CODE, credit.touch.occurred_at, credit.touch.id),
    )
    return AdvocateShare(
        advocate=advocate,
        enrolment=next((c.touch.enrolment for c in own if c.touch.enrolment is not None), None),
        outcome=Outcome.NOT_ELIGIBLE if reason else Outcome.ATTRIBUTED,
        reason=reason,
        weight=weight,
        weight_of=own[0].of,
        amounts=amounts,
        credits=tuple(in_order),
    )


def _reason_of_share(own: Sequence[Credit], weight: int, *, is_capped: bool) -> str:
    """Why an advocate of the path gets nothing: what stopped the touch that came nearest to earning."""
    if weight:
        told = next(credit.reason for credit in own if credit.weight)
        return told or str(Reason.CAP_REACHED if is_capped else Reason.ROUNDS_TO_NOTHING)
    acted = [credit.reason for credit in own if credit.touch.kind not in PASSIVE]
    lost_to_the_model = [reason for reason in acted if reason == Reason.MODEL_GIVES_OTHERS]
    return (lost_to_the_model or acted or [credit.reason for credit in own])[-1]
