"""A shop, its advocates and Stripe, put back to the same moment for each scenario, with a clock that can be moved.

What makes thousands of scenarios quick: Stripe's library speaks to the stand-in without a network in between, and a
scenario's rows are rolled back at its end. What makes them honest: the product's code is what runs, a "commit" is the
end of its outermost transaction, and a process that was killed writes nothing and asks nothing any more.
"""

import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import stripe
from django.db import connection, transaction

from cms.stripe_events import HANDLERS
from payouts import commissions, sending, settlement
from payouts.inbox import process_events, receive_event
from payouts.sandbox import Delivery, Sandbox
from payouts.sandbox.api import Call
from payouts.sandbox.errors import ConnectionDropped
from tests.factories import NOW
from tests.payouts.settling import FLOAT

#: Half an hour before midnight, so that the date changes while things go wrong.
START = (NOW + timedelta(days=31)).replace(hour=23, minute=30)
#: How long a call that arrives late is under way. Less than `sending.QUIET_AFTER`.
LATE_BY = timedelta(seconds=45)


MAKE_OLDER = """
    UPDATE payouts_payout SET claimed_at = claimed_at - %(span)s;
    UPDATE payouts_transferattempt SET opened_at = opened_at - %(span)s, closed_at = closed_at - %(span)s;
    UPDATE payouts_pace SET next_at = next_at - %(span)s;
"""


@dataclass(frozen=True)
class Product:
    """The verbs that scenarios use: the product's own, or those of a copy with a planted bug."""

    start_run: Callable[..., Any] = settlement.start_run
    advance_run: Callable[..., Any] = settlement.advance_run
    retry_payouts_of: Callable[..., Any] = sending.retry_payouts_of
    reverse_commission: Callable[..., Any] = commissions.reverse_commission
    handlers: Any = field(default_factory=lambda: HANDLERS)


class Network:
    """Stands in the place of the library's own HTTP, and carries each call straight to the stand-in."""

    def __init__(self, stand_in: Sandbox) -> None:
        self.stand_in = stand_in
        #: Told "before" and "after" each call; may raise.
        self.listener: Callable[[str, str, str], None] = lambda _when, _method, _path: None
        #: How many of the next transfers arrive LATE_BY after their connection was lost, and those under way.
        self.late_calls = 0
        self.under_way: list[Call] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[bytes, int, Any]:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        lower = {name.lower(): value for name, value in dict(headers or {}).items()}
        call = Call(method.upper(), target, lower, body)
        self.listener("before", call.method, parts.path)
        if self.late_calls and (call.method, parts.path) == ("POST", "/v1/transfers"):
            self.late_calls -= 1
            self.under_way.append(call)
            raise stripe.APIConnectionError("the connection was lost while the call was under way")
        try:
            answer = self.stand_in.api.answer(call)
        except ConnectionDropped as error:
            raise stripe.APIConnectionError("the connection was lost") from error
        self.listener("after", call.method, parts.path)
        return json.dumps(answer.body).encode(), answer.status, answer.headers

    def let_late_calls_arrive(self) -> None:
        calls, self.under_way = self.under_way, []
        for call in calls:
            try:
                self.stand_in.api.answer(call)
            except ConnectionDropped:
                continue


class Laboratory:
    """Scenarios begin as `build` left the world, at START, and leave no trace."""

    def __init__(self, stand_in: Sandbox) -> None:
        self.stand_in = stand_in
        self.network = Network(stand_in)
        self.now = START
        self.things: Any = None
        self._state = b""
        self._ahead = 0

    def build(self, make: Callable[[Sandbox], Any]) -> None:
        """Make the world that every scenario begins with; committed."""
        self.stand_in.fund(FLOAT)
        self.things = make(self.stand_in)
        self.stand_in.advance(START - NOW)
        self.stand_in.take_webhooks()
        self._state = pickle.dumps(self.stand_in.world.state)
        self._ahead = self.stand_in.world.clock.ahead_seconds

    @contextmanager
    def scenario(self) -> Iterator[Any]:
        """One scenario; gives what `build` made."""
        self.now = START
        self.stand_in.world.state = pickle.loads(self._state)  # noqa: S301 -- our own, of a moment ago
        self.stand_in.world.clock.ahead_seconds = self._ahead
        self.stand_in.observers.clear()
        self.network.late_calls, self.network.under_way = 0, []
        block = transaction.atomic()
        block._from_testcase = True  # a durable transaction may be inside, as in Django's own TestCase
        block.__enter__()
        try:
            yield pickle.loads(pickle.dumps(self.things))  # noqa: S301 -- copies that a scenario may change
        finally:
            transaction.set_rollback(True)
            block.__exit__(None, None, None)

    def pass_time(self, span: timedelta) -> None:
        """Let the world grow older: Stripe's clock, ours, and how old the database finds its rows."""
        if self.network.under_way and span >= LATE_BY:
            self._pass(LATE_BY)
            self.network.let_late_calls_arrive()
            span -= LATE_BY
        self._pass(span)

    def _pass(self, span: timedelta) -> None:
        self.stand_in.advance(span)
        self.now += span
        with connection.cursor() as cursor:
            # Sending goes by the database's clock: what it compares with that is made older instead.
            cursor.execute(MAKE_OLDER, {"span": span})

    def deliver(self, sent: list[Delivery], product: Product) -> None:
        """Play the network and the worker of webhooks; what was taken in leaves the list, Stripe repeats the rest."""
        while sent:
            first = sent[0]
            receive_event(body=first.body, signature=first.signature, endpoint=first.endpoint, at=self.now)
            sent.pop(0)
        process_events(handlers=product.handlers, at=self.now, limit=1000)


@contextmanager
def laboratory(settings: Any, monkeypatch: Any) -> Iterator[Laboratory]:
    """A stand-in behind the product's settings, reached without a network."""
    with Sandbox(
        seed="proof",
        frozen_at=NOW,
        webhook_account_secret=settings.STRIPE_WEBHOOK_SECRET_ACCOUNT,
        webhook_connect_secret=settings.STRIPE_WEBHOOK_SECRET_CONNECT,
        webhook_thin_secret=settings.STRIPE_WEBHOOK_SECRET_THIN,
    ) as stand_in:
        found = Laboratory(stand_in)
        settings.STRIPE_API_BASE = stand_in.url
        settings.TRANSFERS_PER_SECOND = 1_000_000_000
        monkeypatch.setattr(
            stripe.RequestsClient,
            "request",
            lambda _client, *given, **named: found.network.request(*given, **named),
        )
        yield found
