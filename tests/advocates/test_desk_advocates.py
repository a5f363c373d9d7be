import pytest
from django.urls import reverse
from django.utils.translation import override

from advocates.enrolments import request_to_join
from advocates.models import Enrolment
from tests.advocates.market import Market
from tests.factories import NOW, make_user


@pytest.fixture
def market(client, db):
    market = Market()
    client.force_login(market.mila)
    return market


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _request(market, name="Ada Vermeer"):
    return request_to_join(
        user=make_user(name), programme=market.programme, motivation="Ik drink er elke dag uit.", at=NOW
    )


def test_request_shows_motivation_and_profile_and_can_be_approved(client, market):
    enrolment = _request(market)

    page = client.get(_url("desk_advocates", market.shop)).content.decode()
    client.post(_url("desk_enrolment_approve", market.shop, enrolment.pk))

    enrolment.refresh_from_db()
    assert "Ik drink er elke dag uit." in page
    assert enrolment.advocate.user.profile.get_absolute_url() in page
    assert (enrolment.state, enrolment.decided_by) == ("active", market.mila)


def test_declining_keeps_the_note(client, market):
    enrolment = _request(market)

    client.post(_url("desk_enrolment_decline", market.shop, enrolment.pk), {"note": "We zijn vol."})

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.decision_note) == ("declined", "We zijn vol.")


def test_decided_request_is_not_decided_again(client, market):
    enrolment = _request(market)
    client.post(_url("desk_enrolment_approve", market.shop, enrolment.pk))

    page = client.post(_url("desk_enrolment_decline", market.shop, enrolment.pk), {"note": "Toch niet"})

    enrolment.refresh_from_db()
    assert (page.status_code, enrolment.state) == (422, "active")
    assert page.context["form"].non_field_errors() == ["This request has been decided already."]


def test_ending_asks_first(client, market):
    enrolment = market.enrolment(market.advocate())
    url = _url("desk_enrolment_end", market.shop, enrolment.pk)

    client.get(url)
    enrolment.refresh_from_db()
    assert enrolment.state == "active"

    client.post(url)
    enrolment.refresh_from_db()
    assert enrolment.state == "ended"


@pytest.mark.parametrize("name", ["desk_enrolment_approve", "desk_enrolment_decline", "desk_enrolment_end"])
def test_request_at_another_shop_is_not_there(client, market, name):
    enrolment = _request(Market("Ander"))

    assert client.post(_url(name, market.shop, enrolment.pk), {"note": ""}).status_code == 404
    assert Enrolment.objects.get(pk=enrolment.pk).state == "requested"


def test_active_advocates_show_clicks_orders_and_earnings(client, market):
    ada = market.advocate()
    cas = market.advocate("Cas Klaver")
    click = market.click(ada)
    market.click(ada, is_own=True, visitor_key=None)
    market.sell(click_id=str(click.pk))

    page = client.get(_url("desk_advocates", market.shop))

    brought = {row.advocate: row.brought for row in page.context["page_of_enrolments"]}
    assert (brought[ada].clicks, brought[ada].sales, brought[ada].earned_minor) == (1, 1, 1000)
    assert (brought[cas].clicks, brought[cas].sales, brought[cas].earned_minor) == (0, 0, 0)


def test_other_states_can_be_looked_up(client, market):
    enrolment = _request(market)
    client.post(_url("desk_enrolment_decline", market.shop, enrolment.pk), {"note": "We zijn vol."})

    page = client.get(_url("desk_advocates", market.shop), {"show": "declined"})

    assert [row.pk for row in page.context["page_of_enrolments"]] == [enrolment.pk]
    assert "We zijn vol." in page.content.decode()


@pytest.mark.parametrize("people", [1, 3])
def test_advocates_take_the_same_number_of_queries(client, market, django_assert_num_queries, people):
    for number in range(people):
        ada = market.advocate(f"Ada{number} Vermeer")
        market.sell(click_id=str(market.click(ada).pk))
        _request(market, f"Cas{number} Klaver")

    with django_assert_num_queries(13):
        page = client.get(_url("desk_advocates", market.shop))

    assert (len(page.context["page_of_enrolments"]), len(page.context["requests"])) == (people, people)
