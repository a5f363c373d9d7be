"""`manage.py tick`: everything that is periodic. Once a minute by a timer, or `--watch` to go on by itself."""

import logging
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from advocates.appeal_tasks import ask_to_tell_of_reviews
from advocates.bonuses import settle_open_bonuses_now_and_then
from advocates.click_journal import ingest_journals, journal_folder
from advocates.fraud import examine_shares, hold_found
from advocates.fraud_tasks import ask_to_tell
from advocates.money_tasks import ask_to_write
from advocates.sale_uploads import forget_files
from advocates.shop_events import forget_payloads, handle_events
from advocates.tasks import ask_to_send_webhooks
from advocates.touch_counts import count_days
from advocates.touch_months import drop_old_months, make_months
from advocates.webhook_messages import forget_old_messages, make_messages
from cms.alarm_letters import mail_alarms
from cms.chores import TICK, last_night, note_end, take_turn
from cms.money_tasks import compare
from cms.stripe_events import HANDLERS
from cms.tasks import ask_for_new_pictures
from community.picture_tasks import ask_for_pictures
from community.review_invitations import plan_invitations, send_invitations
from community.search_words import refresh_search_words_now_and_then
from payouts.alarms import refresh_alarms
from payouts.books import examine_books
from payouts.catch_up import catch_up_on_events
from payouts.commissions import mature_commissions
from payouts.fees import refresh_fees
from payouts.inbox import process_events
from payouts.own_money import refresh_own_money
from payouts.reviews import approve_overdue
from payouts.schedule import start_scheduled_runs
from payouts.settlement import advance_run, runs_under_way
from payouts.statement_files import make_documents
from payouts.vies import check_vat_numbers

logger = logging.getLogger(__name__)

_EVENTS_AT_ONCE = 100
_DOCUMENTS_AT_ONCE = 50
_LATELY = timedelta(days=7)
#: How long a run may send before the other chores have their turn.
_SENDS_FOR = timedelta(seconds=20)


def hear_stripe() -> int:
    """Act on the events that Stripe sent."""
    return process_events(handlers=HANDLERS, at=timezone.now(), limit=_EVENTS_AT_ONCE)


def hear_shops() -> int:
    """Act on the orders and refunds that connected shops sent."""
    return handle_events(at=timezone.now(), limit=_EVENTS_AT_ONCE)


def forget_what_shops_sent() -> int:
    """Empty the messages and files of shops that were dealt with long ago."""
    return forget_payloads(at=timezone.now()) + forget_files(at=timezone.now())


def look_for_fraud() -> int:
    """Let the rules look at what was earned, hold what they find, and have it told."""
    at = timezone.now()
    return examine_shares(at=at) + hold_found(at=at) + ask_to_tell(at=at)


def let_commissions_mature() -> int:
    """Make commissions due whose hold has ended."""
    return mature_commissions(at=timezone.now())


def let_reviews_end() -> int:
    """Approve what shops have not decided on by its date, and have the letters about reviews and appeals written."""
    at = timezone.now()
    return approve_overdue(at=at) + ask_to_tell_of_reviews(at=at)


def book_fees() -> int:
    """Book the fees of sales on shops' own accounts that became available."""
    return refresh_fees(at=timezone.now())


def begin_settlements() -> int:
    """Begin the settlements whose day has come."""
    return start_scheduled_runs(at=timezone.now())


def write_of_money_that_waits() -> int:
    """Remind shops of what waits for them, and tell advocates what waits of theirs."""
    return ask_to_write(at=timezone.now())


def go_on_settling() -> int:
    """Take every step that the settlement runs under way can take."""
    steps = 0
    for run in runs_under_way(at=timezone.now()):
        taken = advance_run(run=run, at=timezone.now(), patience=_SENDS_FOR)
        steps += sum(step.has_moved for step in taken)
    return steps


def make_money_documents() -> int:
    """Issue the documents of what was paid lately, and make their files; older ones are `make_documents`'s work."""
    at = timezone.now()
    return make_documents(at=at, since=at - _LATELY, limit=_DOCUMENTS_AT_ONCE)


def ask_about_vat_numbers() -> int:
    """Ask the EU's register for the VAT numbers that are new."""
    return check_vat_numbers(at=timezone.now())


def have_pictures_fetched() -> int:
    """Give the worker the products whose pictures are still to come from their shops."""
    return ask_for_pictures(at=timezone.now())


def have_renditions_made() -> int:
    """Give the worker the new pictures, so that no visitor waits for their sizes to be made."""
    return ask_for_new_pictures(at=timezone.now())


def plan_review_invitations() -> int:
    """Plan when the buyers of new orders are asked how it was."""
    return plan_invitations(at=timezone.now())


def send_review_invitations() -> int:
    """Ask, remind, and close what is over."""
    return send_invitations(at=timezone.now())


def bring_in_clicks() -> int:
    """Bring in the clicks that a process left on this machine's disk while the database was away."""
    return ingest_journals(folder=journal_folder())


def count_touches() -> int:
    """Count the touches of the days that have ended."""
    return count_days(at=timezone.now())


def keep_touch_months() -> int:
    """Make the months that touches will lie in, and drop those that are past keeping."""
    return make_months(at=timezone.now()) + drop_old_months(at=timezone.now())


def settle_bonuses() -> int:
    """Award and take back the bonuses that nothing else told of."""
    return settle_open_bonuses_now_and_then(at=timezone.now())


def keep_search_words() -> int:
    """Count the words that can be found, now and then."""
    return refresh_search_words_now_and_then()


def tell_by_webhook() -> int:
    """Make messages of what happened to money, have them sent, and forget the old ones."""
    at = timezone.now()
    made = make_messages(at=at)
    ask_to_send_webhooks(at=at)
    forget_old_messages(at=at)
    return made


CHORES: tuple[Callable[[], int], ...] = (
    hear_stripe,
    hear_shops,
    forget_what_shops_sent,
    look_for_fraud,
    let_commissions_mature,
    let_reviews_end,
    settle_bonuses,
    book_fees,
    begin_settlements,
    go_on_settling,
    make_money_documents,
    ask_about_vat_numbers,
    write_of_money_that_waits,
    tell_by_webhook,
    have_pictures_fetched,
    have_renditions_made,
    plan_review_invitations,
    send_review_invitations,
    keep_search_words,
    bring_in_clicks,
    count_touches,
    keep_touch_months,
)


def read_back_events() -> int:
    """Take in what Stripe could not deliver."""
    return catch_up_on_events(at=timezone.now())


def book_own_money() -> int:
    """Book what the platform put in, took out and was charged."""
    return refresh_own_money(at=timezone.now())


def check_the_books() -> int:
    """Look whether the books agree with themselves; how many things are wrong."""
    return examine_books(at=timezone.now()).problem_count


def compare_with_stripe() -> int:
    """Have a worker look whether they agree with Stripe."""
    compare.enqueue()
    return 1


def look_for_alarms() -> int:
    """Work out what somebody should look at now, and mail what is new."""
    at = timezone.now()
    refresh_alarms(at=at)
    return mail_alarms(at=at)


#: Chores that need Stripe, or all of the books: not in every round. A place without Stripe has nothing to compare with.
BY_MINUTE: tuple[Callable[[], int], ...] = (look_for_alarms,)
HOURLY: tuple[Callable[[], int], ...] = (read_back_events, book_own_money)
NIGHTLY: tuple[Callable[[], int], ...] = (check_the_books, compare_with_stripe)
_NEEDS_STRIPE = {read_back_events, book_own_money, compare_with_stripe}


class Command(BaseCommand):
    help = "Do what is periodic: Stripe's events, holds that ended, settlements, invitations to review."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--pause", type=float, default=5.0, help="seconds between two rounds (default 5)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django passes them
        while True:
            for chore in CHORES:
                self._do(chore)
            self._do_in_turn()
            note_end(name=TICK, at=timezone.now())
            if not options["watch"]:
                return
            close_old_connections()
            time.sleep(options["pause"])

    def _do_in_turn(self) -> None:
        """What is done by the minute, the hour and the night; of several ticks one does it."""
        at = timezone.now()
        for chores, not_since in (
            (BY_MINUTE, at - timedelta(minutes=1)),
            (HOURLY, at - timedelta(hours=1)),
            (NIGHTLY, last_night(at=at)),
        ):
            for chore in chores:
                if chore in _NEEDS_STRIPE and not settings.STRIPE_SECRET_KEY:
                    continue
                if take_turn(name=chore.__name__, not_since=not_since, at=at):
                    self._do(chore)
                    note_end(name=chore.__name__, at=timezone.now())

    def _do(self, chore: Callable[[], int]) -> None:
        try:
            done = chore()
        except Exception:
            # One chore's trouble is not the others': it is logged, and tried again in the next round.
            logger.exception("%s failed", chore.__name__)
            return
        if done:
            self.stdout.write(f"{chore.__name__}: {done}")
