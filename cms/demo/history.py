"""Ninety days of visitors: they look, click, come back, and some of them buy and return things.

Everything goes through the verbs that real visitors and shops go through; only the dates are chosen here.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser

from advocates.clicks import click_on, lead_of, store_click
from advocates.enums import PublicationState, SaleSource
from advocates.models import Code, Link, Mention, Product, Publication, Sale, Shop
from advocates.refunds import RefundLineReport, RefundReport, record_refund
from advocates.sales import SaleLineReport, SaleReport, record_sale
from advocates.touches import record_view

DAYS = 90
_VISITORS = 700
_BUYS = 0.34
_SECOND_ITEM = 0.3
_BUYS_TWO = 0.2
_USES_CODE = 0.12
_REFUSES_COOKIE = 0.15
_RETURNS = 0.09
_VAT_BPS = 2100


@dataclass
class Tally:
    """What the ninety days came to."""

    touches: int = 0
    sales: int = 0
    refunds: int = 0
    order_numbers: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Stage:
    """What visitors find: the public publications with their links, and the codes of each shop."""

    publications: Sequence[Publication]
    links: dict[int, list[Link]]
    codes: dict[int, list[Code]]
    weights: Sequence[int]


def play_history(*, seed: int, now: datetime) -> Tally:
    """Play ninety days up to yesterday; the same seed and world give the same visitors."""
    rng = random.Random(seed)
    stage = _stage(rng)
    tally = Tally()
    for _number in range(_VISITORS):
        start = now - timedelta(days=rng.uniform(1.5, DAYS))
        _visit(rng, stage, tally, start=start, now=now)
    return tally


def _stage(rng: random.Random) -> _Stage:
    publications = list(
        Publication.objects.filter(state=PublicationState.PUBLIC).order_by("published_at", "pk")
    )
    links: dict[int, list[Link]] = {}
    for mention in Mention.objects.select_related("link__product__offer", "link__shop").order_by("pk"):
        links.setdefault(mention.publication_id, []).append(mention.link)
    codes: dict[int, list[Code]] = {}
    for code in Code.objects.select_related("programme").order_by("pk"):
        codes.setdefault(code.programme.shop_id, []).append(code)
    shown = [one for one in publications if links.get(one.pk)]
    return _Stage(shown, links, codes, [rng.choice([1, 1, 2, 3, 5, 8]) for _one in shown])


def _visit(rng: random.Random, stage: _Stage, tally: Tally, *, start: datetime, now: datetime) -> None:
    """One visitor: one to four publications over some days, and perhaps an order in the end."""
    key = None if rng.random() < _REFUSES_COOKIE else uuid.UUID(int=rng.getrandbits(128), version=4)
    moment = start
    last = None
    for publication in rng.choices(stage.publications, stage.weights, k=rng.choice([1, 1, 2, 2, 3, 4])):
        moment = max(moment + timedelta(hours=rng.expovariate(1 / 30)), publication.published_at or start)
        if moment >= now - timedelta(hours=2):
            break
        if key is not None and record_view(
            publication=publication, visitor_key=key, viewer=AnonymousUser(), at=moment
        ):
            tally.touches += 1
        if rng.random() < 0.75:  # noqa: PLR2004 -- three in four click on
            link = rng.choice(stage.links[publication.pk])
            clicked = moment + timedelta(seconds=rng.randint(20, 400))
            last = store_click(click_on(lead_of(link), visitor_key=key, at=clicked))
            tally.touches += 1
    if last is None or last.link is None or rng.random() > _BUYS:
        return
    ordered = last.occurred_at + timedelta(minutes=rng.expovariate(1 / 300) + 3)
    if ordered >= now - timedelta(hours=1):
        return
    link = last.link
    code = _code(rng, stage, link.shop)
    sale = _order(rng, tally, link=link, click=str(last.pk), code=code, at=ordered)
    if rng.random() < _RETURNS:
        _give_back(rng, tally, sale, now=now)


def _code(rng: random.Random, stage: _Stage, shop: Shop) -> str:
    codes = stage.codes.get(shop.pk)
    return rng.choice(codes).code if codes and rng.random() < _USES_CODE else ""


def _order(rng: random.Random, tally: Tally, *, link: Link, click: str, code: str, at: datetime) -> Sale:
    shop = link.shop
    products = [link.product] if link.product else []
    if rng.random() < _SECOND_ITEM or not products:
        others = list(Product.objects.filter(shop=shop).select_related("offer").order_by("pk")[:40])
        products.append(rng.choice([one for one in others if one not in products]))
    number = tally.order_numbers[shop.pk] = tally.order_numbers.get(shop.pk, 1000) + 1
    report = SaleReport(
        external_id=f"{shop.slug.replace('-', '')[:3].upper()}-{number}",
        placed_at=at,
        delivered_at=at + timedelta(days=2),
        currency=shop.currency,
        lines=tuple(
            _line(rng, str(index), product, has_code=bool(code)) for index, product in enumerate(products, 1)
        ),
        click_id=click,
        code=code,
        customer_email=f"klant{rng.randint(1, 400)}@example.com",
        shipping_minor=495,
    )
    sale, _is_new = record_sale(shop=shop, source=SaleSource.API, report=report, at=at)
    tally.sales += 1
    return sale


def _line(rng: random.Random, line_id: str, product: Product, *, has_code: bool) -> SaleLineReport:
    quantity = 2 if rng.random() < _BUYS_TWO else 1
    gross = product.offer.current_minor(at=product.offer.checked_at) * quantity
    discount = gross // 10 if has_code else 0
    vat = (gross - discount) * _VAT_BPS // (10_000 + _VAT_BPS)
    return SaleLineReport(
        line_id=line_id,
        product_id=product.external_id,
        title=product.title,
        quantity=quantity,
        gross_minor=gross,
        discount_minor=discount,
        vat_minor=vat,
    )


def _give_back(rng: random.Random, tally: Tally, sale: Sale, *, now: datetime) -> None:
    at = sale.placed_at + timedelta(days=rng.uniform(3, 14))
    if at >= now:
        return
    line = sale.lines.order_by("pk")[0]
    report = RefundReport(
        external_id=f"R-{sale.external_id}",
        refunded_at=at,
        lines=(RefundLineReport(line_id=line.line_id, quantity=1),),
    )
    record_refund(sale=sale, report=report, at=at)
    tally.refunds += 1
