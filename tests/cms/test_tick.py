"""What is periodic."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from cms.management.commands import tick
from cms.models import Chore
from payouts.enums import CommissionState
from payouts.models import ApplicationFee, BooksCheck, Commission, EventReading, Reconciliation
from tests.advocates.market import Market
from tests.factories import NOW, make_commission, make_payee, make_payer
from tests.payouts.conftest import stand_in
from tests.payouts.settling import pay_a_fee

__all__ = ["stand_in"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_tick_lets_commissions_mature_whose_hold_has_ended():
    commission = make_commission(make_payer(), make_payee(), due_at=NOW - timedelta(days=400))
    out = StringIO()

    call_command("tick", stdout=out)

    assert Commission.objects.get(pk=commission.pk).state == CommissionState.DUE
    assert "let_commissions_mature: 1" in out.getvalue()


def test_tick_holds_what_looks_unusual_and_has_it_told():
    market = Market()
    ada = market.advocate()
    market.sell(click_id=str(market.click(ada).pk), customer_email="bob@mailinator.com")
    out = StringIO()

    call_command("tick", stdout=out)

    assert Commission.objects.get().state == CommissionState.ON_HOLD
    # One share looked at, one held, one letter asked for.
    assert "look_for_fraud: 3" in out.getvalue()
    assert [letter.to for letter in mail.outbox] == [[ada.user.email]]


def test_one_chores_trouble_is_not_the_others(monkeypatch, caplog):
    commission = make_commission(make_payer(), make_payee(), due_at=NOW - timedelta(days=400))

    def breaks() -> int:
        raise RuntimeError("no")

    monkeypatch.setattr(tick, "CHORES", (breaks, tick.let_commissions_mature))

    call_command("tick", stdout=StringIO())

    assert Commission.objects.get(pk=commission.pk).state == CommissionState.DUE
    assert "breaks failed" in caplog.text


def test_tick_reads_back_books_and_compares_when_it_is_their_turn(stand_in):
    out = StringIO()
    call_command("tick", stdout=out)
    long_ago = timezone.now() - timedelta(days=2)
    assert not BooksCheck.objects.exists()
    Chore.objects.exclude(name="tick").update(began_at=long_ago)

    call_command("tick", stdout=out)
    call_command("tick", stdout=out)

    # What the platform has put in at Stripe is booked before the two are compared; nothing is done twice.
    told = [line for line in out.getvalue().splitlines() if line.startswith("book_own_money")]
    assert told == ["book_own_money: 1"]
    assert [check.is_balanced for check in BooksCheck.objects.all()] == [True]
    assert [done.result for done in Reconciliation.objects.all()] == ["clean"]
    assert EventReading.objects.get().stripe_account_id == ""


def test_tick_leaves_stripe_alone_where_there_is_none(settings):
    settings.STRIPE_SECRET_KEY = ""

    call_command("tick", stdout=StringIO())

    names = set(Chore.objects.values_list("name", flat=True))
    assert names == {"tick", "look_for_alarms", "check_the_books"}


def test_tick_books_fees_that_became_available(stand_in):
    fee = pay_a_fee(stand_in, make_payer())
    stand_in.advance(5 * 86_400)
    ApplicationFee.objects.update(available_at=fee.received_at)

    call_command("tick", stdout=StringIO())

    fee.refresh_from_db()
    assert fee.is_available
