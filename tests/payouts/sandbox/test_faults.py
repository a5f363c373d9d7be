"""Each fault, and what it leaves behind: whether the work was done, and what the key answers afterwards."""

import pytest
import stripe

from payouts.sandbox import UnableToOrderFault


@pytest.fixture
def send(sandbox, client, ada):
    sandbox.fund(5_000)

    def create():
        return client.v1.transfers.create(
            {"amount": 1_000, "currency": "eur", "destination": ada}, {"idempotency_key": "payout_1"}
        )

    return create


def count_transfers(sandbox):
    return len(sandbox.dump().get("transfer", []))


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        ("timeout_before", None, 0),
        ("timeout_after", None, 1),
        ("rate_limit", 429, 0),
        ("conflict", 409, 0),
        ("server_error_before", 500, 0),
        ("server_error_after", 500, 1),
    ],
)
def test_fault_answers_as_ordered_and_does_the_work_or_not(sandbox, send, fault, status, done):
    sandbox.fault(fault, method="POST", path="/v1/transfers")

    with pytest.raises(stripe.StripeError) as caught:
        send()

    assert caught.value.http_status == status
    assert isinstance(caught.value, stripe.APIConnectionError) is (status is None)
    assert count_transfers(sandbox) == done


def test_same_key_after_a_lost_answer_finds_the_transfer(sandbox, send):
    sandbox.fault("timeout_after", path="/v1/transfers")
    with pytest.raises(stripe.APIConnectionError):
        send()

    found = send()

    assert found.last_response.headers["idempotent-replayed"] == "true"
    assert [row["id"] for row in sandbox.dump()["transfer"]] == [found.id]


def test_same_key_after_a_500_that_did_the_work_is_a_500_again(sandbox, send):
    sandbox.fault("server_error_after", path="/v1/transfers")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            send()

    assert count_transfers(sandbox) == 1


@pytest.mark.parametrize("fault", ["rate_limit", "conflict", "server_error_before", "timeout_before"])
def test_same_key_after_a_fault_without_work_does_it(sandbox, send, fault):
    sandbox.fault(fault, path="/v1/transfers")
    with pytest.raises(stripe.StripeError):
        send()

    assert send().amount == 1_000
    assert count_transfers(sandbox) == 1


def test_fault_is_used_up_by_its_count_and_only_by_its_calls(sandbox, client, send):
    sandbox.fault("rate_limit", method="GET", path="/v1/balance*", count=2)

    send()
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            client.v1.balance.retrieve()

    assert client.v1.balance.retrieve().available[0].amount == 4_000


def test_faults_can_be_cleared_and_unknown_ones_are_refused(sandbox, client):
    sandbox.fault("rate_limit", count=5)

    assert sandbox.clear_faults() == 1
    assert client.v1.balance.retrieve().livemode is False
    with pytest.raises(UnableToOrderFault, match="rate_limit"):
        sandbox.fault("earthquake")
    with pytest.raises(UnableToOrderFault, match="at least 1"):
        sandbox.fault("rate_limit", count=0)
