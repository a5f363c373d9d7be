"""Vera decides on appeals in the admin: who may, what she sees, what both sides are told, and what is late."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from advocates.claims import appeal_claim, make_claim, refuse_claim
from advocates.enums import ClaimState
from advocates.models import Claim
from advocates.shops import add_member
from cms.site_tree import MODERATORS
from payouts.books import check_books
from tests.advocates.market import Market
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer", language="en")


@pytest.fixture
def vera(client, settings):
    """A moderator."""
    settings.STAFF_NEED_SECOND_FACTOR = False
    vera = make_user("Vera Vos")
    client.force_login(vera)
    return vera


@pytest.fixture(autouse=True)
def _moderates(market, vera):
    vera.groups.add(Group.objects.get(name=MODERATORS))


def appealed(market, ada, number="1001", *, at=None):
    at = at or timezone.now()
    claim = make_claim(advocate=ada, shop=market.shop, order_number=number, statement="She told me.", at=at)
    refuse_claim(claim=claim, refusal="not_sent", note="From a folder.", by=market.mila, at=at)
    return appeal_claim(claim=claim, text="The folder lay at mine.", by=ada.user, at=at)


def test_vera_grants_and_both_sides_are_told(client, vera, market, ada):
    sale = market.sell()
    claim = appealed(market, ada)
    address = reverse("claim_appeal_decide", args=[claim.pk])

    text = client.get(address).content.decode()
    page = client.post(address, {"decision": "grant", "note": "The folder was hers."})

    claim.refresh_from_db()
    assert [
        words for words in ("From a folder.", "The folder lay at mine.", "Mila de Boer") if words not in text
    ] == []
    assert (page.status_code, page["Location"]) == (302, reverse("claim_queue"))
    assert (claim.state, claim.appeal_decided_by) == (ClaimState.GRANTED, vera)
    assert market.share(sale, ada).commission.amount_minor == 1000
    assert {letter.to[0] for letter in mail.outbox} == {ada.user.email, market.mila.email}
    assert all("The folder was hers." in letter.body for letter in mail.outbox)
    assert check_books() == []


def test_vera_lets_a_refusal_stand(client, market, ada):
    claim = appealed(market, ada)

    client.post(reverse("claim_appeal_decide", args=[claim.pk]), {"decision": "uphold", "note": "No trace."})

    assert Claim.objects.get().state == ClaimState.UPHELD
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"note": "So."}, "decision"),
        ({"decision": "x", "note": "So."}, "decision"),
        ({"decision": "grant"}, "note"),
    ],
)
def test_decision_without_choice_or_words_comes_back(client, market, ada, data, field):
    claim = appealed(market, ada)

    page = client.post(reverse("claim_appeal_decide", args=[claim.pk]), data)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_grant_of_an_order_that_is_not_there_says_so(client, market, ada):
    claim = appealed(market, ada, "4004")

    page = client.post(reverse("claim_appeal_decide", args=[claim.pk]), {"decision": "grant", "note": "Yes."})

    assert page.status_code == 422
    assert Claim.objects.get().state == ClaimState.APPEALED


def test_vera_of_the_shop_does_not_decide(client, vera, market, ada):
    market.sell()
    add_member(shop=market.shop, user=vera)
    claim = appealed(market, ada)

    page = client.post(reverse("claim_appeal_decide", args=[claim.pk]), {"decision": "grant", "note": "Yes."})

    assert page.status_code == 422
    assert len(page.context["form"].non_field_errors()) == 1
    assert Claim.objects.get().state == ClaimState.APPEALED


def test_queue_has_what_is_due_first_on_top_and_shops_that_are_late(client, market, ada):
    at = timezone.now()
    new, old = appealed(market, ada, "1", at=at), appealed(market, ada, "2", at=at - timedelta(days=20))
    late = make_claim(
        advocate=ada, shop=market.shop, order_number="3", statement="So.", at=at - timedelta(days=15)
    )
    make_claim(advocate=ada, shop=market.shop, order_number="4", statement="So.", at=at)

    context = client.get(reverse("claim_queue")).context

    assert [claim.pk for claim in context["page_of_appeals"].object_list] == [old.pk, new.pk]
    assert [claim.pk for claim in context["page_of_late"].object_list] == [late.pk]


def test_queue_takes_the_same_number_of_queries(client, market, ada):
    counts = []
    for rows in (1, 3):
        while Claim.objects.count() < rows:
            appealed(market, ada, str(Claim.objects.count() + 1))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("claim_queue"))
        assert len(page.context["page_of_appeals"].object_list) == rows
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_else_gets_in(client, market, ada):
    claim = appealed(market, ada)
    addresses = (reverse("claim_queue"), reverse("claim_appeal_decide", args=[claim.pk]))

    for who in (make_user("Eve Storm"), ada.user, market.mila):
        client.force_login(who)
        for address in addresses:
            page = client.post(address, {"decision": "grant", "note": "Yes."})
            assert page.status_code in {302, 403, 404}
    client.logout()
    assert {client.get(address).status_code for address in addresses} == {302}
    assert Claim.objects.get().state == ClaimState.APPEALED
