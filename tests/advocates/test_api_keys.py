"""Keys of the shop API: shown once, kept as a hash, ended at once."""

import hashlib
from datetime import timedelta

import pytest

from advocates.api_keys import UnableToCreateKey, create_key, find_key, revoke_key
from advocates.models import ShopApiKey
from tests.factories import NOW, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mila():
    return make_user("Mila de Boer")


@pytest.fixture
def shop(mila):
    return make_shop(owner=mila)


def test_key_is_kept_as_a_hash(shop, mila):
    key, secret = create_key(shop=shop, name=" Webshop ", by=mila, at=NOW)

    assert (key.name, key.shop, key.created_by, key.created_at) == ("Webshop", shop, mila, NOW)
    assert key.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert (key.prefix, secret[:12], secret[:4]) == (secret[:12], key.prefix, "vpk_")
    stored = ShopApiKey.objects.filter(pk=key.pk).values_list().get()
    assert secret not in [str(value) for value in stored]


def test_two_keys_differ(shop, mila):
    secrets = {create_key(shop=shop, name="Webshop", by=mila, at=NOW)[1] for _ in range(5)}

    assert len(secrets) == 5


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_key_needs_a_name(shop, mila, name):
    with pytest.raises(UnableToCreateKey) as caught:
        create_key(shop=shop, name=name, by=mila, at=NOW)

    assert list(caught.value.errors) == ["name"]


def test_stranger_makes_no_key(shop):
    with pytest.raises(UnableToCreateKey):
        create_key(shop=shop, name="Webshop", by=make_user("Eve Storm"), at=NOW)

    assert ShopApiKey.objects.count() == 0


def test_key_opens_its_own_shop(shop, mila):
    key, secret = create_key(shop=shop, name="Webshop", by=mila, at=NOW)

    assert find_key(secret=secret, at=NOW).shop == shop
    assert find_key(secret=secret[:-1], at=NOW) is None
    assert find_key(secret=key.sha256, at=NOW) is None
    assert find_key(secret="", at=NOW) is None


def test_revoked_key_opens_nothing(shop, mila):
    key, secret = create_key(shop=shop, name="Webshop", by=mila, at=NOW)

    assert revoke_key(key=key, at=NOW) is True
    assert revoke_key(key=key, at=NOW + timedelta(days=1)) is False

    assert find_key(secret=secret, at=NOW) is None
    key.refresh_from_db()
    assert (key.revoked_at, key.last_used_at) == (NOW, None)


def test_use_is_noted_once_a_minute(shop, mila):
    key, secret = create_key(shop=shop, name="Webshop", by=mila, at=NOW)
    noted = []
    for seconds in (0, 59, 60, 61):
        find_key(secret=secret, at=NOW + timedelta(seconds=seconds))
        key.refresh_from_db()
        noted.append((key.last_used_at - NOW).total_seconds())

    assert noted == [0, 0, 60, 60]
