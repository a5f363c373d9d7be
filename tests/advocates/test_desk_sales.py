import pytest
from django.urls import reverse
from django.utils.translation import override

from advocates.models import Share
from tests.advocates.market import NOW, Market


@pytest.fixture
def market(client, db):
    market = Market(model="linear")
    client.force_login(market.mila)
    return market


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _shared_sale(market):
    ada, cas = market.advocate(), market.advocate("Cas Klaver")
    market.click(ada, days=3)
    last = market.click(cas, days=1)
    return market.sell(click_id=str(last.pk))


def test_sales_show_what_was_paid_and_what_it_cost(client, market):
    earned, unearned = _shared_sale(market), market.sell()

    page = client.get(_url("desk_sales", market.shop))

    rows = {
        row.pk: (row.paid_minor, row.commission_minor, row.advocates) for row in page.context["page_of_sales"]
    }
    assert rows == {earned.pk: (12_100, 1000, 2), unearned.pk: (12_100, 0, 0)}
    assert "No click and no code led to this sale" in page.content.decode()


@pytest.mark.parametrize(("only", "index"), [("attributed", 0), ("not_eligible", 1)])
def test_sales_can_be_filtered_by_outcome(client, market, only, index):
    sales = [_shared_sale(market), market.sell()]

    page = client.get(_url("desk_sales", market.shop), {"show": only})

    assert [row.pk for row in page.context["page_of_sales"]] == [sales[index].pk]


def test_sale_shows_the_path_the_shares_and_the_hash(client, market):
    sale = _shared_sale(market)

    page = client.get(_url("desk_sale", market.shop, sale.pk))

    text = page.content.decode()
    assert [(step.who, step.weight, step.of) for step in page.context["trace"].path] == [
        ("Ada Vermeer", 1, 2),
        ("Cas Klaver", 1, 2),
    ]
    assert page.context["trace"].open_minor == 1000
    assert sale.attribution.inputs_sha256 in text
    with override("en"):
        assert all(share.get_absolute_url() in text for share in Share.objects.all())


def test_touch_that_did_not_count_says_why(client, market):
    ada, stranger = market.advocate(), market.advocate("Cas Klaver", enrolled=False)
    market.click(stranger, days=2)
    sale = market.sell(click_id=str(market.click(ada).pk))

    page = client.get(_url("desk_sale", market.shop, sale.pk))

    assert "No deal with this shop at the time of the sale" in page.content.decode()


def test_sale_without_shares_says_why(client, market):
    sale = market.sell(code="NIEMAND10")

    text = client.get(_url("desk_sale", market.shop, sale.pk)).content.decode()

    assert sale.attribution.get_reason_display() in text
    assert "NIEMAND10" in text


def test_sale_of_another_shop_is_not_there(client, market):
    other = Market("Ander").sell(at=NOW)

    assert client.get(_url("desk_sale", market.shop, other.pk)).status_code == 404


@pytest.mark.parametrize("sales", [1, 3])
def test_sales_take_the_same_number_of_queries(client, market, django_assert_num_queries, sales):
    ada = market.advocate()
    for _number in range(sales):
        market.sell(click_id=str(market.click(ada).pk))

    with django_assert_num_queries(9):
        page = client.get(_url("desk_sales", market.shop))

    assert len(page.context["page_of_sales"]) == sales
