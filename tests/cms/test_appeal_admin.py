"""Vera decides on appeals in the admin: who may, what she sees, and what she cannot decide twice."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from advocates.appeals import appeal_against
from cms.site_tree import MODERATORS
from payouts.books import check_books
from payouts.models import AppealDecision
from payouts.reviews import reject_commission
from tests.advocates.market import NOW, Market
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer")


@pytest.fixture
def vera(client, settings, market):
    """A moderator."""
    settings.STAFF_NEED_SECOND_FACTOR = False
    vera = make_user("Vera Vos")
    vera.groups.add(Group.objects.get(name=MODERATORS))
    client.force_login(vera)
    return vera


def appealed(market, ada):
    click = market.click(ada, visitor_key=None)
    sale = market.sell(click_id=str(click.pk))
    review = reject_commission(
        commission=market.share(sale, ada).commission,
        reason="returned",
        note="It came back.",
        by=market.mila,
        at=NOW,
    )
    return appeal_against(review=review, text="It stands in my kitchen.", by=ada.user, at=NOW)


def test_vera_reads_both_sides_and_grants(client, vera, market, ada):
    appeal = appealed(market, ada)
    address = reverse("appeal_decide", args=[appeal.pk])

    queue = client.get(reverse("appeal_queue")).content.decode()
    page = client.get(address).content.decode()
    empty = client.post(address, {"decision": "grant", "note": ""})
    done = client.post(address, {"decision": "grant", "note": "I saw it stand there."})
    again = client.post(address, {"decision": "refuse", "note": "After all not."})

    assert address in queue
    assert "It came back." in page
    assert "It stands in my kitchen." in page
    assert (empty.status_code, done.status_code, again.status_code) == (422, 302, 422)
    assert AppealDecision.objects.get().is_granted
    assert ada.shares.get().commission.restores is not None
    assert check_books() == []


def test_appeals_are_for_moderators(client, market, ada):
    appeal = appealed(market, ada)
    client.force_login(market.mila)

    for address in (reverse("appeal_queue"), reverse("appeal_decide", args=[appeal.pk])):
        assert client.get(address).status_code != 200
        assert client.post(address, {"decision": "grant", "note": "Mine."}).status_code != 200
    assert not AppealDecision.objects.exists()


def test_the_queue_asks_as_often_for_three_as_for_one(client, vera, market, ada):
    counts = []
    for rows in (1, 2):
        for _number in range(rows):
            appealed(market, ada)
        client.get(reverse("appeal_queue"))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("appeal_queue"))
        counts.append((len(page.context["page_of_waiting"].object_list), len(queries)))

    assert counts == [(1, counts[0][1]), (3, counts[0][1])]
