"""Orders and refunds that Stripe tells of a shop's own connected account.

An event only says where to look: the session, the charge and its refunds are read again, and what they say is
reported through the same verbs as the shop API's. So duplicates change nothing, and the order of events does not
matter: a refund whose order is not here yet waits for it. docs/shop-api.md says what a shop writes into its sessions.
Not yet run against Stripe itself.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from advocates.bodies import UnableToRecord
from advocates.enums import ReportProblem, SaleSource
from advocates.models import Purchase, Refund, Sale, Shop
from advocates.purchases import (
    note_failed,
    note_sale,
    note_session,
    purchase_of,
    purchase_with,
    settle_fee,
)
from advocates.refunds import RefundReport, left_minor, record_refund
from advocates.refused_reports import refuse_report
from advocates.sales import SaleLineReport, SaleReport, record_sale
from advocates.shops import owners_of
from advocates.stripe_invoices import (
    LONGEST_CODE,
    LONGEST_PRODUCT,
    LONGEST_TITLE,
    invoice_report,
    number_of,
    order_of_invoice,
    vat_inside,
)
from payouts.enums import CommissionState
from payouts.gateway import gateway
from payouts.holds import UnableToHold, hold_commission, release_commission
from payouts.inbox import EventOutcome
from payouts.invoice_rows import CreditNote
from payouts.models import Commission, CommissionHold, StripeEvent
from payouts.querysets import CommissionQuerySet
from payouts.stripe_rows import Checkout, Dispute, Line

log = logging.getLogger(__name__)

#: Where a dispute ends; "warning_closed" and "prevented" never took money.
_DISPUTE_OVER = frozenset({"won", "lost", "warning_closed", "prevented"})
#: By then a bank has decided: card schemes give up to four months.
_DISPUTES_LAST = timedelta(days=120)


def checkout_completed(event: StripeEvent, at: datetime) -> EventOutcome:
    """`checkout.session.completed` and `.async_payment_succeeded`: an order, once it is paid."""
    shop = shop_of(event)
    if shop is None:
        return EventOutcome.IGNORED
    session = gateway().checkout(event.object_id, account=event.stripe_account_id)
    purchase = purchase_of(shop=shop, session=session)
    if purchase is not None:
        note_session(purchase=purchase, session=session)
    if session.mode != "payment" or session.payment_status == "unpaid":
        return EventOutcome.IGNORED
    source = SaleSource.HERE if purchase is not None else SaleSource.STRIPE
    sale = _take_in(shop, session.stripe_id, sale_report(session), at, source=source)
    if sale is None:
        return EventOutcome.IGNORED
    if purchase is not None:
        note_sale(purchase=purchase, sale=sale)
        settle_fee(purchase=purchase, at=at)
    return EventOutcome.DONE


def invoice_paid(event: StripeEvent, at: datetime) -> EventOutcome:
    """`invoice.paid`: an order, unless a Checkout page's payment is, or an earlier invoice of the subscription."""
    shop = shop_of(event)
    account = event.stripe_account_id
    order = order_of_invoice(event.object_id, account=account) if shop else None
    if shop is None or order is None:
        return EventOutcome.IGNORED
    sale = _take_in(shop, event.object_id, invoice_report(order), at)
    if sale is None:
        return EventOutcome.IGNORED
    # What was taken off before it was paid: its lines still say the whole.
    for note in gateway().credit_notes_of(event.object_id, account=account):
        _take_off(sale, note, at)
    return EventOutcome.DONE


def _take_in(
    shop: Shop, stripe_id: str, report: SaleReport, at: datetime, *, source: SaleSource = SaleSource.STRIPE
) -> Sale | None:
    """The order, or None where it is refused: told by another source before, or in a currency we do not settle."""
    try:
        sale, _is_new = record_sale(shop=shop, source=source, report=report, at=at)
    except UnableToRecord as error:
        log.warning("order %s of %s at Stripe is not taken in: %s", stripe_id, shop, error)
        if error.problem != ReportProblem.DUPLICATE:
            refuse(shop, stripe_id, error, at)
        return None
    return sale


def credit_note_issued(event: StripeEvent, at: datetime) -> EventOutcome:
    """`credit_note.created`: what was taken off an invoice without a refund; refunds are told by themselves."""
    shop = shop_of(event)
    if shop is None:
        return EventOutcome.IGNORED
    account = event.stripe_account_id
    note = gateway().credit_note(event.object_id, account=account)
    order = order_of_invoice(note.invoice, account=account)
    if order is None:
        # Not paid yet: the invoice's own event looks for its notes.
        return EventOutcome.IGNORED
    sale = Sale.objects.of_shop(shop).filter(external_id=invoice_report(order).external_id).first()
    if sale is None:
        return EventOutcome.WAITING
    if sale.source != SaleSource.STRIPE:
        return EventOutcome.IGNORED
    _take_off(sale, note, at)
    return EventOutcome.DONE


def _take_off(sale: Sale, note: CreditNote, at: datetime) -> None:
    """Take back what a credit note took off and no refund gave back."""
    if note.status != "issued" or Refund.objects.filter(sale=sale, external_id=note.stripe_id).exists():
        return
    amount = min(note.amount_minor - note.refunded_minor, left_minor(sale))
    if amount > 0:
        issued_at = max(note.created_at, sale.placed_at)
        report = RefundReport(external_id=note.stripe_id, refunded_at=issued_at, amount_minor=amount)
        _give_back(sale, report, at)


def checkout_ended(event: StripeEvent, at: datetime) -> EventOutcome:  # noqa: ARG001 -- as every handler
    """`checkout.session.expired` and `.async_payment_failed`: what somebody set out to buy here was not paid."""
    shop = shop_of(event)
    if shop is None:
        return EventOutcome.IGNORED
    session = gateway().checkout(event.object_id, account=event.stripe_account_id)
    purchase = purchase_of(shop=shop, session=session)
    if purchase is None:
        return EventOutcome.IGNORED
    if session.status == "expired":
        note_session(purchase=purchase, session=session)
    else:
        note_failed(purchase=purchase)
    return EventOutcome.DONE


def fee_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """`application_fee.created` and `.refunded`, of our own account: the fee of something that was bought here."""
    account, charge_id = gateway().charge_of_fee(event.object_id)
    shop = _shop_with(account)
    if shop is None:
        return EventOutcome.IGNORED
    charge = gateway().charge(charge_id, account=account)
    purchase = purchase_with(shop=shop, metadata=charge.metadata)
    if purchase is None:
        return EventOutcome.IGNORED
    if purchase.sale is None:
        # The money is there before the order is: the order's own event brings both.
        return EventOutcome.WAITING
    settle_fee(purchase=purchase, at=at)
    return EventOutcome.DONE


def charge_refunded(event: StripeEvent, at: datetime) -> EventOutcome:
    """`charge.refunded`, `refund.created`, `refund.updated`: every refund of that charge that succeeded."""
    shop = shop_of(event)
    if shop is None:
        return EventOutcome.IGNORED
    charge_id = _charge_id(event)
    charge = gateway().charge(charge_id, account=event.stripe_account_id) if charge_id else None
    found = _sale_of(event, shop, charge.payment if charge else None)
    if not isinstance(found, Sale):
        return found
    for refund in gateway().refunds_of(charge_id, account=event.stripe_account_id):
        if refund.status == "succeeded":
            report = RefundReport(
                external_id=refund.stripe_id, refunded_at=refund.created_at, amount_minor=refund.amount_minor
            )
            _give_back(found, report, at)
    _settle_fee_of(found, at)
    return EventOutcome.DONE


def dispute_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """`charge.dispute.*`: open, what the order earned is held back; won, it goes on; lost, it is given back.

    The dispute is read again and says where it stands, so the events may come in any order, and twice.
    """
    shop = shop_of(event)
    if shop is None:
        return EventOutcome.IGNORED
    dispute = gateway().dispute(event.object_id, account=event.stripe_account_id)
    found = _sale_of(event, shop, dispute.payment)
    if not isinstance(found, Sale):
        return found
    if dispute.status not in _DISPUTE_OVER:
        _hold(found, dispute, at)
        return EventOutcome.DONE
    if dispute.status == "lost":
        _give_back_disputed(found, dispute, event.created_at, at)
    _release(found, dispute, at)
    _settle_fee_of(found, at)
    return EventOutcome.DONE


def _settle_fee_of(sale: Sale, at: datetime) -> None:
    """Give back what the fee of something bought here is too much by now."""
    purchase = (
        Purchase.objects.filter(sale=sale).select_related("shop__payer__account", "sale", "fee").first()
    )
    if purchase is not None:
        settle_fee(purchase=purchase, at=at)


def _give_back_disputed(sale: Sale, dispute: Dispute, lost_at: datetime, at: datetime) -> None:
    """What the bank took back, as far as no refund gave it back before."""
    if Refund.objects.filter(sale=sale, external_id=dispute.stripe_id).exists():
        return
    amount = min(dispute.amount_minor, left_minor(sale))
    if amount:
        report = RefundReport(external_id=dispute.stripe_id, refunded_at=lost_at, amount_minor=amount)
        _give_back(sale, report, at)


def _hold(sale: Sale, dispute: Dispute, at: datetime) -> None:
    """Hold back what the order earned; what is on its way or paid stays: a lost dispute is carried from there."""
    owner = owners_of(sale.shop).first()
    if owner is None:
        return
    reason = _("The buyer disputes the payment at the bank (%(number)s).") % {"number": dispute.stripe_id}
    key = _hold_key(dispute)
    # Held for something else already, it is held for this as well: neither ends with the other.
    held = [CommissionState.PENDING, CommissionState.DUE, CommissionState.ON_HOLD]
    for commission in _commissions_of(sale).filter(state__in=held).exclude(holds__key=key):
        with suppress(UnableToHold):  # paid, or taken back, a moment ago
            hold_commission(
                commission=commission, reason=reason, until=at + _DISPUTES_LAST, by=owner.user, at=at, key=key
            )


def _release(sale: Sale, dispute: Dispute, at: datetime) -> None:
    """End the holds of this dispute; one for another reason stays."""
    key = _hold_key(dispute)
    held = CommissionHold.objects.filter(
        commission__in=_commissions_of(sale).order_by(), key=key, released_at__isnull=True
    )
    for hold in held.select_related("commission", "held_by").order_by("commission"):
        with suppress(UnableToHold):  # released by somebody a moment ago
            release_commission(commission=hold.commission, by=hold.held_by, at=at, key=key)


def _hold_key(dispute: Dispute) -> str:
    return f"dispute:{dispute.stripe_id}"


def _commissions_of(sale: Sale) -> CommissionQuerySet:
    commissions: CommissionQuerySet = Commission.objects.filter(share__attribution__sale=sale).order_by("pk")
    return commissions


def sale_report(session: Checkout) -> SaleReport:
    """A paid session as the report of an order; its number is `metadata.order_id`, else the session's id."""
    metadata = session.metadata
    return SaleReport(
        external_id=number_of(metadata.get("order_id", ""), session.stripe_id),
        placed_at=session.created_at,
        currency=session.currency,
        click_id=session.client_reference or metadata.get("vp_click", ""),
        code=(session.promotion_code or metadata.get("code", ""))[:LONGEST_CODE],
        customer_email=session.email or "",
        customer_language=metadata.get("language", ""),
        shipping_minor=session.shipping_minor,
        lines=tuple(_line_report(number, line) for number, line in enumerate(session.lines, 1)),
    )


def _line_report(number: int, line: Line) -> SaleLineReport:
    """Stripe's total of a line is what was paid; before discount it was that much more."""
    return SaleLineReport(
        line_id=str(number),
        product_id=line.product.get("product_id", "")[:LONGEST_PRODUCT],
        title=line.description[:LONGEST_TITLE],
        quantity=line.quantity,
        gross_minor=line.amount_minor + line.discount_minor,
        discount_minor=line.discount_minor,
        vat_minor=vat_inside(line.amount_minor, line.tax_minor, line.product.get("vat_bps", "")),
    )


def shop_of(event: StripeEvent) -> Shop | None:
    """The shop whose connected account this is; None for our own account and for others'."""
    return _shop_with(event.stripe_account_id) if event.stripe_account_id else None


def _shop_with(account: str) -> Shop | None:
    shops = Shop.objects.filter(payer__account__stripe_account_id=account)
    return shops.select_related("payer__account").first()


def _charge_id(event: StripeEvent) -> str:
    if event.type.startswith("charge."):
        return event.object_id
    # An id never changes, so the payload's is as good as the object's.
    return str(event.payload["data"]["object"].get("charge") or "")


def _sale_of(event: StripeEvent, shop: Shop, payment: str | None) -> Sale | EventOutcome:
    """The order that a payment was for, or what to answer: not ours, or not here yet."""
    account = event.stripe_account_id
    number = _order_paid_with(payment, account) if payment else None
    if number is None:
        return EventOutcome.IGNORED
    sale = Sale.objects.of_shop(shop).filter(external_id=number).first()
    if sale is None:
        return EventOutcome.WAITING
    # An order that the shop reported itself has its refunds reported by the shop as well: never take back twice.
    return sale if sale.source in {SaleSource.STRIPE, SaleSource.HERE} else EventOutcome.IGNORED


def _order_paid_with(payment: str, account: str) -> str | None:
    """The number of the order that a payment was for: of its Checkout session, or of its invoice."""
    stripe = gateway()
    session_id = stripe.checkout_of(payment, account=account)
    if session_id is not None:
        return sale_report(stripe.checkout(session_id, account=account)).external_id
    invoice_id = stripe.invoice_of(payment, account=account)
    order = order_of_invoice(invoice_id, account=account) if invoice_id else None
    return invoice_report(order).external_id if order else None


def _give_back(sale: Sale, report: RefundReport, at: datetime) -> None:
    try:
        record_refund(sale=sale, report=report, at=at)
    except UnableToRecord as error:
        log.warning("refund %s of order %s at Stripe is not taken in: %s", report.external_id, sale, error)
        refuse(sale.shop, report.external_id, error, at, sale=sale)


def refuse(
    shop: Shop, external_id: str, error: UnableToRecord, at: datetime, *, sale: Sale | None = None
) -> None:
    refuse_report(
        shop=shop,
        source=SaleSource.STRIPE,
        external_id=external_id,
        problem=error.problem,
        explanation=str(error),
        body={"stripe_id": external_id},
        sale=sale,
        at=at,
    )
