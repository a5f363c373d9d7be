"""Where a buyer can be asked: kept beside the order, and nowhere else."""

import json
import logging

import pytest

from advocates.api_keys import create_key
from advocates.models import BuyerContact
from tests.advocates.market import NOW, Market

pytestmark = pytest.mark.django_db


def test_address_is_kept_beside_the_order_and_not_in_it():
    sale = Market().sell(customer_email=" Bob@Example.com ", customer_language="en-GB")

    contact = BuyerContact.objects.get()
    assert (contact.sale, contact.email, contact.language, contact.created_at) == (
        sale,
        "Bob@Example.com",
        "en",
        NOW,
    )
    assert "example.com" not in json.dumps(sale.body).lower()


@pytest.mark.parametrize(
    "email", ["", "   ", "bob", "bob@", "bob@example.com\nBcc: eve@example.com", "x" * 255]
)
def test_address_that_no_mail_reaches_is_not_kept(email):
    Market().sell(customer_email=email)

    assert not BuyerContact.objects.exists()


@pytest.mark.parametrize("tag", ["", "fr", "zz-ZZ", "english please"])
def test_buyer_of_another_language_is_asked_in_the_sites_own(tag):
    Market().sell(customer_email="bob@example.com", customer_language=tag)

    assert BuyerContact.objects.get().language == "nl"


def test_order_told_again_keeps_one_contact_and_brings_none_back():
    market = Market()
    market.sell(external_id="1001", customer_email="bob@example.com", customer_language="en")
    market.sell(external_id="1001", customer_email="bob@example.com")
    assert BuyerContact.objects.count() == 1

    BuyerContact.objects.all().delete()
    market.sell(external_id="1001", customer_email="bob@example.com")

    assert not BuyerContact.objects.exists()


def test_api_takes_address_and_language_and_logs_neither(client, caplog):
    caplog.set_level(logging.DEBUG)
    market = Market()
    secret = create_key(shop=market.shop, name="Webshop", by=market.mila, at=NOW)[1]
    line = {"line_id": "1", "title": "Kop", "quantity": 1, "gross_minor": 1210, "vat_minor": 210}
    order = {
        "external_id": "2026-1",
        "placed_at": "2026-01-02T10:00:00Z",
        "currency": "EUR",
        "customer_email": "bob.geheim@example.com",
        "customer_language": "en",
        "lines": [line],
    }

    answer = client.post(
        "/api/v1/sales",
        json.dumps(order),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert answer.status_code == 201
    assert BuyerContact.objects.values_list("email", "language").get() == ("bob.geheim@example.com", "en")
    assert "bob.geheim" not in answer.content.decode()
    written = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert "bob.geheim" not in "\n".join(written)
