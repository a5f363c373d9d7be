"""A shop with a deal, its advocates, and the clicks and orders that tests play on it; all through the verbs."""

from datetime import timedelta
from itertools import count
from uuid import UUID

from advocates.codes import create_code
from advocates.deals import Terms, publish_deal
from advocates.enrolments import advocate_of, approve_enrolment, request_to_join
from advocates.enums import SaleSource, TouchKind
from advocates.models import Enrolment, Share, Touch
from advocates.programmes import create_programme, fund_programme, open_programme
from advocates.sales import SaleLineReport, SaleReport, record_sale
from advocates.uuid7 import named_uuid7
from tests.factories import NOW, make_shop, make_user

__all__ = ["NOW", "VISITOR", "Market", "line_report"]

VISITOR = UUID("b0b00000-0000-4000-8000-000000000001")


def line_report(line_id="1", *, gross=12100, discount=0, vat=2100, quantity=1, product_id="P1", title=None):
    """One order line; € 100.00 without VAT unless said otherwise."""
    return SaleLineReport(
        line_id=line_id,
        product_id=product_id,
        title=title or f"Vaas {line_id}",
        quantity=quantity,
        gross_minor=gross,
        discount_minor=discount,
        vat_minor=vat,
    )


class Market:
    """One shop of Mila's whose deal is as given (10 %, last touch, 30 days otherwise), since a hundred days."""

    def __init__(self, name="Klei & Co", *, budget_minor=None, **terms):
        self.began_at = NOW - timedelta(days=100)
        self.mila = make_user("Mila de Boer")
        self.shop = make_shop(name, owner=self.mila)
        self.programme = create_programme(shop=self.shop, name="Vrienden", at=self.began_at)
        self.deal = self.agree(at=self.began_at, **{"rate_bps": 1000, "model": "last", **terms})
        self.programme = open_programme(programme=self.programme, at=self.began_at)
        if budget_minor is not None:
            fund_programme(
                programme=self.programme, amount_minor=budget_minor, by=self.mila, at=self.began_at
            )
        self._orders = count(1001)
        self._touches = count(1)

    def agree(self, *, at, **terms):
        return publish_deal(
            programme=self.programme, terms=Terms(**terms), valid_from=None, by=self.mila, at=at
        )

    def advocate(self, name="Ada Vermeer", *, enrolled=True, **fields):
        user = fields.pop("user", None) or make_user(name, **fields)
        if not enrolled:
            return advocate_of(user=user, at=self.began_at)
        enrolment = request_to_join(user=user, programme=self.programme, at=self.began_at)
        return approve_enrolment(enrolment=enrolment, by=self.mila, at=self.began_at).advocate

    def enrolment(self, advocate):
        return Enrolment.objects.get(programme=self.programme, advocate=advocate)

    def code(self, advocate, text):
        return create_code(enrolment=self.enrolment(advocate), code=text, at=self.began_at)

    def click(self, advocate=None, *, days=1, kind=TouchKind.CLICK, visitor_key=VISITOR, **fields):
        """A click of Bob's; his browser keeps a cookie unless `visitor_key` is None."""
        at = fields.pop("occurred_at", NOW - timedelta(days=days))
        return Touch.objects.create(
            **{
                "id": named_uuid7(at=at, name=f"{self.shop.pk} {next(self._touches)}"),
                "kind": kind,
                "visitor_key": visitor_key,
                "shop": self.shop,
                "advocate": advocate,
                "occurred_at": at,
                **fields,
            }
        )

    def report(self, **fields):
        values = {
            "external_id": str(next(self._orders)) if "external_id" not in fields else "",
            "placed_at": NOW,
            "currency": "EUR",
            "lines": (line_report(),),
        }
        return SaleReport(**{**values, **fields})

    def sell(self, *, at=NOW, source=SaleSource.API, **fields):
        sale, _is_new = record_sale(shop=self.shop, source=source, report=self.report(**fields), at=at)
        return sale

    def share(self, sale, advocate):
        return Share.objects.get(attribution__sale=sale, advocate=advocate)
