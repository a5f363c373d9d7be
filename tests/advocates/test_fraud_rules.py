"""Each rule against fraud at its threshold: what meets it, what just does not, and the figures it gives."""

from datetime import timedelta
from uuid import uuid4

import pytest

from advocates.buyers import buyer_hash
from advocates.disposable import is_disposable
from advocates.enums import FraudRule
from advocates.fraud import examine_shares
from advocates.fraud_batches import Thresholds
from advocates.links import create_link
from advocates.models import FraudFinding, Sale, Share
from advocates.refunds import RefundReport, record_refund
from payouts.models import ConnectedAccount
from tests.advocates.market import NOW, VISITOR, Market

pytestmark = pytest.mark.django_db

LIMITS = Thresholds(clicks_per_link=5, clicks_per_network=4, refund_orders=3)
NETWORK, HERS = 4_000_000_001, -77


@pytest.fixture
def market():
    return Market(window_days=90)


@pytest.fixture
def ada(market):
    return market.advocate()


def found(rule=None, *, at=NOW):
    examine_shares(at=at, thresholds=LIMITS)
    rows = FraudFinding.objects.order_by("pk")
    return list(rows.filter(rule=rule) if rule else rows)


def link_of(market, ada):
    return create_link(advocate=ada, url=market.shop.homepage_url, at=market.began_at)


def buy_after(market, click, **fields):
    return market.sell(click_id=str(click.pk), **fields)


def crowd(market, ada, number, **fields):
    """So many clicks of as many visitors."""
    return [market.click(ada, visitor_key=uuid4(), **fields) for _visitor in range(number)]


def test_an_ordinary_sale_meets_no_rule(market, ada):
    sale = buy_after(market, market.click(ada), customer_email="bob@example.com")

    assert found() == []
    assert market.share(sale, ada).examined_at == NOW


# Clicks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "hits"), [(4, 1), (3, 0)])
def test_clicks_per_link_counts_the_hour_up_to_the_click(market, ada, others, hits):
    link = link_of(market, ada)
    paid = market.click(ada, link=link, occurred_at=NOW - timedelta(hours=3))
    crowd(market, ada, others, link=link, occurred_at=paid.occurred_at - timedelta(minutes=59))
    # Neither an hour earlier, nor later, nor another link is in it.
    crowd(market, ada, 3, link=link, occurred_at=paid.occurred_at - timedelta(hours=1))
    crowd(market, ada, 3, link=link, occurred_at=paid.occurred_at + timedelta(minutes=1))
    crowd(market, ada, 3, occurred_at=paid.occurred_at)
    buy_after(market, paid)

    rows = found(FraudRule.CLICKS_PER_LINK)

    assert [row.evidence for row in rows] == [
        {"clicks": 5, "threshold": 5, "link": link.pk, "until": paid.occurred_at.isoformat()}
    ][:hits]
    assert [row.subject for row in rows] == [f"link:{link.pk}:2026-11-16"][:hits]


@pytest.mark.parametrize(("others", "hits"), [(3, 1), (2, 0)])
def test_clicks_per_network_counts_one_day(market, ada, others, hits):
    noon = NOW - timedelta(days=2)
    paid = market.click(ada, network=NETWORK, occurred_at=noon)
    crowd(market, ada, others, network=NETWORK, occurred_at=noon + timedelta(hours=11))
    crowd(market, ada, 3, network=NETWORK, occurred_at=noon + timedelta(hours=12))
    crowd(market, ada, 3, network=NETWORK + 1, occurred_at=noon)
    crowd(market, None, 3, network=NETWORK, occurred_at=noon)
    buy_after(market, paid)

    rows = found(FraudRule.CLICKS_PER_NETWORK)

    assert [row.evidence for row in rows] == [{"clicks": 4, "threshold": 4, "day": "2026-11-14"}][:hits]


def test_a_click_that_carries_nothing_is_not_looked_at(market, ada):
    """Under last touch the first click is not paid for, so its flood is no reason to hold the order."""
    first = market.click(ada, network=NETWORK, days=3)
    crowd(market, ada, 5, network=NETWORK, occurred_at=first.occurred_at)
    buy_after(market, market.click(ada, days=1))

    assert found() == []


# Buyers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("orders", "hits"), [(4, 4), (3, 0)])
def test_same_buyer_counts_thirty_days_whatever_comes_first(market, ada, orders, hits):
    for number in range(orders):
        placed_at = NOW - timedelta(days=10 * number)
        click = market.click(ada, occurred_at=placed_at - timedelta(hours=1), visitor_key=None)
        buy_after(market, click, placed_at=placed_at, customer_email="bob@example.com")
    # Somebody else's order, and one without a buyer, are none of his.
    buy_after(market, market.click(ada, visitor_key=None), customer_email="cas@example.com")
    buy_after(market, market.click(ada, visitor_key=None))

    rows = found(FraudRule.SAME_BUYER)

    assert [row.evidence for row in rows] == [{"orders": 4, "threshold": 4, "days": 30, "near": ""}] * hits
    assert len({row.subject for row in rows}) == (1 if hits else 0)


def test_same_buyer_outside_of_thirty_days_is_another_time(market, ada):
    for days in (0, 1, 2, 33):
        placed_at = NOW - timedelta(days=days)
        click = market.click(ada, occurred_at=placed_at - timedelta(hours=1), visitor_key=None)
        buy_after(market, click, placed_at=placed_at, customer_email="bob@example.com")

    assert found() == []


def test_same_buyer_through_another_advocate_is_not_hers(market, ada):
    noor = market.advocate("Noor Bakker")
    for number in range(4):
        advocate = ada if number < 3 else noor
        click = market.click(advocate, visitor_key=None)
        buy_after(market, click, customer_email="bob@example.com")

    assert found() == []


@pytest.mark.parametrize(("orders", "hits"), [(2, 2), (1, 0)])
def test_same_buyer_is_sooner_one_in_the_advocates_own_network(market, ada, orders, hits):
    market.click(ada, is_own=True, network=HERS, visitor_key=uuid4())
    for _order in range(orders):
        click = market.click(ada, network=HERS, visitor_key=None)
        buy_after(market, click, customer_email="bob@example.com")

    rows = found(FraudRule.SAME_BUYER)

    assert [row.evidence for row in rows] == [
        {"orders": 2, "threshold": 2, "days": 30, "near": "network"}
    ] * hits


def test_a_browser_that_turns_out_to_be_hers_is_enough(market, ada):
    """At the order nobody knew; afterwards she clicked a link of her own in it, logged in."""
    sale = buy_after(market, market.click(ada, visitor_key=VISITOR), customer_email="bob@example.com")
    assert market.share(sale, ada).commission is not None
    market.click(ada, is_own=True, visitor_key=VISITOR, occurred_at=NOW + timedelta(hours=1))

    (row,) = found(FraudRule.SAME_BUYER, at=NOW + timedelta(hours=2))

    assert row.evidence == {"orders": 1, "threshold": 1, "days": 30, "near": "device"}


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("bob@mailinator.com", True),
        ("Bob@Inbox.MAILINATOR.com.", True),
        ("bob@example.com", False),
        ("mailinator.com", False),
        ("@mailinator.com", False),
        ("bob@com", False),
        ("bob@mailinator.com.example", False),
        ("", False),
    ],
)
def test_disposable_addresses_are_known_by_their_host(email, expected):
    assert is_disposable(email) is expected


@pytest.mark.parametrize(("email", "hits"), [("bob@mailinator.com", 1), ("bob@example.com", 0)])
def test_disposable_mail_is_noted_as_a_fact_and_not_as_an_address(market, ada, email, hits):
    sale = buy_after(market, market.click(ada), customer_email=email)

    assert sale.is_disposable_mail is bool(hits)
    assert [row.evidence for row in found(FraudRule.DISPOSABLE_MAIL)] == [{"orders": 1}] * hits
    assert "mailinator" not in str(Sale.objects.values().get(pk=sale.pk))


# Returns ---------------------------------------------------------------------------------------------------


def give_back(sale, amount_minor):
    report = RefundReport(external_id=f"R{sale.pk}", refunded_at=NOW, amount_minor=amount_minor)
    return record_refund(sale=sale, report=report, at=NOW)


@pytest.mark.parametrize(("returned", "hits"), [(4840, 3), (4820, 0)])
def test_refund_rate_becomes_true_after_the_orders_were_examined(market, ada, returned, hits):
    """Of 3 × € 10.00, € 12.00 is 40 %: each order gives back the same part."""
    sales = [buy_after(market, market.click(ada, visitor_key=None)) for _order in range(3)]
    assert found() == []

    for sale in sales:
        give_back(sale, returned)
    rows = found(FraudRule.REFUND_RATE)

    assert len(rows) == hits
    assert {row.share_id for row in rows} == (
        {market.share(sale, ada).pk for sale in sales} if hits else set()
    )
    for row in rows:
        assert row.evidence == {
            "orders": 3,
            "earned_minor": 3000,
            "back_minor": 1200,
            "back_bps": 4000,
            "threshold_bps": 4000,
            "days": 90,
        }


def test_refund_rate_says_nothing_of_few_orders(market, ada):
    for _order in range(2):
        give_back(buy_after(market, market.click(ada, visitor_key=None)), 6050)

    assert found() == []


def test_refund_rate_of_one_is_not_another_ones(market, ada):
    noor = market.advocate("Noor Bakker")
    for _order in range(3):
        give_back(buy_after(market, market.click(ada, visitor_key=None)), 6050)
        buy_after(market, market.click(noor, visitor_key=None))

    assert {row.share.advocate for row in found(FraudRule.REFUND_RATE)} == {ada}


# Advertisements --------------------------------------------------------------------------------------------


def test_paid_search_is_found_where_the_terms_do_not_allow_it(market, ada):
    link = link_of(market, ada)
    sale = buy_after(market, market.click(ada, link=link, is_paid_search=True))
    buy_after(market, market.click(ada, link=link, visitor_key=None))

    (row,) = found(FraudRule.PAID_SEARCH)

    assert row.share == market.share(sale, ada)
    assert row.evidence == {"clicks": 1, "of": 1, "link": link.pk}


def test_paid_search_that_the_terms_allow_is_no_matter():
    market = Market(is_paid_search_allowed=True)
    ada = market.advocate()
    buy_after(market, market.click(ada, is_paid_search=True))

    assert found() == []


def test_forbidding_advertisements_takes_notice(market):
    allowed = Market("Houtlicht", is_paid_search_allowed=True)

    assert allowed.agree(at=NOW, rate_bps=1000, model="last").valid_from == NOW + timedelta(days=14)
    assert (
        market.agree(
            at=NOW, rate_bps=1000, model="last", window_days=90, is_paid_search_allowed=True
        ).valid_from
        == NOW
    )


# Accounts --------------------------------------------------------------------------------------------------


def account_of(advocate, **fields):
    payee = advocate.payee
    payee.account = ConnectedAccount.objects.create(
        stripe_account_id=f"acct_{advocate.pk}", role="recipient", status="active", created_at=NOW, **fields
    )
    payee.save()
    return payee.account


@pytest.mark.parametrize(
    ("mine", "hers", "by"),
    [
        ({"bank_hashes": ["a", "b"]}, {"bank_hashes": ["b"]}, ["bank"]),
        ({"email_hash": "x"}, {"email_hash": "x"}, ["mail"]),
        (
            {"bank_hashes": ["a"], "email_hash": "x"},
            {"bank_hashes": ["a"], "email_hash": "x"},
            ["bank", "mail"],
        ),
        ({"bank_hashes": ["a"], "email_hash": "x"}, {"bank_hashes": ["b"], "email_hash": "y"}, None),
        ({}, {}, None),
    ],
)
def test_shared_payout_names_what_is_shared(market, ada, mine, hers, by):
    noor = market.advocate("Noor Bakker")
    account_of(ada, **mine)
    account_of(noor, **hers)
    buy_after(market, market.click(ada))

    rows = found(FraudRule.SHARED_PAYOUT)

    assert [row.evidence for row in rows] == ([{"others": [noor.pk], "by": by}] if by else [])


def test_own_purchase_is_known_by_the_address_of_the_payout_account(market, ada):
    account_of(ada, email_hash=buyer_hash("ada.betaald@example.com"))

    sale = buy_after(market, market.click(ada), customer_email="Ada.Betaald@example.com")

    share = Share.objects.get(attribution__sale=sale, advocate=ada)
    assert (share.commission, share.reason) == (None, "own_purchase")
