"""Settle what shops owe: start runs where something is due, and take every step that can be taken."""

import time
from argparse import ArgumentParser
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from payouts.commissions import mature_commissions
from payouts.models import Payer, SettlementRun
from payouts.money import SETTLEMENT_CURRENCIES, format_minor
from payouts.progress import progress_of
from payouts.settlement import Step, advance_run, runs_under_way, start_run

#: Seconds between two passes with --watch.
PAUSE = 10
#: How often a run that sends tells how far it is.
TELL_EVERY = timedelta(seconds=5)
MOST_WORKERS = 32


class Command(BaseCommand):
    help = (
        "Settle what shops owe, one line for each step. What a shop has to approve waits for it. Killed at any point, "
        "it goes on when started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--payer", type=int, help="the id of one payer")
        who.add_argument("--all", action="store_true", help="every payer (the default)")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="one pass (the default)")
        how.add_argument("--watch", action="store_true", help=f"a pass every {PAUSE} seconds, until stopped")
        parser.add_argument(
            "--workers",
            type=int,
            default=1,
            help="how many send at once (default 1), each over a connection of its own; all together keep the pace",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 1 <= options["workers"] <= MOST_WORKERS:
            raise CommandError(f"Between 1 and {MOST_WORKERS} workers.")
        self.workers = options["workers"]
        payers = Payer.objects.order_by("pk")
        if options["payer"] is not None:
            payers = payers.filter(pk=options["payer"])
            if not payers.exists():
                raise CommandError(f"There is no payer {options['payer']}.")
        while True:
            self._settle(payers.iterator())
            if not options["watch"]:
                return
            time.sleep(PAUSE)

    def _settle(self, payers: Iterable[Payer]) -> None:
        for payer in payers:
            mature_commissions(at=timezone.now(), payer=payer)
            for currency in SETTLEMENT_CURRENCIES:
                start_run(
                    payer=payer,
                    currency=currency,
                    by=None,
                    needs_approval=not payer.is_automatic,
                    at=timezone.now(),
                )
            for run in runs_under_way(at=timezone.now()).filter(payer=payer):
                self._advance(payer, run)

    def _advance(self, payer: Payer, run: SettlementRun) -> None:
        """Take a run as far as it goes, telling each step, and how far it is while it sends."""
        while True:
            steps = self._steps(run)
            for step in steps:
                self.stdout.write(f"{payer.name}: run {run.pk}: {step.text}")
            if not steps[-1].has_more:
                return
            self.stdout.write(f"{payer.name}: run {run.pk}: {_so_far(run)}")

    def _steps(self, run: SettlementRun) -> list[Step]:
        """The steps that one worker took, the others having sent beside it."""
        if self.workers == 1:
            return advance_run(run=run, at=timezone.now(), patience=TELL_EVERY)
        with ThreadPoolExecutor(self.workers - 1) as others:
            beside = [others.submit(_help, run.pk) for _number in range(self.workers - 1)]
            steps = advance_run(run=run, at=timezone.now(), patience=TELL_EVERY)
            for helper in beside:
                # An error of any of them is an error of this pass.
                helper.result()
        return steps


def _help(run_id: int) -> None:
    """Send beside the others, over a connection of one's own."""
    try:
        advance_run(run=SettlementRun.objects.get(pk=run_id), at=timezone.now(), patience=TELL_EVERY)
    finally:
        connection.close()


def _so_far(run: SettlementRun) -> str:
    so_far = progress_of(run)
    told = f"sent {so_far.sent.count} of {so_far.total.count}, {format_minor(so_far.sent.amount_minor, run.currency)}"
    if so_far.parked.count:
        told += f"; parked {so_far.parked.count}, {format_minor(so_far.parked.amount_minor, run.currency)}"
    return told
