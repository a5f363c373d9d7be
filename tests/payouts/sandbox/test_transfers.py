import pytest
import stripe

DAY = 24 * 60 * 60


def send(client, destination, **params):
    return client.v1.transfers.create(
        {"amount": 1_000, "currency": "eur", "destination": destination, **params}
    )


def test_transfer_moves_available_money(sandbox, client, ada):
    sandbox.fund(5_000)

    transfer = send(client, ada, transfer_group="run_1", metadata={"payout": "12"})

    assert transfer.metadata.to_dict() == {"payout": "12"}
    assert client.v1.balance.retrieve().available[0].amount == 4_000
    assert client.v1.balance.retrieve(None, {"stripe_account": ada}).available[0].amount == 1_000
    booked = client.v1.balance_transactions.retrieve(transfer.balance_transaction)
    assert (booked.type, booked.net, booked.status) == ("transfer", -1_000, "available")


def test_transfer_is_refused_with_too_little_available(sandbox, client, ada):
    sandbox.fund(999)
    client.v1.payment_intents.create(
        {
            "amount": 90_000,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "return_url": "http://shop.test/",
        }
    )

    with pytest.raises(stripe.InvalidRequestError) as caught:
        send(client, ada)

    assert (caught.value.http_status, caught.value.code) == (400, "balance_insufficient")


@pytest.mark.parametrize("action", ["restrict", "disable"])
def test_transfer_is_refused_when_the_capability_is_not_active(sandbox, client, ada, action):
    sandbox.fund(5_000)
    sandbox.act_on_account(ada, action=action)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        send(client, ada)

    assert caught.value.code == "insufficient_capabilities_for_transfer"
    assert sandbox.dump().get("transfer", []) == []


def test_transfer_from_a_charge_is_pending_with_it_and_bounded_by_it(sandbox, client, ada):
    intent = client.v1.payment_intents.create(
        {
            "amount": 2_000,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "return_url": "http://shop.test/",
        }
    )
    send(client, ada, source_transaction=intent.latest_charge)

    assert client.v1.balance.retrieve(None, {"stripe_account": ada}).pending[0].amount == 1_000
    with pytest.raises(stripe.InvalidRequestError):
        send(client, ada, source_transaction=intent.latest_charge, amount=1_001)
    sandbox.advance(3 * DAY)
    assert client.v1.balance.retrieve(None, {"stripe_account": ada}).available[0].amount == 1_000


def test_reversal_takes_back_in_parts_and_never_more_than_is_left(sandbox, client, ada):
    sandbox.fund(5_000)
    transfer = send(client, ada)

    client.v1.transfers.reversals.create(transfer.id, {"amount": 400})
    part = client.v1.transfers.retrieve(transfer.id)
    assert (part.amount_reversed, part.reversed) == (400, False)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 601})

    client.v1.transfers.reversals.create(transfer.id)
    whole = client.v1.transfers.retrieve(transfer.id)
    assert (whole.amount_reversed, whole.reversed) == (1_000, True)
    assert [reversal.amount for reversal in client.v1.transfers.reversals.list(transfer.id)] == [600, 400]
    assert client.v1.balance.retrieve().available[0].amount == 5_000


def test_reversal_is_refused_when_the_account_was_paid_out(sandbox, client, ada):
    sandbox.fund(5_000)
    transfer = send(client, ada)

    sandbox.advance(2 * DAY)

    payout = client.v1.payouts.list({}, {"stripe_account": ada}).data[0]
    assert (payout.amount, payout.status) == (1_000, "paid")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.reversals.create(transfer.id)
    assert caught.value.code == "balance_insufficient"


def test_transfers_are_listed_by_group_and_destination_page_by_page(sandbox, client, ada):
    sandbox.fund(50_000)
    made = [send(client, ada, transfer_group="run_1", amount=100 + n).id for n in range(7)]
    send(client, ada, transfer_group="run_2")

    page = client.v1.transfers.list({"transfer_group": "run_1", "destination": ada, "limit": 3})
    everything = [transfer.id for transfer in page.auto_paging_iter()]

    assert (len(page.data), page.has_more) == (3, True)
    assert everything == made[::-1]
    back = client.v1.transfers.list({"transfer_group": "run_1", "ending_before": made[2], "limit": 2})
    assert [transfer.id for transfer in back.data] == [made[4], made[3]]


def test_lists_are_filtered_by_time_of_creation(sandbox, client, ada):
    sandbox.fund(50_000)
    first = send(client, ada)
    sandbox.advance(DAY)
    second = send(client, ada)

    def ids(**bounds):
        return [row.id for row in client.v1.transfers.list({"created": bounds}).data]

    assert ids(gte=second.created) == [second.id]
    assert ids(lt=second.created) == [first.id]
    assert ids(gt=first.created, lte=second.created) == [second.id]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"starting_after": "tr_none"}, "starting_after"),
    ],
)
def test_page_that_cannot_be_given_is_a_400(client, params, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.list(params)

    assert (caught.value.http_status, caught.value.param) == (400, param)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"amount": "ten"}, "amount"),
        ({"amount": 0}, "amount"),
        ({"currency": ""}, "currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_parameters_are_named(client, ada, change, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        send(client, ada, **change)

    assert (caught.value.http_status, caught.value.param) == (400, param)


def test_unknown_objects_calls_and_keys_are_refused(sandbox, client):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.transfers.retrieve("tr_none")
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.topups.list()
    with pytest.raises(stripe.PermissionError) as foreign:
        client.v1.balance.retrieve(None, {"stripe_account": "acct_none"})
    live = stripe.StripeClient("sk_live_x", base_addresses={"api": sandbox.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError):
        live.v1.balance.retrieve()

    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert unknown.value.http_status == 404
    assert foreign.value.error.code == "account_invalid"
