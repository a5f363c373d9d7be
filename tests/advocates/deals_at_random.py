"""Sales that nobody would think of: deals, paths and orders at random, for the property tests."""

from datetime import timedelta

from hypothesis import strategies as st

from advocates.enums import AttributionModel, CodePrecedence, TouchKind
from advocates.split import (
    AdvocateFacts,
    Inputs,
    LineFacts,
    RateFacts,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
)
from tests.factories import NOW

PEOPLE = range(1, 7)
CATEGORIES = ["", "Wonen", "Wonen > Vazen", "wonen > vazen > Groot", "Woningen"]
PASSIVE = [TouchKind.VIEW, TouchKind.SAVE, TouchKind.ANSWER]

rates = st.integers(0, 10_000)


@st.composite
def lines_of_an_order(draw):
    lines = []
    for index in range(draw(st.integers(1, 6))):
        gross = draw(st.integers(0, 10**7))
        discount = draw(st.integers(0, gross))
        vat = draw(st.integers(0, gross - discount))
        product = draw(st.one_of(st.none(), st.integers(1, 3)))
        lines.append(LineFacts(str(index), gross, discount, vat, product, draw(st.sampled_from(CATEGORIES))))
    return tuple(lines)


@st.composite
def parts(draw):
    """Parts of the first and the last in the position model; together not above the whole."""
    first = draw(rates)
    return {"first_bps": first, "last_bps": draw(st.integers(0, 10_000 - first))}


def touches_of(kinds):
    return st.lists(
        st.builds(
            TouchFacts,
            id=st.uuids().map(str),
            kind=st.sampled_from(kinds),
            occurred_at=st.integers(-60, 120 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
            advocate=st.one_of(st.none(), st.sampled_from(PEOPLE)),
            enrolment=st.sampled_from([1, 1, None]),
            is_own=st.sampled_from([False, False, True]),
            is_suspended=st.sampled_from([False, False, True]),
            is_employee=st.sampled_from([False, False, True]),
            is_other_shop=st.sampled_from([False, False, True]),
        ),
        max_size=9,
        unique_by=lambda touch: touch.id,
    ).map(tuple)


#: What engine 1 knew of terms.
first_terms = {
    "deal": st.just(1),
    "version": st.just(1),
    "rate_bps": st.integers(1, 10_000),
    "model": st.sampled_from([model for model in AttributionModel if model != AttributionModel.CODE]),
    "half_life_days": st.integers(1, 400),
    "window_days": st.integers(1, 365),
    "code_precedence": st.sampled_from(CodePrecedence.values),
    "cap_minor": st.one_of(st.none(), st.integers(1, 10**6)),
    "budget_left_minor": st.one_of(st.none(), st.integers(0, 10**7)),
}
own_rates = st.lists(
    st.one_of(
        st.builds(RateFacts, rates, product=st.integers(1, 3)),
        st.builds(RateFacts, rates, category=st.sampled_from(CATEGORIES[1:])),
    ),
    max_size=4,
    unique_by=lambda rate: (rate.product, rate.category.casefold()),
).map(tuple)
tiers = st.lists(
    st.builds(TierFacts, st.integers(2, 6), st.integers(1, 10_000)),
    max_size=3,
    unique_by=lambda tier: tier.from_order,
).map(tuple)
new_terms = {
    **first_terms,
    "model": st.sampled_from(AttributionModel.values),
    "assists": st.sets(st.sampled_from(PASSIVE)).map(sorted).map(tuple),
    "new_customer_rate_bps": st.one_of(st.none(), st.integers(1, 10_000)),
    "is_first_order_only": st.sampled_from([False, False, True]),
    "rates": own_rates,
    "tiers": tiers,
}
months = st.lists(
    st.builds(
        AdvocateFacts,
        st.sampled_from(PEOPLE),
        st.integers(0, 6),
        st.one_of(st.none(), st.just(0), st.integers(0, 10**6)),
    ),
    max_size=6,
    unique_by=lambda facts: facts.advocate,
).map(tuple)


@st.composite
def sales(draw):
    """The inputs of one sale, with whatever a deal can say."""
    terms = draw(st.one_of(*[st.tuples(st.builds(TermsFacts, **new_terms), parts())] * 3, st.none()))
    return Inputs(
        sale=SaleFacts(
            placed_at=NOW,
            currency=draw(st.sampled_from(["EUR", "JPY", "TND"])),
            is_new_customer=draw(st.sampled_from([True, False, None])),
        ),
        terms=TermsFacts(**{**vars(terms[0]), **terms[1]}) if terms else None,
        lines=draw(lines_of_an_order()),
        touches=draw(touches_of(TouchKind.values)),
        advocates=draw(months),
    )


@st.composite
def first_sales(draw):
    """The inputs of one sale as engine 1 knew them."""
    return Inputs(
        sale=SaleFacts(placed_at=NOW, currency="EUR"),
        terms=draw(st.one_of(st.builds(TermsFacts, **first_terms), st.none())),
        lines=draw(lines_of_an_order()),
        touches=draw(touches_of([TouchKind.CLICK, TouchKind.CODE, TouchKind.VIEW, TouchKind.SAVE])),
        engine_version=1,
    )
