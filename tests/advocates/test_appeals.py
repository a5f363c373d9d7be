"""Ada appeals: in time, once, decided by somebody else; granted, her share is owed again to the cent."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.appeal_tasks import (
    ask_to_tell_of_reviews,
    remind_of_reviews,
    tell_appeal_decided,
    tell_appealed,
    tell_rejected,
)
from advocates.appeals import UnableToDecide, UnableToFile, appeal_against, decide_appeal, may_decide
from advocates.enums import FraudDecision, ShopRole
from advocates.explanations import explain, recompute
from advocates.fraud import decide_finding, examine_shares, hold_found
from advocates.models import FraudFinding
from advocates.refunds import RefundReport, record_refund
from advocates.shops import add_member
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.models import Appeal, AppealDecision, Commission, CommissionReview
from payouts.reviews import approve_commissions, reject_commission
from tests.advocates.market import NOW, Market
from tests.factories import make_user


@pytest.fixture
def market(db):
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer", language="en")


@pytest.fixture
def olga(market):
    """A second owner."""
    olga = make_user("Olga Smit")
    add_member(shop=market.shop, user=olga, role=ShopRole.OWNER)
    return olga


@pytest.fixture
def vera(db):
    """An editor."""
    vera = make_user("Vera Vos")
    vera.user_permissions.add(
        Permission.objects.get(content_type__app_label="payouts", codename="add_appealdecision")
    )
    return vera


def sold(market, ada, **fields):
    click = market.click(ada, visitor_key=None)
    return market.sell(click_id=str(click.pk), **fields)


def rejected(market, ada, sale=None, by=None, at=NOW):
    sale = sale or sold(market, ada)
    return reject_commission(
        commission=market.share(sale, ada).commission,
        reason="returned",
        note="The vase came back.",
        by=by or market.mila,
        at=at,
    )


def appealed(market, ada, **fields):
    review = rejected(market, ada, **fields)
    return appeal_against(review=review, text="It stands in my kitchen.", by=ada.user, at=NOW)


def answer(appeal, by, *, is_granted=True, at=NOW):
    return decide_appeal(appeal=appeal, is_granted=is_granted, note="I saw it stand there.", by=by, at=at)


def url_of(name, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=args)


# Appealing -------------------------------------------------------------------------------------------------


def test_a_rejection_says_until_when_it_can_be_appealed(market, ada):
    assert rejected(market, ada).appeal_by == NOW + timedelta(days=14)


def test_only_the_advocate_appeals(market, ada):
    review = rejected(market, ada)

    with pytest.raises(UnableToFile, match="Only the advocate"):
        appeal_against(review=review, text="I know better.", by=make_user("Eve de Vries"), at=NOW)

    assert not Appeal.objects.exists()


def test_an_appeal_comes_in_time_and_once(market, ada):
    review = rejected(market, ada)
    with pytest.raises(UnableToFile, match="could be appealed until"):
        appeal_against(review=review, text="Late.", by=ada.user, at=NOW + timedelta(days=14, seconds=1))
    appeal_against(review=review, text="In time.", by=ada.user, at=NOW + timedelta(days=14))

    with pytest.raises(UnableToFile, match="already"):
        appeal_against(review=review, text="And again.", by=ada.user, at=NOW)

    assert Appeal.objects.get().text == "In time."


@pytest.mark.parametrize(("text", "told"), [(" ", "Say why"), ("x" * 2001, "at most 2000")])
def test_an_appeal_needs_words_that_fit(market, ada, text, told):
    with pytest.raises(UnableToFile, match=told):
        appeal_against(review=rejected(market, ada), text=text, by=ada.user, at=NOW)


# Deciding --------------------------------------------------------------------------------------------------


def test_granted_the_share_is_owed_again_by_a_new_commission(market, ada, vera):
    appeal = appealed(market, ada)
    old = appeal.review.commission

    answer(appeal, vera)

    share = ada.shares.get()
    assert share.commission.restores == old
    assert (share.commission.amount_minor, share.commission.review) == (1000, "approved")
    assert share.commission.due_at == old.due_at
    old.refresh_from_db()
    assert (old.state, old.open_minor) == ("rejected", 0)
    mature_commissions(at=old.due_at)
    assert Commission.objects.to_settle().get() == share.commission
    assert check_books() == []


def test_the_share_explains_what_was_taken_and_owed_again(market, ada, vera):
    answer(appealed(market, ada), vera)

    share = ada.shares.get()

    told = explain(share)
    assert [step.amount_minor for step in told.reversals] == [1000, -1000]
    assert (told.amount_minor, told.open_minor) == (1000, 1000)
    assert recompute(share)


def test_what_was_given_back_meanwhile_is_not_owed_again(market, ada, vera):
    sale = sold(market, ada)
    appeal = appealed(market, ada, sale=sale)
    half = RefundReport(external_id="R1", refunded_at=NOW, amount_minor=6050)
    record_refund(sale=sale, report=half, at=NOW)

    answer(appeal, vera)

    assert ada.shares.get().commission.amount_minor == 500
    rest = RefundReport(external_id="R2", refunded_at=NOW, amount_minor=6050)
    record_refund(sale=sale, report=rest, at=NOW)
    assert ada.shares.get().commission.state == "reversed"
    assert check_books() == []


def test_nothing_is_owed_when_all_was_given_back(market, ada, vera):
    sale = sold(market, ada)
    appeal = appealed(market, ada, sale=sale)
    record_refund(
        sale=sale, report=RefundReport(external_id="R1", refunded_at=NOW, amount_minor=12100), at=NOW
    )

    decision = answer(appeal, vera)

    assert decision.is_granted
    assert Commission.objects.count() == 1
    assert check_books() == []


def test_refused_the_rejection_stands(market, ada, vera):
    answer(appealed(market, ada), vera, is_granted=False)

    assert ada.shares.get().commission.state == "rejected"
    assert Commission.objects.count() == 1


def test_a_budget_that_is_empty_does_not_stop_what_should_have_been_paid(vera):
    market = Market(budget_minor=1000)
    ada = market.advocate("Ada Vermeer")
    appeal = appealed(market, ada)
    sold(market, ada)  # takes what the rejection gave back

    answer(appeal, vera)

    restored = Commission.objects.get(restores__isnull=False)
    assert (restored.amount_minor, restored.budget) == (1000, None)
    assert check_books() == []


def test_another_owner_may_decide_and_nobody_concerned(market, ada, olga, vera):
    cas = make_user("Cas Klaver")
    add_member(shop=market.shop, user=cas)
    appeal = appealed(market, ada)

    people = {"mila": market.mila, "olga": olga, "cas": cas, "ada": ada.user, "vera": vera}
    assert {name for name, user in people.items() if may_decide(appeal=appeal, user=user)} == {"olga", "vera"}
    with pytest.raises(UnableToDecide, match="Somebody else"):
        answer(appeal, market.mila)
    answer(appeal, olga)
    assert AppealDecision.objects.get().decided_by == olga


def test_an_editor_who_took_the_decision_does_not_decide_again(market, ada, vera):
    add_member(shop=market.shop, user=vera, role=ShopRole.OWNER)
    appeal = appealed(market, ada, by=vera)

    assert not may_decide(appeal=appeal, user=vera)
    assert may_decide(appeal=appeal, user=market.mila)


def test_the_database_refuses_a_decision_by_who_decided_first(market, ada):
    appeal = appealed(market, ada)

    with pytest.raises(IntegrityError, match="somebody else"), transaction.atomic():
        AppealDecision.objects.create(
            appeal=appeal, is_granted=True, note="Mine.", decided_by=market.mila, decided_at=NOW
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payouts_appeal SET text = 'never mind'",
        "DELETE FROM payouts_appeal",
        "UPDATE payouts_appealdecision SET is_granted = false",
        "DELETE FROM payouts_appealdecision",
        "UPDATE payouts_commissionreview SET note = 'never mind'",
        "DELETE FROM payouts_commissionreview WHERE decision = 'approved'",
    ],
)
def test_the_trail_is_only_added_to(market, ada, vera, statement):
    answer(appealed(market, ada), vera)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["payouts_appeal", "payouts_appealdecision"])
def test_the_trail_is_not_truncated(db, table):
    refused = pytest.raises(IntegrityError, match="only ever added")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(market, ada, olga, vera):
    appeal = appealed(market, ada)
    told, start = [], threading.Barrier(2)

    def decide(by, is_granted):
        try:
            start.wait()
            answer(appeal, by, is_granted=is_granted)
            told.append("decided")
        except UnableToDecide as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=args) for args in ((olga, True), (vera, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    decision = AppealDecision.objects.get()
    assert sorted(text == "decided" for text in told) == [False, True]
    assert any(str(decision.decided_by) in text and "decided on this on" in text for text in told)
    assert Commission.objects.count() == (2 if decision.is_granted else 1)
    assert check_books() == []


# Letters ---------------------------------------------------------------------------------------------------


def test_ada_gets_one_letter_for_all_that_is_new(market, ada):
    rejected(market, ada)
    rejected(market, ada)

    tell_rejected.call(ada.user_id, market.shop.payer_id)
    tell_rejected.call(ada.user_id, market.shop.payer_id)

    assert [letter.subject for letter in mail.outbox] == ["Klei & Co does not pay a commission, and why"]
    assert mail.outbox[0].body.count("The vase came back.") == 2
    assert "appeal until" in mail.outbox[0].body
    assert not CommissionReview.objects.filter(told_at__isnull=True, decision="rejected").exists()


def test_the_tick_asks_for_each_letter_once(market, ada, vera):
    rejected(market, ada)
    appeal = appealed(market, ada)
    answer(appeal, vera)

    assert ask_to_tell_of_reviews(at=NOW) == 2
    assert ask_to_tell_of_reviews(at=NOW) == 0


def test_both_sides_are_told_of_an_appeal_and_of_its_answer(market, ada, olga, vera):
    appeal = appealed(market, ada)

    tell_appealed.call(appeal.pk)

    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([market.mila.email, olga.email])
    asked = next(letter for letter in mail.outbox if letter.to == [olga.email])
    assert f"/desk/{market.shop.slug}/review/decisions/{appeal.review_id}/" in asked.body
    mail.outbox.clear()
    decision = answer(appeal, vera)
    tell_appeal_decided.call(decision.pk)
    tell_appeal_decided.call(decision.pk)
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(
        [ada.user.email, market.mila.email, olga.email]
    )
    assert all("I saw it stand there." in letter.body for letter in mail.outbox)


# Pages -----------------------------------------------------------------------------------------------------


def test_ada_reads_why_and_appeals(client, market, ada):
    review = rejected(market, ada)
    client.force_login(ada.user)
    page = client.get(url_of("decision", review.pk)).content.decode()

    assert "The vase came back." in page
    assert "A person decided this" in page
    assert "Mila" not in page


def test_ada_sends_her_appeal_from_the_page(client, market, ada):
    review = rejected(market, ada, at=timezone.now())
    client.force_login(ada.user)

    empty = client.post(url_of("decision", review.pk), {"text": ""})
    client.post(url_of("decision", review.pk), {"text": "It stands here.\0"})
    sent = client.post(url_of("decision", review.pk), {"text": "It stands here."})
    again = client.post(url_of("decision", review.pk), {"text": "It still does."})

    assert empty.status_code == 422
    assert sent.url == url_of("decision", review.pk)
    assert again.status_code == 422
    assert "already" in again.content.decode()
    assert Appeal.objects.get().text == "It stands here."


def test_the_decision_of_another_is_not_there(client, market, ada):
    review = rejected(market, ada)
    client.force_login(make_user("Eve de Vries"))

    assert client.get(url_of("decision", review.pk)).status_code == 404
    assert client.get(url_of("desk_decision", market.shop.slug, review.pk)).status_code == 404
    assert client.get(url_of("desk_appeals", market.shop.slug)).status_code == 404
    client.logout()
    assert client.get(url_of("decision", review.pk)).status_code == 302


def test_a_decision_of_another_shop_is_not_on_this_desk(client, market, ada):
    other = Market("Hout & Zo")
    review = rejected(market, ada)
    client.force_login(other.mila)

    assert client.get(url_of("desk_decision", other.shop.slug, review.pk)).status_code == 404


def test_olga_decides_on_the_desk_and_mila_cannot(client, market, ada, olga):
    appeal = appealed(market, ada)
    address = url_of("desk_decision", market.shop.slug, appeal.review_id)
    words = {"decision": "grant", "note": "Sorry."}
    client.force_login(market.mila)
    refused = client.post(address, words)
    client.force_login(olga)
    form = client.post(address, {"decision": "grant", "note": ""})

    done = client.post(address, words)

    assert (refused.status_code, form.status_code, done.status_code) == (422, 422, 302)
    assert ada.shares.get().commission.restores is not None
    page = client.get(address).content.decode()
    assert "was booked again" in page


def test_the_desk_counts_what_is_ones_own_to_decide(client, market, ada, olga):
    appealed(market, ada)
    cas = make_user("Cas Klaver")
    add_member(shop=market.shop, user=cas)
    counts = {}
    for name, user in (("mila", market.mila), ("olga", olga), ("cas", cas)):
        client.force_login(user)
        counts[name] = client.get(url_of("desk_review", market.shop.slug)).context["appeals"]

    assert counts == {"mila": 0, "olga": 1, "cas": 0}


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_often_for_three_as_for_one(client, market, ada, rows):
    for _number in range(rows):
        appealed(market, ada)
    counts = []
    for user, address in (
        (ada.user, url_of("decisions")),
        (market.mila, url_of("desk_appeals", market.shop.slug)),
    ):
        client.force_login(user)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts == [5, 7]


# After a finding of fraud ----------------------------------------------------------------------------------


@pytest.mark.parametrize("was_approved", [False, True])
def test_an_upheld_finding_is_appealed_to_the_editors(market, ada, olga, vera, was_approved):
    sale = sold(market, ada, customer_email="bob@mailinator.com")
    if was_approved:
        approve_commissions(payer=market.shop.payer, commission_ids=None, by=market.mila, at=NOW)
    examine_shares(at=NOW)
    hold_found(at=NOW)
    finding = FraudFinding.objects.get()
    decide_finding(
        finding=finding, decision=FraudDecision.UPHELD, note="A throw-away address.", by=market.mila, at=NOW
    )
    review = CommissionReview.objects.get(key=f"fraud:{finding.pk}")
    appeal = appeal_against(review=review, text="Bob hides his address.", by=ada.user, at=NOW)

    people = {"mila": market.mila, "olga": olga, "vera": vera}
    assert {name for name, user in people.items() if may_decide(appeal=appeal, user=user)} == {"vera"}
    answer(appeal, vera)
    assert market.share(sale, ada).commission.open_minor == 1000
    assert check_books() == []


def test_owners_are_reminded_once_of_what_their_date_will_approve(market, ada):
    sold(market, ada)
    Commission.objects.update(due_at=timezone.now() - timedelta(days=25))

    remind_of_reviews.call(market.shop.pk)
    remind_of_reviews.call(market.shop.pk)

    assert [letter.to for letter in mail.outbox] == [[market.mila.email]]
    assert f"/desk/{market.shop.slug}/review/" in mail.outbox[0].body
