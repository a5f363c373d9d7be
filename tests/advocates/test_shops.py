"""Shops: making them, who runs them, and the hosts that links may lead to."""

import pytest

from advocates.enums import ShopRole
from advocates.models import Shop, ShopMember
from advocates.shops import (
    UnableToChangeShop,
    UnableToReadAddress,
    add_member,
    allow_host,
    allows,
    change_shop,
    create_shop,
    disallow_host,
    hosts_of,
    is_member,
    read_address,
    remove_member,
    shop_of,
)
from payouts.models import Payer
from tests.factories import NOW, make_shop, make_user

pytestmark = pytest.mark.django_db


def _create(owner, **fields):
    values = {"name": "Klei & Co", "homepage_url": "https://klei.example/", **fields}
    return create_shop(owner=owner, at=NOW, **values)


def test_create_shop_makes_shop_payer_and_owner():
    mila = make_user("Mila de Boer", email="mila@example.com")

    shop = _create(mila, tagline="Aardewerk uit Gouda", country="be")

    assert (shop.slug, shop.name, shop.country, shop.currency) == ("klei-co", "Klei & Co", "BE", "EUR")
    assert shop.allowed_hosts == ["klei.example", "www.klei.example"]
    assert Payer.objects.values_list("name", "email", "country").get(pk=shop.payer_id) == (
        "Klei & Co",
        "mila@example.com",
        "BE",
    )
    assert ShopMember.objects.values_list("shop", "user", "role").get() == (shop.pk, mila.pk, "owner")


def test_create_shop_numbers_a_slug_that_is_taken_or_reserved():
    mila = make_user("Mila de Boer")

    slugs = [_create(mila, name=name).slug for name in ("Klei", "Klei!", "klei", "Admin", "陶器")]

    assert slugs == ["klei", "klei-2", "klei-3", "admin-2", "shop"]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": "  "}, {"name"}),
        ({"name": "K" * 81}, {"name"}),
        ({"tagline": "t" * 141}, {"tagline"}),
        ({"country": "Nederland"}, {"country"}),
        ({"homepage_url": "klei.example"}, {"homepage_url"}),
        ({"homepage_url": "ftp://klei.example/"}, {"homepage_url"}),
        ({"homepage_url": "https://10.0.0.7/"}, {"homepage_url"}),
        ({"homepage_url": "https://localhost:8000/"}, {"homepage_url"}),
        ({"homepage_url": "https://klei.example/" + "a" * 500}, {"homepage_url"}),
        ({"name": "", "homepage_url": "x"}, {"name", "homepage_url"}),
    ],
)
def test_create_shop_refuses_with_a_word_at_the_field(fields, where):
    mila = make_user("Mila de Boer")

    with pytest.raises(UnableToChangeShop) as refused:
        _create(mila, **fields)

    assert set(refused.value.errors) == where
    assert Shop.objects.count() == 0
    assert Payer.objects.count() == 0


def test_the_limits_are_those_of_the_columns():
    from advocates.shops import _LIMITS

    assert {field: Shop._meta.get_field(field).max_length for field in _LIMITS} == _LIMITS


@pytest.mark.parametrize(
    ("homepage", "hosts"),
    [
        ("https://klei.example/winkel?x=1", ["klei.example", "www.klei.example"]),
        ("https://WWW.Klei.example", ["www.klei.example", "klei.example"]),
        ("http://klei.example:8080/", ["klei.example:8080", "www.klei.example:8080"]),
        ("https://klei.example:443/", ["klei.example", "www.klei.example"]),
        ("https://klëi.example/", ["xn--kli-kma.example", "www.xn--kli-kma.example"]),
        ("https://klei.example./", ["klei.example", "www.klei.example"]),
    ],
)
def test_hosts_of_takes_the_home_page_with_and_without_www(homepage, hosts):
    assert hosts_of(homepage) == hosts


def test_hosts_of_takes_a_private_host_where_the_place_names_it(settings):
    settings.FETCH_PRIVATE_HOSTS = ["127.0.0.1:8100"]

    assert hosts_of("http://127.0.0.1:8100/") == ["127.0.0.1:8100"]
    with pytest.raises(UnableToReadAddress):
        hosts_of("http://127.0.0.1:8200/")


@pytest.mark.parametrize(
    "url",
    [
        "https://klei.example/kop",
        "http://klei.example/kop",
        "https://KLEI.example/kop",
        "https://klei.example:443/kop",
        "https://klei.example?x#y",
        "https://klei.example./kop",
    ],
)
def test_allows_the_shops_own_hosts(url):
    assert allows(allowed_hosts=["klei.example"], url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://klei.example.evil.example/",
        "https://notklei.example/",
        "https://sub.klei.example/",
        "//klei.example/kop",
        "/kop",
        "klei.example/kop",
        "https:klei.example",
        "https:///klei.example",
        "javascript:alert(1)//klei.example",
        "data:text/html,klei.example",
        "ftp://klei.example/",
        "https://klei.example@evil.example/",
        "https://evil.example@klei.example/",
        "https://evil.example\\@klei.example/",
        "https://klei.example\\.evil.example/",
        "https:\\\\klei.example/",
        "https://klei.example:8443/",
        "https://klei.example:x/",
        "https://klei.example%2eevil.example/",
        "https://klei.example%40evil.example/",
        "https://kleı.example/",
        "https://xn--kle-b6a.example/",
        "https://evil.example/\thttps://klei.example/",
        "https://klei.example\n.evil.example/",
        " https://klei.example/",
        "https://[::1]/",
        "https://klei..example/",
        "https://ßklei.example/",
        "",
    ],
)
def test_allows_nothing_that_a_browser_may_read_as_another_host(url):
    """Trap 32: user info, backslashes, missing schemes, look-alike letters, ports, control characters."""
    assert not allows(allowed_hosts=["klei.example", "ssklei.example"], url=url)


def test_allows_a_port_that_is_named():
    assert allows(allowed_hosts=["klei.example:8443"], url="https://klei.example:8443/kop")
    assert not allows(allowed_hosts=["klei.example:8443"], url="https://klei.example/kop")


def test_read_address_leaves_path_query_and_fragment_alone():
    url = "https://klei.example/kop%20grijs?maat=M&x=%2F#foto"

    assert read_address(url).geturl() == url


@pytest.mark.parametrize(
    "host", ["Kassa.Klei.example", "https://kassa.klei.example/bestel", " kassa.klei.example "]
)
def test_allow_host_adds_the_host_once(host):
    shop = make_shop(slug="klei")

    allow_host(shop=shop, host=host)
    allow_host(shop=shop, host=host)

    assert Shop.objects.get().allowed_hosts == ["klei.example", "www.klei.example", "kassa.klei.example"]
    assert shop.allowed_hosts == Shop.objects.get().allowed_hosts


@pytest.mark.parametrize("host", ["", "kassa", "kassa klei.example", "javascript:alert(1)", "a@klei.example"])
def test_allow_host_refuses_what_is_no_host(host):
    shop = make_shop(slug="klei")

    with pytest.raises(UnableToChangeShop) as refused:
        allow_host(shop=shop, host=host)

    assert set(refused.value.errors) == {"host"}


def test_disallow_host_takes_a_host_away_but_not_the_home_pages():
    shop = make_shop(slug="klei")

    disallow_host(shop=shop, host="www.klei.example")
    with pytest.raises(UnableToChangeShop, match="home page"):
        disallow_host(shop=shop, host="klei.example")

    assert Shop.objects.get().allowed_hosts == ["klei.example"]


def test_change_shop_adds_the_hosts_of_a_new_home_page():
    shop = make_shop(slug="klei")

    change_shop(
        shop=shop,
        name="Klei",
        homepage_url="https://nieuweklei.example",
        tagline="Uit Gouda",
        story="Wij draaien.",
    )

    assert (shop.name, shop.tagline, shop.story) == ("Klei", "Uit Gouda", "Wij draaien.")
    assert shop.allowed_hosts == [
        "klei.example",
        "www.klei.example",
        "nieuweklei.example",
        "www.nieuweklei.example",
    ]


def test_shop_of_gives_a_shop_to_its_members_alone(rf):
    """Trap 30: a shop that is somebody else's is not there for eve."""
    from django.contrib.auth.models import AnonymousUser

    mila, eve = make_user("Mila de Boer"), make_user("Eve Stranger")
    shop = make_shop(slug="klei", owner=mila)

    assert shop_of(mila, "klei") == shop
    assert shop_of(eve, "klei") is None
    assert shop_of(AnonymousUser(), "klei") is None
    assert shop_of(mila, "porselein") is None


def test_members_come_and_go_and_the_last_owner_stays():
    mila, tom = make_user("Mila de Boer"), make_user("Tom Bakker")
    shop = make_shop(owner=mila)

    add_member(shop=shop, user=tom)
    assert is_member(shop=shop, user=tom)
    with pytest.raises(UnableToChangeShop, match="owner"):
        remove_member(shop=shop, user=mila)

    add_member(shop=shop, user=tom, role=ShopRole.OWNER)
    remove_member(shop=shop, user=mila)

    assert list(ShopMember.objects.values_list("user", "role")) == [(tom.pk, "owner")]
