"""Compare the books with Stripe. Exits 0 when all agrees, 1 with differences, 2 when nothing can be concluded."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import import_string

from payouts.catch_up import heard_types
from payouts.enums import ReconciliationResult
from payouts.models import Difference, Reconciliation
from payouts.money import format_minor
from payouts.reconciliation import LOOKS_BACK, open_differences, reconcile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payouts.inbox import Handler

#: Stripe has nothing from before.
_EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)

EXIT_CODES = {
    ReconciliationResult.CLEAN: 0,
    ReconciliationResult.DIFFERENCES: 1,
    ReconciliationResult.UNDECIDED: 2,
}


class Command(BaseCommand):
    help = "Compare every movement, transfer and balance at Stripe with the books, both ways."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=_moment,
            help=f"look back to this day or moment (2026-11-01), instead of {LOOKS_BACK.days} days",
        )
        parser.add_argument("--json", action="store_true", help="the result as one JSON document")
        parser.add_argument(
            "--fix", action="store_true", help="take in what Stripe has and our rows lack; nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        # The table stands on the top floor, which this one does not import.
        handlers: Mapping[str, Handler] = import_string(settings.STRIPE_HANDLERS)
        done = reconcile(
            since=options["since"],
            event_types=heard_types(handlers),
            mends=options["fix"],
            at=timezone.now(),
        )
        rows = open_differences()
        self.stdout.write(
            json.dumps(_as_json(done, rows), indent=2) if options["json"] else _told(done, rows)
        )
        if code := EXIT_CODES[ReconciliationResult(done.result)]:
            sys.exit(code)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day or moment, like 2026-11-01.") from error
    if not found.tzinfo:
        found = timezone.make_aware(found) if found.year > _EARLIEST.year else _EARLIEST
    if not _EARLIEST < found < timezone.now():
        raise ArgumentTypeError(f"{text!r} does not lie between {_EARLIEST:%Y} and now.")
    return found


def _as_json(done: Reconciliation, rows: list[Difference]) -> dict[str, Any]:
    """As docs/reconciliation.schema.json says."""
    return {
        "result": done.result,
        "began_at": done.began_at.isoformat(),
        "since": done.since.isoformat(),
        "movements": done.movements,
        "transfers": done.transfers,
        "fixed": done.fixed_count,
        "note": done.note,
        "differences": [
            {
                "kind": row.kind,
                "subject": row.subject,
                "currency": row.currency,
                "stripe_minor": row.stripe_minor,
                "books_minor": row.books_minor,
                "detail": row.detail,
                "payout": row.payout_id,
                "collection": row.collection_id,
                "occurred_at": row.occurred_at.isoformat(),
                "first_seen_at": row.first_seen_at.isoformat(),
            }
            for row in rows
        ],
    }


def _told(done: Reconciliation, rows: list[Difference]) -> str:
    lines = [
        f"{row.get_kind_display()}: {row.subject}{_amounts(row)}{f' ({row.detail})' if row.detail else ''}"
        for row in rows
    ]
    if done.fixed_count:
        lines.append(f"Mended: {done.fixed_count}.")
    if done.note:
        lines.append(done.note)
    lines.append(
        f"{done.get_result_display()}: {done.movements} movements and {done.transfers} transfers "
        f"since {done.since:%Y-%m-%d %H:%M}, {len(rows)} differences."
    )
    return "\n".join(lines)


def _amounts(row: Difference) -> str:
    sides = (("at Stripe", row.stripe_minor), ("in the books", row.books_minor))
    told = [
        f"{name} {format_minor(amount, row.currency)}"
        for name, amount in sides
        if amount is not None and row.currency
    ]
    return f", {', '.join(told)}" if told else ""
