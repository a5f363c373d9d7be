"""What the tests of reviews play on: Bob, who bought two things in Mila's shop, and the question how he likes them."""

import io
from datetime import timedelta

from PIL import Image

from advocates.enums import SaleSource
from advocates.models import Product, Sale, Shop
from advocates.sales import SaleLineReport, SaleReport, record_sale
from community.enums import ReviewOrigin
from community.models import Review, ReviewInvitation
from community.review_invitations import plan_invitations, send_invitations, token_of
from tests.factories import NOW, make_product

BOB = "bob@example.com"
#: When the question about an order of NOW is due: two weeks, and one for the parcel.
DUE = NOW + timedelta(days=21)


def sell(
    shop: Shop, *products: Product, number: str = "1001", email: str = BOB, at=NOW, **fields: object
) -> Sale:
    """An order of one piece of each product, for € 24.20, as the shop's system reports it."""
    report = SaleReport(
        external_id=number,
        placed_at=at,
        currency="EUR",
        customer_email=email,
        lines=tuple(
            SaleLineReport(
                line_id=str(index),
                product_id=product.external_id,
                title=product.title,
                quantity=1,
                gross_minor=2420,
                vat_minor=420,
            )
            for index, product in enumerate(products, 1)
        ),
        **fields,
    )
    return record_sale(shop=shop, source=SaleSource.API, report=report, at=at)[0]


def invited(shop: Shop, *products: Product, **fields: object) -> ReviewInvitation:
    """An order whose buyer has been asked."""
    sale = sell(shop, *products, **fields)
    plan_invitations(at=NOW)
    send_invitations(at=DUE)
    return ReviewInvitation.objects.get(sale=sale)


def page_of(invitation: ReviewInvitation) -> str:
    return f"/reviews/invitation/{token_of(invitation.sale)}/"


def answers(invitation: ReviewInvitation, *said: dict[str, object], name: str = "Bob") -> dict[str, object]:
    """What the page's form sends: what is said of each line of the order, in its order."""
    data: dict[str, object] = {"name": name}
    for line, words in zip(invitation.sale.lines.order_by("pk"), said, strict=False):
        data |= {f"line{line.pk}-{field}": value for field, value in words.items()}
    return data


def make_review(product: Product, *, stars: int = 4, **fields: object) -> Review:
    """A public review without an account, as not verified unless a `sale_line` says otherwise."""
    origin = ReviewOrigin.VERIFIED if fields.get("sale_line") else ReviewOrigin.UNVERIFIED
    values = {
        "name": "Bob",
        "origin": origin,
        "title": "Ligt goed in de hand",
        "text": "Elke ochtend.",
        "language": "nl",
        "written_at": NOW,
    }
    return Review.objects.create(product=product, stars=stars, **{**values, **fields})


def verified(product: Product, *stars: int) -> list[Review]:
    """A verified review with each of these numbers of stars, from orders of their own."""
    made = []
    for value in stars:
        number = f"V{product.pk}-{Sale.objects.count() + 1}"
        sale = sell(product.shop, product, number=number, email="")
        made.append(make_review(product, stars=value, sale_line=sale.lines.get()))
    return made


def photo(*, gps: bool = False) -> io.BytesIO:
    """A JPEG; with the place where it was taken, if asked for."""
    out = io.BytesIO()
    exif = Image.Exif()
    if gps:
        exif[0x8825] = {1: "N", 2: (52.0, 22.0, 12.0), 3: "E", 4: (4.0, 53.0, 42.0)}
        exif[0x010F] = "Geheime camera"
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG", exif=exif)
    out.seek(0)
    out.name = "foto.jpg"
    return out


__all__ = [
    "BOB",
    "DUE",
    "answers",
    "invited",
    "make_product",
    "make_review",
    "page_of",
    "photo",
    "sell",
    "verified",
]
