import re

import pytest
from django.urls import reverse

from advocates.models import Shop
from advocates.urls_desk import urlpatterns
from tests.factories import make_shop, make_user

#: What the addresses of a desk need beside the shop and numbers.
WORDS = {"table": "funnel", "system": "shopify", "size": "a6", "language": "nl", "kind": "pdf"}
#: No row has this number.
NOBODY = 4_000_000_000


@pytest.fixture
def mila(client, db):
    user = make_user("Mila de Boer")
    client.force_login(user)
    return user


def _addresses(slug):
    """Every address of one shop's desk."""
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if route.startswith("desk/<slug:slug>/"):
            numbers = dict.fromkeys(re.findall(r"<int:(\w+)>", route), NOBODY)
            words = {name: word for name, word in WORDS.items() if f"<slug:{name}>" in route}
            yield reverse(f"advocates:{pattern.name}", kwargs={"slug": slug, **numbers, **words})


def test_every_page_of_a_desk_is_not_there_for_eve(client, db):
    shop = make_shop()
    client.force_login(make_user("Eve Stil"))

    answers = {
        (address, method): getattr(client, method)(address).status_code
        for address in _addresses(shop.slug)
        for method in ("get", "post")
    }

    assert len(answers) > 60
    # A page that only takes forms says so before it looks who asks.
    assert {status for (_address, method), status in answers.items() if method == "post"} == {404}
    assert {status for (_address, method), status in answers.items() if method == "get"} == {404, 405}


def test_every_page_of_a_desk_asks_a_stranger_to_log_in(client, db):
    shop = make_shop()

    for address in _addresses(shop.slug):
        answer = client.post(address)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_login")), address


@pytest.mark.parametrize("name", ["desk", "desk_new"])
def test_my_shops_ask_a_stranger_to_log_in(client, db, name):
    answer = client.get(reverse(f"advocates:{name}"))

    assert answer.url.startswith(reverse("account_login"))


def test_who_runs_no_shop_is_told_how_to_begin(client, mila):
    make_shop("Van een ander", owner=make_user("Eve Stil"))

    page = client.get(reverse("advocates:desk"))

    assert reverse("advocates:desk_new") in page.content.decode()
    assert "Van een ander" not in page.content.decode()


def test_new_shop_leads_to_its_overview_with_products_first(client, mila):
    answer = client.post(
        reverse("advocates:desk_new"),
        {
            "name": "Klei & Co",
            "homepage_url": "https://klei.example/",
            "tagline": "Servies",
            "story": "Wij draaien.",
            "country": "BE",
        },
        follow=True,
    )

    shop = Shop.objects.get()
    assert answer.redirect_chain == [(reverse("advocates:desk_shop", args=[shop.slug]), 302)]
    assert (shop.name, shop.story, shop.payer.country) == ("Klei & Co", "Wij draaien.", "BE")
    assert [step["state"] for step in answer.context["steps"]] == ["current", "todo", "todo", "todo", "todo"]


def test_new_shop_with_a_wrong_address_says_so_at_the_field_and_keeps_the_rest(client, mila):
    page = client.post(
        reverse("advocates:desk_new"),
        {"name": "Klei & Co", "homepage_url": "https://192.0.2.1/", "tagline": "Servies", "country": "NL"},
    )

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["homepage_url"]
    assert 'value="Servies"' in page.content.decode()
    assert not Shop.objects.exists()


def test_settings_change_what_the_shop_says(client, mila):
    shop = make_shop(owner=mila)

    client.post(
        reverse("advocates:desk_settings", args=[shop.slug]),
        {"name": "Klei", "homepage_url": shop.homepage_url, "tagline": "Nieuw", "story": "Ons verhaal."},
    )

    shop.refresh_from_db()
    assert (shop.name, shop.tagline, shop.story) == ("Klei", "Nieuw", "Ons verhaal.")


def test_hosts_are_added_and_removed(client, mila):
    shop = make_shop(owner=mila)
    own = shop.allowed_hosts

    client.post(reverse("advocates:desk_host_add", args=[shop.slug]), {"host": "outlet.klei.example"})
    shop.refresh_from_db()
    assert shop.allowed_hosts == [*own, "outlet.klei.example"]

    client.post(reverse("advocates:desk_host_remove", args=[shop.slug]), {"host": "outlet.klei.example"})
    shop.refresh_from_db()
    assert shop.allowed_hosts == own


def test_wrong_host_is_refused_at_the_field(client, mila):
    shop = make_shop(owner=mila)

    page = client.post(reverse("advocates:desk_host_add", args=[shop.slug]), {"host": "10.0.0.1"})

    assert page.status_code == 422
    assert list(page.context["host_form"].errors) == ["host"]


def test_host_of_the_home_page_stays(client, mila):
    shop = make_shop(owner=mila)

    client.post(reverse("advocates:desk_host_remove", args=[shop.slug]), {"host": shop.allowed_hosts[0]})

    before = shop.allowed_hosts
    shop.refresh_from_db()
    assert shop.allowed_hosts == before


@pytest.mark.parametrize("others", [1, 3])
def test_my_shops_take_the_same_number_of_queries(client, mila, django_assert_max_num_queries, others):
    for number in range(others):
        make_shop(f"Winkel {number}", owner=mila)

    with django_assert_max_num_queries(7):
        client.get(reverse("advocates:desk"))
