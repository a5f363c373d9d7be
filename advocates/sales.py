"""Sales as shops report them: taken in once, whoever reports them and however often."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from advocates.attribution import attribute_all
from advocates.bodies import UnableToRecord, differences, digest_of, moment_text
from advocates.buyers import buyer_hash
from advocates.disposable import is_disposable
from advocates.enums import ReportProblem, SaleSource
from advocates.models import BuyerContact, Product, Sale, SaleLine, Shop
from advocates.refunds import RefundLineReport, RefundReport, record_refund
from advocates.refused_reports import refuse_report
from payouts.bulk_rows import copy_all, copy_rows
from payouts.money import SETTLEMENT_CURRENCIES

__all__ = [
    "RefundLineReport",
    "RefundReport",
    "SaleLineReport",
    "SaleReport",
    "UnableToRecord",
    "check_sale",
    "click_id_in",
    "order_key_of",
    "record_refund",
    "record_sale",
    "standing_of",
    "take_in",
]

#: An order may lie this far ahead of our clock, and no more.
FUTURE_TOLERANCE = timedelta(days=1)

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_CLICK_TEXT_LENGTH = 100
_LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class SaleLineReport:
    """One order line. Amounts are of the whole line in minor units.

    `gross_minor` with VAT, before discount; `vat_minor` is the VAT inside gross − discount.
    """

    line_id: str
    product_id: str
    title: str
    quantity: int
    gross_minor: int
    discount_minor: int = 0
    vat_minor: int = 0


@dataclass(frozen=True)
class SaleReport:
    """One order as a shop tells it. `click_id` is whatever stood in `vp_click`, garbage included.

    `customer_language` is a language tag ("nl", "en-GB"): how the buyer is written to. `source_ref` is the source's
    own id of the order, where its refunds name that; it is no part of what the shop says, and of no comparison.
    """

    external_id: str
    placed_at: datetime
    currency: str
    lines: tuple[SaleLineReport, ...]
    delivered_at: datetime | None = None
    click_id: str = ""
    code: str = ""
    customer_email: str = ""
    customer_language: str = ""
    is_new_customer: bool | None = None
    shipping_minor: int = 0
    source_ref: str = ""


def record_sale(*, shop: Shop, source: str, report: SaleReport, at: datetime) -> tuple[Sale, bool]:
    """Take in one order and attribute it, in one transaction; returns (sale, whether it is new).

    Where the report says who bought, the address is kept beside the order (`BuyerContact`) until the buyer was asked
    how it was; the order itself has its keyed hash alone.

    The same report again gives the row that is there. Raises UnableToRecord with `field` where the report cannot
    be right, and with `differences` where this order number was reported before with another body, or by another
    source: then the first one stays, and the shop reads of this one among the reports we could not use.
    """
    body = _body(report)
    known = _known(shop, report)
    if known is not None:
        return _same(known, source, body, report.source_ref, at), False
    check_sale(shop=shop, report=report, at=at)
    try:
        with transaction.atomic(durable=True):
            sale = take_in(shop=shop, source=source, reports=[report], at=at)[0]
    except IntegrityError as error:
        # Two reports of one order at the same moment: the unique key let one in, this is the other.
        known = _known(shop, report)
        if known is None:
            raise
        try:
            return _same(known, source, body, report.source_ref, at), False
        except UnableToRecord as refusal:
            raise refusal from error
    return sale, True


def take_in(*, shop: Shop, source: str, reports: Sequence[SaleReport], at: datetime) -> list[Sale]:
    """Store orders that were checked and are not known, and judge each; inside the caller's transaction.

    Raises IntegrityError when one of them was reported at the same moment: then none of them is in.
    """
    sales = _insert_all(shop, source, reports, at)
    _keep_contacts(sales, reports, at)
    attribute_all(shop=shop, sales=sales, at=at)
    return sales


def order_key_of(external_id: str) -> str:
    """An order number as it is compared: "#1001", " 1001" and "1001" are one order."""
    return external_id.strip().lstrip("#").strip().casefold() or external_id


def standing_of(*, shop: Shop, source: str, report: SaleReport, known: Sale | None, at: datetime) -> bool:
    """Whether `record_sale` would make a new order of this report; nothing is stored.

    `known` is the shop's order with this number, if there is one. Raises UnableToRecord as `record_sale` does.
    """
    if known is None:
        check_sale(shop=shop, report=report, at=at)
        return True
    if known.source != source:
        raise _from_elsewhere(known, source)
    _unchanged(known, _body(report))
    return False


def _known(shop: Shop, report: SaleReport) -> Sale | None:
    return Sale.objects.filter(shop=shop, order_key=order_key_of(report.external_id)).first()


def click_id_in(text: str) -> uuid.UUID | None:
    """The click id somewhere in `text`: a whole address, upper case or a stray full stop do not lose it."""
    found = _UUID.search(text)
    return uuid.UUID(found.group()) if found else None


def _body(report: SaleReport) -> dict[str, Any]:
    """The report as stored and hashed: the buyer's address as its keyed hash, moments in UTC."""
    return {
        "external_id": report.external_id,
        "placed_at": moment_text(report.placed_at),
        "delivered_at": moment_text(report.delivered_at) if report.delivered_at else None,
        "currency": report.currency,
        "click_id": report.click_id,
        "code": report.code,
        "customer_hash": buyer_hash(report.customer_email),
        "is_new_customer": report.is_new_customer,
        "shipping_minor": report.shipping_minor,
        "lines": [
            {
                "line_id": line.line_id,
                "product_id": line.product_id,
                "title": line.title,
                "quantity": line.quantity,
                "gross_minor": line.gross_minor,
                "discount_minor": line.discount_minor,
                "vat_minor": line.vat_minor,
            }
            for line in report.lines
        ],
    }


def _same(sale: Sale, source: str, body: dict[str, Any], source_ref: str, at: datetime) -> Sale:
    """The order that is there, if this report is that one again."""
    if sale.source == source:
        return _unchanged(sale, body)
    refusal = _from_elsewhere(sale, source)
    refuse_report(
        shop=sale.shop,
        source=source,
        external_id=body["external_id"],
        problem=ReportProblem.DUPLICATE,
        explanation=str(refusal),
        # With the source's own id of the order, its refunds are known for a second telling as well.
        body=body | {"source_ref": source_ref} if source_ref else body,
        sale=sale,
        at=at,
    )
    raise refusal


def _from_elsewhere(sale: Sale, source: str) -> UnableToRecord:
    """The words for an order that another source told first; never taken in twice."""
    first, second = sale.get_source_display(), SaleSource(source).label
    return UnableToRecord(
        _(
            "Order %(number)s was taken in before, from %(first)s. That one stays, with its refunds; this report "
            "from %(second)s changes nothing. Let one system report each order."
        )
        % {"number": sale.external_id, "first": first, "second": second},
        differences=[("source", _("It was %(before)s before.") % {"before": first})],
        problem=ReportProblem.DUPLICATE,
    )


def _unchanged(sale: Sale, body: dict[str, Any]) -> Sale:
    if sale.digest != digest_of(body):
        raise UnableToRecord(
            _("Order %(number)s was reported before with other contents. Report a change as a refund.")
            % {"number": sale.external_id},
            differences=differences(sale.body, body),
        )
    return sale


def check_sale(*, shop: Shop, report: SaleReport, at: datetime) -> None:
    """Raises UnableToRecord, with `field`, where a report cannot be right."""
    if report.currency != shop.currency or report.currency not in SETTLEMENT_CURRENCIES:
        raise UnableToRecord(
            _("This shop sells in %(currency)s. Report its orders in that currency.")
            % {"currency": shop.currency},
            field="currency",
        )
    if report.placed_at > at + FUTURE_TOLERANCE:
        raise UnableToRecord(_("This is in the future. Is the time zone right?"), field="placed_at")
    if report.delivered_at is not None and report.delivered_at < report.placed_at:
        raise UnableToRecord(_("Delivered before it was ordered?"), field="delivered_at")
    if not report.lines:
        raise UnableToRecord(_("An order has at least one line."), field="lines")
    _check_lines(report.lines)


def _check_lines(lines: Sequence[SaleLineReport]) -> None:
    seen: dict[str, int] = {}
    for index, line in enumerate(lines):
        first = seen.setdefault(line.line_id, index)
        if first != index:
            raise UnableToRecord(
                _("Line %(number)d has the same line_id. Give each line its own.") % {"number": first},
                field=f"lines.{index}.line_id",
            )
        if line.quantity < 1:
            raise UnableToRecord(_("A line has at least one piece."), field=f"lines.{index}.quantity")
        if min(line.gross_minor, line.discount_minor, line.vat_minor) < 0:
            raise UnableToRecord(_("Amounts are not below zero."), field=f"lines.{index}")
        if line.discount_minor > line.gross_minor:
            raise UnableToRecord(
                _("The discount is more than gross_minor."), field=f"lines.{index}.discount_minor"
            )
        if line.vat_minor > line.gross_minor - line.discount_minor:
            raise UnableToRecord(
                _("The VAT is more than what was paid (gross_minor − discount_minor)."),
                field=f"lines.{index}.vat_minor",
            )


def _insert_all(shop: Shop, source: str, reports: Sequence[SaleReport], at: datetime) -> list[Sale]:
    """The orders with their lines, in a number of queries that does not grow with them."""
    sales = [_row(shop, source, report, at) for report in reports]
    copy_all(sales)
    wanted = {line.product_id for report in reports for line in report.lines if line.product_id}
    products = dict(
        Product.objects.filter(shop=shop, external_id__in=wanted).values_list("external_id", "pk")
    )
    copy_rows(
        SaleLine,
        (
            *("sale_id", "line_id", "product_id", "product_ref", "title", "quantity"),
            *("gross_minor", "discount_minor", "vat_minor"),
        ),
        (
            (
                *(sale.pk, line.line_id, products.get(line.product_id), line.product_id, line.title),
                *(line.quantity, line.gross_minor, line.discount_minor, line.vat_minor),
            )
            for sale, report in zip(sales, reports, strict=True)
            for line in report.lines
        ),
    )
    return sales


def _row(shop: Shop, source: str, report: SaleReport, at: datetime) -> Sale:
    body = _body(report)
    return Sale(
        shop=shop,
        external_id=report.external_id,
        order_key=order_key_of(report.external_id),
        source=source,
        source_ref=report.source_ref,
        placed_at=report.placed_at,
        delivered_at=report.delivered_at,
        currency=report.currency,
        click_id=click_id_in(report.click_id),
        click_text=report.click_id[:_CLICK_TEXT_LENGTH],
        code=report.code,
        customer_hash=body["customer_hash"],
        is_disposable_mail=is_disposable(report.customer_email),
        is_new_customer=report.is_new_customer,
        shipping_minor=report.shipping_minor,
        body=body,
        digest=digest_of(body),
        received_at=at,
    )


def _keep_contacts(sales: Sequence[Sale], reports: Sequence[SaleReport], at: datetime) -> None:
    """Keep where the buyers can be asked; an address that no mail can reach is left out."""
    copy_rows(
        BuyerContact,
        ("sale_id", "email", "language", "created_at"),
        (
            (sale.pk, report.customer_email.strip(), _language(report.customer_language), at)
            for sale, report in zip(sales, reports, strict=True)
            if _can_be_reached(report.customer_email.strip())
        ),
    )


def _can_be_reached(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= _LONGEST_ADDRESS


def _language(tag: str) -> str:
    """The site's language that this tag means; its first one for any other."""
    primary = tag.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
