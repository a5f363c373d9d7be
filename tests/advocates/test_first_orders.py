"""Nothing hangs on an order being somebody's first: one that comes back takes nothing from those after it."""

from datetime import timedelta

import pytest

from advocates.refunds import RefundLineReport, RefundReport, record_refund
from payouts.enums import CommissionState
from tests.advocates.market import NOW, Market

pytestmark = pytest.mark.django_db


def test_second_order_earns_in_full_though_the_first_came_back():
    """Trap 25."""
    market = Market()
    ada = market.advocate()
    click = market.click(ada)
    first = market.sell(external_id="1001", click_id=str(click.pk), is_new_customer=True)
    record_refund(
        sale=first,
        report=RefundReport(
            external_id="R1", refunded_at=NOW + timedelta(days=2), lines=(RefundLineReport("1", 1),)
        ),
        at=NOW + timedelta(days=2),
    )

    second = market.sell(
        external_id="1002",
        click_id=str(click.pk),
        is_new_customer=False,
        placed_at=NOW + timedelta(days=3),
        at=NOW + timedelta(days=3),
    )

    assert market.share(first, ada).commission.state == CommissionState.REVERSED
    assert market.share(second, ada).commission.amount_minor == 1000
    assert market.share(second, ada).commission.state == CommissionState.PENDING
