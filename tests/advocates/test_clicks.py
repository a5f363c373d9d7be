"""What is kept of a click beside its link: a network without an address, and whether an advertisement led there."""

from datetime import date

import pytest

from advocates.clicks import is_paid_search
from advocates.networks import network_hash, visitor_address

DAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.250"),
        ("2001:db8:1::1", "2001:db8:1:ffff::2"),
        ("203.0.113.7", "::ffff:203.0.113.9"),
    ],
)
def test_neighbours_have_one_network(one, other):
    assert network_hash(one, DAY) == network_hash(other, DAY)


@pytest.mark.parametrize(
    ("one", "other"),
    [("203.0.113.7", "203.0.114.7"), ("2001:db8:1::1", "2001:db8:2::1"), ("1.2.3.4", "::102:304")],
)
def test_strangers_do_not(one, other):
    assert network_hash(one, DAY) != network_hash(other, DAY)


def test_the_next_day_and_another_key_tell_nothing(settings):
    first = network_hash("203.0.113.7", DAY)
    settings.SECRET_KEY = "another"
    network_hash.cache_clear()

    assert first not in {network_hash("203.0.113.7", date(2026, 11, 17)), network_hash("203.0.113.7", DAY)}
    network_hash.cache_clear()


def test_a_hash_fits_its_column():
    hashes = [network_hash(f"10.0.{number}.1", DAY) for number in range(200)]

    assert all(-(2**63) <= one < 2**63 for one in hashes)
    assert any(one < 0 for one in hashes)
    assert any(one > 2**62 for one in hashes)


@pytest.mark.parametrize("address", ["", "unix:", "nobody", "203.0.113.7:80", "1" * 500, "\0"])
def test_what_is_no_address_has_no_network(address):
    assert network_hash(address, DAY) is None


@pytest.mark.parametrize(
    ("count", "forwarded_for", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "6.6.6.6", "10.0.0.1"),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(settings, count, forwarded_for, address):
    settings.TRUSTED_PROXY_COUNT = count

    assert visitor_address(peer="10.0.0.1", forwarded_for=forwarded_for) == address


@pytest.mark.parametrize(
    ("query", "referer"),
    [
        ("gclid=abc", ""),
        ("utm_source=x&GBRAID=1", ""),
        ("", "https://site.example/@ada/?wbraid=1"),
        ("", "https://site.example/?a=b&msclkid=1#x"),
        ("gad_source=1", ""),
    ],
)
def test_an_advertisement_is_seen(query, referer):
    assert is_paid_search(query, referer)


@pytest.mark.parametrize(
    ("query", "referer"),
    [
        ("", ""),
        ("utm_source=mail", "https://www.google.com/search?q=gclid"),
        ("gclid=", ""),
        ("xgclid=1", "https://site.example/gclid=1"),
    ],
)
def test_a_search_without_one_is_not(query, referer):
    assert not is_paid_search(query, referer)
