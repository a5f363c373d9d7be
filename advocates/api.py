"""The shop API, version 1: a shop reports its orders and refunds, and asks what became of them.

A call translates in, makes one domain call, translates out. Its messages are in English whatever the caller's
language, so that the same request has the same answer. docs/shop-api.md is for those who call it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation
from ninja import Query, Router, Status
from ninja.security import HttpBearer

from advocates.api_answers import (
    BatchOut,
    CancellationOut,
    DeliveryOut,
    RefundOut,
    RefundsOut,
    SaleDetailOut,
    SaleLineOfExport,
    SaleOut,
)
from advocates.api_errors import ErrorAnswer, Problem, sentence_of
from advocates.api_keys import find_key
from advocates.api_schemas import BatchIn, CancelIn, DeliveryIn, ExportIn, RefundIn, SaleIn, Unreadable
from advocates.bodies import UnableToRecord
from advocates.enums import SaleSource
from advocates.models import Sale, Shop
from advocates.refunds import record_refund
from advocates.sale_batches import BatchResult, BatchStatus, record_sales
from advocates.sale_changes import cancel_sale, deliver_sale
from advocates.sale_reading import export_sales, facts_of_refunds, facts_of_sales, summaries_of_sales
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


def in_english_all(lines: Iterator[str]) -> Iterator[str]:
    """What is streamed is made after the view: each line in English too."""
    while True:
        with translation.override("en"):
            line = next(lines, None)
        if line is None:
            return
        yield line


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
    return Status(201 if is_new else 200, summaries_of_sales([row.pk])[row.pk])


@router.post(
    "/sales/batch", auth=shop_key, response={200: BatchOut, **_REFUSALS}, summary="Report many orders"
)
def report_sales(request: HttpRequest, batch: BatchIn) -> dict[str, Any]:
    """Up to 500 orders, each taken in or refused on its own, as if it were reported alone; in their order."""
    readable = [order for order in batch.orders if not isinstance(order, Unreadable)]
    done = record_sales(
        shop=_shop(request),
        source=SaleSource.API,
        reports=[order.as_report() for order in readable],
        at=timezone.now(),
    )
    facts = summaries_of_sales([result.sale.pk for result in done if result.sale])
    results = iter(done)
    answers = [
        _unreadable_out(order)
        if isinstance(order, Unreadable)
        else _result_out(order.external_id, next(results), facts)
        for order in batch.orders
    ]
    counts = {status.value: sum(row["status"] == status for row in answers) for status in BatchStatus}
    return {"counts": counts, "results": answers}


@router.get("/sales/batch", auth=shop_key, response=SaleDetailOut, include_in_schema=False)
def read_sale_called_batch(request: HttpRequest) -> dict[str, Any]:
    return read_sale(request, "batch")


@router.get(
    "/sales.ndjson",
    auth=shop_key,
    response=_REFUSALS,
    summary="Export orders",
    openapi_extra={
        "responses": {
            200: {
                "description": "One order on each line.",
                "content": {
                    "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/SaleLineOfExport"}}
                },
            }
        }
    },
)
def export(request: HttpRequest, wanted: Query[ExportIn]) -> StreamingHttpResponse:
    """One JSON object on each line: an order as “Read an order” gives it, with its `cursor`. Streamed; when it
    breaks off, ask again with the last cursor that you read.
    """
    rows = export_sales(shop=_shop(request), since=wanted.since, after=wanted.cursor)
    lines = (SaleLineOfExport.model_validate(row).model_dump_json() + "\n" for row in rows)
    return StreamingHttpResponse(in_english_all(lines), content_type="application/x-ndjson")


@router.get(
    "/sales/{external_id}",
    auth=shop_key,
    response={200: SaleDetailOut, **_REFUSALS},
    summary="Read an order",
)
def read_sale(request: HttpRequest, external_id: str) -> dict[str, Any]:
    """As it was judged, explained: the path, each touch with its part or the reason why it has none, everybody's
    share, and what was given back.
    """
    return _sale_out(_sale(request, external_id))


@router.post(
    "/sales/{external_id}/cancel",
    auth=shop_key,
    response={201: CancellationOut, 200: CancellationOut, **_CONFLICTS},
    summary="Cancel an order",
)
def cancel(request: HttpRequest, external_id: str, cancellation: CancelIn) -> Status[Any]:
    """Gives back all that is left, shipping included. Idempotent: the same again is answered with 200."""
    try:
        done = cancel_sale(
            sale=_sale(request, external_id),
            cancelled_at=cancellation.cancelled_at,
            at=timezone.now(),
            source=SaleSource.API,
        )
    except UnableToRecord as error:
        raise _problem(error) from error
    answer = {
        "external_id": done.sale.external_id,
        "cancelled_at": done.sale.cancelled_at,
        "refund": facts_of_refunds([done.refund])[0] if done.refund else None,
    }
    return Status(201 if done.is_new else 200, answer)


@router.post(
    "/sales/{external_id}/delivery",
    auth=shop_key,
    response={200: DeliveryOut, **_REFUSALS},
    summary="Report the delivery of an order",
)
def deliver(request: HttpRequest, external_id: str, delivery: DeliveryIn) -> dict[str, Any]:
    """Commissions that still wait become due `hold_days` after the delivery. Idempotent; another moment corrects
    the one before.
    """
    try:
        done = deliver_sale(
            sale=_sale(request, external_id), delivered_at=delivery.delivered_at, at=timezone.now()
        )
    except UnableToRecord as error:
        raise _problem(error) from error
    return {
        "external_id": done.sale.external_id,
        "delivered_at": done.sale.delivered_at,
        "is_changed": done.is_changed,
        "due_at": done.due_at,
        "commissions": {
            "moved": done.due_dates.moved,
            "same": done.due_dates.same,
            "kept": done.due_dates.kept,
        },
    }


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
            sale=_sale(request, external_id),
            report=refund.as_report(),
            at=timezone.now(),
            source=SaleSource.API,
        )
    except UnableToRecord as error:
        raise _problem(error) from error
    return Status(201 if is_new else 200, facts_of_refunds([row])[0])


@router.get(
    "/sales/{external_id}/refunds",
    auth=shop_key,
    response={200: RefundsOut, **_REFUSALS},
    summary="Read an order's refunds",
)
def read_refunds(request: HttpRequest, external_id: str) -> dict[str, Any]:
    return {"refunds": _sale_out(_sale(request, external_id))["refunds"]}


def _refuse_method(allowed: str) -> NoReturn:
    raise Problem(
        405, "method_not_allowed", f"Use {allowed.replace(', ', ' or ')} here.", headers={"Allow": allowed}
    )


@router.api_operation(sorted(_METHODS - {"POST"}), "/sales", include_in_schema=False)
def refuse_sales_method(request: HttpRequest) -> None:  # noqa: ARG001 -- the route's
    _refuse_method("POST")


@router.api_operation(sorted(_METHODS - {"GET", "POST"}), "/sales/batch", include_in_schema=False)
def refuse_batch_method(request: HttpRequest) -> None:  # noqa: ARG001 -- the route's
    # GET is there for an order of this name; it is no use of this address.
    _refuse_method("POST")


@router.api_operation(sorted(_METHODS - {"GET"}), "/sales.ndjson", include_in_schema=False)
def refuse_export_method(request: HttpRequest) -> None:  # noqa: ARG001 -- the route's
    _refuse_method("GET")


@router.api_operation(sorted(_METHODS - {"POST"}), "/sales/{external_id}/cancel", include_in_schema=False)
def refuse_cancel_method(request: HttpRequest, external_id: str) -> None:  # noqa: ARG001 -- the route's
    _refuse_method("POST")


@router.api_operation(sorted(_METHODS - {"POST"}), "/sales/{external_id}/delivery", include_in_schema=False)
def refuse_delivery_method(request: HttpRequest, external_id: str) -> None:  # noqa: ARG001 -- the route's
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
        sale: Sale | None = found.first()
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
    return facts_of_sales(Sale.objects.filter(pk=sale.pk))[0]


def _result_out(external_id: str, result: BatchResult, facts: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    problem = _problem(result.refusal) if result.refusal else None
    return {
        "external_id": external_id,
        "status": result.status,
        "sale": facts[result.sale.pk] if result.sale else None,
        "error": problem and _error_out(problem.code, problem.message, problem.fields),
    }


def _unreadable_out(order: Unreadable) -> dict[str, Any]:
    fields = [(".".join(map(str, found["loc"])) or "body", sentence_of(found)) for found in order.errors]
    message = "Some fields are missing or wrong; see “fields”."
    return {
        "external_id": order.external_id,
        "status": BatchStatus.INVALID,
        "sale": None,
        "error": _error_out("invalid", message, fields),
    }


def _error_out(code: str, message: str, fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    told = [{"field": field, "message": message} for field, message in fields]
    return {"code": code, "message": message, "fields": told}
