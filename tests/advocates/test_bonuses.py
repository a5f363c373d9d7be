"""Bonuses come with a number of orders that stand, and go with them; steps, limits and first orders beside them."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from advocates.bonuses import month_of, settle_bonuses, settle_open_bonuses
from advocates.deals import BonusTerm, RateTerm, TierTerm
from advocates.enums import Reason, TouchKind
from advocates.explanations import recompute
from advocates.models import Bonus, Share
from advocates.programmes import fund_programme
from advocates.refunds import RefundReport, record_refund
from payouts.books import check_books
from payouts.models import Commission
from payouts.reviews import reject_commission
from tests.advocates.market import NOW, VISITOR, Market, line_report
from tests.factories import make_product

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
MONTH = month_of(NOW)


def give_back(sale, number="R1"):
    report = RefundReport(external_id=number, refunded_at=LATER, amount_minor=12100)
    return record_refund(sale=sale, report=report, at=LATER)


def bonuses():
    rows = Bonus.objects.order_by("pk").values_list("number", "commission__state", "commission__amount_minor")
    return list(rows)


def test_bonus_comes_with_its_number_of_orders_and_not_twice():
    market = Market(bonuses=(BonusTerm(orders=2, amount_minor=500), BonusTerm(orders=3, amount_minor=700)))
    ada = market.advocate()
    click = market.click(ada)

    sales = [market.sell(click_id=str(click.pk)) for _order in range(4)]

    assert [(bonus.rule.orders, bonus.sale) for bonus in Bonus.objects.order_by("pk")] == [
        (2, sales[1]),
        (3, sales[2]),
    ]
    assert bonuses() == [(1, "pending", 500), (1, "pending", 700)]
    assert settle_bonuses(enrolment=market.enrolment(ada), month_date=MONTH, at=LATER) == 0
    assert check_books() == []


def test_returns_take_a_bonus_away_and_another_order_brings_the_next():
    market = Market(bonuses=(BonusTerm(orders=2, amount_minor=500),))
    click = market.click(market.advocate())
    sales = [market.sell(click_id=str(click.pk)) for _order in range(2)]

    give_back(sales[0])
    after_return = bonuses()
    give_back(sales[0])
    market.sell(click_id=str(click.pk))

    assert after_return == [(1, "reversed", 500)]
    assert bonuses() == [(1, "reversed", 500), (2, "pending", 500)]
    assert check_books() == []


def test_partial_return_leaves_the_order_standing():
    market = Market(bonuses=(BonusTerm(orders=1, amount_minor=500),))
    sale = market.sell(click_id=str(market.click(market.advocate()).pk))

    record_refund(
        sale=sale, report=RefundReport(external_id="R1", refunded_at=LATER, amount_minor=12000), at=LATER
    )

    assert bonuses() == [(1, "pending", 500)]


def test_orders_of_another_month_or_advocate_do_not_count():
    market = Market(bonuses=(BonusTerm(orders=2, amount_minor=500),))
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    of_ada, of_bea = market.click(ada, visitor_key=None, days=50), market.click(bea, visitor_key=None)

    market.sell(click_id=str(of_ada.pk), placed_at=NOW - timedelta(days=40))
    market.sell(click_id=str(market.click(ada, visitor_key=None).pk))
    market.sell(click_id=str(of_bea.pk))

    assert bonuses() == []


def test_rejected_order_takes_its_bonus_along_at_the_next_round():
    market = Market(bonuses=(BonusTerm(orders=1, amount_minor=500),))
    ada = market.advocate()
    sale = market.sell(click_id=str(market.click(ada).pk))
    commission = market.share(sale, ada).commission

    reject_commission(commission=commission, reason="unpaid", note="Never paid", by=market.mila, at=LATER)

    assert settle_open_bonuses(at=LATER) == 1
    assert bonuses() == [(1, "reversed", 500)]
    assert settle_open_bonuses(at=LATER) == 0


def test_bonus_that_the_shop_rejected_stays_rejected():
    market = Market(bonuses=(BonusTerm(orders=1, amount_minor=500),))
    click = market.click(market.advocate())
    market.sell(click_id=str(click.pk))
    commission = Bonus.objects.get().commission
    reject_commission(commission=commission, reason="other", note="A mistake", by=market.mila, at=LATER)

    market.sell(click_id=str(click.pk))

    assert settle_open_bonuses(at=LATER) == 0
    assert bonuses() == [(1, "rejected", 500)]


def test_bonus_that_the_budget_cannot_carry_waits_for_money():
    market = Market(bonuses=(BonusTerm(orders=1, amount_minor=500),), budget_minor=1400)
    market.sell(click_id=str(market.click(market.advocate()).pk))
    before = bonuses()

    fund_programme(programme=market.programme, amount_minor=1000, by=market.mila, at=LATER)
    settle_open_bonuses(at=LATER)

    assert (before, bonuses()) == ([], [(1, "pending", 500)])
    market.programme.budget.refresh_from_db()
    assert market.programme.budget.left_minor == 900


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_bonus_is_the_same_in_whatever_order_sales_arrive(order):
    market = Market(bonuses=(BonusTerm(orders=2, amount_minor=500),))
    click = market.click(market.advocate())

    for number in order:
        market.sell(
            click_id=str(click.pk), external_id=f"A{number}", placed_at=NOW - timedelta(hours=9 - number)
        )

    assert bonuses() == [(1, "pending", 500)]


def test_month_is_the_sites_own():
    assert month_of(NOW.replace(month=7, day=31, hour=22, minute=30)) == date(NOW.year, 8, 1)


def test_tier_counts_the_orders_of_the_month_that_stand():
    market = Market(tiers=(TierTerm(from_order=3, extra_bps=500),))
    ada = market.advocate()
    click = market.click(ada)

    sales = [market.sell(click_id=str(click.pk)) for _order in range(3)]
    give_back(sales[0])
    market.sell(click_id=str(click.pk))
    give_back(sales[1], "R2")
    after = market.sell(click_id=str(click.pk))

    amounts = list(Commission.objects.order_by("pk").values_list("amount_minor", flat=True))
    assert amounts == [1000, 1000, 1500, 1500, 1500]
    give_back(after, "R3")
    assert all(recompute(share) for share in Share.objects.all())


def test_limit_of_a_month_is_never_passed_and_returns_give_room():
    market = Market(advocate_cap_minor=2500)
    ada = market.advocate()
    click = market.click(ada)

    sales = [market.sell(click_id=str(click.pk)) for _order in range(4)]
    give_back(sales[0])
    again = market.sell(click_id=str(click.pk))

    assert [sale.attribution.commission_minor for sale in sales] == [1000, 1000, 500, 0]
    assert market.share(sales[3], ada).reason == Reason.ADVOCATE_CAP
    assert again.attribution.commission_minor == 1000
    assert check_books() == []


def test_rate_of_the_category_and_of_a_first_order():
    market = Market(rates=(RateTerm(rate_bps=2000, category="Wonen"),), new_customer_rate_bps=1500)
    make_product(market.shop, external_id="P1", category="wonen > Vazen")
    click = market.click(market.advocate())
    lines = (line_report("1"), line_report("2", product_id="P2"))

    def rates(**fields):
        sale = market.sell(click_id=str(click.pk), lines=lines, **fields)
        return [line.commission_minor for line in sale.attribution.shares.get().lines.order_by("pk")]

    assert rates(customer_email="bob@example.com") == [2000, 1500]
    assert rates(customer_email="Bob@example.com", placed_at=NOW + timedelta(minutes=1)) == [2000, 1000]
    assert rates(customer_email="bob@example.com", is_new_customer=True) == [2000, 1500]


def test_first_order_that_was_returned_does_not_count_as_the_first():
    """Trap 25: the reward for a first order is not lost because the first sale came back."""
    market = Market(is_first_order_only=True)
    click = market.click(market.advocate(), days=9)
    fields = {"click_id": str(click.pk), "customer_email": "bob@example.com"}

    first = market.sell(**fields, placed_at=NOW - timedelta(days=3))
    second = market.sell(**fields, placed_at=NOW - timedelta(days=2))
    give_back(first)
    third = market.sell(**fields, placed_at=NOW - timedelta(days=1))

    assert first.attribution.reason == ""
    assert second.attribution.reason == Reason.RETURNING_CUSTOMER
    # The second stands, though it earned nothing: its buyer is known by then.
    assert third.attribution.reason == Reason.RETURNING_CUSTOMER
    give_back(second, "R2")
    assert market.sell(**fields).attribution.reason == Reason.RETURNING_CUSTOMER
    give_back(third, "R3")


def test_buyer_whose_only_order_came_back_is_new_again():
    market = Market(is_first_order_only=True)
    click = market.click(market.advocate(), days=9)
    fields = {"click_id": str(click.pk), "customer_email": "bob@example.com"}

    give_back(market.sell(**fields, placed_at=NOW - timedelta(days=3)))

    assert market.sell(**fields).attribution.reason == ""


def test_assist_counts_beside_the_click():
    market = Market(model="linear", counts_saves=True)
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.click(ada, kind=TouchKind.SAVE, days=3)

    sale = market.sell(click_id=str(market.click(bea).pk))

    amounts = {share.advocate: share.commission.amount_minor for share in sale.attribution.shares.all()}
    assert amounts == {ada: 500, bea: 500}


def test_browser_in_which_the_advocate_clicked_herself_is_hers():
    market, elsewhere = Market(), Market("Elders")
    ada = market.advocate()
    elsewhere.click(ada, is_own=True, days=60)
    click = market.click(ada, visitor_key=VISITOR)

    own = market.sell(click_id=str(click.pk))
    other = market.sell(click_id=str(market.click(ada, visitor_key=None).pk))

    assert (own.attribution.reason, other.attribution.reason) == (Reason.OWN_PURCHASE, "")


def test_facts_are_collected_in_a_number_of_queries_that_does_not_grow():
    market = Market(
        model="linear",
        advocate_cap_minor=100_000,
        tiers=(TierTerm(from_order=3, extra_bps=500),),
        new_customer_rate_bps=1500,
        rates=(RateTerm(rate_bps=2000, category="Wonen"),),
        budget_minor=1_000_000,
    )
    ada = market.advocate()
    for number in range(4):
        make_product(market.shop, external_id=f"P{number}")
    counts = []
    for clicks, lines in ((1, 1), (1, 1), (3, 4)):
        click = [market.click(ada) for _number in range(clicks)][-1]
        with CaptureQueriesContext(connection) as queries:
            market.sell(
                click_id=str(click.pk),
                customer_email="bob@example.com",
                lines=tuple(line_report(str(number), product_id=f"P{number}") for number in range(lines)),
            )
        counts.append(len(queries))

    # The first makes the accounts of the books.
    assert counts[1] == counts[2]


def test_programme_page_tells_an_advocate_how_her_month_stands(client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    market = Market(
        tiers=(TierTerm(from_order=2, extra_bps=200), TierTerm(from_order=9, extra_bps=500)),
        bonuses=(BonusTerm(orders=1, amount_minor=500), BonusTerm(orders=5, amount_minor=900)),
        advocate_cap_minor=10_000,
        budget_minor=100_000,
    )
    ada, eve = market.advocate("Ada V"), market.advocate("Eve Storm", enrolled=False)
    market.sell(click_id=str(market.click(ada).pk))
    url = reverse("advocates:join", args=[market.shop.slug])

    client.force_login(ada.user)
    mine = client.get(url).context
    client.force_login(eve.user)
    hers = client.get(url).context
    client.logout()
    anybodys = client.get(url)

    month = mine["month"]
    assert (month.orders, month.earned_minor, month.extra_bps, month.bonuses_minor, month.left_minor) == (
        1,
        1000,
        200,
        500,
        9000,
    )
    assert (month.next_step.from_order, month.next_bonus.orders) == (9, 5)
    assert mine["budget"].left_minor == 98_500
    assert (hers["month"], hers["budget"]) == (None, None)
    assert (anybodys.context["month"], anybodys.context["budget"]) == (None, None)


def test_bonuses_stand_on_the_earnings_page_of_their_advocate(client):
    market = Market(bonuses=(BonusTerm(orders=1, amount_minor=500), BonusTerm(orders=2, amount_minor=700)))
    ada, eve = market.advocate("Ada V"), market.advocate("Eve Storm", enrolled=False)
    click = market.click(ada)
    url, counts = reverse("advocates:earnings"), []

    for _order in range(2):
        market.sell(click_id=str(click.pk))
        client.force_login(ada.user)
        with CaptureQueriesContext(connection) as queries:
            mine = client.get(url).context["bonuses"]
        counts.append(len(queries))
    client.force_login(eve.user)
    hers = client.get(url).context["bonuses"]

    assert [(bonus.rule.orders, bonus.commission.open_minor) for bonus in mine] == [(2, 700), (1, 500)]
    assert hers == []
    assert counts[0] == counts[1]
