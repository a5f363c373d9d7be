"""Act on the events that Stripe has sent."""

import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import import_string

from payouts.inbox import process_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payouts.inbox import Handler

#: Seconds between two looks with --watch, when there was nothing to do.
PAUSE = 1


class Command(BaseCommand):
    help = "Act on the events that Stripe has sent and whose time has come. Any number may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--limit", type=int, default=100, help="events in one go (default 100)")

    def handle(self, *_args: Any, **options: Any) -> None:
        # The table stands on the top floor, which this one does not import.
        handlers: Mapping[str, Handler] = import_string(settings.STRIPE_HANDLERS)
        while True:
            count = process_events(handlers=handlers, at=timezone.now(), limit=options["limit"])
            if count:
                self.stdout.write(f"acted on {count} events")
            if count == options["limit"]:
                continue
            if not options["watch"]:
                return
            time.sleep(PAUSE)
