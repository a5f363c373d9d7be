"""Logs: fields for machines, and never a secret."""

import json
import logging

import pytest

from cms.logs import FIELDS, HIDDEN, JsonFormatter, LineFormatter
from payouts.enums import PayoutState
from payouts.models import Payout
from tests.payouts.conftest import stand_in
from tests.payouts.settling import owe, paying_shop, ready_payee, settle

__all__ = ["stand_in"]

SECRETS = (
    "sk_live_51Nabcdefghijklmnop",
    "rk_test_abcdefghij",
    "whsec_abcdefghijklmnop",
    "NL91ABNA0417164300",
    "NL91 ABNA 0417 1643 00",
    "AT591904300235473203",
    "a-token-that-nobody-knows",
    "a-key-of-django-that-is-long",
    "hunter2hunter2",
    "pi_3Nabc_secret_Xyz123",
)


@pytest.fixture
def secretive(settings):
    settings.METRICS_TOKEN = "a-token-that-nobody-knows"
    settings.SECRET_KEY = "a-key-of-django-that-is-long"
    settings.STRIPE_SECRET_KEY = "sk_live_51Nabcdefghijklmnop"


def record(message, *arguments, exc_info=None, **beside):
    made = logging.LogRecord("payouts.sending", logging.INFO, __file__, 1, message, arguments, exc_info)
    for name, value in beside.items():
        setattr(made, name, value)
    return made


def failing(text):
    try:
        raise RuntimeError(text)  # noqa: TRY301 -- a traceback is what is wanted
    except RuntimeError as error:
        return type(error), error, error.__traceback__


@pytest.mark.parametrize("formatter", [LineFormatter, JsonFormatter])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_gets_into_a_line(secretive, formatter, secret):
    text = (
        f"postgresql://voorspraak:{secret}@db/x" if secret == "hunter2hunter2" else f"key={secret} was used"
    )
    places = [
        record(text),
        record("it said %s", text),
        record("it failed", exc_info=failing(text)),
        record("beside", event=text),
    ]

    lines = [formatter().format(place) for place in places]

    assert all(secret not in line for line in lines)
    assert all(HIDDEN in line for line in lines)


def test_bearers_and_addresses_are_hidden(secretive):
    line = LineFormatter().format(
        record("Authorization: Bearer abc.def sessionid=xyz GET /r?token=opaque&order=5 of order 1001")
    )

    assert "abc.def" not in line
    assert "xyz" not in line
    assert "opaque" not in line
    assert line.endswith("&order=5 of order 1001")


def test_json_carries_the_ids_as_fields(secretive):
    line = json.loads(JsonFormatter().format(record("payout: %s", "sent", run=7, payout=12)))

    assert (line["message"], line["run"], line["payout"], line["level"]) == ("payout: sent", 7, 12, "INFO")
    assert set(line) <= {"at", "level", "logger", "message", *FIELDS}


def test_a_line_for_people_ends_with_the_ids(secretive):
    assert (
        LineFormatter().format(record("payout: sent", run=7)).endswith("payouts.sending payout: sent run=7")
    )


@pytest.mark.django_db
def test_a_settlement_is_told_by_run_and_payout(stand_in, caplog):
    caplog.set_level(logging.INFO, "payouts")
    klei, ada = paying_shop(stand_in), ready_payee(stand_in)
    owe(klei, ada)

    run = settle(klei)

    payout = Payout.objects.get(state=PayoutState.SENT)
    told = [
        (entry.message, getattr(entry, "run", None), getattr(entry, "payout", None))
        for entry in caplog.records
    ]
    assert ("payout: sent", run.pk, payout.pk) in told
    assert any(
        message.startswith("frozen: 1 payouts") and about == run.pk for message, about, _payout in told
    )
    everything = "\n".join(JsonFormatter().format(entry) for entry in caplog.records)
    assert "sk_test" not in everything
