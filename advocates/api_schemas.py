"""What the shop API takes: strict, so that a misspelt field is told. What it gives stands in `api_answers`."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from advocates.refunds import RefundLineReport, RefundReport
from advocates.sales import SaleLineReport, SaleReport

#: No field of an order comes near it, and a thousand lines of it still fit a database integer.
LARGEST_AMOUNT = 10**12
LARGEST_QUANTITY = 1_000_000
MOST_LINES = 1000
MOST_ORDERS = 500
_OLDEST_YEAR, _LATEST_YEAR = 2000, 2999


def _read_moment(value: Any) -> datetime:
    """An RFC 3339 moment with its zone; nothing is guessed."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("Write a date and time with its zone, such as 2026-11-16T12:00:00+01:00.")
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError("Write a date and time with its zone, such as 2026-11-16T12:00:00+01:00.") from None
    if moment.tzinfo is None:
        raise ValueError("Add the time zone: Z, or such as +01:00.")
    if not _OLDEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise ValueError(f"The year must be between {_OLDEST_YEAR} and {_LATEST_YEAR}.")
    return moment.astimezone(UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-16T12:00:00+01:00"]}),
]
# PostgreSQL stores every character but NUL.
_NO_NUL = r"^[^\x00]*$"
Text = Annotated[str, Field(strict=True, pattern=_NO_NUL)]
#: Becomes part of an address, so only what needs no thought there; no slash, and letters or digits at both ends.
Number = Annotated[
    str,
    Field(
        strict=True,
        max_length=100,
        pattern=r"^[0-9A-Za-z#]([0-9A-Za-z#._:+@~ -]*[0-9A-Za-z#])?$",
        examples=["2026-1001"],
        description="Letters, digits and # . _ : + @ ~ - (a slash becomes a “-”).",
    ),
]
Amount = Annotated[
    int, Field(strict=True, ge=0, le=LARGEST_AMOUNT, description="Minor units: € 12.34 is 1234.")
]
Quantity = Annotated[int, Field(strict=True, ge=1, le=LARGEST_QUANTITY)]


#: What the reference shows as examples; docs/shop-api.md tells them.
_SALE: dict[str, JsonValue] = {
    "external_id": "2026-1001",
    "placed_at": "2026-11-16T13:00:00+01:00",
    "currency": "EUR",
    "click_id": "019a8c1e-7f00-7000-8000-000000000001",
    "code": None,
    "customer_email": "bob@example.com",
    "is_new_customer": True,
    "lines": [
        {
            "line_id": "1",
            "product_id": "KOP-GRIJS",
            "title": "Theekop, grijs glazuur",
            "quantity": 2,
            "gross_minor": 4800,
            "discount_minor": 800,
            "vat_minor": 694,
        }
    ],
    "shipping_minor": 495,
}
_REFUND: dict[str, JsonValue] = {
    "external_id": "R-1",
    "refunded_at": "2026-11-20T10:00:00+01:00",
    "lines": [{"line_id": "1", "quantity": 1}],
}


class Strict(BaseModel):
    """A body in which a misspelt field is told, not ignored."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class SaleLineIn(Strict):
    line_id: Annotated[Text, Field(min_length=1, max_length=60)]
    product_id: Annotated[Text | None, Field(max_length=100, description="The id in your product feed.")] = (
        None
    )
    title: Annotated[Text, Field(max_length=200)]
    quantity: Quantity
    gross_minor: Annotated[Amount, Field(description="The whole line with VAT, before discount.")]
    discount_minor: Annotated[Amount, Field(description="Discount on the line, with VAT.")] = 0
    vat_minor: Annotated[Amount, Field(description="The VAT inside gross − discount.")]


class SaleIn(Strict):
    """One order. Report it when it is paid; report returns as refunds."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", json_schema_extra={"examples": [_SALE]})

    external_id: Annotated[Number, Field(title="Order number")]
    placed_at: Moment
    delivered_at: Moment | None = None
    currency: Annotated[str, Field(strict=True, pattern="^[A-Z]{3}$", examples=["EUR"])]
    click_id: Annotated[
        Text | None, Field(max_length=500, description="What stood in vp_click, as it was; null without.")
    ] = None
    code: Annotated[Text | None, Field(max_length=60, description="The discount code that was used.")] = None
    customer_email: Annotated[
        Text | None,
        Field(
            max_length=254,
            description=(
                "To see an advocate's own purchase, and to ask the buyer once how it was. Kept as a keyed hash; "
                "the address itself until that is asked, 120 days at most."
            ),
        ),
    ] = None
    customer_language: Annotated[
        Text | None,
        Field(max_length=20, description="In which language the buyer is asked: nl (as without it) or en."),
    ] = None
    is_new_customer: Annotated[bool | None, Field(strict=True)] = None
    lines: Annotated[list[SaleLineIn], Field(min_length=1, max_length=MOST_LINES)]
    shipping_minor: Amount = 0

    def as_report(self) -> SaleReport:
        return SaleReport(
            external_id=self.external_id,
            placed_at=self.placed_at,
            delivered_at=self.delivered_at,
            currency=self.currency,
            click_id=self.click_id or "",
            code=self.code or "",
            customer_email=self.customer_email or "",
            customer_language=self.customer_language or "",
            is_new_customer=self.is_new_customer,
            shipping_minor=self.shipping_minor,
            lines=tuple(
                SaleLineReport(
                    line_id=line.line_id,
                    product_id=line.product_id or "",
                    title=line.title,
                    quantity=line.quantity,
                    gross_minor=line.gross_minor,
                    discount_minor=line.discount_minor,
                    vat_minor=line.vat_minor,
                )
                for line in self.lines
            ),
        )


class Unreadable:
    """An order of a batch that does not fit its shape: the number it gave, if any, and what is wrong where."""

    def __init__(self, value: Any, error: ValidationError) -> None:
        number = value.get("external_id") if isinstance(value, dict) else None
        self.external_id = number if isinstance(number, str) else None
        self.errors = error.errors()


def _keep_unreadable(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        return Unreadable(value, error)


class BatchIn(Strict):
    """Many orders at once. Each is taken in or refused on its own."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"orders": [_SALE]}]}, arbitrary_types_allowed=True
    )

    orders: Annotated[
        list[Annotated[SaleIn, WrapValidator(_keep_unreadable)]], Field(min_length=1, max_length=MOST_ORDERS)
    ]


class CancelIn(Strict):
    """An order that was called off: all that is left of it is given back."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"cancelled_at": "2026-11-19T09:00:00+01:00"}]}
    )

    cancelled_at: Moment


class DeliveryIn(Strict):
    """When an order reached its buyer: the hold of its commissions runs from there."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"delivered_at": "2026-11-18T15:30:00+01:00"}]}
    )

    delivered_at: Moment


def _read_since(value: Any) -> Any:
    # In an address a plus that was not encoded arrives as a space.
    return _read_moment(value.replace(" ", "+")) if isinstance(value, str) else value


class ExportIn(BaseModel):
    """Which orders are exported, and from where on."""

    since: Annotated[
        datetime | None,
        BeforeValidator(_read_since),
        WithJsonSchema({"type": "string", "format": "date-time"}),
        Field(
            description="Only orders that were reported, or of which a refund was, at this moment or later."
        ),
    ] = None
    cursor: Annotated[
        int,
        Field(ge=0, le=2**63 - 1, description="Go on after the line that bore this cursor."),
    ] = 0


class RefundLineIn(Strict):
    line_id: Annotated[Text, Field(min_length=1, max_length=60)]
    quantity: Quantity


class RefundIn(Strict):
    """Money given back: either the pieces that came back per line, or an amount with VAT."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", json_schema_extra={"examples": [_REFUND]})

    external_id: Annotated[Number, Field(title="Refund number")]
    refunded_at: Moment
    lines: Annotated[list[RefundLineIn] | None, Field(min_length=1, max_length=MOST_LINES)] = None
    amount_minor: Annotated[int | None, Field(strict=True, ge=1, le=LARGEST_AMOUNT)] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "RefundIn":
        if (self.lines is None) == (self.amount_minor is None):
            raise ValueError("Give either lines or amount_minor.")
        return self

    def as_report(self) -> RefundReport:
        return RefundReport(
            external_id=self.external_id,
            refunded_at=self.refunded_at,
            lines=tuple(RefundLineReport(line.line_id, line.quantity) for line in self.lines or ()),
            amount_minor=self.amount_minor,
        )
