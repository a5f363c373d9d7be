"""The advocate's payout pages: set-up, tax profile, statements; hers alone, and the staff's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from payouts.commissions import reverse_commission
from payouts.enums import AccountStatus, RunState
from payouts.models import Payee, Payer, Statement
from payouts.sending import park_payout
from tests.factories import make_user
from tests.payouts.settling import DUE, deliver, funded_run, owe, paying_shop, ready_payee, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def statement(stand_in) -> Statement:
    payer, payee = paying_shop(stand_in), ready_payee(stand_in)
    owe(payer, payee, 2500)
    run = settle(payer)
    assert run.state == RunState.SETTLED
    return Statement.objects.get(payout__payee=payee)


def test_ada_reads_her_statement_and_eve_does_not(client, statement):
    """Trap 30."""
    address = reverse("payouts:statement", args=[statement.pk])
    anonymous = client.get(address)
    client.force_login(make_user("Eve Stil"))
    eve = client.get(address)
    client.force_login(statement.payout.payee.user)

    ada = client.get(address)

    assert (anonymous.status_code, eve.status_code, ada.status_code) == (302, 404, 200)
    assert statement.number in ada.content.decode()
    assert ada.context["is_unchanged"] is True


def test_statement_of_a_private_person_does_not_speak_of_reverse_charge(client, statement):
    """Trap 26."""
    client.force_login(statement.payout.payee.user)

    text = client.get(reverse("payouts:statement", args=[statement.pk])).content.decode()

    assert "private person" in text
    assert "reverse charge" not in text


def test_list_has_ones_own_payouts_alone(client, statement):
    client.force_login(make_user("Eve Stil"))
    eves = client.get(reverse("payouts:statements")).context["page_of_payouts"].object_list
    client.force_login(statement.payout.payee.user)

    adas = client.get(reverse("payouts:statements")).context["page_of_payouts"].object_list

    assert list(eves) == []
    assert list(adas) == [statement.payout]


def test_statements_query_count_does_not_grow_with_rows(client, stand_in):
    payer, payee = paying_shop(stand_in), ready_payee(stand_in)
    client.force_login(payee.user)
    counts = []
    for rounds in (1, 2):
        for _round in range(rounds):
            owe(payer, payee, 2500)
            settle(payer)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("payouts:statements"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_onboarding_goes_to_stripe_and_back(client, stand_in):
    ada = make_user("Ada Vermeer")
    client.force_login(ada)

    away = client.post(reverse("payouts:onboarding"))
    stand_in.onboard(Payee.objects.get(user=ada).account.stripe_account_id)
    back = client.get(reverse("payouts:onboarding_done"), follow=True)

    assert away.status_code == 302
    assert away["Location"].startswith(stand_in.url)
    assert back.context["account"].status == AccountStatus.ACTIVE


def test_stripe_out_of_reach_is_a_message_and_no_server_error(client, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    client.force_login(make_user("Ada Vermeer"))

    page = client.post(reverse("payouts:onboarding"), follow=True)

    assert page.status_code == 200
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_tax_profile_errors_stand_at_their_fields(client):
    ada = make_user("Ada Vermeer")
    client.force_login(ada)

    page = client.post(
        reverse("payouts:tax_profile"),
        {"name": "Ada", "country": "NL", "tax_profile": "nl_vat", "vat_number": "NL12"},
    )

    assert page.status_code == 422
    assert page.context["form"].errors["vat_number"]
    assert Payee.objects.get(user=ada).tax_profile == "private_person"


def test_pages_ask_to_log_in(client):
    for name in ("payout_setup", "statements", "onboarding_done", "onboarding_again"):
        assert client.get(reverse(f"payouts:{name}")).status_code == 302


# What waits, and what is owed -------------------------------------------------------------------------------


def test_payouts_page_says_what_waits_why_and_what_to_do(client, stand_in):
    """A debt, a shop that is late, a bank that refused, and a payout held back; and Eve sees none of Ada's."""
    klei, hout, ada = paying_shop(stand_in), paying_shop(stand_in, "Hout & Zo"), ready_payee(stand_in)
    commission = owe(klei, ada, 2500)
    settle(klei)
    commission.refresh_from_db()
    reverse_commission(commission=commission, key="r", amount_minor=900, reason="Retour", at=DUE)
    owe(hout, ada, 4000)
    run = funded_run(hout)
    vera = make_user("Vera Redactie", is_staff=True)
    park_payout(payout=run.payouts.get(), reason="We kijken het na.", by=vera, at=DUE)
    Payer.objects.filter(pk=hout.pk).update(behind_since=DUE)
    stand_in.refuse_bank_payouts(ada.account.stripe_account_id)
    stand_in.advance(timedelta(days=3))
    deliver(stand_in)
    client.force_login(ada.user)

    with override("en"):
        setup_url, statements_url = reverse("payouts:payout_setup"), reverse("payouts:statements")

    page = client.get(setup_url)

    assert [(debt.payer, debt.amount_minor) for debt in page.context["debts"]] == [(klei, 900)]
    assert page.context["behind"] == [(hout, "EUR", 4000)]
    assert [one["row"].amount_minor for one in page.context["refused"]] == [2500]
    text = page.content.decode()
    assert "We kijken het na." in text
    assert "Give Stripe another one." in text
    assert "€9.00 of what you were paid was taken back later" in text
    assert "comes off your next payouts from Klei &amp; Co" in client.get(statements_url).content.decode()

    client.force_login(make_user("Eve Stil"))
    eves = client.get(setup_url).context
    assert (eves["debts"], eves["behind"], eves["refused"], list(eves["parked"])) == ([], [], [], [])
