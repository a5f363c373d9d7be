"""The demo has something to show under Fraud: held, and answered by the advocate."""

from datetime import timedelta

import pytest

from advocates.fraud import examine_shares
from advocates.models import FraudFinding
from cms.demo.findings import find_something
from payouts.books import check_books
from tests.advocates.market import NOW, Market

pytestmark = pytest.mark.django_db


def test_a_market_day_is_found_held_and_answered():
    market = Market(window_days=90)
    ada = market.advocate()
    sales = []
    for days in (1, 6, 9):
        click = market.click(ada, occurred_at=NOW - timedelta(days=days, hours=1), visitor_key=None)
        sales.append(market.sell(click_id=str(click.pk), placed_at=NOW - timedelta(days=days)))
    examine_shares(at=NOW)

    assert find_something(now=NOW) == 1

    finding = FraudFinding.objects.get()
    assert finding.share == market.share(sales[1], ada)
    assert (finding.rule, finding.evidence["clicks"], finding.hold) == ("clicks_per_network", 32, "held")
    assert finding.answer.startswith("Dat was op de markt")
    assert check_books() == []
