"""What a split is given, as plain values: stored with the result, hashed, and read again years later.

A later engine adds facts with a default that means "not agreed", so that the inputs of an earlier one still read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advocates.bodies import moment_text
from advocates.enums import CodePrecedence

ENGINE_VERSION = 2

#: Engine 2 with none of its new terms is engine 1, to the cent (tests/advocates/test_engine_one.py).
ENGINE_VERSIONS = frozenset({1, 2})


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
    product: int | None = None
    category: str = ""

    @property
    def base_minor(self) -> int:
        return self.gross_minor - self.discount_minor - self.vat_minor


@dataclass(frozen=True)
class RateFacts:
    """A rate of its own: for one product, or for a category and all below it."""

    rate_bps: int
    product: int | None = None
    category: str = ""


@dataclass(frozen=True)
class TierFacts:
    """What comes on top of each rate from an advocate's n-th order of the month on."""

    from_order: int
    extra_bps: int


@dataclass(frozen=True)
class TermsFacts:
    """The deal version in force when the sale was made, and what its budget had left.

    `assists`: the kinds of touch that count beside a click or a code. `rates` of the deal that concern this sale.
    """

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
    first_bps: int = 4000
    last_bps: int = 4000
    assists: tuple[str, ...] = ()
    new_customer_rate_bps: int | None = None
    is_first_order_only: bool = False
    rates: tuple[RateFacts, ...] = ()
    tiers: tuple[TierFacts, ...] = ()


@dataclass(frozen=True)
class AdvocateFacts:
    """An advocate's month when the sale was judged, where the terms ask for it; counted no further than they need.

    `orders`: those of the month before this one that stand. `left_minor`: what her monthly limit leaves her.
    """

    advocate: int
    orders: int = 0
    left_minor: int | None = None


@dataclass(frozen=True)
class SaleFacts:
    """`click` and `code` say what became of the ones that the shop reported: "none", "known" or "unknown".

    `is_new_customer` None: nobody knows who bought, and the order counts as a first one.
    """

    placed_at: datetime
    currency: str
    click: str = "none"
    code: str = "none"
    is_new_customer: bool | None = None


@dataclass(frozen=True)
class Inputs:
    sale: SaleFacts
    terms: TermsFacts | None
    lines: tuple[LineFacts, ...]
    touches: tuple[TouchFacts, ...]
    engine_version: int = ENGINE_VERSION
    advocates: tuple[AdvocateFacts, ...] = ()


def inputs_as_json(inputs: Inputs) -> dict[str, Any]:
    """The inputs as they are stored and hashed: plain values, moments in UTC with microseconds."""
    terms = inputs.terms
    return {
        "sale": {**vars(inputs.sale), "placed_at": moment_text(inputs.sale.placed_at)},
        "terms": {
            **vars(terms),
            "assists": list(terms.assists),
            "rates": [dict(vars(rate)) for rate in terms.rates],
            "tiers": [dict(vars(tier)) for tier in terms.tiers],
        }
        if terms
        else None,
        "lines": [dict(vars(line)) for line in inputs.lines],
        "touches": [
            {**vars(touch), "occurred_at": moment_text(touch.occurred_at)} for touch in inputs.touches
        ],
        "engine_version": inputs.engine_version,
        "advocates": [dict(vars(facts)) for facts in inputs.advocates],
    }


def inputs_from_json(stored: dict[str, Any]) -> Inputs:
    """The inverse of `inputs_as_json`; what an earlier engine did not know gets its default."""
    moment = datetime.fromisoformat
    sale = stored["sale"]
    return Inputs(
        sale=SaleFacts(**{**sale, "placed_at": moment(sale["placed_at"])}),
        terms=_terms_from_json(stored["terms"]) if stored["terms"] else None,
        lines=tuple(LineFacts(**line) for line in stored["lines"]),
        touches=tuple(
            TouchFacts(**{**touch, "occurred_at": moment(touch["occurred_at"])})
            for touch in stored["touches"]
        ),
        engine_version=stored["engine_version"],
        advocates=tuple(AdvocateFacts(**facts) for facts in stored.get("advocates", ())),
    )


def _terms_from_json(stored: dict[str, Any]) -> TermsFacts:
    return TermsFacts(
        **{
            **stored,
            "assists": tuple(stored.get("assists", ())),
            "rates": tuple(RateFacts(**rate) for rate in stored.get("rates", ())),
            "tiers": tuple(TierFacts(**tier) for tier in stored.get("tiers", ())),
        }
    )
