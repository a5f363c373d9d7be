"""Claims on the screen: Ada's in the studio, Mila's at the desk; who has no part in them finds nothing."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.claims import appeal_claim, make_claim, refuse_claim
from advocates.enums import ClaimState
from advocates.models import Claim
from advocates.shops import add_member
from payouts.books import check_books
from tests.advocates.market import NOW, Market
from tests.factories import make_publication, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer", language="en")


def url(name, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=args)


def made(market, ada, number="1001", *, at=None):
    return make_claim(
        advocate=ada,
        shop=market.shop,
        order_number=number,
        statement="She asked me in the shop.",
        at=at or timezone.now(),
    )


def refused(market, ada, *, at=None):
    at = at or timezone.now()
    return refuse_claim(
        claim=made(market, ada, at=at), refusal="not_sent", note="From a folder.", by=market.mila, at=at
    )


def test_ada_claims_a_sale_and_mila_gets_a_letter(client, market, ada):
    board = make_publication(ada.user, "Een tafel voor acht")
    client.force_login(ada.user)

    page = client.post(
        url("claim_new"),
        {
            "shop": market.shop.pk,
            "order_number": "#1001",
            "publication": board.pk,
            "statement": "She told me she would buy it.",
        },
    )

    claim = Claim.objects.get()
    assert (page.status_code, page["Location"]) == (302, url("claim", claim.pk))
    assert (claim.advocate, claim.shop, claim.order_number) == (ada, market.shop, "#1001")
    assert (claim.publication, claim.state) == (board, ClaimState.OPEN)
    (letter,) = mail.outbox
    assert letter.to == [market.mila.email]
    assert "Ada Vermeer" in letter.subject
    assert "She told me she would buy it." in letter.body
    assert f"/desk/{market.shop.slug}/claims/{claim.pk}/" in letter.body


def test_page_after_a_claim_is_the_same_whether_the_order_is_there(client, market, ada):
    market.sell()
    client.force_login(ada.user)
    texts = []
    for number in ("1001", "4004"):
        words = {"shop": market.shop.pk, "order_number": number, "statement": "She told me."}
        page = client.post(url("claim_new"), words, follow=True)
        texts.append(
            page.content.decode().replace(number, "N").replace(f"/{Claim.objects.latest('pk').pk}/", "/P/")
        )

    first, second = (_without_tokens(text) for text in texts)
    assert first == second


def _without_tokens(text):
    return "\n".join(line for line in text.splitlines() if "csrf" not in line and "<time" not in line)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_number", ""),
        ("order_number", "\0"),
        ("order_number", "1" * 101),
        ("shop", "999999"),
        ("shop", "99999999999999999999999"),
        ("publication", "x"),
        ("statement", ""),
        ("statement", "a" * 1001),
    ],
)
def test_what_is_wrong_with_a_claim_stands_at_the_field_and_nothing_is_lost(
    client, market, ada, field, value
):
    client.force_login(ada.user)
    words = {"shop": market.shop.pk, "order_number": "1001", "statement": "She told me.", field: value}

    page = client.post(url("claim_new"), words)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    kept = "1001" if field == "statement" else "She told me."
    assert kept in page.content.decode()
    assert Claim.objects.count() == 0


def test_publications_of_others_cannot_be_named(client, market, ada):
    theirs = make_publication(make_user("Eve Storm"), "Van Eve")
    client.force_login(ada.user)
    words = {"shop": market.shop.pk, "order_number": "1001", "statement": "So.", "publication": theirs.pk}

    page = client.post(url("claim_new"), words)

    assert page.status_code == 422
    assert "Van Eve" not in page.content.decode()


def test_somebody_without_a_deal_reads_how_to_begin(client):
    client.force_login(make_user("Eve Storm"))

    page = client.get(url("claims"))

    assert "Claims come with a deal" in page.content.decode()
    assert client.get(url("claim_new")).status_code == 404


def test_ada_takes_a_claim_back(client, market, ada):
    claim = made(market, ada)
    client.force_login(ada.user)

    client.post(url("claim_withdraw", claim.pk))

    assert Claim.objects.get().state == ClaimState.WITHDRAWN


def test_ada_appeals_and_mila_is_told(client, market, ada):
    claim = refused(market, ada)
    client.force_login(ada.user)

    text = client.get(url("claim", claim.pk)).content.decode()
    page = client.post(url("claim_appeal", claim.pk), {"text": "Ask the buyer."})

    assert "From a folder." in text
    assert "The customer came another way" in text
    assert page.status_code == 302
    assert Claim.objects.get().appeal == "Ask the buyer."
    assert [letter.to for letter in mail.outbox] == [[market.mila.email]]


@pytest.mark.parametrize("text", ["", "\0", "a" * 1001])
def test_appeal_without_words_comes_back(client, market, ada, text):
    claim = refused(market, ada)
    client.force_login(ada.user)

    page = client.post(url("claim_appeal", claim.pk), {"text": text})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["text"]


def test_appeal_after_the_date_is_told_so(client, market, ada):
    claim = refused(market, ada, at=timezone.now() - timedelta(days=15))
    client.force_login(ada.user)

    page = client.post(url("claim_appeal", claim.pk), {"text": "Ask the buyer."})

    assert page.status_code == 422
    assert "The days in which you could appeal have passed." in page.content.decode()


def test_mila_grants_and_ada_reads_it(client, market, ada):
    sale = market.sell()
    claim = made(market, ada)
    client.force_login(market.mila)

    page = client.post(
        url("desk_claim_grant", market.shop.slug, claim.pk), {"note": "Thank you."}, follow=True
    )

    share = market.share(sale, ada)
    assert share.commission.amount_minor == 1000
    assert "Granted: €10.00 for Ada Vermeer." in page.content.decode()
    (letter,) = mail.outbox
    assert (letter.to, "was granted" in letter.body) == ([ada.user.email], True)
    client.force_login(ada.user)
    with override("en"):
        assert share.get_absolute_url() in client.get(url("claim", claim.pk)).content.decode()
    assert check_books() == []


def test_grant_that_pays_nothing_says_why_on_the_page(client, market, ada):
    market.sell(customer_email=ada.user.email)
    claim = made(market, ada)
    client.force_login(market.mila)

    page = client.post(url("desk_claim_grant", market.shop.slug, claim.pk), {"note": "Thank you."})

    assert page.status_code == 422
    text = page.content.decode()
    assert "Granting it would pay nothing: An advocate earns nothing on an own purchase." in text
    assert "Thank you." in text


def test_mila_refuses_with_a_reason_and_ada_gets_a_letter(client, market, ada):
    claim = made(market, ada)
    client.force_login(market.mila)

    client.post(
        url("desk_claim_refuse", market.shop.slug, claim.pk),
        {"refusal": "no_order", "note": "No such number."},
    )

    claim.refresh_from_db()
    assert (claim.state, claim.refusal, claim.decided_by) == (ClaimState.REFUSED, "no_order", market.mila)
    (letter,) = mail.outbox
    assert letter.to == [ada.user.email]
    assert "There is no such order\nNo such number." in letter.body


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"note": "No."}, "refusal"),
        ({"refusal": "other"}, "note"),
        ({"refusal": "x", "note": "y"}, "refusal"),
    ],
)
def test_refusal_without_reason_or_words_comes_back(client, market, ada, data, field):
    claim = made(market, ada)
    client.force_login(market.mila)

    page = client.post(url("desk_claim_refuse", market.shop.slug, claim.pk), data)

    assert page.status_code == 422
    assert list(page.context["refuse_form"].errors) == [field]
    assert Claim.objects.get().state == ClaimState.OPEN


def test_who_decides_second_is_told_who_was_first(client, market, ada):
    claim = refused(market, ada)
    client.force_login(market.mila)

    page = client.post(
        url("desk_claim_refuse", market.shop.slug, claim.pk), {"refusal": "other", "note": "No."}
    )

    assert page.status_code == 422
    assert "by Mila de Boer: Refused." in page.content.decode()


def test_order_that_somebody_else_earned_on_offers_no_grant(client, market, ada):
    market.sell(click_id=str(market.click(market.advocate("Cas Klaver")).pk))
    claim = made(market, ada)
    client.force_login(market.mila)

    text = client.get(url("desk_claim", market.shop.slug, claim.pk)).content.decode()

    assert "Somebody else earned on this order, so it cannot be granted." in text
    assert url("desk_claim_grant", market.shop.slug, claim.pk) not in text


def test_own_claim_is_decided_by_somebody_else(client, market, ada):
    market.sell()
    add_member(shop=market.shop, user=ada.user)
    claim = made(market, ada)
    client.force_login(ada.user)

    text = client.get(url("desk_claim", market.shop.slug, claim.pk)).content.decode()

    assert "somebody else of the shop decides on it" in text
    assert url("desk_claim_refuse", market.shop.slug, claim.pk) not in text


def test_claims_of_the_desk_are_in_the_order_of_their_dates_and_late_ones_stand_in_its_head(
    client, market, ada
):
    at = timezone.now()
    new, late = made(market, ada, "1", at=at), made(market, ada, "2", at=at - timedelta(days=15))
    client.force_login(market.mila)

    page = client.get(url("desk_claims", market.shop.slug))
    text = client.get(url("desk_shop", market.shop.slug)).content.decode()

    assert [claim.pk for claim in page.context["page_of_claims"]] == [late.pk, new.pk]
    assert "1 claim should have been answered by now." in page.content.decode()
    assert '<span class="waiting waiting--late">1 overdue</span>' in text


def test_nobody_else_finds_a_claim(client, market, ada):
    claim, cas = refused(market, ada), market.advocate("Cas Klaver")
    other = Market("Ander")
    mine = [url("claim", claim.pk), url("claim_appeal", claim.pk), url("claim_withdraw", claim.pk)]
    desk = [
        url("desk_claim", market.shop.slug, claim.pk),
        url("desk_claim_grant", market.shop.slug, claim.pk),
        url("desk_claim_refuse", market.shop.slug, claim.pk),
    ]
    through_another_shop = url("desk_claim", other.shop.slug, claim.pk)

    for who in (make_user("Eve Storm"), cas.user, market.mila):
        client.force_login(who)
        assert {client.get(mine[0]).status_code, client.post(mine[1]).status_code} == {404}
        assert client.post(mine[2]).status_code == 404
    for who in (make_user("Eve Stil"), cas.user, ada.user, other.mila):
        client.force_login(who)
        assert {client.get(desk[0]).status_code, client.get(through_another_shop).status_code} == {404}
        assert {client.post(address).status_code for address in desk[1:]} == {404}
    client.logout()
    for address in (url("claims"), url("claim_new"), mine[0], desk[0]):
        page = client.get(address)
        assert (page.status_code, "/login/" in page["Location"]) == (302, True)


@pytest.mark.parametrize("name", ["claims", "desk_claims"])
def test_lists_take_the_same_number_of_queries(client, market, ada, settings, name):
    client.force_login(ada.user if name == "claims" else market.mila)
    address = url(name) if name == "claims" else url(name, market.shop.slug)
    counts = []
    for rows in (1, 3):
        while Claim.objects.count() < rows:
            made(market, ada, str(Claim.objects.count() + 1))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        assert len(page.context["page_of_claims"]) == rows
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_claims_can_be_picked_by_state(client, market, ada):
    refused_one, open_one = refused(market, ada), made(market, ada, "1002")
    client.force_login(ada.user)

    page = client.get(url("claims"), {"show": "refused"})

    assert [claim.pk for claim in page.context["page_of_claims"]] == [refused_one.pk]
    assert [claim.pk for claim in client.get(url("claims")).context["page_of_claims"]] == [
        open_one.pk,
        refused_one.pk,
    ]


def test_appealed_claim_stands_with_its_date_on_both_pages(client, market, ada):
    claim = appeal_claim(claim=refused(market, ada, at=NOW), text="Ask her.", by=ada.user, at=NOW)
    client.force_login(ada.user)
    hers = client.get(url("claim", claim.pk)).content.decode()
    client.force_login(market.mila)
    theirs = client.get(url("desk_claim", market.shop.slug, claim.pk)).content.decode()

    assert "Ask her." in hers
    assert "Ask her." in theirs
    assert "Mila de Boer" not in hers
