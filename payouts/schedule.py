"""When a shop's settlements begin: on set days of the month, by themselves or with the shop's approval."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from payouts.commissions import mature_commissions
from payouts.enums import PayBy
from payouts.models import Payer
from payouts.money import SETTLEMENT_CURRENCIES
from payouts.settlement import start_run

#: Payers whose day has come, in one round.
_AT_ONCE = 200


def next_settlement_date(*, after: date) -> date:
    """The first of SETTLEMENT_DAYS after this day."""
    days: list[int] = settings.SETTLEMENT_DAYS
    in_month = [day for day in days if day > after.day]
    if in_month:
        return after.replace(day=in_month[0])
    return (after.replace(day=1) + timedelta(days=32)).replace(day=days[0])


@transaction.atomic(durable=True)
def choose_settling(*, payer: Payer, is_automatic: bool, pays_by: PayBy, at: datetime) -> Payer:
    """Say whether settlements go on by themselves or wait for the shop, and how it pays them; `payer` is changed.

    What is under way stays as it was begun. An iDEAL payment needs a person each time, so it is chosen per settlement.
    """
    if pays_by == PayBy.IDEAL:
        raise ValueError("iDEAL is chosen for one settlement at a time.")
    payer.is_automatic, payer.pays_by = is_automatic, pays_by
    if payer.next_run_date is None:
        payer.next_run_date = next_settlement_date(after=timezone.localdate(at))
    payer.save(update_fields=["is_automatic", "pays_by", "next_run_date"])
    return payer


def start_scheduled_runs(*, at: datetime) -> int:
    """Begin the settlements whose day has come; how many stand now.

    A payer that has no day yet gets the next one. Killed in between, the next round goes on: a payer has one run at a
    time, and its day moves on only when that was begun.
    """
    today = timezone.localdate(at)
    following = next_settlement_date(after=today)
    Payer.objects.filter(next_run_date__isnull=True).update(next_run_date=following)
    due = Payer.objects.filter(next_run_date__lte=today).order_by("next_run_date", "pk")
    started = 0
    for payer in due[:_AT_ONCE]:
        mature_commissions(at=at, payer=payer)
        for currency in SETTLEMENT_CURRENCIES:
            run = start_run(
                payer=payer, currency=currency, by=None, needs_approval=not payer.is_automatic, at=at
            )
            started += run is not None
        Payer.objects.filter(pk=payer.pk, next_run_date=payer.next_run_date).update(next_run_date=following)
    return started
