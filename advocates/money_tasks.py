"""Letters about money that waits, left to a worker: to a shop's owners, and to advocates.

Who is told what is claimed in the transaction that asks for the letter, so a letter is asked for once.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import translation

from advocates.letters import address_for, letter
from advocates.models import Shop
from advocates.shops import owners_of
from payouts.bank_payouts import why_it_failed
from payouts.dunning import claim_reminder, due_reminders, dunning_of, note_waiting, waiting_at
from payouts.enums import PayoutState
from payouts.models import BankPayoutFailure, Payee, Payout, SettlementRun
from payouts.reserves import due_minor

#: Letters that are asked for in one round.
_AT_ONCE = 200


@task
def remind_owners(run_id: int) -> None:
    """Tell a shop's owners what of this settlement waits for them, until when, and what follows then."""
    run = SettlementRun.objects.select_related("payer", "collection").get(pk=run_id)
    dunning = dunning_of(run)
    shop = Shop.objects.filter(payer=run.payer_id).first()
    if dunning is None or shop is None:
        return
    collection = getattr(run, "collection", None)
    amount = collection.total_minor if collection else due_minor(payer=run.payer, currency=run.currency)
    for owner in owners_of(shop):
        reader = owner.user
        context = {
            "shop": shop,
            "run": run,
            "collection": collection,
            "amount_minor": amount,
            "dunning": dunning,
            "is_last": dunning.next_at is None,
            "reader": reader,
            "url": address_for(reader, "advocates:desk_run", shop.slug, run.pk),
        }
        letter(name="payment_due", to=reader.email, language=reader.language, context=context).send()


@task
def tell_behind(payer_id: int, payee_id: int) -> None:
    """Tell an advocate that a shop is behind with paying her, and what of hers waits."""
    shop = Shop.objects.select_related("payer").filter(payer=payer_id).first()
    payee = Payee.objects.select_related("user").get(pk=payee_id)
    if shop is None or shop.payer.behind_since is None:
        return
    waiting = waiting_at(payer=shop.payer, payee=payee)
    if not waiting:
        return
    reader = payee.user
    context = {
        "shop": shop,
        "waiting": waiting,
        "since": shop.payer.behind_since,
        "reader": reader,
        "url": address_for(reader, "payouts:payout_setup"),
    }
    letter(name="shop_behind", to=reader.email, language=reader.language, context=context).send()


@task
def tell_parked(payee_id: int, payout_ids: list[int]) -> None:
    """Tell an advocate which of her payouts wait, why, and what to do."""
    parked = list(
        Payout.objects.filter(pk__in=payout_ids, payee=payee_id, state=PayoutState.PARKED)
        .select_related("run__payer", "payee__user")
        .order_by("pk")
    )
    if not parked:
        return
    reader = parked[0].payee.user
    url = address_for(reader, "payouts:payout_setup")
    context = {"payouts": parked, "reader": reader, "url": url}
    letter(name="payout_waits", to=reader.email, language=reader.language, context=context).send()


@task
def tell_refused(failure_id: int) -> None:
    """Tell an advocate that her bank did not take what Stripe paid out to it, and what to do."""
    failure = BankPayoutFailure.objects.select_related("account__payee__user").get(pk=failure_id)
    if failure.is_over:
        return
    reader = failure.account.payee.user
    with translation.override(reader.language):
        why = why_it_failed(failure)
    url = address_for(reader, "payouts:payout_setup")
    context = {"failure": failure, "why": why, "reader": reader, "url": url}
    letter(name="bank_refused", to=reader.email, language=reader.language, context=context).send()


def ask_to_write(*, at: datetime) -> int:
    """Bring up to date which settlements wait for their shop, and ask for the letters that are due; how many."""
    note_waiting(at=at)
    return _remind(at) + _tell_parked(at) + _tell_refused(at)


def _remind(at: datetime) -> int:
    asked = 0
    for run_id, sent, number in due_reminders(at=at):
        with transaction.atomic(durable=True):
            if not claim_reminder(run_id=run_id, sent=sent, number=number):
                continue
            remind_owners.enqueue(run_id)
            asked += 1
            if number == len(settings.DUNNING_DAYS):
                run = SettlementRun.objects.get(pk=run_id)
                asked += _tell_behind(run, at)
    return asked


def _tell_behind(run: SettlementRun, at: datetime) -> int:
    """The last reminder: the shop is behind from now on, and each advocate of whom money waits is told."""
    note_waiting(at=at)
    payees = (
        Payee.objects.filter(commissions__payer=run.payer_id, commissions__state__in=["due", "in_payout"])
        .order_by("pk")
        .distinct()
    )
    told = list(payees.values_list("pk", flat=True))
    for payee_id in told:
        tell_behind.enqueue(run.payer_id, payee_id)
    return len(told)


@transaction.atomic(durable=True)
def _tell_parked(at: datetime) -> int:
    """One letter to each payee of whom payouts are parked and who was not told."""
    untold = Payout.objects.select_for_update(skip_locked=True).filter(
        state=PayoutState.PARKED, told_at__isnull=True
    )
    found: dict[int, list[int]] = {}
    for pk, payee_id in untold.order_by("pk").values_list("pk", "payee")[:_AT_ONCE]:
        found.setdefault(payee_id, []).append(pk)
    for payee_id, payout_ids in found.items():
        Payout.objects.filter(pk__in=payout_ids).update(told_at=at)
        tell_parked.enqueue(payee_id, payout_ids)
    return len(found)


@transaction.atomic(durable=True)
def _tell_refused(at: datetime) -> int:
    untold = BankPayoutFailure.objects.select_for_update(skip_locked=True).filter(told_at__isnull=True)
    mine = untold.filter(account__payee__isnull=False, is_over=False)
    found = list(mine.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    BankPayoutFailure.objects.filter(pk__in=found).update(told_at=at)
    for failure_id in found:
        tell_refused.enqueue(failure_id)
    return len(found)
