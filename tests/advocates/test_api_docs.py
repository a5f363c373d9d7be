"""The examples of docs/shop-api.md, sent as they stand there."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from advocates.api_keys import create_key
from advocates.enums import Reason
from tests.advocates.market import NOW, Market

pytestmark = pytest.mark.django_db

DOC = (Path(__file__).resolve().parents[2] / "docs" / "shop-api.md").read_text()
EXAMPLES = {
    name: json.loads(body)
    for name, body in re.findall(r"^```json (\S+)\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
}


@pytest.fixture
def call(client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=6))
    market = Market()
    click = UUID(EXAMPLES["request=sale"]["click_id"])
    placed_at = datetime.fromisoformat(EXAMPLES["request=sale"]["placed_at"])
    market.click(market.advocate(), id=click, occurred_at=placed_at - timedelta(days=1))
    secret = create_key(shop=market.shop, name="Webshop", by=market.mila, at=NOW)[1]

    def post(path, body):
        return client.post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )

    return post


def test_examples_are_answered_as_the_page_says(call):
    sale = call("/sales", EXAMPLES["request=sale"])
    refund = call("/sales/2026-1001/refunds", EXAMPLES["request=refund"])
    amount = call("/sales/2026-1001/refunds", EXAMPLES["request=amount"])

    assert (sale.status_code, sale.json()) == (201, EXAMPLES["answer=sale"])
    assert (refund.status_code, refund.json()) == (201, EXAMPLES["answer=refund"])
    assert (amount.status_code, amount.json()["amount_minor"]) == (201, 1000)


def test_later_reports_are_answered_as_the_page_says(call):
    call("/sales", EXAMPLES["request=sale"])
    delivery = call("/sales/2026-1001/delivery", EXAMPLES["request=delivery"])
    cancel = call("/sales/2026-1001/cancel", EXAMPLES["request=cancel"])
    batch = call("/sales/batch", EXAMPLES["request=batch"])

    assert (delivery.status_code, delivery.json()) == (200, EXAMPLES["answer=delivery"])
    assert (cancel.status_code, cancel.json()) == (201, EXAMPLES["answer=cancel"])
    assert (batch.status_code, batch.json()) == (200, EXAMPLES["answer=batch"])


def test_error_example_is_answered_as_the_page_says(call):
    body = json.loads(json.dumps(EXAMPLES["request=sale"]))
    body["lines"][0]["quantity"] = 0

    assert call("/sales", body).json() == EXAMPLES["answer=error"]


def test_reference_shows_the_same_examples(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]

    assert schemas["SaleIn"]["examples"] == [EXAMPLES["request=sale"]]
    assert schemas["RefundIn"]["examples"] == [EXAMPLES["request=refund"]]
    assert schemas["CancelIn"]["examples"] == [EXAMPLES["request=cancel"]]
    assert schemas["DeliveryIn"]["examples"] == [EXAMPLES["request=delivery"]]


def test_reasons_of_commissions_are_all_told():
    """Whoever meets a reason in an answer finds it in docs/commissions.md."""
    told = (Path(__file__).resolve().parents[2] / "docs" / "commissions.md").read_text()

    assert [
        reason for reason in Reason.values if f"`{reason}`" not in told and f" {reason} |" not in told
    ] == []
