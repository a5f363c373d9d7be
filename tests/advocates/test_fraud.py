"""From what a rule found to what a person decided: held, told, answered, cleared or upheld, and the books right."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from advocates.enums import FraudDecision, FraudHold, FraudRule
from advocates.fraud import (
    UnableToAnswer,
    UnableToDecide,
    answer_finding,
    decide_finding,
    examine_shares,
    hold_found,
    late_shops,
    look_at_account,
    untold_cases,
)
from advocates.fraud_sentences import told_of
from advocates.fraud_tasks import remind_shop, tell_held
from advocates.models import FraudFinding, Share
from advocates.refunds import RefundReport, record_refund
from advocates.shops import add_member
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.enums import CommissionState
from payouts.holds import hold_commission, release_commission
from payouts.models import ConnectedAccount
from payouts.onboarding import start_onboarding
from payouts.reviews import approve_commissions
from tests.advocates.market import NOW, Market
from tests.factories import make_payout, make_user
from tests.payouts.settling import BACK, deliver

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=60)
NOTE = "We rang the buyer."


@pytest.fixture
def market():
    return Market(window_days=90)


@pytest.fixture
def ada(market):
    return market.advocate(language="en")


def throw_away(market, ada, **fields):
    """An order with a disposable address: the simplest thing to find."""
    days = fields.pop("days", 1)
    click = market.click(ada, visitor_key=None, days=days)
    fields = {"customer_email": f"{uuid4()}@mailinator.com", **fields}
    return market.sell(click_id=str(click.pk), **fields)


def look(at=NOW):
    examine_shares(at=at)
    hold_found(at=at)


def finding_of(market, ada, *, at=NOW, **fields):
    sale = throw_away(market, ada, **fields)
    look(at)
    return FraudFinding.objects.get(share__attribution__sale=sale)


def decide(finding, by, decision=FraudDecision.CLEARED, *, at=NOW, note=NOTE, **fields):
    return decide_finding(finding=finding, decision=decision, note=note, by=by, at=at, **fields)


def commission_of(finding):
    return Share.objects.select_related("commission").get(pk=finding.share_id).commission


# Holding ---------------------------------------------------------------------------------------------------


def test_a_hit_holds_the_commission_with_a_date_and_a_person(market, ada):
    finding = finding_of(market, ada)

    commission = commission_of(finding)
    assert (commission.state, commission.held_by, commission.hold_until) == (
        CommissionState.ON_HOLD,
        market.mila,
        NOW + timedelta(days=14),
    )
    assert commission.hold_reason == "The shop looks into this: A disposable mail address."
    assert (finding.hold, finding.due_at) == (FraudHold.HELD, NOW + timedelta(days=14))
    assert check_books() == []


def test_nothing_lapses_when_the_date_has_passed(market, ada):
    finding = finding_of(market, ada)

    look(LATER)

    assert mature_commissions(at=LATER) == 0
    assert commission_of(finding).state == CommissionState.ON_HOLD
    assert list(FraudFinding.objects.overdue(at=LATER)) == [finding]
    assert FraudFinding.objects.get().decision == ""


def test_looking_twice_finds_once(market, ada):
    finding = finding_of(market, ada)
    Share.objects.update(examined_at=None)

    look()

    assert list(FraudFinding.objects.all()) == [finding]
    assert commission_of(finding).holds.count() == 1


def test_what_was_found_before_a_crash_is_held_after_it(market, ada):
    sale = throw_away(market, ada)
    examine_shares(at=NOW)
    finding = FraudFinding.objects.get()
    assert (finding.hold, market.share(sale, ada).commission.state) == (FraudHold.TO_HOLD, "pending")

    assert hold_found(at=finding.due_at + timedelta(days=1)) == 1

    finding.refresh_from_db()
    assert (finding.hold, commission_of(finding).state) == (FraudHold.HELD, CommissionState.ON_HOLD)
    # The shop has its days from when it could first see it.
    assert finding.due_at == NOW + timedelta(days=14 + 1 + 14)


def test_what_is_being_paid_is_shown_and_not_held(market, ada):
    sale = throw_away(market, ada, days=61, placed_at=NOW - timedelta(days=60))
    mature_commissions(at=NOW)
    commission = market.share(sale, ada).commission
    payout = make_payout(commission.payer, commission.payee)
    type(commission).objects.filter(pk=commission.pk).update(
        state="in_payout", payout=payout, review="approved"
    )

    look()

    finding = FraudFinding.objects.get()
    assert (finding.hold, finding.is_waiting) == (FraudHold.TOO_LATE, True)
    assert commission_of(finding).state == CommissionState.IN_PAYOUT
    assert untold_cases() == []


def test_what_was_returned_in_full_asks_for_nothing(market, ada):
    finding = finding_of(market, ada)
    sale = finding.share.attribution.sale
    report = RefundReport(external_id="R1", refunded_at=NOW, amount_minor=12100)
    record_refund(sale=sale, report=report, at=NOW)

    assert commission_of(finding).state == CommissionState.REVERSED
    assert not FraudFinding.objects.waiting().exists()
    assert check_books() == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_find_each_thing_once():
    market = Market()
    ada = market.advocate()
    for _order in range(12):
        throw_away(market, ada)
    start = Barrier(2)

    def work(_worker):
        try:
            start.wait()
            return examine_shares(at=NOW), hold_found(at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))

    assert sum(examined for examined, _held in done) == 12
    assert FraudFinding.objects.count() == 12
    hold_found(at=NOW)
    assert {share.commission.holds.count() for share in Share.objects.all()} == {1}
    assert check_books() == []


# Deciding --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "state"), [(NOW, CommissionState.PENDING), (LATER, CommissionState.DUE)])
def test_cleared_goes_on_where_it_was(market, ada, at, state):
    finding = finding_of(market, ada)

    (decided,) = decide(finding, market.mila, at=at)

    assert (decided.decision, decided.note, decided.decided_by, decided.decided_at) == (
        FraudDecision.CLEARED,
        NOTE,
        market.mila,
        at,
    )
    assert commission_of(finding).state == state
    assert check_books() == []


def test_upheld_rejects_with_the_note_that_the_advocate_reads(market, ada):
    finding = finding_of(market, ada)

    decide(finding, market.mila, FraudDecision.UPHELD)

    commission = commission_of(finding)
    assert (commission.state, commission.open_minor) == (CommissionState.REJECTED, 0)
    review = commission.reviews.get()
    assert (review.reason, review.note, review.decided_by) == ("other", NOTE, market.mila)
    assert check_books() == []


def test_upheld_takes_back_what_was_approved_before(market, ada):
    sale = throw_away(market, ada)
    approve_commissions(payer=market.shop.payer, commission_ids=None, by=market.mila, at=NOW)
    look()

    decide(FraudFinding.objects.get(), market.mila, FraudDecision.UPHELD)

    commission = market.share(sale, ada).commission
    assert (commission.state, commission.open_minor) == (CommissionState.REVERSED, 0)
    assert commission.reversals.get().reason == "rejected: other"
    assert check_books() == []


def test_two_findings_end_one_by_one(market, ada):
    click = market.click(ada, visitor_key=None, is_paid_search=True)
    sale = market.sell(click_id=str(click.pk), customer_email="bob@mailinator.com")
    look()
    mail_, search = FraudFinding.objects.order_by("rule")
    assert {mail_.rule, search.rule} == {FraudRule.DISPOSABLE_MAIL, FraudRule.PAID_SEARCH}

    decide(mail_, market.mila)

    assert market.share(sale, ada).commission.state == CommissionState.ON_HOLD
    decide(search, market.mila)
    assert market.share(sale, ada).commission.state == CommissionState.PENDING
    assert check_books() == []


def test_upholding_one_finding_leaves_nothing_to_decide_on_the_other(market, ada):
    click = market.click(ada, visitor_key=None, is_paid_search=True)
    market.sell(click_id=str(click.pk), customer_email="bob@mailinator.com")
    look()

    decided = decide(FraudFinding.objects.first(), market.mila, FraudDecision.UPHELD)

    assert len(decided) == 2
    assert set(FraudFinding.objects.values_list("decision", "note")) == {("upheld", NOTE)}


@pytest.mark.parametrize("is_fraud_first", [True, False])
def test_a_dispute_and_a_finding_do_not_release_each_other(market, ada, is_fraud_first):
    finding = finding_of(market, ada)
    commission = commission_of(finding)
    hold_commission(
        commission=commission, reason="A dispute.", until=LATER, by=market.mila, at=NOW, key="dispute:dp_1"
    )

    def end_dispute():
        release_commission(commission=commission, by=market.mila, at=NOW, key="dispute:dp_1")

    steps = [lambda: decide(finding, market.mila), end_dispute]
    first, last = steps if is_fraud_first else reversed(steps)
    first()
    assert commission_of(finding).state == CommissionState.ON_HOLD
    last()

    assert commission_of(finding).state == CommissionState.PENDING
    assert check_books() == []


def same_buyer(market, ada, number=4):
    for _order in range(number):
        click = market.click(ada, visitor_key=None)
        market.sell(click_id=str(click.pk), customer_email="bob@example.com")
    look()
    return list(FraudFinding.objects.order_by("pk"))


def test_a_case_is_decided_on_at_once(market, ada):
    found = same_buyer(market, ada)

    decided = decide(found[0], market.mila, is_for_case=True)

    assert len(decided) == len(found) == 4
    assert {commission_of(one).state for one in found} == {CommissionState.PENDING}
    assert check_books() == []


def test_one_of_a_case_can_be_decided_on_alone(market, ada):
    found = same_buyer(market, ada)

    decide(found[0], market.mila)

    assert [commission_of(one).state for one in found] == ["pending", "on_hold", "on_hold", "on_hold"]


def test_a_case_that_was_cleared_is_not_found_again(market, ada):
    decide(same_buyer(market, ada)[0], market.mila, is_for_case=True)

    click = market.click(ada, visitor_key=None)
    sale = market.sell(click_id=str(click.pk), customer_email="bob@example.com")
    look()

    assert FraudFinding.objects.count() == 4
    assert market.share(sale, ada).commission.state == CommissionState.PENDING


def test_who_may_not_decide(market, ada):
    finding = finding_of(market, ada)
    add_member(shop=market.shop, user=ada.user)
    eve = make_user("Eve Jansen")

    with pytest.raises(UnableToDecide, match="Only people of"):
        decide(finding, eve)
    with pytest.raises(UnableToDecide, match="Somebody else"):
        decide(finding, ada.user)

    assert commission_of(finding).state == CommissionState.ON_HOLD


@pytest.mark.parametrize(
    ("decision", "note", "field"),
    [("cleared", "  ", "note"), ("cleared", "x" * 1001, "note"), ("maybe", NOTE, "decision")],
)
def test_deciding_needs_a_decision_and_a_note(market, ada, decision, note, field):
    finding = finding_of(market, ada)

    with pytest.raises(UnableToDecide) as caught:
        decide(finding, market.mila, decision, note=note)

    assert list(caught.value.errors) == [field]


def test_the_second_decision_is_told_of_the_first(market, ada):
    finding = finding_of(market, ada)
    decide(finding, market.mila)

    with pytest.raises(UnableToDecide, match="Mila de Boer: Nothing wrong"):
        decide(finding, market.mila, FraudDecision.UPHELD)


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "cleared"},
        {"decision": "cleared", "note": "Why", "decided_at": NOW},
        {"note": "Why"},
        {"answer": "Words"},
        {"answered_at": NOW},
        {"due_at": NOW - timedelta(days=1)},
        {"rule": "astrology"},
        {"decision": "maybe", "note": "Why", "decided_at": NOW},
    ],
)
def test_the_database_refuses_half_a_finding(market, ada, fields):
    finding = finding_of(market, ada)
    if fields.get("decision") == "maybe":
        fields = fields | {"decided_by": market.mila}

    with pytest.raises(IntegrityError), transaction.atomic():
        FraudFinding.objects.filter(pk=finding.pk).update(**fields)


# Accounts and answers --------------------------------------------------------------------------------------


def test_an_account_that_becomes_anothers_is_found_for_both(market, ada):
    noor = market.advocate("Noor Bakker")
    for person in (ada, noor):
        click = market.click(person, visitor_key=None)
        market.sell(click_id=str(click.pk))
        person.payee.account = ConnectedAccount.objects.create(
            stripe_account_id=f"acct_{person.pk}", role="recipient", bank_hashes=["one"], created_at=NOW
        )
        person.payee.save()
    ConnectedAccount.objects.filter(payee=noor.payee).update(bank_hashes=["two"])
    look()
    assert not FraudFinding.objects.exists()
    assert look_at_account(stripe_account_id=f"acct_{noor.pk}") == 0

    ConnectedAccount.objects.filter(payee=noor.payee).update(bank_hashes=["one"])
    assert look_at_account(stripe_account_id=f"acct_{noor.pk}") == 2
    look()

    found = {one.share.advocate: one for one in FraudFinding.objects.all()}
    assert {person: one.evidence for person, one in found.items()} == {
        ada: {"others": [noor.pk], "by": ["bank"]},
        noor: {"others": [ada.pk], "by": ["bank"]},
    }
    with translation.override("en"):
        hers = told_of(found[ada], is_shop=False)
        shops = told_of(found[ada], is_shop=True)
    assert hers.figures == ("You are paid to the same bank account as 1 other advocate.",)
    assert shops.figures[1] == "In your own programme: Noor Bakker."


def test_stripe_tells_that_two_advocates_have_one_bank_account(stand_in, market, ada):
    """From the event of a new bank account to the commission that is held, through the table of who hears what."""
    noor = market.advocate("Noor Bakker")
    for person in (ada, noor):
        market.sell(click_id=str(market.click(person, visitor_key=None).pk))
        start_onboarding(payee=person.payee, **BACK, at=NOW)
        stand_in.onboard(person.payee.account.stripe_account_id)
    deliver(stand_in)
    look()
    assert not FraudFinding.objects.exists()

    for person in (ada, noor):
        stand_in.set_bank_account(person.payee.account.stripe_account_id, iban="NL91ABNA0417164300")
    deliver(stand_in)
    look()

    found = FraudFinding.objects.order_by("share__advocate")
    assert [(one.share.advocate, one.evidence["by"], one.hold) for one in found] == [
        (ada, ["bank"], FraudHold.HELD),
        (noor, ["bank"], FraudHold.HELD),
    ]


def test_answer_is_hers_until_the_shop_has_decided(market, ada):
    finding = finding_of(market, ada)

    answer_finding(finding=finding, text=" A friend. ", by=ada.user, at=NOW)
    answer_finding(finding=finding, text="A friend of mine.", by=ada.user, at=NOW + timedelta(hours=1))

    assert (finding.answer, finding.answered_at) == ("A friend of mine.", NOW + timedelta(hours=1))
    with pytest.raises(UnableToAnswer, match="Only the advocate"):
        answer_finding(finding=finding, text="Me.", by=market.mila, at=NOW)
    with pytest.raises(UnableToAnswer, match="Say how it was"):
        answer_finding(finding=finding, text=" ", by=ada.user, at=NOW)
    decide(finding, market.mila)
    with pytest.raises(UnableToAnswer, match="has decided"):
        answer_finding(finding=finding, text="Wait!", by=ada.user, at=NOW)


# Letters ---------------------------------------------------------------------------------------------------


def test_the_advocate_is_told_once_and_in_one_letter(market, ada):
    same_buyer(market, ada)
    assert untold_cases() == [(ada.pk, market.shop.pk)]

    for _time in range(2):
        tell_held.func(ada.pk, market.shop.pk)

    (letter,) = mail.outbox
    assert letter.to == [ada.user.email]
    assert letter.subject == "Klei & Co looks into orders of yours"
    assert letter.body.count("The same buyer again and again") == 4
    assert "/studio/held/" in letter.body
    assert "bob" not in letter.body
    assert untold_cases() == []


def test_the_shop_is_reminded_of_what_is_late_once_a_week(market, ada):
    finding_of(market, ada, at=timezone.now() - timedelta(days=15))
    assert late_shops(at=timezone.now()) == [market.shop.pk]

    for _time in range(2):
        remind_shop.func(market.shop.pk)

    (letter,) = mail.outbox
    assert letter.to == [market.mila.email]
    assert late_shops(at=timezone.now()) == []
    assert late_shops(at=timezone.now() + timedelta(days=7)) == [market.shop.pk]


# Screens ---------------------------------------------------------------------------------------------------


def address(name, *args):
    return reverse(f"advocates:{name}", args=args)


def test_the_shop_reads_the_figures_and_clears_it(client, market, ada):
    market.mila.language = "en"
    market.mila.save()
    finding = finding_of(market, ada)
    client.force_login(market.mila)
    url = address("desk_finding", market.shop.slug, finding.pk)

    page = client.get(url, headers={"Accept-Language": "en"})
    assert "thrown away after use" in page.text
    assert "mailinator" not in page.text
    half = client.post(url, {"decision": "cleared", "note": ""})
    assert half.status_code == 422

    done = client.post(url, {"decision": "cleared", "note": NOTE})

    assert (done.status_code, done.url) == (302, url)
    finding.refresh_from_db()
    assert (finding.decision, finding.decided_by) == ("cleared", market.mila)
    assert NOTE in mail.outbox[0].body
    late = client.post(url, {"decision": "upheld", "note": "On second thought"})
    assert late.status_code == 422
    assert commission_of(finding).state != CommissionState.REJECTED


def test_the_advocate_reads_what_was_seen_and_answers(client, market, ada):
    finding = finding_of(market, ada)
    client.force_login(ada.user)
    url = finding.get_absolute_url()

    assert client.get(url).status_code == 200
    assert url in client.get(finding.share.get_absolute_url()).text
    assert client.post(url, {"text": ""}).status_code == 422
    assert client.post(url, {"text": "x" * 2001}).status_code == 422
    assert client.post(url, {"text": "nul\0"}).status_code == 422

    assert client.post(url, {"text": "A friend of mine."}).status_code == 302

    client.force_login(market.mila)
    assert "A friend of mine." in client.get(address("desk_finding", market.shop.slug, finding.pk)).text


def test_overdue_is_on_top_of_the_list(client, market, ada):
    at = timezone.now()
    newer = finding_of(market, ada, at=at)
    late = finding_of(market, ada, at=at - timedelta(days=20))
    done = finding_of(market, ada, at=at - timedelta(days=30))
    decide(done, market.mila, at=at)
    client.force_login(market.mila)
    url = address("desk_fraud", market.shop.slug)

    assert list(client.get(url).context["page_of_findings"]) == [late, newer]
    assert list(client.get(url, {"show": "all"}).context["page_of_findings"]) == [late, newer, done]
    assert list(client.get(url, {"show": "cleared"}).context["page_of_findings"]) == [done]
    assert list(client.get(url, {"rule": "paid_search"}).context["page_of_findings"]) == []


def test_findings_are_not_there_for_eve(client, market, ada):
    finding = finding_of(market, ada)
    other = Market("Houtlicht")
    pages = [
        finding.get_absolute_url(),
        address("desk_fraud", market.shop.slug),
        address("desk_finding", market.shop.slug, finding.pk),
        address("desk_finding", other.shop.slug, finding.pk),
    ]
    for page in pages:
        assert client.get(page).status_code == 302
    client.force_login(make_user("Eve Jansen"))
    assert [client.get(page).status_code for page in pages] == [404] * 4
    assert client.post(pages[0], {"text": "Hello"}).status_code == 404
    client.force_login(other.mila)
    assert client.get(pages[3]).status_code == 404
    client.force_login(market.mila)
    assert client.get(pages[0]).status_code == 404
    assert list(client.get(address("findings")).context["page_of_findings"]) == []


def test_the_shops_own_advocate_sees_no_form(client, market, ada):
    add_member(shop=market.shop, user=ada.user)
    market.shop.memberships.filter(user=ada.user).delete()
    finding = finding_of(market, ada)
    add_member(shop=market.shop, user=ada.user)
    client.force_login(ada.user)
    url = address("desk_finding", market.shop.slug, finding.pk)

    assert "<textarea" not in client.get(url).text
    assert client.post(url, {"decision": "cleared", "note": NOTE}).status_code == 422


@pytest.mark.parametrize("name", ["desk_fraud", "findings"])
def test_lists_take_the_same_queries_for_one_and_for_three(client, market, ada, name):
    client.force_login(market.mila if name == "desk_fraud" else ada.user)
    url = address(name, *([market.shop.slug] if name == "desk_fraud" else []))
    counts = []
    for number in (1, 2):
        for _order in range(number):
            finding_of(market, ada)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]
