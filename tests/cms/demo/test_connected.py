"""The demo's connected shop shows what may become of a message: waiting, taken in, given back, refused."""

import pytest

from advocates.models import Refund, RefusedReport, Sale, ShopEvent
from cms.demo.connected import send_messages
from tests.advocates.market import NOW, Market
from tests.factories import make_product


@pytest.mark.django_db
def test_messages_show_what_may_become_of_them():
    market = Market()
    market.code(market.advocate(), "ADA10")
    make_product(market.shop, price_minor=2400)
    make_product(market.shop, price_minor=3150)

    assert send_messages(now=NOW) == 5

    states = list(ShopEvent.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["ignored", "processed", "processed", "processed", "refused"]
    assert (Sale.objects.count(), Refund.objects.count(), RefusedReport.objects.count()) == (2, 1, 1)
    assert Sale.objects.get(external_id="9002").code == "ADA10"
