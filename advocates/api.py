"""The shop API, version 1: a shop reports its orders and refunds, and asks what became of them.

A call translates in, makes one domain call, translates out. Its messages are in English whatever the caller's
language, so that the same request has the same answer. docs/shop-api.md is for those who call it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from ninja import Router, Status
from ninja.security import HttpBearer

from advocates.api_errors import ErrorAnswer, Problem
from advocates.api_keys import find_key
from advocates.api_schemas import RefundIn, RefundOut, RefundsOut, SaleIn, SaleOut
from advocates.bodies import UnableToRecord
from advocates.enums import SaleSource
from advocates.models import Refund, Sale, Shop
from advocates.refunds import record_refund, reversals_of
from advocates.sales import record_sale

router = Router(tags=["Sales"])

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY"}
_REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 404, 413, 415, 422), ErrorAnswer)
_CONFLICTS: dict[int, Any] = {**_REFUSALS, 409: ErrorAnswer}


class ShopKey(HttpBearer):
    """“Authorization: Bearer vpk_…”: a shop's own key."""

    def authenticate(self, request: HttpRequest, token: str) -> Shop | None:  # noqa: ARG002 -- the library's
        key = find_key(secret=token, at=timezone.now())
        return key.shop if key else None


def in_english(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(run)
    def answer(*args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override("en"):
            return run(*args, **kwargs)

    return answer


router.add_decorator(in_english, mode="view")
shop_key = ShopKey()


@router.post(
    "/sales", auth=shop_key, response={201: SaleOut, 200: SaleOut, **_CONFLICTS}, summary="Report an order"
)
def report_sale(request: HttpRequest, sale: SaleIn) -> Status[Any]:
    """Idempotent by order number: the same body again is answered as before with 200, another body with 409."""
    try:
        row, is_new = record_sale(
            shop=_shop(request), source=SaleSource.API, report=sale.as_report(), at=timezone.now()
        )
    except UnableToRecord as error:
        raise _problem(error) from error
    return Status(201 if is_new else 200, _sale_out(row))


@router.get(
    "/sales/{external_id}", auth=shop_key, response={200: SaleOut, **_REFUSALS}, summary="Read an order"
)
def read_sale(request: HttpRequest, external_id: str) -> dict[str, Any]:
    return _sale_out(_sale(request, external_id))


@router.post(
    "/sales/{external_id}/refunds",
    auth=shop_key,
    response={201: RefundOut, 200: RefundOut, **_CONFLICTS},
    summary="Report a refund",
)
def report_refund(request: HttpRequest, external_id: str, refund: RefundIn) -> Status[Any]:
    """By lines or by amount. Idempotent by refund number within the order, as orders are."""
    try:
        row, is_new = record_refund(
            sale=_sale(request, external_id), report=refund.as_report(), at=timezone.now()
        )
    except UnableToRecord as error:
        raise _problem(error) from error
    return Status(201 if is_new else 200, _refund_out(row))


@router.get(
    "/sales/{external_id}/refunds",
    auth=shop_key,
    response={200: RefundsOut, **_REFUSALS},
    summary="Read an order's refunds",
)
def read_refunds(request: HttpRequest, external_id: str) -> dict[str, Any]:
    refunds = _sale(request, external_id).refunds.select_related("sale__attribution")
    return {"refunds": [_refund_out(refund) for refund in refunds]}


def _refuse_method(allowed: str) -> NoReturn:
    raise Problem(
        405, "method_not_allowed", f"Use {allowed.replace(', ', ' or ')} here.", headers={"Allow": allowed}
    )


@router.api_operation(sorted(_METHODS - {"POST"}), "/sales", include_in_schema=False)
def refuse_sales_method(request: HttpRequest) -> None:  # noqa: ARG001 -- the route's
    _refuse_method("POST")


@router.api_operation(sorted(_METHODS - {"GET"}), "/sales/{external_id}", include_in_schema=False)
def refuse_sale_method(request: HttpRequest, external_id: str) -> None:  # noqa: ARG001 -- the route's
    _refuse_method("GET")


@router.api_operation(
    sorted(_METHODS - {"GET", "POST"}), "/sales/{external_id}/refunds", include_in_schema=False
)
def refuse_refunds_method(request: HttpRequest, external_id: str) -> None:  # noqa: ARG001 -- the route's
    _refuse_method("GET, POST")


def _refuse_address() -> NoReturn:
    raise Problem(404, "not_found", "There is nothing at this address.")


@router.api_operation(sorted(_METHODS), "/", include_in_schema=False)
def refuse_root(request: HttpRequest) -> None:  # noqa: ARG001 -- the route's
    _refuse_address()


@router.api_operation(sorted(_METHODS), "/{path:address}", include_in_schema=False)
def refuse_address(request: HttpRequest, address: str) -> None:  # noqa: ARG001 -- the route's
    _refuse_address()


def _shop(request: HttpRequest) -> Shop:
    shop: Shop = request.auth  # type: ignore[attr-defined]  # what ShopKey.authenticate gave back
    return shop


def _sale(request: HttpRequest, external_id: str) -> Sale:
    """The caller's own order; another shop's is not there."""
    if "\x00" not in external_id:
        found = Sale.objects.of_shop(_shop(request)).filter(external_id=external_id)
        sale: Sale | None = found.select_related("attribution", "shop").first()
        if sale is not None:
            return sale
    raise Problem(404, "not_found", "Your shop has reported no order with this number.")


def _problem(error: UnableToRecord) -> Problem:
    if error.differences:
        return Problem(409, "different_body", str(error), fields=error.differences)
    return Problem(
        422,
        "invalid",
        str(error),
        fields=[(field, message) for field, found in error.errors.items() for message in found],
    )


def _sale_out(sale: Sale) -> dict[str, Any]:
    attribution = sale.attribution
    shares = attribution.shares.earning()
    total = shares.aggregate(total=Sum("commission__amount_minor"))["total"]
    return {
        "external_id": sale.external_id,
        "placed_at": sale.placed_at,
        "currency": sale.currency,
        "lines": [
            {
                "line_id": line.line_id,
                "product_id": line.product_ref or None,
                "title": line.title,
                "quantity": line.quantity,
                "gross_minor": line.gross_minor,
                "discount_minor": line.discount_minor,
                "vat_minor": line.vat_minor,
                "base_minor": line.base_minor,
            }
            for line in sale.lines.all()
        ],
        "shipping_minor": sale.shipping_minor,
        "outcome": attribution.outcome,
        "reason": attribution.reason or None,
        "base_minor": attribution.base_minor,
        "commission_minor": attribution.commission_minor,
        "shares": {"count": shares.count(), "commission_minor": total or 0},
    }


def _refund_out(refund: Refund) -> dict[str, Any]:
    lines = [
        {"line_id": row.sale_line.line_id, "quantity": row.quantity, "amount_minor": row.amount_minor}
        for row in refund.lines.select_related("sale_line").order_by("sale_line")
    ]
    amount: int | None = refund.body["amount_minor"]
    return {
        "external_id": refund.external_id,
        "sale": refund.sale.external_id,
        "refunded_at": refund.refunded_at,
        "lines": lines,
        "amount_minor": sum(line["amount_minor"] for line in lines) if amount is None else amount,
        "commission_reversed_minor": sum(row.amount_minor for row in reversals_of(refund)),
    }
