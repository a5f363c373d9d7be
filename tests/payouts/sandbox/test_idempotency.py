from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

HOUR = 60 * 60


def send(client, ada, *, key="payout_1", amount=1_000, **options):
    params = {"amount": amount, "currency": "eur", "destination": ada}
    return client.v1.transfers.create(params, {"idempotency_key": key, **options})


def count_transfers(client):
    return len(client.v1.transfers.list({"limit": 100}).data)


def test_same_key_and_parameters_give_the_stored_answer(sandbox, client, ada):
    sandbox.fund(5_000)

    first, second = send(client, ada), send(client, ada)

    assert first.id == second.id
    assert count_transfers(client) == 1
    assert "idempotent-replayed" not in first.last_response.headers
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert second.last_response.headers["original-request"] == first.last_response.headers["request-id"]


def test_same_key_with_other_parameters_is_refused(sandbox, client, ada):
    sandbox.fund(5_000)
    send(client, ada)

    with pytest.raises(stripe.IdempotencyError) as caught:
        send(client, ada, amount=1_001)

    assert caught.value.http_status == 400
    assert count_transfers(client) == 1


def test_key_is_forgotten_after_24_hours_and_pays_again(sandbox, client, ada):
    sandbox.fund(5_000)
    first = send(client, ada)

    sandbox.advance(24 * HOUR - 1)
    assert send(client, ada).id == first.id
    sandbox.advance(1)
    assert send(client, ada).id != first.id
    assert count_transfers(client) == 2


def test_refusal_from_execution_is_stored_under_the_key(sandbox, client, ada):
    with pytest.raises(stripe.InvalidRequestError) as first:
        send(client, ada)
    sandbox.fund(5_000)

    with pytest.raises(stripe.InvalidRequestError) as second:
        send(client, ada)

    assert (first.value.code, second.value.code) == ("balance_insufficient", "balance_insufficient")
    assert second.value.headers["idempotent-replayed"] == "true"
    assert send(client, ada, key="payout_2").amount == 1_000


def test_refusal_of_the_parameters_is_not_stored(sandbox, client, ada):
    sandbox.fund(5_000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        send(client, "acct_unknown")
    assert caught.value.param == "destination"

    assert send(client, ada).amount == 1_000


def test_key_that_is_in_flight_answers_409(sandbox, client, ada):
    sandbox.fund(5_000)
    sandbox.fault("slow", method="POST", path="/v1/transfers", seconds=0.4)
    with ThreadPoolExecutor() as pool:
        running = pool.submit(send, client, ada)
        while not sandbox.api.keys._running:
            assert not running.done()
        with pytest.raises(stripe.APIError) as caught:
            send(client, ada)
        first = running.result()

    assert (caught.value.http_status, caught.value.error.code) == (409, "idempotency_key_in_use")
    assert send(client, ada).id == first.id
    assert count_transfers(client) == 1


def test_keys_belong_to_an_account(sandbox, client, mila_shop):
    own = client.v1.customers.create({"email": "bob@example.com"}, {"idempotency_key": "k"})
    shops = client.v1.customers.create(
        {"email": "bob@example.com"}, {"idempotency_key": "k", "stripe_account": mila_shop}
    )

    assert own.id != shops.id


def test_v2_key_gives_its_success_again_for_thirty_days(sandbox, client):
    def create():
        return client.v2.core.accounts.create({"display_name": "Ada"}, {"idempotency_key": "a"})

    first = create()
    sandbox.advance(29 * 24 * HOUR)
    assert create().id == first.id
    sandbox.advance(2 * 24 * HOUR)
    assert create().id != first.id
