"""Issue the documents of what was paid, and make their files: whatever lacks them, however long ago it was."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payouts.shop_invoices import platform_is_known
from payouts.statement_files import make_documents

#: How many of each kind of work are taken in one pass.
_AT_ONCE = 500


class Command(BaseCommand):
    help = "Make the documents that are missing. Killed at any point, it goes on when started again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, help="stop after about so many")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not platform_is_known():
            self.stderr.write("Invoices to shops wait: PLATFORM_… is not filled in (docs/operations.md).")
        begun, made = time.monotonic(), 0
        while count := make_documents(at=timezone.now(), limit=_AT_ONCE):
            made += count
            seconds = time.monotonic() - begun
            self.stdout.write(f"{made} documents and files, {made / seconds:.1f} a second")
            if options["limit"] and made >= options["limit"]:
                return
        self.stdout.write(f"All documents are there ({made} made now).")
