"""Links and codes in the studio: hers alone, kept as typed when they cannot be, each with its own figures."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from advocates.codes import create_code
from advocates.links import create_link, retire_link, suspend_link
from advocates.models import Code, Link
from tests.advocates.market import NOW, Market
from tests.factories import make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market, client):
    ada = market.advocate("Ada Vermeer", handle="ada")
    client.force_login(ada.user)
    return ada


@pytest.fixture
def link(market, ada):
    return create_link(advocate=ada, product=make_product(market.shop), channel="instagram", at=NOW)


def test_a_product_is_found_while_its_name_is_typed(client, market, ada):
    cup = make_product(market.shop, "Theekop, grijs glazuur")
    make_product(market.shop, "Schaal")
    make_product(Market("Eik").shop, "Theekop van een ander")

    page = client.get(reverse("advocates:link_new"), {"q": "the glaz"}, headers={"HX-Request": "true"})

    text = page.content.decode()
    assert page.context["found"] == [cup]
    assert f"?product={cup.pk}" in text
    assert "<html" not in text


def test_a_chosen_product_becomes_a_link_with_channel_and_name(client, market, ada):
    cup = make_product(market.shop)

    chosen = client.get(reverse("advocates:link_new"), {"product": cup.pk})
    made = client.post(
        reverse("advocates:link_new"), {"product": cup.pk, "channel": "mijn winkel", "name": "Grijze kop"}
    )

    link = Link.objects.get()
    assert chosen.context["product"] == cup
    assert (made.status_code, made["Location"]) == (302, reverse("advocates:link", args=[link.pk]))
    assert (link.product, link.channel, link.name, link.advocate) == (cup, "mijn winkel", "grijze-kop", ada)
    assert "http://testserver/@ada/grijze-kop/" in client.get(made["Location"]).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "url"),
        ({"url": "https://evil.example/"}, "url"),
        ({"url": "niets"}, "url"),
        ({"product": "999999999999999999999"}, "product"),
        ({"product": "x\x00"}, "product"),
        ({"product": "OTHERS"}, "product"),
        ({"product": "MINE", "channel": "c" * 31}, "channel"),
        ({"product": "MINE", "channel": "\x00"}, "channel"),
        ({"product": "MINE", "name": "!"}, "name"),
        ({"product": "MINE", "name": "x" * 50}, "name"),
    ],
)
def test_what_cannot_be_linked_is_said_at_its_field(client, market, ada, fields, field):
    ids = {"MINE": make_product(market.shop).pk, "OTHERS": make_product(Market("Eik").shop).pk}
    typed = {name: ids.get(value, value) for name, value in fields.items()}

    page = client.post(reverse("advocates:link_new"), {"channel": "blog", **typed})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"]["channel"].value() == typed.get("channel", "blog")
    assert Link.objects.count() == 0


def test_a_link_gets_its_name_once(client, ada, link):
    address = reverse("advocates:link_name", args=[link.pk])

    wrong = client.post(address, {"name": "!"})
    named = client.post(address, {"name": "Kop"})
    again = client.post(address, {"name": "Ander"})

    link.refresh_from_db()
    assert (wrong.status_code, named.status_code, again.status_code) == (422, 302, 422)
    assert wrong.context["form"]["name"].value() == "!"
    assert link.name == "kop"


def test_a_retired_link_leads_again_and_a_suspended_one_does_not(client, ada, link):
    client.post(reverse("advocates:link_retire", args=[link.pk]))
    link.refresh_from_db()
    retired = link.state
    client.post(reverse("advocates:link_reopen", args=[link.pk]))
    link.refresh_from_db()
    reopened = link.state
    suspend_link(link=link)
    client.post(reverse("advocates:link_reopen", args=[link.pk]))
    link.refresh_from_db()

    assert (retired, reopened, link.state) == ("retired", "active", "suspended")
    assert "This link is suspended" in client.get(reverse("advocates:link", args=[link.pk])).content.decode()


@pytest.mark.parametrize("name", ["link", "link_name", "link_retire", "link_reopen"])
def test_a_link_is_there_for_its_advocate_alone(client, market, link, name):
    address = reverse(f"advocates:{name}", args=[link.pk])
    client.force_login(make_user("Eve Stil"))
    of_eve = [client.get(address).status_code, client.post(address, {"name": "kop"}).status_code]
    client.force_login(market.advocate("Noor Haddad").user)
    of_noor = client.post(address, {"name": "kop"}).status_code
    client.logout()
    of_nobody = client.post(address)

    link.refresh_from_db()
    assert set(of_eve) <= {404, 405}
    assert of_noor == 404
    assert reverse("account_login") in of_nobody["Location"]
    assert (link.name, link.state) == ("", "active")


def test_a_code_is_retired_after_asking_and_by_its_owner_alone(client, market, ada):
    code = create_code(enrolment=market.enrolment(ada), code="ADA10", at=NOW)
    address = reverse("advocates:code_retire", args=[code.pk])

    asked = client.get(address)
    still = Code.objects.get().retired_at
    client.force_login(make_user("Eve Stil"))
    of_eve = client.post(address).status_code
    client.force_login(ada.user)
    done = client.post(address)

    assert (asked.status_code, still, of_eve, done.status_code) == (200, None, 404, 302)
    assert Code.objects.get().retired_at is not None
    assert (
        "Retired on"
        in client.get(reverse("advocates:links"), headers={"Accept-Language": "en"}).content.decode()
    )


def test_free_codes_fill_in_the_form(client, market, ada):
    page = client.get(reverse("advocates:links"), {"code": "ADAKLEI", "enrolment": market.enrolment(ada).pk})

    [(enrolment, free)] = page.context["suggestions"]
    assert (enrolment, free[0]) == (market.enrolment(ada), "ADA")
    assert page.context["code_form"]["code"].value() == "ADAKLEI"


def test_each_channel_has_figures_of_its_own(client, market, ada, link):
    shelf = create_link(advocate=ada, product=link.product, channel="schap", at=NOW)
    clicks = [market.click(ada, link=one, days=9 - day) for day, one in enumerate((link, link, shelf))]
    sale = market.sell(click_id=str(clicks[2].pk), placed_at=NOW - timedelta(days=1))
    assert market.share(sale, ada).commission is not None

    page = client.get(reverse("advocates:links"))

    shown = {one.channel: (one.figures.clicks, one.figures.sales) for one in page.context["links"]}
    assert shown == {"instagram": (2, 0), "schap": (1, 1)}


def test_the_list_shows_what_was_made_or_what_stands_in_publications(client, market, ada, link):
    own = client.get(reverse("advocates:links"), {"show": "own"}).context["page_of_links"]
    in_publications = client.get(reverse("advocates:links"), {"show": "publications"}).context[
        "page_of_links"
    ]
    nonsense = client.get(reverse("advocates:links"), {"show": "\x00", "page": "9" * 30})

    assert list(own) == [link]
    assert list(in_publications) == []
    assert nonsense.status_code == 200


def test_query_count_does_not_grow_with_links_and_codes(client, market, ada):
    counts = []
    for number in (1, 3):
        while Link.objects.count() < number:
            create_link(advocate=ada, product=make_product(market.shop), at=NOW)
            create_code(enrolment=market.enrolment(ada), code=f"ADA{Link.objects.count()}X", at=NOW)
        client.get(reverse("advocates:links"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("advocates:links"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_retired_links_are_shown_as_such(client, ada, link):
    retire_link(link=link)

    text = client.get(reverse("advocates:links"), headers={"Accept-Language": "en"}).content.decode()

    assert f"/go/{link.code}" not in text
    assert "Retired" in text
