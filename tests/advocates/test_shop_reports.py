from datetime import timedelta

import pytest

from advocates.api_keys import create_key, revoke_key
from advocates.shop_reports import ShopFigures, figures_of, progress_of
from payouts.commissions import mature_commissions
from payouts.models import Commission
from payouts.reviews import approve_commissions
from tests.advocates.market import NOW, Market
from tests.factories import make_commission, make_payee, make_product, make_shop

pytestmark = pytest.mark.django_db


def test_figures_are_of_the_month_and_of_what_is_open_now():
    market = Market(hold_days=14)
    ada = market.advocate()
    click = market.click(ada, days=20)
    market.sell(click_id=str(click.pk), placed_at=NOW - timedelta(days=18), external_id="oktober")
    market.sell(click_id=str(click.pk), placed_at=NOW - timedelta(days=1), external_id="november")
    make_commission(Market("Ander").shop.payer, make_payee(), 99_900)
    mature_commissions(at=NOW)
    [due] = Commission.objects.filter(payer=market.shop.payer, state="due")
    approve_commissions(payer=market.shop.payer, commission_ids=[due.pk], by=market.mila, at=NOW)

    assert figures_of(market.shop, at=NOW) == ShopFigures(
        currency="EUR",
        sales=1,
        sold_minor=12_100,
        earned_minor=1000,
        to_review=1,
        to_review_minor=1000,
        to_settle_minor=1000,
        next_due_at=NOW + timedelta(days=13),
    )


def test_figures_of_a_new_shop_are_nothing():
    figures = figures_of(make_shop(), at=NOW)

    assert (figures.sales, figures.sold_minor, figures.to_review_minor, figures.next_due_at) == (
        0,
        0,
        0,
        None,
    )


def test_progress_follows_each_step_and_a_revoked_key_reports_nothing():
    market = Market()
    shop = market.shop
    before = progress_of(shop)
    make_product(shop)
    market.advocate()
    shop.payer.stripe_payment_method_id = "pm_1"
    key, _text = create_key(shop=shop, name="Kassa", by=market.mila, at=NOW)
    complete = progress_of(shop)
    revoke_key(key=key, at=NOW)

    assert (before.has_products, before.has_open_programme, before.has_advocate) == (False, True, False)
    assert (before.is_complete, complete.is_complete, progress_of(shop).can_report_sales) == (
        False,
        True,
        False,
    )
