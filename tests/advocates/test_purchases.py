"""Buying on the site, from the product to the order and the fee; played against the stand-in."""

import pytest
from django.utils import timezone

from advocates.enums import PurchaseState, SaleSource
from advocates.models import Purchase, Sale
from payouts.books import check_books
from payouts.models import ApplicationFee, Commission
from tests.advocates.counter import Counter
from tests.advocates.market import Market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def counter(stand_in, market, client):
    stand_in.advance(timezone.now().timestamp() - stand_in.world.now)
    return Counter(stand_in, market, client)


def test_what_is_bought_here_is_an_order_and_its_commission_is_in_hand(counter, market):
    ada = market.advocate()

    counter.buy_here(ada, quantity=2)
    counter.hear()

    purchase, sale = counter.purchase(), Sale.objects.get()
    assert (sale.source, sale.external_id, sale.shipping_minor) == (SaleSource.HERE, purchase.number, 495)
    assert (purchase.state, purchase.sale) == (PurchaseState.PAID, sale)
    # 2 × € 24.20 less 21 % VAT is € 40.00, of which 10 %.
    assert market.share(sale, ada).commission.amount_minor == 400
    assert (purchase.fee_minor, purchase.fee.in_hand_minor) == (400, 400)
    assert check_books() == []
