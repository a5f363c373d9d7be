"""Insight for shops: the funnel and its leak, the paths, who stood where, what an order costs; for its people alone."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from advocates.enums import TouchKind
from advocates.links import create_link
from advocates.models import Mention
from advocates.periods import period_of
from advocates.shop_insight import PathRow, RoleRow, costs_of, funnel_of, paths_of, roles_of
from advocates.shops import UnableToChangeShop, state_advertising
from tests.advocates.market import NOW, VISITOR, Market
from tests.factories import make_product, make_publication, make_user

pytestmark = pytest.mark.django_db

MONTH = period_of(30, at=NOW)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def market():
    return Market(budget_minor=50_000)


@pytest.fixture
def ada(market):
    return market.advocate("=Ada Vermeer")


def _path(market, ada, noor):
    """Noor began, Ada kept it going and closed it; under this deal all goes to the last touch."""
    market.click(noor, days=9)
    market.click(ada, days=5, kind=TouchKind.SAVE)
    last = market.click(ada, days=2)
    return market.sell(click_id=str(last.pk), placed_at=NOW - timedelta(days=1))


def test_the_funnel_names_where_most_is_lost(market, ada):
    publication = make_publication(ada.user)
    product = make_product(market.shop)
    link = create_link(advocate=ada, product=product, at=NOW)
    Mention.objects.create(publication=publication, product=product, link=link, position=0)
    for number in range(100):
        market.click(
            ada,
            days=1 + number % 3,
            kind=TouchKind.VIEW,
            publication=publication,
            shop=None,
            visitor_key=VISITOR if number < 4 else None,
        )
    for kind, times in ((TouchKind.SAVE, 39), (TouchKind.CLICK, 35)):
        for _time in range(times):
            click = market.click(ada, kind=kind, visitor_key=None)
    market.sell(click_id=str(click.pk))

    funnel = funnel_of(shop=market.shop, period=MONTH)

    # One visitor came back another day: an interest beside the 39 that were saved.
    assert [step.count for step in funnel.steps] == [100, 40, 35, 1]
    assert [step.kept_percent for step in funnel.steps] == [
        None,
        Decimal(40),
        Decimal("87.5"),
        Decimal("2.9"),
    ]
    assert funnel.leak is not None
    assert (funnel.leak.slug, funnel.leak.is_leak) == ("action", True)
    assert "do not buy" in funnel.leak.advice


def test_too_little_names_no_leak(market, ada):
    market.click(ada)

    assert funnel_of(shop=market.shop, period=MONTH).leak is None


def test_paths_count_what_inspired_also_where_the_deal_pays_the_last(market, ada):
    noor = market.advocate("Noor Haddad")
    _path(market, ada, noor)
    alone = market.click(noor, days=3, visitor_key=None)
    market.sell(click_id=str(alone.pk), placed_at=NOW - timedelta(days=3) + timedelta(hours=2))

    assert paths_of(shop=market.shop, period=MONTH) == [
        PathRow(length=1, orders=1, same_day=1, within_week=0, within_month=0, longer=0),
        PathRow(length=3, orders=1, same_day=0, within_week=0, within_month=1, longer=0),
    ]
    assert roles_of(shop=market.shop, period=MONTH) == [
        RoleRow(name="Noor Haddad", first=2, assist=0, last=1, orders=2, earned_minor=1000),
        RoleRow(name="=Ada Vermeer", first=0, assist=1, last=1, orders=1, earned_minor=1000),
    ]


def test_an_order_costs_its_commission_beside_advertising(market, ada):
    _path(market, ada, market.advocate("Noor Haddad"))
    state_advertising(shop=market.shop, amount_minor=2500)

    costs = costs_of(shop=market.shop, period=MONTH)

    assert (costs.orders, costs.per_order_minor, costs.advertising_minor, costs.saved_minor) == (
        1,
        1000,
        2500,
        1500,
    )
    assert (costs.budget_funded_minor, costs.budget_left_minor) == (50_000, 49_000)


@pytest.mark.parametrize("amount", [0, -1, 10**12])
def test_advertising_is_an_amount_of_one_order(market, amount):
    with pytest.raises(UnableToChangeShop) as refused:
        state_advertising(shop=market.shop, amount_minor=amount)

    assert list(refused.value.errors) == ["advertising"]


def test_the_database_refuses_advertising_of_nothing(market):
    market.shop.advertising_minor = 0
    with pytest.raises(IntegrityError, match="shop_advertising_positive"), transaction.atomic():
        market.shop.save()


def test_nothing_of_another_shop_is_counted(market, ada):
    _path(market, ada, market.advocate("Noor Haddad"))
    other = Market("Eik").shop

    assert [step.count for step in funnel_of(shop=other, period=MONTH).steps] == [0, 0, 0, 0]
    assert (paths_of(shop=other, period=MONTH), roles_of(shop=other, period=MONTH)) == ([], [])
    assert costs_of(shop=other, period=MONTH).per_order_minor is None


def test_queries_do_not_grow_with_orders(market, ada):
    counts = []
    noor = market.advocate("Noor Haddad")
    for number in (1, 3):
        for _order in range(number):
            _path(market, ada, noor)
        with CaptureQueriesContext(connection) as queries:
            funnel_of(shop=market.shop, period=MONTH)
            paths_of(shop=market.shop, period=MONTH)
            roles_of(shop=market.shop, period=MONTH)
            costs_of(shop=market.shop, period=MONTH)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_mila_reads_it_states_her_advertising_and_is_told_what_cannot_be(client, market, ada):
    client.force_login(market.mila)
    address = reverse("advocates:desk_insight", args=[market.shop.slug])

    page = client.get(address, {"days": "\x00"})
    stated = client.post(address, {"advertising": "17,50"})
    wrong = [client.post(address, {"advertising": typed}) for typed in ("veel", "0", "9" * 19, "\x00")]

    market.shop.refresh_from_db()
    assert (page.status_code, page.context["period"].days, stated.status_code) == (200, 30, 302)
    assert [one.status_code for one in wrong] == [422] * 4
    assert [bool(one.context["form"].errors["advertising"]) for one in wrong] == [True] * 4
    assert market.shop.advertising_minor == 1750


def test_the_files_run_no_formula_and_are_for_mila_alone(client, market, ada):
    _path(market, ada, market.advocate("Noor Haddad"))
    tables = ("funnel", "paths", "advocates", "costs")
    addresses = [reverse("advocates:desk_insight_csv", args=[market.shop.slug, name]) for name in tables]
    client.force_login(make_user("Eve Stil"))
    of_eve = [
        client.get(address).status_code for address in [*addresses, addresses[0].rpartition("funnel")[0]]
    ]
    client.force_login(market.mila)

    files = [client.get(address, {"days": "365"}) for address in addresses]

    assert of_eve == [404] * 5
    assert [one.status_code for one in files] == [200] * 4
    names = [row[0] for row in csv.reader(io.StringIO(files[2].getvalue().decode("utf-8-sig")))]
    assert set(names) <= {"Advocate", "Voorspreker", "'=Ada Vermeer", "Noor Haddad"}
    assert client.get(addresses[0].replace("funnel", "secrets")).status_code == 404
