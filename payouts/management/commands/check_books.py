"""Checks that the books balance and agree with what people see; exits 1, with the list, when they do not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payouts.books import check_books


class Command(BaseCommand):
    help = (
        "Check the ledger against itself and against commissions and payouts; exits 1 when something is off."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = check_books()
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"The books are wrong in {len(found)} place(s).")
        self.stdout.write("The books balance.")
