"""The advocate's own money pages: hers, the shop's and the staff's to read, and nobody else's."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from advocates.enums import Outcome, Reason
from advocates.models import Code, Link, Share
from advocates.refunds import RefundLineReport, RefundReport, record_refund
from advocates.reports import earnings_of
from tests.advocates.market import NOW, Market
from tests.factories import make_product, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer", handle="ada")


@pytest.fixture
def share(market, ada) -> Share:
    return market.share(market.sell(click_id=str(market.click(ada).pk)), ada)


def test_ada_reads_why_her_share_is_what_it_is(client, ada, share):
    client.force_login(ada.user)

    page = client.get(share.get_absolute_url())

    text = page.content.decode()
    assert page.status_code == 200
    assert share.attribution.inputs_sha256 in text
    assert "€&nbsp;10,00" in text.replace("\xa0", "&nbsp;")
    assert page.context["is_same_again"] is True


def test_mila_and_staff_read_it_too(client, market, share):
    for reader in (market.mila, make_user("Saskia Staf", is_staff=True)):
        client.force_login(reader)

        assert client.get(share.get_absolute_url()).status_code == 200


def test_eve_gets_404_and_anonymous_the_login(client, share):
    """Trap 30."""
    anonymous = client.get(share.get_absolute_url())
    client.force_login(make_user("Eve Stil"))

    assert anonymous.status_code == 302
    assert reverse("account_login") in anonymous["Location"]
    assert client.get(share.get_absolute_url()).status_code == 404


def test_another_advocate_of_the_same_shop_cannot_read_it(client, market, share):
    client.force_login(market.advocate("Noor Haddad").user)

    assert client.get(share.get_absolute_url()).status_code == 404


def test_non_commission_has_its_page_with_the_reason(client, market, ada):
    share = market.share(market.sell(click_id=str(market.click(ada, days=40).pk)), ada)
    client.force_login(ada.user)

    page = client.get(share.get_absolute_url())

    assert (share.outcome, share.reason) == (Outcome.NOT_ELIGIBLE, Reason.OUTSIDE_WINDOW)
    assert page.status_code == 200
    assert escape(str(Reason.OUTSIDE_WINDOW.label)) in page.content.decode()


def test_earnings_list_has_commissions_and_non_commissions_of_ada_alone(client, market, ada):
    noor = market.advocate("Noor Haddad")
    earned = market.sell(click_id=str(market.click(ada).pk))
    market.sell(click_id=str(market.click(noor, visitor_key=None, days=2).pk))
    client.force_login(ada.user)

    page = client.get(reverse("advocates:earnings"))

    assert [row.attribution.sale for row in page.context["page_of_shares"]] == [earned]
    assert earnings_of(ada)[0].pending_minor == 1000


def test_earnings_follow_a_refund(market, ada, share):
    line = share.attribution.sale.lines.get()
    report = RefundReport(
        external_id="R1", refunded_at=NOW + timedelta(days=1), lines=(RefundLineReport(line.line_id, 1),)
    )

    record_refund(sale=share.attribution.sale, report=report, at=NOW + timedelta(days=1))

    assert earnings_of(ada)[0].pending_minor == 0


def test_earnings_query_count_does_not_grow_with_rows(client, market, ada):
    client.force_login(ada.user)
    counts = []
    for _round in range(2):
        for _sale in range(2):
            market.sell(click_id=str(market.click(ada).pk))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("advocates:earnings"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_anonymous_has_no_readable_shares(share):
    assert list(Share.objects.readable_by(AnonymousUser())) == []


def test_ada_makes_and_retires_a_link_of_her_own(client, market, ada):
    client.force_login(ada.user)
    url = f"{market.shop.homepage_url}zomer"

    client.post(reverse("advocates:link_new"), {"url": url, "channel": "nieuwsbrief"})
    link = Link.objects.get(advocate=ada)
    client.post(reverse("advocates:link_retire", args=[link.pk]))
    link.refresh_from_db()

    assert (link.target_url, link.channel, link.state) == (url, "nieuwsbrief", "retired")


def test_link_to_a_foreign_host_is_refused_at_the_field(client, ada):
    client.force_login(ada.user)

    page = client.post(reverse("advocates:link_new"), {"url": "https://elsewhere.example/x", "channel": ""})

    assert page.status_code == 422
    assert page.context["form"].errors["url"]
    assert "https://elsewhere.example/x" in page.content.decode()
    assert not Link.objects.filter(advocate=ada).exists()


def test_eve_cannot_retire_adas_link(client, market, ada):
    product = make_product(market.shop)
    link = Link.objects.create(
        code="abcd2345", shop=market.shop, advocate=ada, product=product, created_at=NOW
    )
    client.force_login(make_user("Eve Stil"))

    assert client.post(reverse("advocates:link_retire", args=[link.pk])).status_code == 404
    link.refresh_from_db()
    assert link.state == "active"


def test_code_is_claimed_once_and_refused_with_words(client, market, ada):
    client.force_login(ada.user)
    fields = {"enrolment": market.enrolment(ada).pk, "code": "ada-10"}
    client.post(reverse("advocates:code_new"), fields)

    page = client.post(reverse("advocates:code_new"), {**fields, "code": "korting"})

    assert Code.objects.get(enrolment__advocate=ada).code == "ADA10"
    assert page.status_code == 422
    assert page.context["code_form"].errors["code"]


@pytest.mark.parametrize("name", ["earnings", "links"])
def test_page_of_somebody_without_a_deal_says_how_to_begin(client, name):
    client.force_login(make_user("Bob de Jong"))

    page = client.get(reverse(f"advocates:{name}"))

    assert page.status_code == 200
    assert reverse("community:shops") in page.content.decode()
