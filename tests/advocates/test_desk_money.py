import pytest
from django.urls import reverse
from django.utils.translation import override

from payouts.enums import CollectionState, RunState
from payouts.models import Collection, SettlementRun, Statement
from tests.advocates.market import Market
from tests.factories import make_commission, make_payee, make_shop, make_user
from tests.payouts.settling import owe, ready_payee, save_method

WHY = {"reason": "Verkeerde maand"}


@pytest.fixture
def market(client, db):
    market = Market()
    client.force_login(market.mila)
    return market


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _levels(page):
    return [message.level_tag for message in page.context["messages"]]


# Settling --------------------------------------------------------------------------------------------------


def test_settle_now_collects_and_pays(client, market, stand_in):
    payer = market.shop.payer
    save_method(stand_in, payer)
    owe(payer, ready_payee(stand_in), 2500)

    before = client.get(_url("desk_runs", market.shop))
    answer = client.post(_url("desk_settle", market.shop))

    run = SettlementRun.objects.get()
    page = client.get(answer.url)
    assert (before.context["due_advocates"], before.context["due_minor"]) == (1, 2500)
    assert (run.state, run.started_by, run.collection.total_minor) == (RunState.SETTLED, market.mila, 2500)
    assert [(payout.payee.name, payout.amount_minor, payout.state) for payout in page.context["payouts"]] == [
        ("Ada Vermeer", 2500, "sent")
    ]
    assert Statement.objects.count() == 1


def test_settle_now_without_a_payment_method_asks_for_one_first(client, market):
    owe(market.shop.payer, make_payee())

    answer = client.post(_url("desk_settle", market.shop))

    assert answer.url == _url("desk_payments", market.shop)
    assert not SettlementRun.objects.exists()


def test_settle_now_with_nothing_due_says_so(client, market, stand_in):
    save_method(stand_in, market.shop.payer)
    make_commission(market.shop.payer, make_payee())

    page = client.post(_url("desk_settle", market.shop), follow=True)

    assert _levels(page) == ["info"]
    assert not SettlementRun.objects.exists()


def test_failed_payment_shows_its_reason_and_can_be_tried_again(client, market, stand_in):
    payer = market.shop.payer
    save_method(stand_in, payer, behaviour="declined")
    owe(payer, ready_payee(stand_in), 2500)
    page = client.post(_url("desk_settle", market.shop), follow=True)
    collection = Collection.objects.get()
    assert (collection.state, page.context["can_retry"]) == (CollectionState.FAILED, True)
    assert collection.failure in page.content.decode()

    stand_in.set_behaviour(payer.stripe_payment_method_id, behaviour="at_once")
    client.post(_url("desk_run_retry", market.shop, collection.run_id))

    collection.refresh_from_db()
    assert collection.state == CollectionState.AVAILABLE


def test_cancelling_asks_first_and_leaves_the_commissions_due(client, market, stand_in):
    payer = market.shop.payer
    save_method(stand_in, payer, behaviour="declined")
    commission = owe(payer, ready_payee(stand_in), 2500)
    client.post(_url("desk_settle", market.shop))
    run = SettlementRun.objects.get()
    url = _url("desk_run_cancel", market.shop, run.pk)

    asked = client.get(url)
    run.refresh_from_db()
    assert "€25.00" in asked.content.decode()
    assert run.state == RunState.AWAITING_FUNDS

    client.post(url, WHY)
    run.refresh_from_db()
    commission.refresh_from_db()
    assert (run.state, commission.state) == (RunState.CANCELLED, "due")


def test_stripe_that_does_not_answer_is_a_message(client, market, settings):
    payer = market.shop.payer
    payer.stripe_payment_method_id, payer.stripe_customer_id = "pm_1", "cus_1"
    payer.save()
    owe(payer, make_payee(), 2500)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    settled = client.post(_url("desk_settle", market.shop), follow=True)
    cancelled = client.post(
        _url("desk_run_cancel", market.shop, SettlementRun.objects.get().pk), WHY, follow=True
    )

    assert (settled.status_code, SettlementRun.objects.get().state) == (200, RunState.AWAITING_FUNDS)
    assert _levels(cancelled) == ["error"]


def test_settled_run_cannot_be_cancelled(client, market, stand_in):
    save_method(stand_in, market.shop.payer)
    owe(market.shop.payer, ready_payee(stand_in), 2500)
    client.post(_url("desk_settle", market.shop))
    run = SettlementRun.objects.get()

    page = client.post(_url("desk_run_cancel", market.shop, run.pk), WHY, follow=True)

    assert _levels(page)[-1] == "error"
    assert SettlementRun.objects.get().state == RunState.SETTLED


def test_run_of_another_shop_is_not_there(client, market):
    other = make_shop("Ander", owner=make_user("Eve Stil"))
    run = SettlementRun.objects.create(
        payer=other.payer, currency="EUR", transfer_group="run-x", created_at=other.created_at
    )

    answers = [
        client.get(_url("desk_run", market.shop, run.pk)),
        client.post(_url("desk_run_retry", market.shop, run.pk)),
        client.post(_url("desk_run_cancel", market.shop, run.pk)),
    ]

    run.refresh_from_db()
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert run.state == RunState.DRAFT


def test_run_under_way_looks_again_by_itself(client, market):
    run = SettlementRun.objects.create(
        payer=market.shop.payer, currency="EUR", transfer_group="run-x", created_at=market.shop.created_at
    )
    url = _url("desk_run", market.shop, run.pk)

    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    SettlementRun.objects.update(stop_reason="Two transfers")

    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part
    assert 'hx-trigger="every' not in client.get(url).content.decode()


@pytest.mark.parametrize("runs", [1, 3])
def test_runs_take_the_same_number_of_queries(client, market, django_assert_num_queries, runs):
    for number in range(runs):
        SettlementRun.objects.create(
            payer=market.shop.payer,
            currency="EUR",
            state=RunState.SETTLED,
            transfer_group=f"run-{number}",
            created_at=market.shop.created_at,
        )

    with django_assert_num_queries(12):
        client.get(_url("desk_runs", market.shop))


# How the shop pays, and sells ------------------------------------------------------------------------------


def test_payment_method_is_saved_on_stripes_page_and_what_waited_goes_on(client, market, stand_in):
    shop = market.shop
    owe(shop.payer, ready_payee(stand_in), 2500)
    save_method(stand_in, shop.payer, behaviour="declined")
    client.post(_url("desk_settle", shop))

    session = client.post(_url("desk_payment_method", shop)).url.rsplit("/", 1)[1]
    stand_in.complete_checkout(session, method="card", behaviour="at_once")
    answer = client.get(_url("desk_payment_method_done", shop), {"session": session})

    shop.payer.refresh_from_db()
    assert answer.url == _url("desk_payments", shop)
    assert shop.payer.payment_method_label in client.get(answer.url).content.decode()
    assert SettlementRun.objects.get().state == RunState.SETTLED


@pytest.mark.parametrize("session", ["", "cs_test_unknown", "../x", "é" * 400])
def test_strange_session_is_a_message(client, market, stand_in, session):
    page = client.get(_url("desk_payment_method_done", market.shop), {"session": session}, follow=True)

    market.shop.payer.refresh_from_db()
    assert _levels(page) == ["error"]
    assert market.shop.payer.stripe_payment_method_id is None


def test_address_for_stripe_to_return_to_keeps_its_braces(client, market, stand_in):
    client.post(_url("desk_payment_method", market.shop))

    [session] = stand_in.dump()["checkout.session"]
    assert session["success_url"].endswith("/payment/method/done/?session={CHECKOUT_SESSION_ID}")


@pytest.mark.parametrize("name", ["desk_payment_method", "desk_selling_start"])
def test_setting_up_without_stripe_is_a_message(client, market, settings, name):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    page = client.post(_url(name, market.shop), follow=True)

    assert (page.status_code, _levels(page)) == (200, ["error"])


def test_billing_details_are_saved_or_refused_at_their_field(client, market):
    url = _url("desk_billing", market.shop)
    details = {"name": "Klei & Co BV", "email": "post@klei.example", "country": "NL"}

    refused = client.post(url, {**details, "vat_number": "NL12"})
    client.post(url, {**details, "vat_number": "nl 123456789 b13"})

    payer = market.shop.payer
    payer.refresh_from_db()
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["vat_number"])
    assert (payer.name, payer.vat_number) == ("Klei & Co BV", "NL123456789B13")


def test_stripe_account_is_connected_and_its_state_read_on_return(client, market, stand_in):
    shop = market.shop
    client.post(_url("desk_selling_start", shop))
    shop.payer.refresh_from_db()
    before = client.get(_url("desk_selling", shop)).context["is_ready"]

    stand_in.onboard(shop.payer.account.stripe_account_id)
    after = client.get(_url("desk_selling_done", shop), follow=True).context["is_ready"]

    assert (before, after) == (False, True)
