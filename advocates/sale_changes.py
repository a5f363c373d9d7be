"""What a shop tells of an order after it was reported: that it was delivered, or cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from advocates.bodies import UnableToRecord
from advocates.models import Refund, Sale
from advocates.refunds import RefundReport, give_back, left_minor
from advocates.sales import FUTURE_TOLERANCE
from payouts.due_dates import DueDates, move_due_dates
from payouts.models import Commission

#: The number of the refund that a cancellation makes; no report of a shop can bear it.
CANCELLATION = "~cancelled"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """`refund` is what was left to give back; None where nothing was."""

    sale: Sale
    refund: Refund | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """`due_at` is when commissions of the order become due by it; None where the order earned nobody anything."""

    sale: Sale
    is_changed: bool
    due_at: datetime | None
    due_dates: DueDates


@transaction.atomic(durable=True)
def cancel_sale(
    *, sale: Sale, cancelled_at: datetime, at: datetime, source: str | None = None
) -> Cancellation:
    """Give back all that is left of an order, shipping included, and note that it was cancelled.

    The same again gives what is there. Raises UnableToRecord for a moment before the order or in the future, with
    `differences` where it was cancelled at another moment, and as `refunds.record_refund` for another `source`.
    """
    row = _locked(sale)
    if row.cancelled_at is not None:
        if row.cancelled_at != cancelled_at:
            was = row.cancelled_at.isoformat()
            raise UnableToRecord(
                _("Order %(number)s was cancelled before.") % {"number": row.external_id},
                differences=[("cancelled_at", _("It was %(before)s before.") % {"before": was})],
            )
        return Cancellation(row, row.refunds.filter(external_id=CANCELLATION).first(), is_new=False)
    _check_moment(row, cancelled_at, at, "cancelled_at", _("Cancelled before it was ordered?"))
    refund = None
    if left := left_minor(row):
        report = RefundReport(external_id=CANCELLATION, refunded_at=cancelled_at, amount_minor=left)
        refund, _is_new = give_back(sale=row, report=report, at=at, source=source)
    row.cancelled_at = cancelled_at
    row.save(update_fields=["cancelled_at"])
    return Cancellation(row, refund, is_new=True)


@transaction.atomic(durable=True)
def deliver_sale(*, sale: Sale, delivered_at: datetime, at: datetime) -> Delivery:
    """Note when an order was delivered, and let its commissions become due `hold_days` of their deal after that.

    That is never earlier than without a delivery date: nothing is delivered before it is ordered. What is due by now,
    paid or over stays as it is. The same again changes nothing; another moment corrects the first. Raises
    UnableToRecord for a moment before the order or in the future.
    """
    row = _locked(sale)
    _check_moment(row, delivered_at, at, "delivered_at", _("Delivered before it was ordered?"))
    is_changed = row.delivered_at != delivered_at
    if is_changed:
        row.delivered_at = delivered_at
        row.save(update_fields=["delivered_at"])
    commissions = list(Commission.objects.filter(share__attribution__sale=row))
    deal = row.attribution.deal
    if deal is None or not commissions:
        return Delivery(row, is_changed, None, DueDates(moved=0, same=0, kept=0))
    due_at = delivered_at + timedelta(days=deal.hold_days)
    return Delivery(row, is_changed, due_at, move_due_dates(commissions=commissions, due_at=due_at))


def _locked(sale: Sale) -> Sale:
    """The row as it now is; changes of one order wait for each other on it, as its refunds do."""
    row: Sale = (
        Sale.objects.select_for_update(no_key=True, of=["self"])
        .select_related("attribution__deal", "shop")
        .get(pk=sale.pk)
    )
    return row


def _check_moment(sale: Sale, moment: datetime, at: datetime, field: str, too_early: str) -> None:
    if moment < sale.placed_at:
        raise UnableToRecord(too_early, field=field)
    if moment > at + FUTURE_TOLERANCE:
        raise UnableToRecord(_("This is in the future. Is the time zone right?"), field=field)
