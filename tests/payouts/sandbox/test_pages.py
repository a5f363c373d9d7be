"""The pages that a person clicks through, over plain HTTP."""

import http.client
from urllib.parse import urlencode, urlsplit

import pytest

from tests.payouts.sandbox.test_accounts import MINUTE, open_link, open_recipient, status_of


def visit(url, form=None):
    """Open a page or send its form: (status, headers, text)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
    connection.request(
        "GET" if form is None else "POST", parts.path, None if form is None else urlencode(form), headers
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def setup_session(client, mila, **options):
    return client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": mila,
            "currency": "eur",
            "success_url": "http://site.test/saved?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://site.test/left",
            **options,
        }
    )


def test_onboarding_page_says_what_it_is_and_runs_no_script(client):
    status, headers, text = visit(open_link(client, open_recipient(client)).url)

    assert status == 200
    assert "Stand-in for Stripe: no money moves" in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in text
    assert "style=" not in text


def test_pages_have_their_style(sandbox):
    status, headers, text = visit(f"{sandbox.url}/stand-in.css")

    assert (status, headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert ".banner" in text


def test_finished_onboarding_returns_and_makes_the_account_ready(client):
    ada = open_recipient(client)

    status, headers, _text = visit(open_link(client, ada).url, {"action": "finish"})

    assert (status, headers["Location"]) == (303, "http://site.test/back")
    assert status_of(client, ada) == "active"


def test_not_yet_returns_without_making_the_account_ready(client):
    ada = open_recipient(client)

    status, headers, _text = visit(open_link(client, ada).url, {"action": "later"})

    assert (status, headers["Location"]) == (303, "http://site.test/back")
    assert status_of(client, ada) == "restricted"


def test_used_link_and_old_link_lead_to_the_refresh_address(sandbox, client):
    ada = open_recipient(client)
    used, old = open_link(client, ada), open_link(client, ada)
    visit(used.url, {"action": "later"})
    sandbox.advance(11 * MINUTE)

    for link in (used, old):
        status, headers, _text = visit(link.url)
        assert (status, headers["Location"]) == (303, "http://site.test/again")


def test_setup_page_saves_the_chosen_method_and_returns_with_the_session(client, mila):
    session = setup_session(client, mila)
    status, _headers, text = visit(session.url)
    assert status == 200
    assert "SEPA debit" in text

    form = {"action": "pay", "method": "sepa_debit", "behaviour": "fails_later"}
    status, headers, _text = visit(session.url, form)

    assert (status, headers["Location"]) == (303, f"http://site.test/saved?session={session.id}")
    assert [m.type for m in client.v1.payment_methods.list({"customer": mila}).data] == ["sepa_debit"]
    assert "has done its work" in visit(f"{session.url}")[2]


def test_setup_page_offers_only_what_is_allowed(client, mila):
    session = setup_session(client, mila, allowed_payment_method_types=["card"])

    status, _headers, text = visit(session.url, {"action": "pay", "method": "sepa_debit"})

    assert status == 422
    assert 'role="alert"' in text
    assert 'value="sepa_debit"' not in text


def test_payment_page_shows_the_lines_and_takes_the_money(client, mila_shop):
    shop = {"stripe_account": mila_shop}
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://site.test/thanks",
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 4_950,
                        "product_data": {"name": "<b>Teapot</b>"},
                    },
                }
            ],
        },
        shop,
    )
    text = visit(session.url)[2]
    assert "&lt;b&gt;Teapot&lt;/b&gt;" in text
    assert "EUR 99.00" in text

    declined = visit(session.url, {"action": "pay", "method": "card", "behaviour": "declined"})
    assert declined[0] == 402
    assert "declined" in declined[2]
    paid = visit(session.url, {"action": "pay", "method": "card", "behaviour": "works"})
    assert (paid[0], paid[1]["Location"]) == (303, "http://site.test/thanks")
    assert client.v1.checkout.sessions.retrieve(session.id, None, shop).payment_status == "paid"


def test_cancel_leaves_the_session_open(client, mila):
    session = setup_session(client, mila)

    status, headers, _text = visit(session.url, {"action": "cancel"})

    assert (status, headers["Location"]) == (303, "http://site.test/left")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_expired_session_says_so(sandbox, client, mila):
    session = setup_session(client, mila)
    sandbox.advance(25 * 60 * MINUTE)

    assert "expired" in visit(session.url)[2]


@pytest.mark.parametrize(
    ("action", "status"), [("approve", "succeeded"), ("refuse", "requires_payment_method")]
)
def test_bank_page_approves_or_refuses_an_ideal_payment(client, action, status):
    intent = client.v1.payment_intents.create(
        {
            "amount": 1_250,
            "currency": "eur",
            "confirm": True,
            "payment_method_data": {"type": "ideal"},
            "return_url": "http://site.test/back",
        }
    )
    url = intent.next_action.redirect_to_url.url
    assert "EUR 12.50" in visit(url)[2]

    answer = visit(url, {"action": action})

    assert answer[1]["Location"] == "http://site.test/back"
    assert client.v1.payment_intents.retrieve(intent.id).status == status


def test_bank_transfer_page_lets_the_transfer_arrive(client, mila):
    intent = client.v1.payment_intents.create(
        {
            "amount": 1_250,
            "currency": "eur",
            "customer": mila,
            "confirm": True,
            "payment_method_data": {"type": "customer_balance"},
        }
    )
    url = intent.next_action.display_bank_transfer_instructions.hosted_instructions_url
    assert intent.next_action.display_bank_transfer_instructions.reference in visit(url)[2]

    visit(url, {"action": "pay"})

    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_unknown_page_is_a_404(sandbox):
    assert visit(f"{sandbox.url}/checkout/cs_none")[0] == 404
