"""Who gets what of one sale: a pure function over plain values, without database, network or clock.

`attribution.attribute_sale` collects the inputs and stores them with the result, so that anybody can run `split`
again on what was stored and come to the same cents. docs/commissions.md tells the rules in prose; its tables are
run as tests. A change of a rule is a new ENGINE_VERSION, never a new meaning of an old one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from advocates.enums import AttributionModel, CodePrecedence, Outcome, Reason, TouchKind
from payouts.money import allocate, share_of

ENGINE_VERSION = 1

#: What belongs to the path without earning by itself: only a click or a code does.
PASSIVE = frozenset({TouchKind.VIEW, TouchKind.SAVE, TouchKind.ANSWER})

#: Clocks of shops and ours may differ by this much before a touch counts as later than the sale.
CLOCK_TOLERANCE = timedelta(minutes=5)

#: The weight of a touch at the moment of the sale under time decay; older ones get a part of it.
DECAY_UNIT = 10**9

_DECIMALS = Context(prec=40, rounding=ROUND_HALF_EVEN)
_MICROSECOND = timedelta(microseconds=1)


class UnableToSplit(Exception):
    """The inputs were written by another version of the rules."""


@dataclass(frozen=True)
class TouchFacts:
    """One touch of the path, with what was known of its advocate when the sale was attributed."""

    id: str
    kind: str
    occurred_at: datetime
    advocate: int | None
    enrolment: int | None
    publication: int | None = None
    is_own: bool = False
    is_suspended: bool = False
    is_employee: bool = False
    is_other_shop: bool = False


@dataclass(frozen=True)
class LineFacts:
    """One order line: gross with VAT before discount, and the VAT inside gross − discount."""

    line_id: str
    gross_minor: int
    discount_minor: int = 0
    vat_minor: int = 0

    @property
    def base_minor(self) -> int:
        return self.gross_minor - self.discount_minor - self.vat_minor


@dataclass(frozen=True)
class TermsFacts:
    """The deal version in force when the sale was made, and what its budget had left."""

    deal: int
    version: int
    rate_bps: int
    model: str
    base: str = "net"
    half_life_days: int = 7
    window_days: int = 30
    code_precedence: str = CodePrecedence.CODE_WINS
    cap_minor: int | None = None
    budget_left_minor: int | None = None


@dataclass(frozen=True)
class SaleFacts:
    """`click` and `code` say what became of the ones that the shop reported: "none", "known" or "unknown"."""

    placed_at: datetime
    currency: str
    click: str = "none"
    code: str = "none"


@dataclass(frozen=True)
class Inputs:
    sale: SaleFacts
    terms: TermsFacts | None
    lines: tuple[LineFacts, ...]
    touches: tuple[TouchFacts, ...]
    engine_version: int = ENGINE_VERSION


@dataclass(frozen=True)
class Credit:
    """What one touch carries: weight of `of`, or the reason why nothing comes of it."""

    touch: TouchFacts
    weight: int
    of: int
    reason: str


@dataclass(frozen=True)
class LineCommission:
    """The commission on one line for all advocates together, before and after the cap."""

    line_id: str
    base_minor: int
    uncapped_minor: int
    commission_minor: int


@dataclass(frozen=True)
class AdvocateShare:
    """One advocate's part: an amount per line, in the order of the lines."""

    advocate: int
    enrolment: int | None
    outcome: str
    reason: str
    weight: int
    weight_of: int
    amounts: tuple[int, ...]
    credits: tuple[Credit, ...]


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


def split(inputs: Inputs) -> Result:
    """Divide one sale's commission over the advocates whose touches led to it.

    The order in which touches are given does not matter. The shares of each line sum to the commission on that
    line, to the last cent; a sale is paid in full or, where the budget cannot carry it, not at all.
    Raises UnableToSplit for inputs of another engine version.
    """
    if inputs.engine_version != ENGINE_VERSION:
        raise UnableToSplit(f"These inputs are of engine {inputs.engine_version}, this is {ENGINE_VERSION}.")
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
        (touch.kind == TouchKind.ANSWER, Reason.ANSWER_ONLY),
        (touch.is_suspended, Reason.SUSPENDED),
        (touch.is_own, Reason.OWN_PURCHASE),
        (touch.is_employee, Reason.EMPLOYEE),
        (touch.enrolment is None, Reason.NOT_ENROLLED),
        (terms.model == AttributionModel.CODE and touch.kind != TouchKind.CODE, Reason.CODE_ONLY),
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


def _line_commissions(
    lines: Sequence[LineFacts], terms: TermsFacts | None
) -> tuple[tuple[LineCommission, ...], bool]:
    """The rate of each line's base; where that is more than the cap, the cap spread over the lines."""
    full = [share_of(line.base_minor, terms.rate_bps) if terms else 0 for line in lines]
    cap = terms.cap_minor if terms else None
    is_capped = cap is not None and sum(full) > cap
    capped = allocate(cap, full) if cap is not None and is_capped else full
    parts = (
        LineCommission(line.line_id, line.base_minor, uncapped, commission)
        for line, uncapped, commission in zip(lines, full, capped, strict=True)
    )
    return tuple(parts), is_capped


def _refusal_of_the_sale(
    inputs: Inputs, path: Sequence[TouchFacts], refusals: Sequence[str], lines: Sequence[LineCommission]
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


def weigh(touches: Sequence[TouchFacts], *, placed_at: datetime, terms: TermsFacts) -> list[int]:
    """The integer weights that the deal's model gives to touches that count, oldest first.

    Position: 40 % first, 40 % last, 20 % over those between; two share alike, one has all.
    Time decay: 2^(−age ÷ half-life) in billionths, rounded half to even, never below one billionth.
    """
    count = len(touches)
    match AttributionModel(terms.model):
        case AttributionModel.LAST:
            return [0] * (count - 1) + [1] * min(count, 1)
        case AttributionModel.FIRST:
            return [1] * min(count, 1) + [0] * (count - 1)
        case AttributionModel.LINEAR | AttributionModel.CODE:
            return [1] * count
        case AttributionModel.POSITION:
            between = count - 2
            return [1] * count if between < 1 else [2 * between, *[1] * between, 2 * between]
        case AttributionModel.DECAY:
            half_life = timedelta(days=terms.half_life_days)
            return [_decayed(placed_at - touch.occurred_at, half_life) for touch in touches]


def _decayed(age: timedelta, half_life: timedelta) -> int:
    """DECAY_UNIT × 2^(−age ÷ half-life), in decimal arithmetic of 40 digits; an age below zero counts as none.

    Whole half-lives are halved exactly, so that only what lies between them goes through exp and ln.
    """
    halvings, rest = divmod(max(age, timedelta(0)), half_life)
    part = _DECIMALS.divide(Decimal(rest // _MICROSECOND), Decimal(half_life // _MICROSECOND))
    factor = _DECIMALS.exp(-_DECIMALS.multiply(_DECIMALS.ln(Decimal(2)), part))
    weight = _DECIMALS.divide(_DECIMALS.multiply(factor, DECAY_UNIT), Decimal(2**halvings))
    return max(1, int(weight.to_integral_value(ROUND_HALF_EVEN)))


def _shares(
    credits_: Sequence[Credit], lines: Sequence[LineCommission], *, is_capped: bool
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


def inputs_as_json(inputs: Inputs) -> dict[str, Any]:
    """The inputs as they are stored and hashed: plain values, moments in UTC with microseconds."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value

    shown: dict[str, Any] = plain(asdict(inputs))
    return shown


def inputs_from_json(stored: dict[str, Any]) -> Inputs:
    """The inverse of `inputs_as_json`."""
    moment = datetime.fromisoformat
    sale, terms = stored["sale"], stored["terms"]
    return Inputs(
        sale=SaleFacts(**{**sale, "placed_at": moment(sale["placed_at"])}),
        terms=TermsFacts(**terms) if terms else None,
        lines=tuple(LineFacts(**line) for line in stored["lines"]),
        touches=tuple(
            TouchFacts(**{**touch, "occurred_at": moment(touch["occurred_at"])})
            for touch in stored["touches"]
        ),
        engine_version=stored["engine_version"],
    )
