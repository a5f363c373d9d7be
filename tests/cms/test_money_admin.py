"""Bookkeepers see to runs, differences and alarms; nobody else does."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.site_tree import BOOKKEEPERS, MODERATORS
from payouts.enums import DifferenceKind, PayoutState, RunState
from payouts.models import Alarm, BooksCheck, Difference, MoneyDecision, Payout, SettlementRun
from tests.factories import NOW, make_payee, make_payer, make_payout, make_user
from tests.payouts.conftest import stand_in

__all__ = ["stand_in"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings):
    settings.STAFF_NEED_SECOND_FACTOR = False


@pytest.fixture
def vera(client, site):
    vera = make_user("Vera Vos")
    vera.groups.add(Group.objects.get(name=BOOKKEEPERS))
    client.force_login(vera)
    return vera


@pytest.fixture
def run():
    """A stopped run with one payout that is parked and one that is ready."""
    payout = make_payout(make_payer("Klei & Co"), make_payee("Ada Vermeer"), 2500, state=PayoutState.PARKED)
    Payout.objects.create(
        run=payout.run, payee=make_payee("Noor Bakker"), currency="EUR", amount_minor=1000, created_at=NOW
    )
    SettlementRun.objects.update(stop_reason="Two transfers.")
    return SettlementRun.objects.get()


def differ(number: int = 1, **fields) -> Difference:
    return Difference.objects.create(
        **{
            "kind": DifferenceKind.MOVEMENT_UNBOOKED,
            "subject": f"txn_{number}",
            "currency": "EUR",
            "stripe_minor": -50,
            "occurred_at": NOW,
            "first_seen_at": NOW,
            "last_seen_at": NOW,
            **fields,
        }
    )


def pages(run):
    return [
        reverse("money_today"),
        reverse("difference_list"),
        reverse("run_list"),
        reverse("run_view", args=[run.pk]),
    ]


def test_a_bookkeeper_sees_what_needs_a_look(client, vera, run):
    Alarm.objects.create(
        kind="run_stopped", subject=f"run:{run.pk}", detail="Klei & Co: Two transfers.", began_at=NOW
    )
    BooksCheck.objects.create(checked_at=NOW, problems=["The books are off by 7 EUR."], problem_count=1)
    differ(payout=run.payouts.first())
    over = differ(2, resolved_at=NOW, resolution="fixed")

    today, differences, runs, one = (client.get(page) for page in pages(run))

    assert [alarm.detail for alarm in today.context["alarms"]] == ["Klei & Co: Two transfers."]
    assert "The books are off by 7 EUR." in today.text
    assert [row.subject for row, _what in differences.context["open"]] == ["txn_1"]
    assert differences.context["page_of_over"].object_list == [over]
    assert [
        (row.pk, figures["payees"], figures["parked"], figures["total"])
        for row, figures in runs.context["rows"]
    ] == [(run.pk, 2, 1, 3500)]
    assert [payout.payee.name for payout in one.context["page"].object_list] == ["Ada Vermeer", "Noor Bakker"]


def test_pages_of_money_are_for_bookkeepers_alone(client, site, run):
    """Each page for each role: anonymous, a customer, a moderator, somebody who may only look."""
    decide = reverse("run_decide", args=[run.pk])
    data = {"verb": "resume", "reason": "Looked"}
    for page in pages(run):
        assert client.get(page).status_code == 302
    eve = make_user("Eve Visser")
    client.force_login(eve)
    for page in pages(run):
        assert client.get(page).status_code == 302
    assert client.post(decide, data).status_code == 302

    eve.groups.add(Group.objects.get(name=MODERATORS))
    for page in pages(run):
        answer = client.get(page)
        assert (answer.status_code, answer.url) == (302, reverse("wagtailadmin_home"))

    eve.user_permissions.add(Permission.objects.get(codename="view_settlementrun"))
    for page in pages(run):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<form method" not in answer.text.partition('class="nice-padding"')[2]
    for address in (decide, reverse("money_compare")):
        assert client.post(address, data).url == reverse("wagtailadmin_home")
    run.refresh_from_db()
    assert run.stop_reason == "Two transfers."


def test_a_stopped_run_goes_on_with_a_reason(client, vera, run):
    decide = reverse("run_decide", args=[run.pk])

    refused = client.post(decide, {"verb": "resume", "reason": " "})
    done = client.post(decide, {"verb": "resume", "reason": "Taken back at Stripe"})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert "Say why: it stands in the history of the run." in refused.text
    run.refresh_from_db()
    assert run.stop_reason == ""
    decision = MoneyDecision.objects.get()
    assert (decision.kind, decision.reason, decision.decided_by) == ("resumed", "Taken back at Stripe", vera)


def test_payouts_are_parked_tried_again_and_given_up(client, vera, run):
    decide = reverse("run_decide", args=[run.pk])
    parked, ready = run.payouts.order_by("pk")

    client.post(decide, {"verb": "park", "payout": ready.pk, "reason": "Her account moved"})
    client.post(decide, {"verb": "retry", "payout": parked.pk, "reason": "It is right"})

    states = list(run.payouts.order_by("pk").values_list("state", "problem"))
    assert states == [(PayoutState.READY, ""), (PayoutState.PARKED, "Her account moved")]
    refused = client.post(decide, {"verb": "void", "payout": parked.pk, "reason": "No, wait"})
    assert refused.status_code == 422
    assert "Only a parked payout can be given up" in refused.text
    assert refused.context["chosen"] == str(parked.pk)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"verb": "burn", "reason": "x"},
        {"verb": "park", "reason": "x"},
        {"verb": "park", "payout": "9" * 40, "reason": "x"},
        {"verb": "park", "payout": "one", "reason": "x"},
        {"verb": "park", "payout": "4711", "reason": "x"},
        {"verb": "resume", "reason": "a\0b"},
        {"verb": "resume", "reason": "x" * 301},
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(client, vera, run, data):
    answer = client.post(reverse("run_decide", args=[run.pk]), data)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    run.refresh_from_db()
    assert (run.stop_reason, MoneyDecision.objects.count()) == ("Two transfers.", 0)


def test_a_payout_of_another_run_is_none_of_this_one(client, vera, run):
    other = make_payout(make_payer("Hout & Zo"), make_payee("Bo"), 1000, state=PayoutState.PARKED)

    answer = client.post(
        reverse("run_decide", args=[run.pk]), {"verb": "retry", "payout": other.pk, "reason": "x"}
    )

    assert (answer.status_code, client.get(reverse("run_view", args=[999_999])).status_code) == (422, 404)
    other.refresh_from_db()
    assert other.state == PayoutState.PARKED


def test_a_run_that_nobody_paid_for_is_cancelled(client, vera):
    payer = make_payer("Klei & Co")
    run = SettlementRun.objects.create(
        payer=payer, currency="EUR", transfer_group="run-1", created_at=NOW, state=RunState.DRAFT
    )

    client.post(reverse("run_decide", args=[run.pk]), {"verb": "cancel", "reason": "Begun by mistake"})

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_comparing_by_hand_is_begun_once_a_minute(client, vera, stand_in):
    cache.delete("money-compared-by-hand")

    first = client.post(reverse("money_compare"), follow=True)
    second = client.post(reverse("money_compare"), follow=True)

    assert "The comparison has begun." in first.text
    assert "A comparison was begun less than a minute ago." in second.text
    # What the platform put in at Stripe was taken in, and nothing is left.
    assert first.context["last"].result == "clean"
    assert first.context["last"].fixed_count == 1


def test_pages_ask_the_database_as_often_with_three_rows_as_with_one(client, vera, run):
    differ(payout=run.payouts.first())
    Alarm.objects.create(kind="differences", began_at=NOW)
    counts = [queries_of(client, page) for page in pages(run)]
    for number in (2, 3):
        differ(number, payout=run.payouts.first())
        Alarm.objects.create(kind="payout_stuck", subject=f"payout:{number}", began_at=NOW)
        make_payout(make_payer(f"Shop {number}"), make_payee(f"P {number}"))
        Payout.objects.create(
            run=run, payee=make_payee(f"Q {number}"), currency="EUR", amount_minor=1000, created_at=NOW
        )

    assert [queries_of(client, page) for page in pages(run)] == counts


def queries_of(client, page) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)
