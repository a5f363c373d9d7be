import pytest
import stripe

DAY = 24 * 60 * 60


def collect(client, customer, method, *, amount=10_000, **options):
    params = {
        "amount": amount,
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        "confirm": True,
        "off_session": True,
        "transfer_group": "run_1",
        "metadata": {"collection": "7"},
        **options,
    }
    return client.v1.payment_intents.create(params)


def transaction_of(client, intent):
    expanded = client.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction"]}
    )
    return expanded.latest_charge.balance_transaction


def test_sepa_debit_is_processing_then_succeeds_then_becomes_available(sandbox, client, mila, debit):
    intent = collect(client, mila, debit)

    assert intent.status == "processing"
    assert transaction_of(client, intent).status == "pending"
    assert client.v1.charges.retrieve(intent.latest_charge).status == "pending"

    sandbox.advance(5 * DAY)
    settled = client.v1.payment_intents.retrieve(intent.id)
    assert (settled.status, settled.amount_received) == ("succeeded", 10_000)
    assert transaction_of(client, intent).status == "pending"

    sandbox.advance(2 * DAY)
    transaction = transaction_of(client, intent)
    assert (transaction.status, transaction.fee, transaction.net) == ("available", 35, 9_965)
    assert client.v1.balance.retrieve().available[0].amount == 9_965


def test_sepa_debit_that_bounces_takes_the_money_and_its_fee_back(sandbox, client, mila, debit):
    sandbox.set_behaviour(debit, behaviour="fails_later")
    intent = collect(client, mila, debit)

    sandbox.advance(5 * DAY)

    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.code == "insufficient_funds"
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.failure_code) == ("failed", "insufficient_funds")
    sandbox.advance(3 * DAY)
    assert client.v1.balance.retrieve().available[0].amount == 0


def test_sepa_debit_that_is_returned_is_a_lost_dispute(sandbox, client, mila, debit):
    sandbox.set_behaviour(debit, behaviour="returned_later")
    intent = collect(client, mila, debit)

    sandbox.advance(20 * DAY)

    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    dispute = client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.status, dispute.amount) == ("lost", 10_000)
    assert client.v1.balance.retrieve().available[0].amount == 9_965 - 10_000 - 750


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined"),
        ("pm_card_authenticationRequired", "authentication_required"),
    ],
)
def test_card_that_is_refused_is_a_402_with_its_intent(client, card, code):
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create(
            {"amount": 500, "currency": "eur", "payment_method": card, "confirm": True, "off_session": True}
        )

    assert (caught.value.http_status, caught.value.code) == (402, code)
    assert caught.value.error.payment_intent["status"] == "requires_payment_method"


def test_ideal_sends_the_person_to_the_bank(sandbox, client):
    intent = client.v1.payment_intents.create(
        {
            "amount": 2_500,
            "currency": "eur",
            "confirm": True,
            "payment_method_data": {"type": "ideal"},
            "allowed_payment_method_types": ["ideal"],
            "return_url": "http://shop.test/back",
        }
    )
    assert intent.status == "requires_action"
    assert intent.next_action.redirect_to_url.url == f"{sandbox.url}/bank/{intent.id}"

    sandbox.authorise_at_bank(intent.id)

    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert transaction_of(client, intent).fee == 29


def test_bank_transfer_succeeds_when_all_of_it_has_arrived(sandbox, client, mila):
    intent = client.v1.payment_intents.create(
        {
            "amount": 40_000,
            "currency": "eur",
            "customer": mila,
            "confirm": True,
            "allowed_payment_method_types": ["customer_balance"],
            "payment_method_data": {"type": "customer_balance"},
            "payment_method_options": {
                "customer_balance": {
                    "funding_type": "bank_transfer",
                    "bank_transfer": {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "NL"}},
                }
            },
        }
    )
    sandbox.receive_bank_transfer(intent.id, amount=15_000)
    half = client.v1.payment_intents.retrieve(intent.id)
    assert half.next_action.display_bank_transfer_instructions.amount_remaining == 25_000

    sandbox.receive_bank_transfer(intent.id)

    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert transaction_of(client, intent).fee == 200


def test_payment_method_types_is_refused_on_intents_and_checkout(client, mila):
    calls = (
        lambda old: client.v1.payment_intents.create({"amount": 500, "currency": "eur", **old}),
        lambda old: client.v1.setup_intents.create({"customer": mila, **old}),
        lambda old: client.v1.checkout.sessions.create(
            {"mode": "setup", "currency": "eur", "success_url": "http://shop.test/", **old}
        ),
    )
    for call in calls:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            call({"payment_method_types": ["card"]})
        assert caught.value.param == "payment_method_types"
        assert caught.value.http_status == 400


def test_setup_through_ideal_attaches_the_sepa_debit_it_made(sandbox, client, mila):
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "customer": mila, "currency": "eur", "success_url": "http://shop.test/"}
    )
    sandbox.complete_checkout(session.id, method="ideal")

    done = client.v1.checkout.sessions.retrieve(session.id)
    setup = client.v1.setup_intents.retrieve(done.setup_intent, {"expand": ["latest_attempt"]})
    saved = client.v1.payment_methods.list({"customer": mila}).data
    assert done.status == "complete"
    assert [method.id for method in saved] == [
        setup.latest_attempt.payment_method_details.ideal.generated_sepa_debit
    ]
    assert collect(client, mila, saved[0].id).status == "processing"


def test_setup_intent_is_confirmed_with_an_iban(client, mila):
    setup = client.v1.setup_intents.create(
        {
            "customer": mila,
            "confirm": True,
            "allowed_payment_method_types": ["sepa_debit"],
            "payment_method_data": {
                "type": "sepa_debit",
                "sepa_debit": {"iban": "NL91ABNA0417164300"},
                "billing_details": {"email": "mila@example.com", "name": "Mila"},
            },
            "mandate_data": {
                "customer_acceptance": {
                    "type": "online",
                    "online": {"ip_address": "127.0.0.1", "user_agent": "test"},
                }
            },
        }
    )
    method = client.v1.payment_methods.retrieve(setup.payment_method)
    assert (setup.status, method.customer, method.sepa_debit.last4) == ("succeeded", mila, "4300")
    assert client.v1.mandates.retrieve(setup.mandate).status == "active"


def test_checkout_sells_on_a_connected_account_and_keeps_the_application_fee(sandbox, client, mila_shop):
    shop = {"stripe_account": mila_shop}
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "client_reference_id": "click_1",
            "success_url": "http://shop.test/thanks",
            "cancel_url": "http://shop.test/cart",
            "metadata": {"order": "1001"},
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 4_950,
                        "product_data": {"name": "Teapot", "metadata": {"sku": "T-1"}},
                    },
                }
            ],
            "payment_intent_data": {"application_fee_amount": 900, "metadata": {"order": "1001"}},
        },
        shop,
    )
    assert (session.amount_total, session.payment_status) == (9_900, "unpaid")

    sandbox.complete_checkout(session.id, method="ideal")

    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "line_items"]}, shop
    )
    charge = paid.payment_intent.latest_charge
    assert (paid.payment_status, paid.client_reference_id) == ("paid", "click_1")
    assert [line.description for line in paid.line_items.data] == ["Teapot"]
    assert paid.payment_intent.metadata.to_dict() == {"order": "1001"}
    booked = client.v1.balance_transactions.retrieve(charge.balance_transaction, None, shop)
    assert {line.type: line.amount for line in booked.fee_details} == {
        "stripe_fee": 29,
        "application_fee": 900,
    }
    fee = client.v1.application_fees.retrieve(charge.application_fee)
    assert (fee.amount, fee.account, fee.refunded) == (900, mila_shop, False)
    assert [line.quantity for line in client.v1.checkout.sessions.line_items.list(session.id, {}, shop)] == [
        2
    ]


def test_checkout_adds_its_one_way_of_shipping_to_what_is_paid(sandbox, client, mila_shop):
    shop = {"stripe_account": mila_shop}
    price = {"currency": "eur", "unit_amount": 4_950, "product_data": {"name": "Teapot"}}
    parcel = {
        "shipping_rate_data": {
            "type": "fixed_amount",
            "display_name": "Parcel",
            "fixed_amount": {"amount": 595, "currency": "eur"},
        }
    }
    params = {
        "mode": "payment",
        "success_url": "http://shop.test/thanks",
        "line_items": [{"quantity": 2, "price_data": price}],
        "shipping_options": [parcel],
    }
    session = client.v1.checkout.sessions.create(params, shop)

    sandbox.complete_checkout(session.id, method="card")

    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]}, shop)
    assert (paid.amount_subtotal, paid.amount_total, paid.payment_intent.amount) == (9_900, 10_495, 10_495)
    assert (paid.total_details.amount_shipping, paid.shipping_cost.amount_total) == (595, 595)
    assert paid.shipping_cost.shipping_rate == paid.shipping_options[0].shipping_rate
    with pytest.raises(stripe.InvalidRequestError, match="one way only"):
        client.v1.checkout.sessions.create({**params, "shipping_options": [parcel, parcel]}, shop)


def test_partial_refund_leaves_the_application_fee_until_it_is_refunded(sandbox, client, mila_shop):
    shop = {"stripe_account": mila_shop}
    intent = client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "application_fee_amount": 1_000,
            "allowed_payment_method_types": ["card"],
        },
        shop,
    )
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 2_500}, shop)

    charge = client.v1.charges.retrieve(intent.latest_charge, None, shop)
    assert (refund.status, charge.amount_refunded, charge.refunded) == ("succeeded", 2_500, False)
    assert client.v1.application_fees.retrieve(charge.application_fee).amount_refunded == 0

    client.v1.application_fees.refunds.create(charge.application_fee, {"amount": 250})
    assert client.v1.application_fees.retrieve(charge.application_fee).amount_refunded == 250

    rest = client.v1.refunds.create({"charge": charge.id, "refund_application_fee": True}, shop)
    fee = client.v1.application_fees.retrieve(charge.application_fee)
    assert (rest.amount, fee.amount_refunded, fee.refunded) == (7_500, 1_000, True)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": charge.id}, shop)
    assert caught.value.code == "charge_already_refunded"


@pytest.mark.parametrize(("won", "left"), [(True, 8_000 - 145 - 2_000), (False, -145 - 2_000)])
def test_dispute_takes_the_money_and_gives_it_back_only_when_won(sandbox, client, won, left):
    intent = client.v1.payment_intents.create(
        {
            "amount": 8_000,
            "currency": "eur",
            "payment_method": "pm_card_bypassPending",
            "confirm": True,
            "return_url": "http://shop.test/",
        }
    )
    dispute = sandbox.open_dispute(intent.latest_charge)
    assert client.v1.charges.retrieve(intent.latest_charge).disputed is True

    sandbox.close_dispute(dispute["id"], won=won)

    assert client.v1.disputes.retrieve(dispute["id"]).status == ("won" if won else "lost")
    assert client.v1.balance.retrieve().available[0].amount == left


def test_session_expires_after_a_day_and_by_call(sandbox, client):
    params = {"mode": "setup", "currency": "eur", "success_url": "http://shop.test/"}
    first = client.v1.checkout.sessions.create(params)
    second = client.v1.checkout.sessions.create(params)

    assert client.v1.checkout.sessions.expire(second.id).status == "expired"
    sandbox.advance(DAY)

    assert client.v1.checkout.sessions.retrieve(first.id).status == "expired"
    listed = client.v1.checkout.sessions.list({"status": "expired"})
    assert [session.id for session in listed.data] == [second.id, first.id]


def test_intent_can_be_canceled_once(client):
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    canceled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_payment_link_opens_a_session_of_its_own_for_each_who_follows_it(sandbox, client, mila_shop):
    here = {"stripe_account": mila_shop}
    link = client.v1.payment_links.create(
        {
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {"currency": "eur", "unit_amount": 900, "product_data": {"name": "Mok"}},
                }
            ],
            "metadata": {"order_id": "7"},
        },
        here,
    )

    first, second = (sandbox.follow_link(link.id, client_reference=name) for name in ("a", "b"))

    assert first["id"] != second["id"]
    assert (first["payment_link"], first["client_reference_id"], first["metadata"]) == (
        link.id,
        "a",
        {"order_id": "7"},
    )


def test_code_that_is_typed_on_the_page_lowers_the_total_and_caps_the_fee(sandbox, client, mila_shop):
    here = {"stripe_account": mila_shop}
    coupon = client.v1.coupons.create({"percent_off": 90, "duration": "once"}, here)
    client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "ADA"}, here
    )
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "allow_promotion_codes": True,
            "allowed_payment_method_types": ["ideal"],
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {"currency": "eur", "unit_amount": 900, "product_data": {"name": "Mok"}},
                }
            ],
            "payment_intent_data": {"application_fee_amount": 500},
            "shipping_address_collection": {"allowed_countries": ["NL", "BE"]},
            "success_url": "https://klei.example/thanks",
        },
        here,
    )

    sandbox.complete_checkout(session.id, code="ada")

    paid = client.v1.checkout.sessions.retrieve(session.id, None, here)
    assert (paid.amount_subtotal, paid.total_details.amount_discount, paid.amount_total) == (1800, 1620, 180)
    assert [fee.amount for fee in client.v1.application_fees.list({})] == [180]
