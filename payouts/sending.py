"""Sending payouts, so that nobody is ever paid twice. docs/decisions/0003 tells what each rule is there for.

1. The attempt row, with its key and its frozen parameters, is committed before Stripe is called; a payout has one
   open attempt at most (a unique index sees to it).
2. An attempt's key is used for 23 hours at most, since Stripe forgets keys after 24.
3. After that, or when the same key keeps giving 5xx, the attempt is given up; the next one, with a new key, is
   opened only when Stripe had time to finish and shows no transfer. When it shows two the run stops for a person.
4. A worker sends only within 10 minutes of its claim; it is another's no sooner than 15 minutes after it.
5. A refusal closes the attempt and parks the payout with its reason; its reserve stays until the payout is voided.
6. The time is the database's.
7. All workers together keep to TRANSFERS_PER_SECOND (`pace.py`), and all slow down when Stripe says that it is busy.
"""

import logging
import os
import secrets
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from payouts.decisions import note_decision
from payouts.enums import (
    AccountStatus,
    AttemptState,
    CollectionState,
    DecisionKind,
    OccurrenceKind,
    PayoutState,
    RunState,
)
from payouts.gateway import Gateway, GatewayBusy, GatewayError, GatewayRefused, GatewayUnknown, gateway
from payouts.models import Payee, Payout, SettlementRun, TransferAttempt
from payouts.occurrences import record
from payouts.onboarding import refresh_account, what_to_do
from payouts.pace import slow_down, take_turn
from payouts.stripe_rows import SentTransfer
from payouts.transfers import UnableToRecord, record_transfer

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

log = logging.getLogger(__name__)

#: How long after its claim a worker may still send.
SEND_WITHIN = timedelta(minutes=10)
#: When a claim is anybody's again: later than the last call that began within SEND_WITHIN can take.
CLAIM_LAPSES = timedelta(minutes=15)
#: How long an attempt's key is used; Stripe keeps it for 24 hours at least.
KEY_LASTS = timedelta(hours=23)
#: Stripe may still be at work on the last call of an attempt that was given up: no new one before this has passed.
QUIET_AFTER = timedelta(minutes=2)
#: How long nobody sends after Stripe said that it is too busy.
BUSY_FOR = timedelta(seconds=1)
_PACE = "transfers"


class UnableToRetry(Exception):
    """The payout does not wait for another attempt."""


class UnableToPark(Exception):
    """The payout cannot be taken out of its run now."""


class Outcome(StrEnum):
    """What became of one payout in one pass."""

    SENT = "sent"
    PARKED = "parked"
    UNKNOWN = "unknown"
    LATER = "later"


@dataclass
class SendingPass:
    """What one pass did; `note` says why it ended early, `has_more` that the next one may go on at once."""

    tally: Counter[Outcome] = field(default_factory=Counter)
    note: str = ""
    has_more: bool = False


class _Later(Exception):
    """Stripe cannot now, or not for this run: the pass ends."""


class _StopRun(Exception):
    """A person must look: the run ends here."""


def send_payouts(*, run: SettlementRun, at: datetime, patience: timedelta | None = None) -> SendingPass:
    """One pass over the run's payouts that are to be sent; what they came to.

    Any number of workers may do this at once: each payout is claimed by one (SKIP LOCKED), and all together keep to
    TRANSFERS_PER_SECOND. A pass ends early when Stripe is busy, our balance there is too low, or `patience` is over;
    the next one goes on.
    """
    sender = _Sender(run, gateway(), at)
    done = SendingPass()
    ends = time.monotonic() + patience.total_seconds() if patience is not None else None
    last = 0
    while payout := sender.claim(after=last):
        last = payout.pk
        try:
            outcome = sender.send(payout)
            done.tally[outcome] += 1
            log.info("payout: %s", outcome, extra={"run": run.pk, "payout": payout.pk})
        except _Later as reason:
            done.tally[Outcome.LATER] += 1
            done.note = str(reason)
            break
        except _StopRun as reason:
            done.note = str(reason)
            log.warning("run stopped: %s", reason, extra={"run": run.pk, "payout": payout.pk})
            stop_run(run=run, reason=done.note)
            break
        finally:
            sender.let_go(payout)
        if ends is not None and time.monotonic() > ends:
            done.has_more = True
            break
    return done


@transaction.atomic(durable=True)
def park_payout(*, payout: Payout, reason: str, by: "AbstractBaseUser", at: datetime) -> Payout:
    """Take a payout that nobody has begun to send out of its run, which goes on without it; `reason` is read by the
    payee. Its reserve stays until `void_payout`; `retry_payout` sends it after all. `payout` is read again.

    Raises UnableToPark without a reason, and while it is being sent or looked up at Stripe, or is over.
    """
    if not reason.strip():
        raise UnableToPark(_("Say why this payout waits: the advocate reads it."))
    # The condition decides between this and a worker that claims it at the same time.
    ready = Payout.objects.filter(pk=payout.pk, state=PayoutState.READY)
    if not ready.update(
        state=PayoutState.PARKED, problem=reason.strip()[:300], parked_by=by.pk, told_at=None
    ):
        raise UnableToPark(
            _("Only a payout that nobody has begun to send can be parked. Look again in a minute.")
        )
    _note(DecisionKind.PARKED, payout, reason, by, at)
    payout.refresh_from_db()
    record(
        kind=OccurrenceKind.PAYOUT_FAILED,
        payout=payout,
        amount_minor=payout.amount_minor,
        detail=payout.problem,
        at=at,
    )
    return payout


def retry_payout(
    *, payout: Payout, by: "AbstractBaseUser | None" = None, reason: str = "", at: datetime
) -> Payout:
    """Let a parked payout be sent after all; its run goes on sending. Without `by` it goes on by itself, the payee's
    account being ready: then one that a person has parked stays.

    Raises UnableToRetry when it is not parked (so).
    """
    with transaction.atomic(durable=True):
        # The condition decides between this and a void that comes at the same time.
        parked = Payout.objects.filter(pk=payout.pk, state=PayoutState.PARKED)
        if by is None:
            parked = parked.filter(parked_by__isnull=True)
        if not parked.update(state=PayoutState.READY, problem="", parked_by=None, told_at=None):
            raise UnableToRetry(_("This payout is not parked, so there is nothing to try again."))
        SettlementRun.objects.filter(
            pk=payout.run_id, state__in=[RunState.PARTIALLY_SETTLED, RunState.SETTLED]
        ).update(state=RunState.SENDING, settled_at=None)
        if by is not None:
            _note(DecisionKind.RETRIED, payout, reason, by, at)
    payout.refresh_from_db()
    return payout


def retry_payouts_of(*, payee: Payee, at: datetime) -> int:
    """Let the payouts of a payee that waited for the account be sent, it being ready now; how many."""
    count = 0
    for payout in Payout.objects.filter(payee=payee, state=PayoutState.PARKED, parked_by__isnull=True):
        try:
            retry_payout(payout=payout, at=at)
        except UnableToRetry:
            continue
        count += 1
    return count


def _note(kind: DecisionKind, payout: Payout, reason: str, by: "AbstractBaseUser", at: datetime) -> None:
    run = SettlementRun.objects.select_related("payer").get(pk=payout.run_id)
    note_decision(kind=kind, payer=run.payer, run=run, payout=payout, reason=reason, by=by, at=at)


def stop_run(*, run: SettlementRun, reason: str) -> None:
    """Stop a run until a person has looked; the first reason stays."""
    SettlementRun.objects.filter(pk=run.pk, stop_reason="").update(stop_reason=reason[:200])
    run.refresh_from_db(fields=["stop_reason"])


class _Sender:
    """One worker's pass over one run."""

    def __init__(self, run: SettlementRun, stripe: Gateway, at: datetime) -> None:
        self.run = run
        self.stripe = stripe
        self.at = at
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    @transaction.atomic(durable=True)
    def claim(self, *, after: int) -> Payout | None:
        """The next payout that is nobody's; ours for SEND_WITHIN."""
        lapsed = models.Q(state=PayoutState.SENDING, claimed_at__lt=Now() - CLAIM_LAPSES)
        payout = (
            Payout.objects.select_for_update(skip_locked=True, of=["self"])
            .filter(models.Q(state__in=[PayoutState.READY, PayoutState.UNKNOWN]) | lapsed)
            .filter(run=self.run, run__state=RunState.SENDING, run__stop_reason="", pk__gt=after)
            # Of a payment that came back nothing more is sent: that would be other people's money.
            .filter(
                models.Q(run__collection=None) | models.Q(run__collection__state=CollectionState.AVAILABLE)
            )
            .select_related("payee__account", "run")
            .order_by("pk")
            .first()
        )
        if payout is not None:
            Payout.objects.filter(pk=payout.pk).update(
                state=PayoutState.SENDING, claimed_at=Now(), claimed_by=self.name
            )
        return payout

    def let_go(self, payout: Payout) -> None:
        """Give a claim back that came to nothing definite; a killed worker's lapses instead."""
        mine = Payout.objects.filter(pk=payout.pk, state=PayoutState.SENDING, claimed_by=self.name)
        is_unknown = payout.attempts.filter(
            models.Q(state=AttemptState.OPEN, is_uncertain=True) | models.Q(state=AttemptState.ABANDONED)
        ).exists()
        mine.update(state=PayoutState.UNKNOWN if is_unknown else PayoutState.READY)

    def send(self, payout: Payout) -> Outcome:
        # One turn for each payout: looking at the account is a call too, and is made no more often than this.
        turn = take_turn(name=_PACE, per_second=settings.TRANSFERS_PER_SECOND)
        time.sleep(turn.total_seconds())
        attempt = payout.attempts.filter(state=AttemptState.OPEN).first()
        if attempt is not None and self._is_too_old(attempt):
            self._close(attempt, AttemptState.ABANDONED, attempt.error)
            attempt = None
        if attempt is None:
            if found := self._look_up(payout):
                return self._record(payout, found)
            if self._may_still_be_at_work(payout):
                return Outcome.UNKNOWN
            if problem := self._problem_of_account(payout):
                return self._park(payout, problem)
            attempt = self._open_attempt(payout)
        return self._call(payout, attempt)

    def _call(self, payout: Payout, attempt: TransferAttempt) -> Outcome:
        if not self._is_mine(payout):
            return Outcome.LATER
        try:
            transfer = self.stripe.create_transfer(
                amount_minor=attempt.amount_minor,
                currency=attempt.currency,
                destination=attempt.destination,
                transfer_group=self.run.transfer_group,
                description=str(self.run.payer),
                metadata={
                    "run": self.run.transfer_group,
                    "payout": str(payout.pk),
                    "attempt": str(attempt.number),
                },
                key=attempt.key,
            )
        except GatewayUnknown as error:
            return self._unknown(attempt, error)
        except GatewayBusy as error:
            if error.in_flight:
                self._mark_uncertain(attempt, str(error))
            else:
                slow_down(name=_PACE, pause=BUSY_FOR)
            raise _Later(str(error)) from error
        except GatewayRefused as error:
            return self._refused(payout, attempt, error)
        return self._record(payout, transfer)

    def _unknown(self, attempt: TransferAttempt, error: GatewayUnknown) -> Outcome:
        """No answer: the same key asks again. A second 5xx: Stripe keeps that under the key, which is given up."""
        if error.answered and attempt.is_uncertain:
            self._close(attempt, AttemptState.ABANDONED, str(error))
        else:
            self._mark_uncertain(attempt, str(error))
        return Outcome.UNKNOWN

    def _refused(self, payout: Payout, attempt: TransferAttempt, error: GatewayRefused) -> Outcome:
        if error.is_about_our_key or error.code == "idempotency_error":
            raise _StopRun(_("Stripe refuses to work for us: %(reason)s") % {"reason": error}) from error
        if attempt.is_uncertain and (found := self._look_up(payout)):
            return self._record(payout, found)
        self._close(attempt, AttemptState.REFUSED, str(error))
        if error.code == "balance_insufficient":
            # Not the advocate's concern: the whole run waits until the money is there.
            raise _Later(str(error)) from error
        return self._park(payout, _("Stripe refused the transfer: %(reason)s") % {"reason": error.message})

    def _record(self, payout: Payout, transfer: SentTransfer) -> Outcome:
        try:
            record_transfer(payout=payout, transfer=transfer, at=self.at)
        except UnableToRecord as error:
            raise _StopRun(str(error)) from error
        return Outcome.SENT

    def _look_up(self, payout: Payout) -> SentTransfer | None:
        """The transfer that an earlier attempt made after all, at any account that an attempt was for."""
        wanted = str(payout.pk)
        destinations = set(payout.attempts.values_list("destination", flat=True))
        try:
            found = [
                transfer
                for destination in sorted(destinations)
                for transfer in self.stripe.transfers(
                    transfer_group=self.run.transfer_group, destination=destination
                )
                if transfer.metadata.get("payout") == wanted
            ]
        except (GatewayUnknown, GatewayBusy) as error:
            raise _Later(str(error)) from error
        if len(found) > 1:
            raise _StopRun(
                _("Payout %(payout)s has two transfers or more at Stripe: %(found)s.")
                % {"payout": wanted, "found": ", ".join(transfer.stripe_id for transfer in found)}
            )
        return found[0] if found else None

    def _problem_of_account(self, payout: Payout) -> str:
        """What keeps the payee from receiving, read at Stripe a moment ago; empty when nothing does."""
        account = payout.payee.account
        if account is None:
            return _("Set up your payout account first.")
        try:
            refresh_account(account=account, at=self.at)
        except GatewayRefused as error:
            if error.is_about_our_key:
                raise _StopRun(_("Stripe refuses to work for us: %(reason)s") % {"reason": error}) from error
            return _("Stripe does not show your payout account: %(reason)s") % {"reason": error.message}
        except GatewayError as error:
            raise _Later(str(error)) from error
        return "" if account.can_receive else what_to_do(AccountStatus(account.status))

    @transaction.atomic(durable=True)
    def _open_attempt(self, payout: Payout) -> TransferAttempt:
        """The row that says what will be asked, committed before it is asked."""
        mine = Payout.objects.select_for_update().filter(pk=payout.pk, claimed_by=self.name)
        if not mine.filter(state=PayoutState.SENDING).exists():
            raise _Later(_("Another worker has taken over."))
        number = payout.attempts.count() + 1
        account = payout.payee.account
        return TransferAttempt.objects.create(
            payout=payout,
            number=number,
            key=f"{self.run.transfer_group}-payout-{payout.pk}-{number}",
            destination=account.stripe_account_id if account else "",
            amount_minor=payout.amount_minor,
            currency=payout.currency,
        )

    @transaction.atomic(durable=True)
    def _park(self, payout: Payout, problem: str) -> Outcome:
        mine = Payout.objects.filter(pk=payout.pk, state=PayoutState.SENDING, claimed_by=self.name)
        if mine.update(state=PayoutState.PARKED, problem=problem[:300], parked_by=None, told_at=None):
            record(
                kind=OccurrenceKind.PAYOUT_FAILED,
                payout=payout,
                amount_minor=payout.amount_minor,
                detail=problem,
                at=self.at,
            )
        return Outcome.PARKED

    def _close(self, attempt: TransferAttempt, state: AttemptState, error: str) -> None:
        TransferAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN).update(
            state=state, error=error[:500], closed_at=Now()
        )

    def _mark_uncertain(self, attempt: TransferAttempt, error: str) -> None:
        TransferAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN).update(
            is_uncertain=True, error=error[:500]
        )

    def _is_mine(self, payout: Payout) -> bool:
        return Payout.objects.filter(
            pk=payout.pk,
            state=PayoutState.SENDING,
            claimed_by=self.name,
            claimed_at__gt=Now() - SEND_WITHIN,
        ).exists()

    def _is_too_old(self, attempt: TransferAttempt) -> bool:
        return TransferAttempt.objects.filter(pk=attempt.pk, opened_at__lt=Now() - KEY_LASTS).exists()

    def _may_still_be_at_work(self, payout: Payout) -> bool:
        return payout.attempts.filter(
            state=AttemptState.ABANDONED, closed_at__gt=Now() - QUIET_AFTER
        ).exists()
