"""The real application against its own description: whatever is sent, the answer is one that was announced."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from advocates.api_keys import create_key
from tests.advocates.market import NOW, Market

# What our rules ask beyond what a schema can say (currency of the shop, one line_id per line) is refused with 422.
_BEYOND_THE_SCHEMA = [positive_data_acceptance]
_FITTING = {"currency": "EUR", "placed_at": NOW.isoformat(), "delivered_at": None}
# A batch is answered with 200 whatever its orders are: each bad one stands in the answer. The export leaves
# parameters alone that it does not know; those that it knows are tested in test_api_changes.py.
_TAKES_MORE = {
    "/api/v1/sales/batch": [negative_data_rejection],
    "/api/v1/sales.ndjson": [negative_data_rejection],
}

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


@pytest.fixture
def _one_connection():
    """The application would close its connection after each request, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret(_one_connection):
    market = Market()
    click = market.click(market.advocate())
    market.sell(external_id="0", click_id=str(click.pk))
    return create_key(shop=market.shop, name="Webshop", by=market.mila, at=NOW)[1]


@pytest.mark.django_db
@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_answer_is_an_announced_one(case, secret):
    if case.path_parameters:
        case.path_parameters["external_id"] = "0"
    if case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        # So that orders that fit the schema fit the shop as well, and get behind the first check.
        for order in [found for found in case.body.get("orders", [case.body]) if "currency" in found]:
            order.update({name: value for name, value in _FITTING.items() if name in order})
    excluded = _BEYOND_THE_SCHEMA + _TAKES_MORE.get(case.path, [])
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=excluded)
