"""How a shop pays its settlements, on its desk: approve, iDEAL, bank transfer, and what says what to do and by when."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from payouts.dunning import note_waiting
from payouts.enums import CollectionState, PayBy, RunState
from payouts.funding import UnableToCollect, retry_collection
from payouts.models import Collection, MoneyDecision, Payer, SettlementRun
from payouts.progress import Part
from payouts.settlement import advance_run, start_run
from tests.advocates.market import Market
from tests.factories import make_payee, make_shop, make_user
from tests.payouts.settling import owe, ready_payee, save_method


@pytest.fixture
def market(client, db):
    market = Market()
    client.force_login(market.mila)
    return market


@pytest.fixture
def payer(market, stand_in):
    """The shop's payer, whose card is declined."""
    save_method(stand_in, market.shop.payer, behaviour="declined")
    return market.shop.payer


@pytest.fixture
def run(client, market, payer, stand_in):
    """A settlement of 25.00 whose card was declined."""
    owe(payer, ready_payee(stand_in), 2500)
    client.post(_url("desk_settle", market.shop))
    return SettlementRun.objects.get()


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _text(page):
    return " ".join(page.content.decode().split())


def test_what_failed_what_to_do_and_by_when(client, market, run):
    note_waiting(at=timezone.now())

    page = client.get(_url("desk_run", market.shop, run.pk))

    text = _text(page)
    assert "Your card was declined." in text
    assert page.context["dunning"].behind_at.date() == (timezone.now() + timedelta(days=14)).date()
    for name in ("desk_run_ideal", "desk_run_transfer", "desk_run_retry"):
        assert _url(name, market.shop, run.pk) in text


def test_paying_by_ideal_goes_to_the_bank_and_back(client, market, run, stand_in):
    answer = client.post(_url("desk_run_ideal", market.shop, run.pk))

    intent = Collection.objects.get().stripe_payment_intent_id
    assert answer.url == f"{stand_in.url}/bank/{intent}"
    stand_in.authorise_at_bank(intent)
    stand_in.advance(timedelta(days=2))
    back = client.get(_url("desk_run_paid", market.shop, run.pk))
    run.refresh_from_db()
    assert (back.url, run.state) == (_url("desk_run", market.shop, run.pk), RunState.SETTLED)


def test_paying_by_transfer_says_where_to(client, market, run, stand_in):
    page = client.post(_url("desk_run_transfer", market.shop, run.pk), follow=True)

    to = Collection.objects.get().transfer_to
    text = _text(page)
    assert to["iban"].startswith("NL00SAND")
    assert to["iban"] in text
    assert to["reference"] in text
    assert "Transfer €25.00" in text


def test_a_settlement_that_is_paid_has_nothing_to_pay(client, market, payer, run, stand_in):
    stand_in.set_behaviour(payer.stripe_payment_method_id, behaviour="at_once")
    client.post(_url("desk_run_retry", market.shop, run.pk))

    for name in ("desk_run_ideal", "desk_run_transfer"):
        answer = client.post(_url(name, market.shop, run.pk), follow=True)
        assert [message.level_tag for message in answer.context["messages"]][-1] == "error"
        assert answer.context["can_pay"] is False
    with pytest.raises(UnableToCollect):
        retry_collection(collection=Collection.objects.get(), pays_by=PayBy.IDEAL, at=timezone.now())
    assert [row["status"] for row in stand_in.dump()["payment_intent"]] == ["succeeded"]


def test_progress_stands_on_the_page_and_is_asked_for_while_it_moves(client, market, payer, stand_in):
    stand_in.set_behaviour(payer.stripe_payment_method_id, behaviour="at_once")
    noor = ready_payee(stand_in, "Noor Bakker")
    owe(payer, ready_payee(stand_in), 2500)
    owe(payer, noor, 1500)
    stand_in.act_on_account(noor.account.stripe_account_id, action="disable")
    client.post(_url("desk_settle", market.shop))
    run = SettlementRun.objects.get()
    url = _url("desk_run", market.shop, run.pk)

    page = client.get(url)

    so_far = page.context["so_far"]
    assert (so_far.sent, so_far.total, so_far.parked) == (Part(1, 2500), Part(2, 4000), Part(1, 1500))
    assert "Sent 1 of 2: €25.00 of €40.00." in _text(page)
    assert "1 waits for the advocate’s account (€15.00)." in _text(page)
    assert 'hx-trigger="every' not in _text(page), "nothing moves by itself any more"
    SettlementRun.objects.update(state=RunState.SENDING)
    assert 'hx-trigger="every' in client.get(url, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_advocates_come_in_pages_and_cost_no_query_each(
    client, market, payer, django_assert_max_num_queries, number
):
    for index in range(number):
        owe(payer, make_payee(f"Ada {index}"), 2500)
    run = start_run(payer=payer, currency="EUR", by=None, at=timezone.now())
    advance_run(run=run, at=timezone.now())
    url = _url("desk_run", market.shop, run.pk)

    with django_assert_max_num_queries(20):
        page = client.get(url)

    shown = [payout.pk for payout in page.context["payouts"]]
    assert (len(shown), page.context["next_after"]) == (number, None)
    rest = client.get(url, {"after": str(shown[0])})
    assert [payout.pk for payout in rest.context["payouts"]] == shown[1:]


def test_a_settlement_that_waits_is_approved(client, market, payer, stand_in):
    stand_in.set_behaviour(payer.stripe_payment_method_id, behaviour="at_once")
    owe(payer, ready_payee(stand_in), 2500)
    run = start_run(payer=payer, currency="EUR", by=None, needs_approval=True, at=timezone.now())
    page = client.get(_url("desk_run", market.shop, run.pk))
    assert page.context["due_minor"] == 2500
    assert _url("desk_run", market.shop, run.pk) in _text(client.get(_url("desk_runs", market.shop)))

    client.post(_url("desk_run_approve", market.shop, run.pk))

    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    assert [(row.kind, row.decided_by) for row in MoneyDecision.objects.all()] == [("approved", market.mila)]
    again = client.post(_url("desk_run_approve", market.shop, run.pk), follow=True)
    assert [message.level_tag for message in again.context["messages"]][-1] == "info"


def test_settle_now_approves_what_waited(client, market, payer, stand_in):
    stand_in.set_behaviour(payer.stripe_payment_method_id, behaviour="at_once")
    owe(payer, ready_payee(stand_in), 2500)
    run = start_run(payer=payer, currency="EUR", by=None, needs_approval=True, at=timezone.now())
    advance_run(run=run, at=timezone.now())

    client.post(_url("desk_settle", market.shop))

    run.refresh_from_db()
    assert (run.state, SettlementRun.objects.count()) == (RunState.SETTLED, 1)


def test_cancelling_asks_why_and_shows_it_with_who(client, market, run):
    url = _url("desk_run_cancel", market.shop, run.pk)

    refused = client.post(url, {"reason": "x" * 301})
    assert (refused.status_code, MoneyDecision.objects.count()) == (422, 0)
    assert client.post(url, {"reason": " "}).status_code == 422
    page = client.post(url, {"reason": "Verkeerde maand"}, follow=True)

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    told = [(decision.reason, who) for decision, who in page.context["decisions"]]
    assert told == [("Verkeerde maand", market.mila.name)]
    assert "Verkeerde maand" in _text(page)
    assert market.mila.name in _text(page)


def test_choosing_when_and_how_to_pay(client, market):
    url = _url("desk_settling", market.shop)

    client.post(url, {"is_automatic": "yes", "pays_by": "bank_transfer"})

    payer = Payer.objects.get(shop=market.shop)
    assert (payer.is_automatic, payer.pays_by) == (True, PayBy.BANK_TRANSFER)
    assert payer.next_run_date > timezone.localdate()
    wrong = client.post(url, {"is_automatic": "no", "pays_by": "ideal"})
    payer.refresh_from_db()
    assert (wrong.status_code, payer.is_automatic) == (422, True)


def test_a_shop_that_pays_by_transfer_settles_without_anything_saved(client, market, stand_in):
    Payer.objects.filter(shop=market.shop).update(pays_by=PayBy.BANK_TRANSFER)
    owe(market.shop.payer, ready_payee(stand_in), 2500)

    client.post(_url("desk_settle", market.shop))

    assert Collection.objects.get().state == CollectionState.REQUIRES_ACTION


@pytest.mark.parametrize("after", ["x", "-1", "1" * 40, "٣", "1\x00"])
def test_a_strange_page_is_the_first(client, market, run, after):
    page = client.get(_url("desk_run", market.shop, run.pk), {"after": after})

    assert (page.status_code, len(page.context["payouts"])) == (200, 1)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("desk_run_approve", "post"),
        ("desk_run_ideal", "post"),
        ("desk_run_transfer", "post"),
        ("desk_run_paid", "get"),
        ("desk_settling", "post"),
    ],
)
def test_nobody_else_gets_in(client, market, run, name, method):
    args = [] if name == "desk_settling" else [run.pk]
    url = _url(name, market.shop, *args)
    client.force_login(make_user("Eve Vreemd"))
    assert getattr(client, method)(url).status_code == 404

    client.logout()
    assert getattr(client, method)(url).url.startswith("/")
    collection = Collection.objects.get()
    assert (collection.pays_by, collection.attempt) == (PayBy.SAVED, 1)


@pytest.mark.parametrize("name", ["desk_run_approve", "desk_run_ideal", "desk_run_transfer", "desk_run_paid"])
def test_another_shops_settlement_is_not_there(client, market, run, name):
    other = make_shop("Hout & Zo", owner=market.mila)
    method = "get" if name == "desk_run_paid" else "post"

    assert getattr(client, method)(_url(name, other, run.pk)).status_code == 404
