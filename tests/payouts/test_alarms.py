"""Alarms: what is so now, one row for as long as it lasts, one mail for each."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.exceptions import InvalidMailer

from cms.alarm_letters import mail_alarms
from payouts.alarms import open_alarms, refresh_alarms
from payouts.books import examine_books
from payouts.enums import AccountKind, TransactionKind
from payouts.ledger import account, post
from payouts.models import Alarm, BooksCheck, Difference, Payout, Reconciliation, SettlementRun, StripeEvent
from tests.factories import NOW, make_payee, make_payer, make_payout

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def troubles():
    """One of each kind."""
    payout = make_payout(make_payer("Klei & Co"), make_payee("Ada Vermeer"))
    Payout.objects.update(state="sending", claimed_at=NOW, claimed_by="gone")
    SettlementRun.objects.update(stop_reason="Two transfers.")
    StripeEvent.objects.create(
        stripe_event_id="evt_1", type="x", livemode=False, payload={}, created_at=NOW, received_at=NOW
    )
    BooksCheck.objects.create(checked_at=NOW, problems=["The books are off by 7 EUR."], problem_count=1)
    Difference.objects.create(
        kind="in_suspense", subject="x", occurred_at=NOW, first_seen_at=NOW, last_seen_at=NOW
    )
    for _time in range(2):
        Reconciliation.objects.create(
            began_at=NOW, ended_at=NOW, since=NOW, result="undecided", note="Stripe is away."
        )
    return payout


def told():
    return [(alarm.kind, alarm.subject, alarm.detail) for alarm in open_alarms()]


def test_nothing_is_the_matter_where_all_is_well():
    assert refresh_alarms(at=LATER) == 0
    assert told() == []


def test_each_trouble_is_an_alarm_for_as_long_as_it_lasts(troubles):
    began = refresh_alarms(at=LATER)

    payout, run = troubles, troubles.run
    assert began == 6
    assert told() == [
        ("payout_stuck", f"payout:{payout.pk}", "Ada Vermeer"),
        ("run_stopped", f"run:{run.pk}", "Klei & Co: Two transfers."),
        ("events_wait", "", f"1 ({NOW:%Y-%m-%d %H:%M} UTC)"),
        ("books_wrong", "", "1: The books are off by 7 EUR."),
        ("differences", "", "1"),
        ("not_compared", "", "Stripe is away."),
    ]
    assert refresh_alarms(at=LATER) == 0

    Payout.objects.update(state="parked")
    SettlementRun.objects.update(stop_reason="")
    StripeEvent.objects.update(state="processed")
    examine_books(at=LATER)
    Difference.objects.update(resolved_at=LATER, resolution="gone")
    Reconciliation.objects.create(began_at=LATER, ended_at=LATER, since=NOW, result="clean")
    refresh_alarms(at=LATER)

    # A payout without its reserve is no order in the books, so that alarm stays with what is wrong now.
    assert [kind for kind, _subject, _detail in told()] == ["books_wrong"]
    assert set(Alarm.objects.exclude(kind="books_wrong").values_list("over_at", flat=True)) == {LATER}


def test_what_comes_back_is_a_new_alarm():
    difference = Difference.objects.create(
        kind="in_suspense", subject="x", occurred_at=NOW, first_seen_at=NOW, last_seen_at=NOW
    )
    refresh_alarms(at=NOW)
    Difference.objects.update(resolved_at=NOW, resolution="gone")
    refresh_alarms(at=NOW)
    Difference.objects.filter(pk=difference.pk).update(resolved_at=None, resolution="")

    refresh_alarms(at=LATER)

    assert [alarm.began_at for alarm in Alarm.objects.order_by("pk")] == [NOW, LATER]


def test_each_alarm_is_mailed_once_to_each_address(troubles, settings):
    settings.ALARM_EMAILS = ["vera@example.com", "watch@example.com"]
    refresh_alarms(at=LATER)

    counts = [mail_alarms(at=LATER), mail_alarms(at=LATER)]

    assert counts == [6, 0]
    assert [letter.to for letter in mail.outbox] == [["vera@example.com"], ["watch@example.com"]]
    assert mail.outbox[0].subject == "6 alarms about money"
    assert (
        "- A settlement run has stopped and waits for a person: Klei & Co: Two transfers."
        in mail.outbox[0].body
    )
    assert "/admin/money/" in mail.outbox[0].body


def test_nobody_is_mailed_without_addresses_and_nothing_is_forgotten(troubles, settings):
    settings.ALARM_EMAILS = []
    refresh_alarms(at=LATER)

    assert mail_alarms(at=LATER) == 0
    settings.ALARM_EMAILS = ["vera@example.com"]
    assert mail_alarms(at=LATER) == 6


def test_an_alarm_whose_mail_fails_is_mailed_later(troubles, settings):
    settings.ALARM_EMAILS = ["vera@example.com"]
    works = settings.MAILERS
    settings.MAILERS = {"default": {"BACKEND": "tests.payouts.no_such_backend.EmailBackend"}}
    refresh_alarms(at=LATER)
    with pytest.raises(InvalidMailer):
        mail_alarms(at=LATER)

    settings.MAILERS = works

    assert mail_alarms(at=LATER) == 6


def test_a_check_of_the_books_is_kept(db):
    payer, ada = make_payer(), make_payee()
    post(
        key="wrong",
        kind=TransactionKind.CORRECTION,
        lines=[
            (account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=payer, payee=ada), 7),
            (account(AccountKind.SUSPENSE, "EUR"), -7),
        ],
        at=NOW,
    )

    check = examine_books(at=NOW)

    assert (check.is_balanced, check.problem_count) == (False, 1)
    assert check.problems[0].startswith(f"Payer {payer.pk} owes payee {ada.pk}")
