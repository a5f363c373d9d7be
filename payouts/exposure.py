"""Direct debits that can still come back: how much of a shop's may be paid on to advocates.

A SEPA debit can be claimed back for eight weeks without a reason. What was paid on of it by then is the platform's risk
until the shop has paid again, so it is limited for each shop. Above the limit a settlement is asked for in another way,
or waits until the oldest debits are certain. A debit that was never authorised can come back for thirteen months: that
risk is left, and lands on the shop's receivable like the other.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from payouts.decisions import note_decision
from payouts.enums import CollectionState, DecisionKind
from payouts.models import Collection, Payer
from payouts.money import format_minor

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

DEBIT = "sepa_debit"
#: How long a SEPA debit can be claimed back without a reason (SEPA Core rulebook: eight weeks).
CERTAIN_AFTER = timedelta(weeks=8)


class UnableToLimit(Exception):
    """The limit is no amount."""


def limit_of(*, payer: Payer, currency: str) -> int:
    """How much of this payer's uncertain debits may be paid on, in minor units."""
    default: int = settings.SEPA_EXPOSURE_MINOR[currency]
    return default if payer.sepa_limit_minor is None else payer.sepa_limit_minor


def exposure_of(*, payer: Payer, currency: str, at: datetime, besides: Collection | None = None) -> int:
    """What was paid on of debits that can still come back, in minor units; `besides` is left out."""
    return sum(row.total_minor for row in _uncertain(payer, currency, at) if row != besides)


def is_over_limit(*, collection: Collection, at: datetime) -> bool:
    """Whether this collection, paid by direct debit and paid on, would take its payer over the limit."""
    payer, currency = collection.payer, collection.currency
    if collection.succeeded_at is not None and collection.succeeded_at <= at - CERTAIN_AFTER:
        return False
    uncertain = exposure_of(payer=payer, currency=currency, at=at, besides=collection)
    return uncertain + collection.total_minor > limit_of(payer=payer, currency=currency)


def room_at(*, collection: Collection, at: datetime) -> datetime | None:
    """When older debits will have become certain enough for this one; None when it is above the limit by itself."""
    payer, currency = collection.payer, collection.currency
    limit = limit_of(payer=payer, currency=currency)
    if collection.total_minor > limit:
        return None if collection.succeeded_at is None else collection.succeeded_at + CERTAIN_AFTER
    room = at
    others = [row for row in _uncertain(payer, currency, at) if row != collection]
    uncertain = sum(row.total_minor for row in others)
    for row in others:
        if uncertain + collection.total_minor <= limit:
            break
        uncertain -= row.total_minor
        room = (row.succeeded_at or at) + CERTAIN_AFTER
    return room


def why_over_limit(*, collection: Collection, at: datetime) -> str:
    """Why this waits, and what can be done, in words for the shop."""
    payer, currency = collection.payer, collection.currency
    room = room_at(collection=collection, at=at)
    amounts = {
        "limit": format_minor(limit_of(payer=payer, currency=currency), currency),
        "uncertain": format_minor(
            exposure_of(payer=payer, currency=currency, at=at, besides=collection), currency
        ),
    }
    if room is None:
        return (
            _(
                "This is more than the %(limit)s that we pay on of direct debits at once. Pay it by iDEAL or bank "
                "transfer."
            )
            % amounts
        )
    day = date_format(timezone.localtime(room), "DATE_FORMAT")
    return _(
        "Of your direct debits, %(uncertain)s can still come back, and we pay on %(limit)s of them at most. There is "
        "room again on %(day)s; paid by iDEAL or bank transfer it goes on at once."
    ) % {**amounts, "day": day}


@transaction.atomic(durable=True)
def set_limit(
    *, payer: Payer, limit_minor: int | None, reason: str, by: "AbstractBaseUser", at: datetime
) -> Payer:
    """Set a payer's own limit, or the site's again (None); `payer` is changed and returned. Raises UnableToLimit."""
    if limit_minor is not None and not 0 <= limit_minor < 10**12:
        raise UnableToLimit(_("Give an amount of zero or more."))
    payer.sepa_limit_minor = limit_minor
    payer.save(update_fields=["sepa_limit_minor"])
    note_decision(kind=DecisionKind.LIMIT, payer=payer, reason=reason, by=by, at=at)
    return payer


def _uncertain(payer: Payer, currency: str, at: datetime) -> list[Collection]:
    """Debits that were paid on and can still come back, the oldest first."""
    return list(
        Collection.objects.filter(
            payer=payer,
            currency=currency,
            paid_by=DEBIT,
            state__in=[CollectionState.SUCCEEDED, CollectionState.AVAILABLE],
            run__funded_at__isnull=False,
            succeeded_at__gt=at - CERTAIN_AFTER,
        ).order_by("succeeded_at", "pk")
    )
