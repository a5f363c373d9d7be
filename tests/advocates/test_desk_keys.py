import pytest
from django.urls import reverse
from django.utils.translation import override

from advocates.api_keys import create_key, find_key
from advocates.models import ShopApiKey
from tests.factories import NOW, make_shop, make_user


@pytest.fixture
def shop(client, db):
    mila = make_user("Mila de Boer")
    client.force_login(mila)
    return make_shop(owner=mila)


def _key(shop, name="Kassa"):
    return create_key(shop=shop, name=name, by=shop.members.get(), at=NOW)[0]


def test_new_key_is_shown_once_and_is_not_kept_by_browsers(client, shop):
    url = reverse("advocates:desk_keys", args=[shop.slug])

    made = client.post(reverse("advocates:desk_key_new", args=[shop.slug]), {"name": "Webwinkel"})

    key = made.context["made"]
    assert (made.status_code, "no-store" in made.headers["Cache-Control"]) == (201, True)
    assert key in made.content.decode()
    assert find_key(secret=key, at=NOW).shop == shop
    assert key not in client.get(url).content.decode()
    assert "Webwinkel" in client.get(url).content.decode()


def test_key_without_a_name_is_refused_at_the_field(client, shop):
    page = client.post(reverse("advocates:desk_key_new", args=[shop.slug]), {"name": " "})

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["name"])
    assert not ShopApiKey.objects.exists()


def test_revoking_asks_first(client, shop):
    key = _key(shop)
    with override("en"):
        url = reverse("advocates:desk_key_revoke", args=[shop.slug, key.pk])

    asked = client.get(url)
    key.refresh_from_db()
    assert "Revoke the key “Kassa”?" in asked.content.decode()
    assert key.revoked_at is None

    client.post(url)
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_key_of_another_shop_is_not_there(client, shop):
    key = _key(make_shop("Ander", owner=make_user("Eve Stil")))

    answer = client.post(reverse("advocates:desk_key_revoke", args=[shop.slug, key.pk]))

    key.refresh_from_db()
    assert (answer.status_code, key.revoked_at) == (404, None)


@pytest.mark.parametrize("keys", [1, 3])
def test_keys_take_the_same_number_of_queries(client, shop, django_assert_num_queries, keys):
    for number in range(keys):
        _key(shop, f"Kassa {number}")

    with django_assert_num_queries(5):
        client.get(reverse("advocates:desk_keys", args=[shop.slug]))
