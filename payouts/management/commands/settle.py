"""Settle what shops owe: start runs where something is due, and take every step that can be taken."""

import time
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payouts.commissions import mature_commissions
from payouts.models import Payer, SettlementRun
from payouts.money import SETTLEMENT_CURRENCIES
from payouts.settlement import OVER, advance_run, start_run

#: Seconds between two passes with --watch.
PAUSE = 10


class Command(BaseCommand):
    help = (
        "Settle what shops owe, one line for each step. Killed at any point, it goes on when started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--payer", type=int, help="the id of one payer")
        who.add_argument("--all", action="store_true", help="every payer (the default)")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="one pass (the default)")
        how.add_argument("--watch", action="store_true", help=f"a pass every {PAUSE} seconds, until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
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
                start_run(payer=payer, currency=currency, by=None, at=timezone.now())
            for run in SettlementRun.objects.filter(payer=payer).exclude(state__in=OVER).order_by("pk"):
                for step in advance_run(run=run, at=timezone.now()):
                    self.stdout.write(f"{payer.name}: run {run.pk}: {step.text}")
