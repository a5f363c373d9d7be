"""Where shops and advocates are told: safe addresses, ten at most, secrets that can be changed over."""

import base64
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from advocates.enums import EndpointProblem, MessageState, WebhookEvent
from advocates.fetching import Network
from advocates.models import WebhookEndpoint, WebhookMessage
from advocates.webhook_endpoints import (
    MOST_ENDPOINTS,
    ROTATION,
    TYPES,
    UnableToChangeEndpoint,
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    endpoints_of,
    remove_endpoint,
    rotate_secret,
    secrets_at,
)
from advocates.webhook_messages import make_test_message
from tests.advocates.market import NOW, Market

pytestmark = pytest.mark.django_db

ALL = [event.value for event in TYPES]
NAMES = {
    "hooks.example": ["93.184.216.34"],
    "mixed.example": ["93.184.216.34", "10.0.0.7"],
    "inside.example": ["192.168.1.4"],
    "mapped.example": ["::ffff:127.0.0.1"],
}


def resolve(host, _port):
    if host not in NAMES:
        raise OSError("no such host")
    return NAMES[host]


NETWORK = Network(resolve=resolve)


@pytest.fixture
def market():
    return Market()


def make(owner, url="https://hooks.example/voorspraak", event_types=ALL):
    return create_endpoint(owner=owner, url=url, event_types=event_types, at=NOW, network=NETWORK)


def test_endpoint_has_a_secret_as_the_specification_asks(market):
    first, second = make(market.shop), make(market.advocate())

    key = base64.b64decode(first.secret.removeprefix("whsec_"), validate=True)
    assert (first.secret[:6], len(key)) == ("whsec_", 24)
    assert first.secret != second.secret
    assert (first.shop, first.advocate, second.shop) == (market.shop, None, None)
    assert first.event_types == ALL
    assert WebhookEvent.ENDPOINT_TEST.value not in ALL


@pytest.mark.parametrize(
    "url",
    [
        "",
        "klei",
        "http://hooks.example/",
        "https://nowhere.example/",
        "https://inside.example/",
        "https://mixed.example/",
        "https://mapped.example/",
        "https://ada@hooks.example/",
        "ftp://hooks.example/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://" + "a" * 500 + ".example/",
        "https://[::1",
    ],
)
def test_address_that_is_not_safe_is_refused_at_its_field(market, url):
    with pytest.raises(UnableToChangeEndpoint) as refusal:
        make(market.shop, url=url)

    assert list(refusal.value.errors) == ["url"]
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("types", [[], ["endpoint.test"], ["commission.created", "shop.sold"]])
def test_types_must_be_known_ones(market, types):
    with pytest.raises(UnableToChangeEndpoint) as refusal:
        make(market.shop, event_types=types)

    assert list(refusal.value.errors) == ["event_types"]


def test_an_owner_has_ten_endpoints_at_most(market):
    for _number in range(MOST_ENDPOINTS):
        make(market.shop)
    make(market.advocate())

    with pytest.raises(UnableToChangeEndpoint) as refusal:
        make(market.shop)

    assert list(refusal.value.errors) == [""]
    remove_endpoint(endpoint=endpoints_of(market.shop)[0])
    assert make(market.shop).shop == market.shop


def test_change_keeps_the_secret_and_checks_the_address(market):
    endpoint = make(market.shop)
    before = endpoint.secret
    types = ["payout.sent"]

    change_endpoint(endpoint=endpoint, url=" https://hooks.example/2 ", event_types=types, network=NETWORK)
    with pytest.raises(UnableToChangeEndpoint):
        change_endpoint(endpoint=endpoint, url="https://inside.example/", event_types=types, network=NETWORK)

    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.event_types, endpoint.secret) == (
        "https://hooks.example/2",
        types,
        before,
    )


def test_previous_secret_signs_along_for_a_day(market):
    endpoint = make(market.shop)
    old = endpoint.secret

    rotate_secret(endpoint=endpoint, at=NOW)

    assert secrets_at(endpoint, at=NOW) == [endpoint.secret, old]
    assert endpoint.secret != old
    assert secrets_at(endpoint, at=NOW + ROTATION - timedelta(seconds=1)) == [endpoint.secret, old]
    assert secrets_at(endpoint, at=NOW + ROTATION) == [endpoint.secret]


def test_switching_off_gives_up_what_waits_and_keeps_the_first_reason(market):
    endpoint = make(market.shop)
    make_test_message(endpoint=endpoint, at=NOW)

    disable_endpoint(endpoint=endpoint, because=EndpointProblem.GONE, at=NOW)
    disable_endpoint(endpoint=endpoint, because=EndpointProblem.BY_HAND, at=NOW + timedelta(days=1))

    assert (endpoint.disabled_at, endpoint.disabled_because) == (NOW, "gone")
    assert WebhookMessage.objects.get().state == MessageState.GIVEN_UP
    enable_endpoint(endpoint=endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.disabled_because, endpoint.failing_since) == (None, "", None)


def test_database_wants_one_owner_and_a_reason(market):
    endpoint, ada = make(market.shop), market.advocate()
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    with pytest.raises(IntegrityError, match="webhook_endpoint_has_one_owner"), transaction.atomic():
        row.update(advocate=ada)
    with pytest.raises(IntegrityError, match="webhook_endpoint_off_has_reason"), transaction.atomic():
        row.update(disabled_at=NOW)
