"""Buying on the site: what is offered, the way to the shop's own payment page, and what became of it.

The shop sells, on its own account at Stripe; the platform takes the commission that the sale would earn as a fee, so
that it is in hand when the advocates are paid. What was offered is a row before Stripe is asked. What became of it is
read from Stripe again and again, so that events may come twice and in any order. docs/selling-here.md tells it whole.
"""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from advocates.attribution import foresee
from advocates.enums import PurchaseState, TouchKind
from advocates.models import Offer, Product, Purchase, Sale, SaleLine, SellingTerms, Shop, Touch
from advocates.split import inputs_as_json
from payouts.enums import AccountStatus
from payouts.fees import give_back_fee, record_fee
from payouts.gateway import GatewayError, GatewayRefused, gateway
from payouts.models import Commission
from payouts.money import BPS, SETTLEMENT_CURRENCIES, format_minor, round_half_up, share_of
from payouts.stripe_rows import Buyable, Checkout, Shipping

#: Pieces of one product in one purchase.
MOST_PIECES = 20
#: How long a payment page stays open: its price was true when it was opened.
PAGE_LASTS = timedelta(hours=1)
#: What the metadata of a session calls our row.
_ROW = "purchase"


class UnableToBuy(Exception):
    """It cannot be bought here, or not as it was asked; the message says why."""


class OfferChanged(UnableToBuy):
    """What it costs is no longer what the buyer saw; the message says both."""


@dataclass(frozen=True)
class Quote:
    """What a number of pieces costs at a moment; amounts in minor units, VAT included."""

    product: Product
    terms: SellingTerms
    quantity: int
    unit_minor: int

    @property
    def goods_minor(self) -> int:
        return self.unit_minor * self.quantity

    @property
    def shipping_minor(self) -> int:
        return self.terms.shipping_for(self.goods_minor)

    @property
    def total_minor(self) -> int:
        return self.goods_minor + self.shipping_minor

    @property
    def currency(self) -> str:
        return str(self.product.shop.currency)


@dataclass(frozen=True)
class Addresses:
    """Where Stripe sends the buyer: `done` when it was paid (with the purchase's id in it), `back` when not."""

    done: str
    back: str

    def done_of(self, purchase: Purchase) -> str:
        return self.done.replace("{purchase}", str(purchase.pk))


def is_sold_here(product: Product, *, at: datetime) -> bool:
    """Whether somebody can buy it here now. Asks nothing of the database for a product `with_selling`."""
    return _terms_of(product.shop) is not None and _price_of(product, at=at) is not None


def quote_of(*, product: Product, quantity: int, at: datetime) -> Quote:
    """What it costs now, read anew. Raises UnableToBuy where it cannot be bought here, or not any more."""
    terms = _terms_of(product.shop)
    if terms is None:
        raise UnableToBuy(_("%(shop)s does not sell on this site.") % {"shop": product.shop.name})
    if not 1 <= quantity <= MOST_PIECES:
        raise UnableToBuy(_("Choose from 1 to %(most)d pieces.") % {"most": MOST_PIECES})
    product.offer = Offer.objects.filter(product=product).first()
    if product.offer is not None and not product.offer.can_be_bought:
        raise UnableToBuy(_("This is sold out, a moment ago perhaps. Nothing was ordered."))
    unit = _price_of(product, at=at)
    if unit is None:
        raise UnableToBuy(_("We do not know what this costs now, so it cannot be bought here."))
    return Quote(product, terms, quantity, unit)


def start_purchase(
    *,
    quote: Quote,
    seen_minor: int,
    attempt: UUID,
    click_id: UUID | None,
    addresses: Addresses,
    at: datetime,
) -> str:
    """The address of the shop's payment page for this quote; `addresses.done` has `{purchase}` filled in.

    `seen_minor` is the total that the buyer agreed to, `attempt` the form's own number: the same form again leads to
    the same page, and once that is paid to what was bought. Raises OfferChanged where the total is another one by
    now, and UnableToBuy where Stripe gives no page; then nothing was ordered.
    """
    if quote.total_minor != seen_minor:
        raise OfferChanged(
            _(
                "The price has changed: together it is now %(now)s, it was %(before)s. Nothing was ordered yet."
            )
            % {
                "now": format_minor(quote.total_minor, quote.currency),
                "before": format_minor(seen_minor, quote.currency),
            }
        )
    click = _known_click(click_id, quote.product.shop)
    purchase = _keep(quote, attempt=attempt, click_id=click, at=at)
    try:
        page = _page_of(purchase, quote.terms, addresses)
        if page.status == "expired":
            # It was left open for too long: the same form begins anew.
            note_session(purchase=purchase, session=page)
            purchase = _keep(quote, attempt=attempt, click_id=click, at=at)
            page = _page_of(purchase, quote.terms, addresses)
    except GatewayError as error:
        raise UnableToBuy(
            _(
                "The payment page does not open now. Nothing was ordered and nothing was paid; try again in a minute."
            )
        ) from error
    return page.url or addresses.done_of(purchase)


def standing_of(purchase: Purchase) -> Checkout | None:
    """How the purchase stands at Stripe; None when Stripe does not say."""
    if purchase.stripe_session_id is None:
        return None
    try:
        return gateway().checkout(purchase.stripe_session_id, account=_account_of(purchase.shop))
    except GatewayError:
        return None


def purchase_of(*, shop: Shop, session: Checkout) -> Purchase | None:
    """The purchase that a session of the shop's account was opened for, if it was opened here."""
    purchase = purchase_with(shop=shop, metadata=session.metadata)
    if purchase is None or purchase.stripe_session_id not in {None, session.stripe_id}:
        # A shop writes what it likes into its own sessions: the row says which session is this purchase's.
        return None
    return purchase


def purchase_with(*, shop: Shop, metadata: Mapping[str, str]) -> Purchase | None:
    """The purchase that is named by what a session, a payment or a charge of the shop's account carries."""
    try:
        pk = UUID(metadata.get(_ROW, ""))
    except ValueError:
        return None
    rows = Purchase.objects.select_related("shop__payer__account", "sale", "fee")
    return rows.filter(pk=pk, shop=shop).first()


def note_session(*, purchase: Purchase, session: Checkout) -> None:
    """Bring the purchase to at least the state of its session."""
    Purchase.objects.filter(pk=purchase.pk, stripe_session_id=None).update(
        stripe_session_id=session.stripe_id
    )
    state = _state_of(session)
    # What is paid stays paid, whatever an older look at the session says.
    Purchase.objects.filter(pk=purchase.pk).exclude(state=PurchaseState.PAID).update(state=state)
    purchase.refresh_from_db()


def note_failed(*, purchase: Purchase) -> None:
    """A payment that took days did not come."""
    Purchase.objects.filter(pk=purchase.pk, sale=None).update(state=PurchaseState.LAPSED)


def note_sale(*, purchase: Purchase, sale: Sale) -> None:
    """Join the order to the purchase that it came of."""
    Purchase.objects.filter(pk=purchase.pk, sale=None).update(sale=sale, state=PurchaseState.PAID)
    purchase.refresh_from_db()


def settle_fee(*, purchase: Purchase, at: datetime) -> None:
    """Book the fee that came with a paid purchase, and give back what its commissions do not ask for (any more).

    Safe to call at any time and as often as one likes. Raises the gateway's errors when Stripe did not say.
    """
    if purchase.sale is None or not purchase.fee_minor:
        return
    if purchase.fee is None and not _find_fee(purchase, at):
        return
    assert purchase.fee is not None  # noqa: S101 -- for the types: `_find_fee` has just set it
    give_back_fee(fee=purchase.fee, owed_minor=_owed_for(purchase.sale), at=at)


def _find_fee(purchase: Purchase, at: datetime) -> bool:
    """Read the fee of the purchase's charge; whether there is one by now."""
    account = _account_of(purchase.shop)
    stripe = gateway()
    session = stripe.checkout(purchase.stripe_session_id or "", account=account)
    payment = stripe.payment(session.payment, account=account) if session.payment else None
    if payment is None or payment.status != "succeeded" or payment.charge is None:
        return False
    charge = stripe.charge(payment.charge, account=account)
    if charge.application_fee is None:
        return False
    fee = record_fee(
        payer=purchase.shop.payer,
        stripe_fee_id=charge.application_fee,
        commissions_minor=purchase.commissions_minor,
        at=at,
    )
    Purchase.objects.filter(pk=purchase.pk).update(fee=fee)
    purchase.refresh_from_db()
    return purchase.fee is not None


def _owed_for(sale: Sale) -> int:
    """What the commissions of a sale come to now, after all that was taken back of them."""
    sums = Commission.objects.filter(share__attribution__sale=sale).aggregate(
        amount=Sum("amount_minor"), back=Sum("reversed_minor")
    )
    return int((sums["amount"] or 0) - (sums["back"] or 0))


def _terms_of(shop: Shop) -> SellingTerms | None:
    """How the shop sells here, if it does and its account can take payments."""
    terms: SellingTerms | None = getattr(shop, "selling_terms", None)
    account = shop.payer.account
    can_take = account is not None and account.status == AccountStatus.ACTIVE
    if terms is None or not terms.is_on or not can_take or shop.currency not in SETTLEMENT_CURRENCIES:
        return None
    return terms


def _price_of(product: Product, *, at: datetime) -> int | None:
    """What one costs, where that was checked lately and it can be had; None else."""
    offer: Offer | None = getattr(product, "offer", None)
    if offer is None or not offer.can_be_bought or offer.currency != product.shop.currency:
        return None
    if offer.checked_at < at - timedelta(days=settings.PRICE_KNOWN_DAYS):
        return None
    return offer.current_minor(at=at) or None


def _account_of(shop: Shop) -> str:
    return shop.payer.account.stripe_account_id if shop.payer.account else ""


def _known_click(click_id: UUID | None, shop: Shop) -> UUID | None:
    """The click if it is one, and to this shop; what somebody wrote into the address himself is not."""
    if click_id is None:
        return None
    found = Touch.objects.filter(pk=click_id, kind=TouchKind.CLICK, shop=shop).exists()
    return click_id if found else None


def _keep(quote: Quote, *, attempt: UUID, click_id: UUID | None, at: datetime) -> Purchase:
    """The row of this attempt: as it was kept before, or new. Another content under the number is another attempt."""
    content = f"{quote.product.pk} {quote.quantity} {quote.total_minor} {click_id}"
    attempt = uuid.uuid5(attempt, content)
    known = Purchase.objects.filter(attempt=attempt).select_related("shop__payer__account").first()
    if known is not None and known.state != PurchaseState.LAPSED:
        return known
    if known is not None:
        # Its page has expired; the same form again begins anew.
        attempt = uuid.uuid4()
    fresh = _row(quote, attempt=attempt, click_id=click_id, at=at)
    try:
        with transaction.atomic(durable=True):
            fresh.save(force_insert=True)
    except IntegrityError:
        # The form was sent twice at the same moment: the unique number let one in.
        return Purchase.objects.select_related("shop__payer__account").get(attempt=attempt)
    return fresh


def _row(quote: Quote, *, attempt: UUID, click_id: UUID | None, at: datetime) -> Purchase:
    shop, pk = quote.product.shop, uuid.uuid4()
    number = f"V-{base64.b32encode(pk.bytes[:6]).decode().rstrip('=')}"
    sale = Sale(
        shop=shop,
        external_id=number,
        placed_at=at,
        currency=quote.currency,
        click_id=click_id,
        click_text=str(click_id or ""),
    )
    line = SaleLine(
        line_id="1",
        product=quote.product,
        quantity=quote.quantity,
        gross_minor=quote.goods_minor,
        vat_minor=round_half_up(quote.goods_minor * quote.terms.vat_bps, BPS + quote.terms.vat_bps),
    )
    inputs, result = foresee(sale=sale, lines=[line])
    # Stripe takes no more than the payment.
    commissions = min(result.commission_minor, quote.total_minor)
    return Purchase(
        pk=pk,
        attempt=attempt,
        number=number,
        shop=shop,
        product=quote.product,
        title=quote.product.title,
        quantity=quote.quantity,
        unit_minor=quote.unit_minor,
        shipping_minor=quote.shipping_minor,
        vat_bps=quote.terms.vat_bps,
        currency=quote.currency,
        click_id=click_id,
        commissions_minor=commissions,
        platform_minor=min(
            share_of(commissions, shop.payer.platform_fee_bps), quote.total_minor - commissions
        ),
        inputs=inputs_as_json(inputs),
        created_at=at,
    )


def _page_of(purchase: Purchase, terms: SellingTerms, addresses: Addresses) -> Checkout:
    """Stripe's page for the purchase: the one that was opened before while it is open, else by the row's own key."""
    account = _account_of(purchase.shop)
    if purchase.stripe_session_id is not None:
        return gateway().checkout(purchase.stripe_session_id, account=account)
    try:
        session = gateway().create_checkout(
            account=account,
            lines=[_buyable(purchase)],
            currency=purchase.currency,
            success_url=addresses.done_of(purchase),
            cancel_url=addresses.back,
            client_reference=str(purchase.click_id) if purchase.click_id else None,
            fee_minor=purchase.fee_minor,
            metadata={_ROW: str(purchase.pk), "order_id": purchase.number, "language": get_language() or ""},
            key=f"purchase-{purchase.pk}",
            methods=settings.BUYING_METHODS,
            shipping=Shipping(_("Shipping"), purchase.shipping_minor, tuple(terms.countries)),
            takes_codes=True,
            locale=get_language() or "auto",
            # The same when it is asked again: the key stands for one request.
            expires_at=purchase.created_at + PAGE_LASTS,
        )
    except GatewayRefused:
        Purchase.objects.filter(pk=purchase.pk).update(state=PurchaseState.LAPSED)
        raise
    Purchase.objects.filter(pk=purchase.pk, stripe_session_id=None).update(
        stripe_session_id=session.stripe_id
    )
    return session


def _buyable(purchase: Purchase) -> Buyable:
    return Buyable(
        name=purchase.title,
        unit_minor=purchase.unit_minor,
        quantity=purchase.quantity,
        product={"product_id": purchase.product.external_id, "vat_bps": str(purchase.vat_bps)},
    )


def _state_of(session: Checkout) -> PurchaseState:
    if session.status == "expired":
        return PurchaseState.LAPSED
    if session.status != "complete":
        return PurchaseState.OPEN
    return PurchaseState.PROCESSING if session.payment_status == "unpaid" else PurchaseState.PAID
