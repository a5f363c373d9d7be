"""The webhooks of a shop and of an advocate on their screens: the same pages, each for its owner alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.enums import EndpointProblem, MessageState
from advocates.models import WebhookEndpoint, WebhookMessage
from advocates.webhook_endpoints import TYPES, create_endpoint, disable_endpoint
from advocates.webhook_messages import make_test_message, send_messages
from tests.advocates.market import Market
from tests.advocates.receiver import receiving
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ALL = [event.value for event in TYPES]


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate()


@pytest.fixture
def receiver(settings):
    with receiving() as server:
        settings.FETCH_PRIVATE_HOSTS = [server.netloc]
        yield server


@pytest.fixture(params=["desk", "studio"])
def owner(request, client, market, ada):
    """Mila for her shop, or Ada for herself, logged in."""
    owner, person = (market.shop, market.mila) if request.param == "desk" else (ada, ada.user)
    client.force_login(person)
    return owner


def address(owner, name="webhooks", *args):
    if hasattr(owner, "slug"):
        return reverse(f"advocates:desk_{name}", args=[owner.slug, *args])
    return reverse(f"advocates:studio_{name}", args=args)


def make(owner, receiver):
    return create_endpoint(owner=owner, url=receiver.url, event_types=ALL, at=timezone.now())


def add(client, owner, **fields):
    return client.post(address(owner), {"url": "", "event_types": ALL, **fields})


def test_owner_adds_an_endpoint_and_is_led_to_it(client, owner, receiver):
    answer = add(client, owner, url=receiver.url, event_types=["payout.sent"])

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.shop or endpoint.advocate) == owner
    assert (endpoint.url, endpoint.event_types) == (receiver.url, ["payout.sent"])
    assert (answer.status_code, answer["Location"]) == (302, address(owner, "webhook", endpoint.pk))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"url": "http://klei.example/"}, ["url"]),
        ({"url": "https://127.0.0.1/"}, ["url"]),
        ({"url": "https://klei.example/\x00"}, ["url"]),
        ({"url": "https://klei.example/" + "x" * 500}, ["url"]),
        ({"url": "https://10.0.0.1/", "event_types": []}, ["event_types"]),
        ({"url": "https://10.0.0.1/", "event_types": ["endpoint.test"]}, ["event_types"]),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_what_was_typed_is_kept(client, owner, fields, wrong):
    page = add(client, owner, **fields)

    assert (page.status_code, list(page.context["form"].errors)) == (422, wrong)
    assert page.context["form"]["url"].value() == fields["url"]
    assert not WebhookEndpoint.objects.exists()


def test_list_shows_how_each_endpoint_stands(client, owner, receiver):
    on, failing, off = (make(owner, receiver) for _number in range(3))
    WebhookEndpoint.objects.filter(pk=failing.pk).update(failing_since=timezone.now())
    disable_endpoint(endpoint=off, because=EndpointProblem.BY_HAND, at=timezone.now())

    text = client.get(address(owner)).content.decode()

    places = [text.index(f"/webhooks/{row.pk}/") for row in (on, failing, off)]
    states = [text.index(f">{state}</span>") for state in ("On", "Failing", "Off")]
    assert sorted([*places, *states]) == [
        place for pair in zip(places, states, strict=True) for place in pair
    ]


def test_test_message_is_sent_and_its_answer_shown(client, owner, receiver):
    endpoint = make(owner, receiver)
    receiver.answer_with(418, b"<b>teapot</b>")

    client.post(address(owner, "webhook_test", endpoint.pk))

    message = WebhookMessage.objects.get()
    assert receiver.ids == [str(message.pk)]
    log = client.get(address(owner, "webhook", endpoint.pk)).content.decode()
    assert ("Test message" in log, ">418<" in log) == (True, True)
    page = client.get(address(owner, "webhook_message", endpoint.pk, message.pk)).content.decode()
    assert "&lt;b&gt;teapot&lt;/b&gt;" in page
    assert "&quot;type&quot;: &quot;endpoint.test&quot;" in page
    assert str(message.pk) in page


def test_secret_is_shown_on_demand_alone_and_not_kept_by_browsers(client, owner, receiver):
    endpoint = make(owner, receiver)

    shown = client.post(address(owner, "webhook_secret", endpoint.pk))

    assert endpoint.secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    for name in ("webhook", "webhook_rotate", "webhook_remove"):
        assert endpoint.secret not in client.get(address(owner, name, endpoint.pk)).content.decode()
    assert client.get(address(owner, "webhook_secret", endpoint.pk)).status_code == 405


def test_another_secret_is_made_after_a_question_and_both_are_shown(client, owner, receiver):
    endpoint = make(owner, receiver)
    old = endpoint.secret
    client.get(address(owner, "webhook_rotate", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.secret == old

    text = client.post(address(owner, "webhook_rotate", endpoint.pk)).content.decode()

    endpoint.refresh_from_db()
    assert endpoint.secret != old
    assert (endpoint.secret in text, old in text) == (True, True)


def test_settings_are_changed(client, owner, receiver):
    endpoint = make(owner, receiver)
    here = address(owner, "webhook", endpoint.pk)

    wrong = client.post(here, {"url": "ftp://x", "event_types": ALL})
    client.post(here, {"url": f"{receiver.url}/2", "event_types": ["payout.failed"]})

    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["url"])
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.event_types) == (f"{receiver.url}/2", ["payout.failed"])


def test_endpoint_is_switched_off_and_on(client, owner, receiver):
    endpoint = make(owner, receiver)

    client.post(address(owner, "webhook_switch", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.disabled_because == "by_hand"
    client.post(address(owner, "webhook_test", endpoint.pk))
    assert not WebhookMessage.objects.exists()

    client.post(address(owner, "webhook_switch", endpoint.pk), {"on": "1"})
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


@pytest.mark.parametrize(
    ("because", "words"),
    [(EndpointProblem.FAILING, "It failed for days"), (EndpointProblem.GONE, "it is gone (410)")],
)
def test_page_says_why_an_endpoint_was_switched_off(client, owner, receiver, because, words):
    endpoint = make(owner, receiver)
    disable_endpoint(endpoint=endpoint, because=because, at=timezone.now())

    text = client.get(address(owner, "webhook", endpoint.pk)).content.decode()

    assert (words in text, 'role="alert"' in text) == (True, True)


def test_endpoint_is_removed_after_a_question(client, owner, receiver):
    endpoint = make(owner, receiver)
    client.get(address(owner, "webhook_remove", endpoint.pk))
    assert WebhookEndpoint.objects.exists()

    answer = client.post(address(owner, "webhook_remove", endpoint.pk))

    assert (answer["Location"], WebhookEndpoint.objects.exists()) == (address(owner), False)


def test_messages_are_sent_again_one_by_one_or_since_a_moment(client, owner, receiver):
    endpoint = make(owner, receiver)
    message = make_test_message(endpoint=endpoint, at=timezone.now())
    send_messages(clock=timezone.now)

    client.post(address(owner, "webhook_message", endpoint.pk, message.pk))
    assert receiver.ids == [str(message.pk)] * 2

    since = (timezone.localtime() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    client.post(address(owner, "webhook_replay", endpoint.pk), {"since": since})
    assert len(receiver.ids) == 2
    client.post(address(owner, "webhook_replay", endpoint.pk), {"since": since, "with_delivered": "on"})
    assert receiver.ids == [str(message.pk)] * 3


@pytest.mark.parametrize("since", ["", "yesterday", "99999-01-01T00:00", "2026-13-16T12:00"])
def test_moment_that_cannot_be_read_is_told_at_its_field(client, owner, receiver, since):
    endpoint = make(owner, receiver)

    page = client.post(address(owner, "webhook_replay", endpoint.pk), {"since": since})

    assert (page.status_code, list(page.context["replay_form"].errors)) == (422, ["since"])


def test_moment_long_ago_means_all_that_the_log_has(client, owner, receiver):
    endpoint = make(owner, receiver)
    make_test_message(endpoint=endpoint, at=timezone.now())

    client.post(address(owner, "webhook_replay", endpoint.pk), {"since": "0001-01-01T00:00"})

    assert WebhookMessage.objects.get().state == MessageState.DELIVERED


def test_log_goes_on_with_older_messages(client, owner, receiver):
    endpoint = make(owner, receiver)
    messages = [make_test_message(endpoint=endpoint, at=timezone.now()) for _number in range(21)]
    here = address(owner, "webhook", endpoint.pk)

    first = client.get(here)
    older = client.get(f"{here}?before={first.context['older']}")

    assert [row for row, _url in first.context["rows"]] == messages[:0:-1]
    assert [row for row, _url in older.context["rows"]] == messages[:1]
    assert older.context["older"] == ""
    assert len(client.get(f"{here}?before=nonsense%00").context["rows"]) == 20


def test_log_alone_is_sent_to_a_page_that_waits(client, owner, receiver):
    endpoint = make(owner, receiver)
    make_test_message(endpoint=endpoint, at=timezone.now())

    part = client.get(address(owner, "webhook", endpoint.pk), headers={"HX-Target": "log"})

    text = part.content.decode().strip()
    assert text.startswith('<div class="stack" id="log"')
    assert ("every 2s" in text, "<html" in text) == (True, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_take_the_same_number_of_queries(client, owner, receiver, rows, django_assert_num_queries):
    endpoints = [make(owner, receiver) for _number in range(rows)]
    for _number in range(rows):
        make_test_message(endpoint=endpoints[0], at=timezone.now())
    send_messages(clock=timezone.now)

    with django_assert_num_queries(5):
        client.get(address(owner))
    with django_assert_num_queries(7):
        client.get(address(owner, "webhook", endpoints[0].pk))


PAGES = ["webhook", "webhook_secret", "webhook_rotate", "webhook_switch", "webhook_remove", "webhook_test"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_finds_nothing_and_changes_nothing(client, market, ada, receiver, method):
    theirs = {owner: make(owner, receiver) for owner in (market.shop, ada)}
    messages = {
        owner: make_test_message(endpoint=endpoint, at=timezone.now()) for owner, endpoint in theirs.items()
    }
    eve = market.advocate("Eve Stil")
    other = Market("Ander")
    for person, own in ((eve.user, eve), (other.mila, other.shop), (make_user("Bob Bol"), None)):
        client.force_login(person)
        for owner, endpoint in theirs.items():
            doors = [owner] if own is None or type(own) is not type(owner) else [owner, own]
            for door in doors:
                is_hers = door == ada
                for name in [*PAGES, "webhook_replay"]:
                    url = address(door, name, endpoint.pk)
                    status = getattr(client, method)(url).status_code
                    assert status == 404 or (method == "get" and status == 405), (url, is_hers)
                url = address(door, "webhook_message", endpoint.pk, messages[owner].pk)
                assert getattr(client, method)(url).status_code == 404

    for endpoint in theirs.values():
        before = (endpoint.secret, endpoint.disabled_at)
        endpoint.refresh_from_db()
        assert (endpoint.secret, endpoint.disabled_at) == before
    assert receiver.received == []


def test_message_of_another_endpoint_is_not_there(client, owner, receiver):
    one, two = make(owner, receiver), make(owner, receiver)
    message = make_test_message(endpoint=one, at=timezone.now())

    assert client.get(address(owner, "webhook_message", two.pk, message.pk)).status_code == 404


def test_anonymous_is_asked_to_log_in(client, market, ada):
    for owner in (market.shop, ada):
        answer = client.get(address(owner))
        assert (answer.status_code, "/account/login/" in answer["Location"]) == (302, True)


def test_pages_speak_dutch_too(client, owner, receiver):
    endpoint = make(owner, receiver)
    message = make_test_message(endpoint=endpoint, at=timezone.now())
    with override("en"):
        urls = [
            address(owner),
            address(owner, "webhook", endpoint.pk),
            address(owner, "webhook_message", endpoint.pk, message.pk),
            address(owner, "webhook_rotate", endpoint.pk),
        ]

    assert [client.get(url).status_code for url in urls] == [200] * 4
    assert all(url.startswith("/en/") for url in urls)
