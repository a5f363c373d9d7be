"""Letters about money that waits: to a shop's owners on set days, to advocates once."""

from datetime import timedelta

import pytest

from advocates.enrolments import UnableToJoin, request_to_join
from advocates.models import Programme
from advocates.money_tasks import ask_to_write
from advocates.shops import add_member
from payouts.enums import PayBy
from payouts.funding import retry_collection
from payouts.models import BankPayoutFailure, Collection, Commission, Payer, Payout
from payouts.sending import park_payout
from payouts.settlement import advance_run, start_run
from tests.advocates.market import Market
from tests.factories import make_deal, make_shop, make_user
from tests.payouts.settling import DUE, deliver, funded_run, owe, ready_payee, save_method, settle

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def mila(db):
    return make_user("Mila de Boer", email="mila@klei.example", language="en")


@pytest.fixture
def shop(mila, stand_in):
    """A shop whose card is declined."""
    shop = make_shop("Klei & Co", owner=mila)
    save_method(stand_in, shop.payer, behaviour="declined")
    return shop


@pytest.fixture
def ada(stand_in):
    ada = ready_payee(stand_in)
    ada.user.language = "en"
    ada.user.email = "ada@example.com"
    ada.user.save()
    return ada


def written(mailoutbox):
    """(to, subject) of what was sent, which is then forgotten."""
    found = [(letter.to[0], letter.subject) for letter in mailoutbox]
    mailoutbox.clear()
    return found


def test_owners_are_reminded_on_their_days_and_advocates_told_with_the_last(shop, ada, mailoutbox):
    owe(shop.payer, ada)
    settle(shop.payer)

    told = {
        day: found for day in range(17) if ask_to_write(at=DUE + day * DAY) and (found := written(mailoutbox))
    }

    failed = ("mila@klei.example", "Your payment of €25.00 did not go through")
    assert told == {
        0: [failed],
        3: [failed],
        7: [failed],
        14: [failed, ("ada@example.com", "Klei & Co is late with paying you")],
    }


def test_a_reminder_says_what_failed_and_until_when(shop, ada, mailoutbox):
    owe(shop.payer, ada)
    run = settle(shop.payer)

    ask_to_write(at=DUE)

    (letter,) = mailoutbox
    assert "€25.00 for the advocates of Klei & Co could not be collected." in letter.body
    assert "Your card was declined." in letter.body
    assert "If it still waits on 31 December 2026" in letter.body
    assert f"/desk/{shop.slug}/collections/{run.pk}/" in letter.body
    assert "Your card was declined." in letter.alternatives[0].content


def test_every_owner_is_told_and_nobody_else_of_the_shop(shop, ada, mailoutbox):
    add_member(shop=shop, user=make_user("Piet Medewerker"))
    other = make_user("Joost", email="joost@klei.example")
    add_member(shop=shop, user=other, role="owner")
    owe(shop.payer, ada)
    settle(shop.payer)

    ask_to_write(at=DUE)

    assert sorted(to for to, _subject in written(mailoutbox)) == ["joost@klei.example", "mila@klei.example"]


def test_a_settlement_to_approve_is_asked_for(shop, ada, mailoutbox):
    owe(shop.payer, ada)
    start_run(payer=shop.payer, currency="EUR", by=None, needs_approval=True, at=DUE)

    ask_to_write(at=DUE)

    assert written(mailoutbox) == [("mila@klei.example", "Approve the settlement of €25.00")]


def test_a_transfer_is_asked_for_with_where_to(shop, ada, mailoutbox):
    owe(shop.payer, ada)
    run = settle(shop.payer)
    retry_collection(collection=Collection.objects.get(), pays_by=PayBy.BANK_TRANSFER, at=DUE)
    advance_run(run=run, at=DUE)

    ask_to_write(at=DUE)

    to = Collection.objects.get().transfer_to
    (letter,) = mailoutbox
    assert letter.subject == "Please transfer €25.00"
    assert to["iban"] in letter.body
    assert to["reference"] in letter.body


def test_names_from_outside_stay_text(mila, ada, stand_in, mailoutbox):
    shop = make_shop("<b>Klei</b> & Co", owner=mila)
    save_method(stand_in, shop.payer, behaviour="declined")
    owe(shop.payer, ada)
    settle(shop.payer)

    ask_to_write(at=DUE)

    (letter,) = mailoutbox
    assert "<b>Klei</b> & Co" in letter.body
    assert "&lt;b&gt;Klei&lt;/b&gt; &amp; Co" in letter.alternatives[0].content


# A shop that is behind --------------------------------------------------------------------------------------


def test_nobody_joins_a_shop_that_is_behind_and_its_sales_go_on_being_owed():
    market = Market()
    ada = market.advocate()
    Payer.objects.filter(shop=market.shop).update(behind_since=DUE)
    programme = Programme.objects.get(pk=market.programme.pk)

    with pytest.raises(UnableToJoin, match="is behind with paying"):
        request_to_join(user=make_user("Noor"), programme=programme, at=DUE)

    click = market.click(ada)
    market.sell(click_id=str(click.pk))
    assert Commission.objects.filter(payee__user=ada.user).count() == 1


def test_a_shop_that_has_paid_takes_people_in_again(shop):
    deal = make_deal(shop)
    Payer.objects.filter(pk=shop.payer_id).update(behind_since=DUE)

    ask_to_write(at=DUE)

    programme = Programme.objects.get(pk=deal.programme_id)
    assert request_to_join(user=make_user("Noor"), programme=programme, at=DUE).pk


# What waits for an advocate ---------------------------------------------------------------------------------


def test_an_advocate_whose_payout_is_parked_is_told_once_what_to_do(shop, ada, stand_in, mailoutbox):
    stand_in.set_behaviour(shop.payer.stripe_payment_method_id, behaviour="at_once")
    owe(shop.payer, ada)
    run = funded_run(shop.payer)
    stand_in.act_on_account(ada.account.stripe_account_id, action="deauthorise")
    advance_run(run=run, at=DUE)

    ask_to_write(at=DUE)
    ask_to_write(at=DUE)

    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["ada@example.com"], "A payout waits for you")
    assert "Klei & Co: Your payout account is no longer connected: set it up again." in letter.body


def test_one_that_a_person_parked_is_told_with_the_reason(shop, ada, stand_in, mailoutbox):
    stand_in.set_behaviour(shop.payer.stripe_payment_method_id, behaviour="at_once")
    owe(shop.payer, ada)
    funded_run(shop.payer)
    vera = make_user("Vera Redactie", is_staff=True)
    park_payout(payout=Payout.objects.get(), reason="We kijken het na.", by=vera, at=DUE)

    ask_to_write(at=DUE)

    assert "We kijken het na." in mailoutbox[0].body


def test_an_advocate_whose_bank_refuses_is_told_once(shop, ada, stand_in, mailoutbox):
    stand_in.set_behaviour(shop.payer.stripe_payment_method_id, behaviour="at_once")
    owe(shop.payer, ada)
    settle(shop.payer)
    stand_in.refuse_bank_payouts(ada.account.stripe_account_id, code="no_account")
    stand_in.advance(3 * DAY)
    deliver(stand_in)
    assert BankPayoutFailure.objects.get().told_at is None

    ask_to_write(at=DUE)
    ask_to_write(at=DUE)

    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["ada@example.com"], "Your bank did not take €25.00")
    assert "Your bank does not know this account. Correct it at Stripe." in letter.body
