"""Mila sets a budget aside, sees it stop, and takes out what is left."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from advocates.deals import BonusTerm
from advocates.enums import Reason
from advocates.refunds import RefundReport, record_refund
from payouts.books import check_books
from payouts.models import Budget, BudgetMovement
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def _url(name, market):
    with override("en"):
        return reverse(f"advocates:{name}", args=[market.shop.slug])


@pytest.fixture
def market(client):
    market = Market()
    client.force_login(market.mila)
    return market


def fund(client, market, amount):
    return client.post(_url("desk_budget_fund", market), {"amount_minor": amount})


def test_budget_is_set_aside_and_stops_the_programme(client, market):
    fund(client, market, "15,00")
    ada = market.advocate()
    click = market.click(ada)

    sales = [market.sell(click_id=str(click.pk)) for _order in range(2)]
    page = client.get(_url("desk_budget", market))

    assert [sale.attribution.reason for sale in sales] == ["", Reason.BUDGET_EMPTY]
    standing = page.context["standing"]
    assert (standing.funded_minor, standing.reserved_minor, standing.spent_minor, standing.left_minor) == (
        1500,
        1000,
        0,
        500,
    )
    assert [(one["label"], one["bps"]) for one in page.context["slices"]] == [
        ("Spent", 0),
        ("Reserved", 6667),
        ("Left", 3333),
    ]
    share_url = market.share(sales[0], ada).get_absolute_url()
    assert f'href="{share_url}"' in page.content.decode()
    assert check_books() == []


def test_returned_order_gives_its_part_back(client, market):
    fund(client, market, "10")
    sale = market.sell(click_id=str(market.click(market.advocate()).pk))

    record_refund(
        sale=sale,
        report=RefundReport(external_id="R1", refunded_at=NOW + timedelta(days=1), amount_minor=12100),
        at=NOW + timedelta(days=1),
    )
    page = client.get(_url("desk_budget", market))

    steps = [(row.step, row.amount_minor, row.left_minor) for row in page.context["page_of_movements"]]
    assert steps == [("released", 1000, 1000), ("reserved", 1000, 0), ("funded", 1000, 1000)]
    assert check_books() == []


@pytest.mark.parametrize("amount", ["", "0", "-1", "1,234", "x", "\0", "9" * 40, "99999999999999"])
@pytest.mark.parametrize("name", ["desk_budget_fund", "desk_budget_withdraw"])
def test_wrong_amount_is_refused_at_its_field_and_stays(client, market, name, amount):
    fund(client, market, "10")

    page = client.post(_url(name, market), {"amount_minor": amount})

    form = page.context["fund_form" if name == "desk_budget_fund" else "withdraw_form"]
    assert (page.status_code, list(form.errors)) == (422, ["amount_minor"])
    assert form["amount_minor"].value() == amount
    assert BudgetMovement.objects.count() == 1


def test_no_more_than_is_left_is_taken_out(client, market):
    fund(client, market, "15")
    market.sell(click_id=str(market.click(market.advocate()).pk))

    too_much = client.post(_url("desk_budget_withdraw", market), {"amount_minor": "5,01"})
    all_of_it = client.post(_url("desk_budget_withdraw", market), {"amount_minor": "5,00"})

    assert (too_much.status_code, all_of_it.status_code) == (422, 302)
    budget = Budget.objects.get()
    assert (budget.funded_minor, budget.left_minor) == (1000, 0)
    assert check_books() == []


def test_without_a_budget_there_is_no_limit_and_nothing_to_take_out(client, market):
    page = client.get(_url("desk_budget", market))
    taken = client.post(_url("desk_budget_withdraw", market), {"amount_minor": "5"})

    assert (page.context["standing"], taken.status_code) == (None, 422)


def test_bonus_in_the_list_leads_to_the_sale_that_brought_it(client):
    market = Market(bonuses=(BonusTerm(orders=1, amount_minor=500),), budget_minor=100_000)
    client.force_login(market.mila)
    sale = market.sell(click_id=str(market.click(market.advocate()).pk))

    page = client.get(_url("desk_budget", market))

    with override("en"):
        url = reverse("advocates:desk_sale", args=[market.shop.slug, sale.pk])
    assert f'href="{url}"' in page.content.decode()


@pytest.mark.parametrize("name", ["desk_budget", "desk_budget_fund", "desk_budget_withdraw"])
def test_budget_is_not_there_for_others(client, market, name):
    eve = make_user("Eve Stranger")
    call = client.get if name == "desk_budget" else client.post
    client.force_login(eve)
    strange = call(_url(name, market))
    client.logout()
    anonymous = call(_url(name, market))

    assert (strange.status_code, anonymous.status_code) == (404, 302)


def test_queries_do_not_grow_with_the_movements(client, market):
    fund(client, market, "1000")
    ada = market.advocate()
    click = market.click(ada)
    counts = []
    for orders in (1, 3):
        for _order in range(orders):
            market.sell(click_id=str(click.pk), lines=(line_report(),))
        with CaptureQueriesContext(connection) as queries:
            client.get(_url("desk_budget", market))
        counts.append(len(queries))

    assert counts[0] == counts[1]
