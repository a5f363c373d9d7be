"""What Ada reads of rates, steps, limits and the budget; and that the file she gets computes to her own cents."""

import json

import pytest
from django.utils import translation

from advocates.deals import RateTerm, TierTerm
from advocates.explanations import explain
from advocates.models import Share
from tests.advocates.market import Market, line_report
from tests.advocates.test_recompute import recompute
from tests.factories import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def market():
    market = Market(
        model="linear",
        rate_bps=1000,
        new_customer_rate_bps=1500,
        tiers=(TierTerm(from_order=2, extra_bps=500),),
        rates=(RateTerm(rate_bps=2000, category="Wonen"),),
        advocate_cap_minor=4000,
        budget_minor=100_000,
    )
    make_product(market.shop, external_id="P1", category="Wonen > Vazen")
    return market


@pytest.fixture
def sale(market):
    """Ada's second order, and Bea's first: a vase of a category with a rate of its own, and a spade."""
    ada, bea = market.advocate("Ada Vermeer"), market.advocate("Bea Bos")
    market.sell(
        click_id=str(market.click(ada, visitor_key=None).pk), lines=(line_report("1", product_id="P1"),)
    )
    market.click(bea, days=3)
    click = market.click(ada)
    lines = (line_report("1", product_id="P1"), line_report("2", product_id="P2"))
    return market.sell(click_id=str(click.pk), lines=lines, customer_email="bob@example.com")


def share_of(sale, name):
    return Share.objects.get(attribution__sale=sale, advocate__user__name=name)


def test_each_line_says_which_rate_and_what_is_on_top(sale):
    told = explain(share_of(sale, "Ada Vermeer"))

    lines = [
        (line.rate_bps, line.rate_source, line.extra_bps, line.commission_minor, line.before_limit_minor)
        for line in told.lines
    ]
    assert lines == [
        (2500, "the rate of its category", 500, 2250, 1250),
        (2000, "the rate for a customer's first order", 500, 1750, 1000),
    ]
    assert [line.amount_minor for line in told.lines] == [1111, 889]
    assert told.amount_minor == 2000


def test_notes_say_what_else_it_depended_on(sale):
    share = share_of(sale, "Ada Vermeer")

    assert explain(share).notes == (
        "It was the buyer’s first order at the shop.",
        "Orders of the month that stood before this one: at least 1.",
        "Of the most for one advocate in a month €20.00 was left.",
    )
    assert explain(share, viewer="shop").notes[-1] == "The programme’s budget had €980.00 left."


@pytest.mark.parametrize("name", ["Ada Vermeer", "Bea Bos"])
def test_file_of_one_advocate_computes_to_her_cents(sale, name):
    share = share_of(sale, name)

    inputs = json.loads(explain(share).inputs_json)

    amounts = list(share.lines.order_by("pk").values_list("amount_minor", flat=True))
    assert recompute.recompute(inputs)[share.advocate_id] == amounts
    assert [month["advocate"] for month in inputs["advocates"]] == [share.advocate_id]
    assert inputs["terms"]["budget_left_minor"] is None


def test_file_of_the_shop_computes_to_everybodys_cents(sale):
    share = share_of(sale, "Ada Vermeer")

    told = recompute.recompute(json.loads(explain(share, viewer="shop").inputs_json))

    assert {advocate: sum(amounts) for advocate, amounts in told.items()} == {
        one.advocate_id: one.commission.amount_minor for one in sale.attribution.shares.all()
    }
