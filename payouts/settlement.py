"""Settling what one shop owes in one currency: set apart, collect, wait for the money, send.

A run goes draft → frozen → awaiting_funds → funded → sending → settled (or partially settled). Each step is one
committed transaction that first looks whether it is still to be done, so a run that was killed anywhere goes on
when it is advanced again, and two processes that advance it do each step once. It can be cancelled until the shop
has paid. A run with a stop reason waits for a person (`resume_run`).
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from payouts.books import check_books
from payouts.decisions import note_decision
from payouts.enums import AccountKind, CollectionState, DecisionKind, PayoutState, RunState, TransactionKind
from payouts.exposure import DEBIT, is_over_limit, why_over_limit
from payouts.fees import paid_ahead
from payouts.funding import UnableToCollect, cancel_payment, collect
from payouts.gateway import GatewayBusy, GatewayUnknown
from payouts.ledger import account, lock_books, post
from payouts.models import Collection, LedgerTransaction, Payer, SettlementRun
from payouts.money import format_minor, share_of
from payouts.reserves import release_payouts, reserve_payouts, shares_due
from payouts.sending import Outcome, send_payouts, stop_run
from payouts.statements import issue_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

UNFUNDED = (RunState.DRAFT, RunState.FROZEN, RunState.AWAITING_FUNDS)
OVER = (RunState.SETTLED, RunState.PARTIALLY_SETTLED, RunState.CANCELLED)
_PAID_FOR = (RunState.FUNDED, RunState.SENDING, RunState.SETTLED, RunState.PARTIALLY_SETTLED)
#: States in which a payment that is asked for once more goes on.
_WAITING = (CollectionState.REQUIRES_ACTION, CollectionState.PROCESSING, CollectionState.SUCCEEDED)
_ASKED_AGAIN = (CollectionState.CREATED, *_WAITING)
#: How often the tick looks at a payment that waits for the shop or its bank; Stripe tells of it as well.
LOOKS_AGAIN_AFTER = timedelta(minutes=5)


class UnableToCancel(Exception):
    """The run can no longer be cancelled."""


class UnableToApprove(Exception):
    """The run does not wait for approval."""


@dataclass(frozen=True)
class Step:
    """One step of a run, told in one line; `has_moved` says that the next one may be taken, `has_more` that this one
    was cut off by the caller's patience and may be taken again at once.
    """

    text: str
    has_moved: bool
    has_more: bool = False


def start_run(
    *,
    payer: Payer,
    currency: str,
    by: AbstractBaseUser | None,
    needs_approval: bool = False,
    at: datetime,
) -> SettlementRun | None:
    """The payer's run that has not been paid for yet, or a new one; None when nothing due reaches the minimum.

    One that needs approval waits for `approve_run` before anything is set apart or collected. A payer has one such run
    per currency (a unique index sees to it), however many ask at once.
    """
    unfunded = SettlementRun.objects.filter(payer=payer, currency=currency, state__in=UNFUNDED)
    if run := unfunded.first():
        return run
    if not shares_due(payer=payer, currency=currency):
        return None
    try:
        with transaction.atomic():
            return SettlementRun.objects.create(
                payer=payer,
                currency=currency,
                transfer_group=f"run-{uuid4().hex}",
                started_by_id=by.pk if by else None,
                needs_approval=needs_approval,
                created_at=at,
            )
    except IntegrityError:
        return unfunded.first()


def approve_run(*, run: SettlementRun, by: AbstractBaseUser, at: datetime) -> SettlementRun:
    """Let a run begin that waits for the shop's word. `run` is read again. Raises UnableToApprove when none does."""
    with transaction.atomic(durable=True):
        row = _lock(run)
        if not row.needs_approval or row.state != RunState.DRAFT:
            raise UnableToApprove(_("This settlement does not wait for approval."))
        row.needs_approval = False
        row.save(update_fields=["needs_approval"])
        note_decision(kind=DecisionKind.APPROVED, payer=row.payer, run=row, by=by, at=at)
    run.refresh_from_db()
    return run


def runs_under_way(*, at: datetime) -> QuerySet[SettlementRun]:
    """Runs of which a step may be taken at `at`, also those whose shop pays a second time, the oldest first.

    A payment that waits for the shop or its bank is looked at now and then only.
    """
    again = Collection.objects.filter(state__in=_ASKED_AGAIN, run__state__in=_PAID_FOR).values_list("run")
    # As ids: each of the two is read from its own index, and the runs that are over are never gone through.
    wanted = {pk for (pk,) in again} | set(
        SettlementRun.objects.exclude(state__in=OVER).values_list("pk", flat=True)
    )
    waits = Q(collection__state__in=_WAITING, collection__looked_at__gt=at - LOOKS_AGAIN_AFTER)
    return SettlementRun.objects.filter(pk__in=wanted).exclude(waits).order_by("pk")


def advance_run(*, run: SettlementRun, at: datetime, patience: timedelta | None = None) -> list[Step]:
    """Take every step that can be taken now; what was done, and last what the run waits for.

    Safe to call at any time and from any number of processes. Sending goes on for `patience` at most (to the end
    without one). `run` is read again.
    """
    steps = [_advance(run, at, patience)]
    while steps[-1].has_moved:
        log.info("%s", steps[-1].text, extra={"run": run.pk})
        steps.append(_advance(run, at, patience))
    return steps


def cancel_run(
    *, run: SettlementRun, by: AbstractBaseUser | None = None, reason: str = "", at: datetime
) -> SettlementRun:
    """Give up a run that the shop has not paid: its commissions are due again, its reserves are free.

    Raises UnableToCancel when the shop's payment is under way or done, and GatewayUnknown or GatewayBusy when
    Stripe did not say; then the call may be repeated.
    """
    collection = Collection.objects.select_related("run", "payer").filter(run=run).first()
    if collection is not None:
        try:
            cancel_payment(collection=collection, at=at)
        except UnableToCollect as error:
            raise UnableToCancel(str(error)) from error
    with transaction.atomic(durable=True):
        row = _lock(run)
        if row.state not in UNFUNDED:
            raise UnableToCancel(_("This run has been paid for, so it cannot be cancelled."))
        release_payouts(
            run=row,
            payouts=row.payouts.exclude(state=PayoutState.VOID).select_related("run__payer"),
            at=at,
        )
        _give_back_paid_ahead(row, at)
        row.state = RunState.CANCELLED
        row.save(update_fields=["state"])
        note_decision(kind=DecisionKind.CANCELLED, payer=row.payer, run=row, reason=reason, by=by, at=at)
    run.refresh_from_db()
    return run


@transaction.atomic(durable=True)
def resume_run(
    *, run: SettlementRun, by: AbstractBaseUser | None = None, reason: str = "", at: datetime
) -> SettlementRun:
    """Let a stopped run go on, a person having looked into its reason."""
    row = _lock(run)
    if row.stop_reason:
        row.stop_reason = ""
        row.save(update_fields=["stop_reason"])
        note_decision(kind=DecisionKind.RESUMED, payer=row.payer, run=row, reason=reason, by=by, at=at)
    run.refresh_from_db()
    return run


def _advance(run: SettlementRun, at: datetime, patience: timedelta | None = None) -> Step:
    """Take the next step, if it can be taken."""
    run.refresh_from_db()
    try:
        if waits := _what_it_waits_for(run, at):
            return waits
        return _STEPS[run.state](run, at, patience)
    except (GatewayUnknown, GatewayBusy) as error:
        return _wait(_("Stripe cannot say now, so this waits: %(error)s") % {"error": error})


def _what_it_waits_for(run: SettlementRun, at: datetime) -> Step | None:
    """What keeps the run from its next step before that is tried; None when nothing does."""
    if run.stop_reason:
        return _wait(_("stopped: %(reason)s") % {"reason": run.stop_reason})
    if run.state == RunState.DRAFT and run.needs_approval:
        return _wait(_("waits for the shop's approval"))
    if run.state in _PAID_FOR and (waits := _collect_again(run, at)):
        return waits
    if run.state in OVER:
        return _wait(_("over: %(state)s") % {"state": run.get_state_display()})
    return _stop_when_unbalanced(run) if run.state in {RunState.DRAFT, RunState.FUNDED} else None


def _wait(text: str) -> Step:
    return Step(text, has_moved=False)


def _lock(run: SettlementRun) -> SettlementRun:
    """Take the lock of the payer's books, then the run's row; inside a transaction."""
    lock_books([run.payer_id])
    return SettlementRun.objects.select_for_update(of=["self"]).select_related("payer").get(pk=run.pk)


def _stop_when_unbalanced(run: SettlementRun) -> Step | None:
    """Unbalanced books are never settled."""
    if not (problems := check_books()):
        return None
    stop_run(run=run, reason=problems[0])
    return _wait(_("stopped, the books do not balance: %(problem)s") % {"problem": problems[0]})


@transaction.atomic(durable=True)
def _freeze(run: SettlementRun, at: datetime, _patience: timedelta | None) -> Step:
    """Set the payouts apart, or cancel the run when nothing is left to pay."""
    row = _lock(run)
    if row.state != RunState.DRAFT:
        return Step(_("already frozen"), has_moved=True)
    payouts = reserve_payouts(run=row, at=at)
    row.state = RunState.FROZEN if payouts else RunState.CANCELLED
    row.frozen_at = at
    row.save(update_fields=["state", "frozen_at"])
    if not payouts:
        return Step(_("cancelled: nothing due reaches the minimum"), has_moved=True)
    total = sum(payout.amount_minor for payout in payouts)
    return Step(
        _("frozen: %(count)d payouts, %(total)s")
        % {"count": len(payouts), "total": format_minor(total, row.currency)},
        has_moved=True,
    )


@transaction.atomic(durable=True)
def _ask(run: SettlementRun, at: datetime, _patience: timedelta | None) -> Step:
    """Write what the shop must pay, less what it has paid ahead; nothing when that is all of it."""
    row = _lock(run)
    if row.state != RunState.FROZEN:
        return Step(_("already asked for"), has_moved=True)
    payouts = list(row.payouts.exclude(state=PayoutState.VOID))
    total = sum(payout.amount_minor for payout in payouts)
    net = sum(payout.net_minor for payout in payouts)
    receivable = account(AccountKind.SHOP_RECEIVABLE, row.currency, payer=row.payer)
    prepaid = account(AccountKind.SHOP_PREPAID, row.currency, payer=row.payer)
    ahead = min(paid_ahead(payer=row.payer, currency=row.currency), total)
    if ahead:
        post(
            key=f"run:{row.pk}:paid-ahead",
            kind=TransactionKind.COLLECTED,
            lines=[(prepaid, ahead), (receivable, -ahead)],
            at=at,
            memo=row.transfer_group,
        )
    if ahead == total:
        row.state, row.funded_at = RunState.FUNDED, at
        row.save(update_fields=["state", "funded_at"])
        return Step(_("funded: the shop had paid ahead"), has_moved=True)
    collection = Collection.objects.create(
        run=row,
        payer=row.payer,
        currency=row.currency,
        commissions_minor=total - ahead,
        # The fee is on commissions without VAT; what was paid ahead goes off these first.
        fee_minor=share_of(min(max(net - ahead, 0), total - ahead), row.payer.platform_fee_bps),
        pays_by=row.payer.pays_by,
        created_at=at,
    )
    row.state = RunState.AWAITING_FUNDS
    row.save(update_fields=["state"])
    return Step(
        _("asked the shop for %(total)s") % {"total": format_minor(collection.total_minor, row.currency)},
        has_moved=True,
    )


def _give_back_paid_ahead(run: SettlementRun, at: datetime) -> None:
    """What a cancelled run took of the shop's money paid ahead is paid ahead again."""
    taken = LedgerTransaction.objects.filter(key=f"run:{run.pk}:paid-ahead").first()
    if taken is None:
        return
    prepaid = account(AccountKind.SHOP_PREPAID, run.currency, payer=run.payer)
    ahead = taken.entries.get(account__kind=prepaid.kind).amount_minor
    post(
        key=f"run:{run.pk}:paid-ahead-back",
        kind=TransactionKind.RELEASE,
        lines=[
            (account(AccountKind.SHOP_RECEIVABLE, run.currency, payer=run.payer), ahead),
            (prepaid, -ahead),
        ],
        at=at,
        memo=run.transfer_group,
        corrects=taken,
    )


def _await_funds(run: SettlementRun, at: datetime, _patience: timedelta | None) -> Step:
    """Funded when Stripe calls the shop's money available."""
    collection = collect(run=run, at=at)
    if collection.state != CollectionState.AVAILABLE:
        state = collection.get_state_display()
        return _wait(
            _("the shop's payment: %(state)s %(failure)s") % {"state": state, "failure": collection.failure}
        )
    if collection.paid_by == DEBIT and is_over_limit(collection=collection, at=at):
        return _wait(why_over_limit(collection=collection, at=at))
    funded = SettlementRun.objects.filter(pk=run.pk, state=RunState.AWAITING_FUNDS)
    funded.update(state=RunState.FUNDED, funded_at=at)
    return Step(_("funded: the shop's money is available"), has_moved=True)


def _collect_again(run: SettlementRun, at: datetime) -> Step | None:
    """Of a run whose payment came back: the shop's next payment. What is not sent waits for it, or is other people's
    money; what was sent stays sent. None when the payment is here.
    """
    collection = Collection.objects.filter(run=run).exclude(state=CollectionState.AVAILABLE).first()
    if collection is None:
        return None
    if collection.state in _ASKED_AGAIN:
        collection = collect(run=run, at=at)
    if collection.state == CollectionState.AVAILABLE:
        return None
    state, failure = collection.get_state_display(), collection.failure
    return _wait(
        _("the shop's payment was taken back, so this waits: %(state)s %(failure)s")
        % {"state": state, "failure": failure}
    )


def _begin_sending(run: SettlementRun, at: datetime, _patience: timedelta | None) -> Step:  # noqa: ARG001 -- as every step
    SettlementRun.objects.filter(pk=run.pk, state=RunState.FUNDED).update(state=RunState.SENDING)
    return Step(_("sending"), has_moved=True)


def _send(run: SettlementRun, at: datetime, patience: timedelta | None) -> Step:
    """One pass of sending, the statements of what was sent, and the run's end when nothing is left."""
    done = send_payouts(run=run, at=at, patience=patience)
    left = run.payouts.filter(state__in=[PayoutState.READY, PayoutState.SENDING, PayoutState.UNKNOWN])
    count = left.count()
    # After the count: what another worker has sent by then gets its statement before the run can end.
    for payout in run.payouts.filter(state=PayoutState.SENT, statement__isnull=True).select_related(
        "run__payer", "payee__user"
    ):
        issue_statement(payout=payout, at=at)
    told = _("sent %(sent)d, parked %(parked)d, left %(left)d %(note)s") % {
        "sent": done.tally[Outcome.SENT],
        "parked": done.tally[Outcome.PARKED],
        "left": count,
        "note": done.note,
    }
    if count:
        return Step(told, has_moved=False, has_more=done.has_more)
    is_partial = run.payouts.filter(state=PayoutState.PARKED).exists()
    state = RunState.PARTIALLY_SETTLED if is_partial else RunState.SETTLED
    SettlementRun.objects.filter(pk=run.pk, state=RunState.SENDING, stop_reason="").update(
        state=state, settled_at=at
    )
    if stopped := _stop_when_unbalanced(run):
        return stopped
    return Step(told, has_moved=True)


_STEPS: "Mapping[str, Callable[[SettlementRun, datetime, timedelta | None], Step]]" = {
    RunState.DRAFT: _freeze,
    RunState.FROZEN: _ask,
    RunState.AWAITING_FUNDS: _await_funds,
    RunState.FUNDED: _begin_sending,
    RunState.SENDING: _send,
}
