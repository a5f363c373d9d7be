"""One scenario of the crash matrix: what goes wrong, and what must be true in the end all the same."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product as every
from typing import Literal, NamedTuple

from django.db import connection

from payouts.books import check_books
from payouts.models import Commission, Payee, Payer, SettlementRun
from payouts.sandbox import Delivery, Exchange, Sandbox
from tests.payouts.proof.crash_points import POINTS, Crash, Fate, Killed, Mortal
from tests.payouts.proof.laboratory import Laboratory, Product
from tests.payouts.settling import FLOAT, funded_run, one_step, owe, paying_shop, ready_payee

type Webhooks = Literal["delivered", "duplicated", "late", "lost", "out of order"]

WEBHOOKS: tuple[Webhooks, ...] = ("delivered", "duplicated", "late", "lost", "out of order")
DELAYS = (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=25))
#: Longer than a claim lasts: what a dead worker held is another's after it.
BETWEEN_ROUNDS = timedelta(minutes=16)
#: A scenario that is not over by then is stuck.
ROUNDS = 14
TRANSFERS = {"method": "POST", "path": "/v1/transfers"}
LOOK_UP = {"method": "GET", "path": "/v1/transfers"}
OWED = 2500
REFUNDED = 300
#: The run that is not over, whether anything is due for another one, whether a payout is parked or a webhook open.
LEFT_TO_DO = """
SELECT
    (SELECT min(id) FROM payouts_settlementrun
     WHERE state NOT IN ('settled', 'partially_settled', 'cancelled')),
    EXISTS (SELECT FROM payouts_commission WHERE state = 'due' AND payout_id IS NULL),
    EXISTS (SELECT FROM payouts_payout WHERE state = 'parked'),
    EXISTS (SELECT FROM payouts_stripeevent WHERE state IN ('received', 'waiting', 'failed'))
"""
HOW_IT_STANDS = """
SELECT
    (SELECT sum(amount_minor - reversed_minor) FROM payouts_commission),
    (SELECT coalesce(-sum(balance_minor), 0) FROM payouts_ledgeraccount WHERE kind = 'advocate:payable'),
    (SELECT sum(balance_minor) FROM payouts_ledgeraccount WHERE kind LIKE 'stripe:%'),
    (SELECT max(stop_reason) FROM payouts_settlementrun),
    EXISTS (SELECT FROM payouts_transferattempt WHERE state = 'open'),
    (SELECT max(error) FROM payouts_stripeevent WHERE state = 'failed'),
    (SELECT count(*) FROM payouts_payout WHERE state NOT IN ('sent', 'void'))
"""


class Things(NamedTuple):
    """What the world holds: a shop whose run is being sent, and the advocate that it pays € 25.00."""

    shop: Payer
    ada: Payee
    run: SettlementRun


def make_things(stand_in: Sandbox) -> Things:
    shop, ada = paying_shop(stand_in), ready_payee(stand_in)
    owe(shop, ada, OWED)
    run = funded_run(shop)
    one_step(run)
    return Things(shop, ada, run)


@dataclass
class Stage:
    """What a list of faults may reach for."""

    lab: Laboratory
    things: Things
    product: Product

    def fault(self, kind: str, where: dict[str, str], count: int = 1) -> None:
        self.lab.stand_in.fault(kind, **where, count=count)

    @property
    def account(self) -> str:
        account: str = self.things.ada.account.stripe_account_id
        return account

    def refund_a_part(self) -> None:
        self.product.reverse_commission(
            commission=Commission.objects.get(),
            key="refund",
            amount_minor=REFUNDED,
            reason="part",
            at=self.lab.now,
        )

    def restrict_after_the_look(self) -> None:
        def watch(exchange: Exchange) -> None:
            if exchange.pattern == "/v2/core/accounts/*":
                self.lab.stand_in.observers.remove(watch)
                self.lab.stand_in.act_on_account(self.account, action="restrict")

        self.lab.stand_in.observers.append(watch)

    def lift_the_restriction(self) -> None:
        self.lab.stand_in.observers.clear()
        self.lab.stand_in.act_on_account(self.account, action="onboard")

    def take_back(self, amount: int) -> None:
        """Somebody reverses a transfer in Stripe's own dashboard."""
        from stripe import StripeClient

        from payouts.gateway import API_VERSION

        client = StripeClient(
            "sk_test_dashboard", stripe_version=API_VERSION, base_addresses={"api": self.lab.stand_in.url}
        )
        # Stripe takes only what is still there, and pays accounts out every day.
        self.lab.stand_in.fund(amount, account=self.account)
        for transfer in self.lab.stand_in.world.state.all("transfer")[:1]:
            client.v1.transfers.reversals.create(transfer["id"], {"amount": amount})


def _nothing(_stage: Stage) -> None:
    pass


@dataclass(frozen=True)
class Faults:
    """What Stripe, the network and people do wrong, by the round before which they begin."""

    name: str
    begin: Callable[[Stage], None] = _nothing
    later: Callable[[Stage], None] = _nothing
    #: What may rightly be owed in the end: a part of a transfer that came back waits for a person.
    may_be_left: int = 0
    #: What the customer got back of the advocate's commission.
    refunded: int = 0


def _fault(kind: str, where: dict[str, str], count: int = 1) -> Callable[[Stage], None]:
    return lambda stage: stage.fault(kind, where, count)


def _both(*parts: Callable[[Stage], None]) -> Callable[[Stage], None]:
    return lambda stage: [part(stage) for part in parts] and None


def _late(count: int) -> Callable[[Stage], None]:
    return lambda stage: setattr(stage.lab.network, "late_calls", count)


FAULTS = (
    Faults("nothing"),
    Faults("no answer, nothing done", _fault("timeout_before", TRANSFERS)),
    Faults("no answer, done", _fault("timeout_after", TRANSFERS)),
    Faults("no answer three times, done", _fault("timeout_after", TRANSFERS, 3)),
    Faults("no answer twice, then done", _fault("timeout_before", TRANSFERS, 2)),
    Faults("arrives when nobody waits any more", _late(1)),
    Faults("two arrive when nobody waits any more", _late(2)),
    Faults("500, nothing done", _fault("server_error_before", TRANSFERS)),
    Faults("500 twice, nothing done", _fault("server_error_before", TRANSFERS, 2)),
    Faults("500, done", _fault("server_error_after", TRANSFERS)),
    Faults(
        "500 and done, then no answer",
        _both(_fault("server_error_after", TRANSFERS), _fault("timeout_before", TRANSFERS)),
    ),
    Faults("429 twice", _fault("rate_limit", TRANSFERS, 2)),
    Faults("409, in flight", _fault("conflict", TRANSFERS)),
    Faults(
        "done without an answer, and the look-up fails",
        _both(_fault("timeout_after", TRANSFERS), _fault("timeout_before", LOOK_UP, 2)),
    ),
    Faults("the account cannot be read", _fault("timeout_before", {"path": "/v2/core/accounts/*"}, 2)),
    Faults(
        "too little balance at first",
        lambda stage: stage.lab.stand_in.fund(-12_000) and None,
        lambda stage: stage.lab.stand_in.fund(12_000) and None,
    ),
    Faults(
        "the account is restricted for a while",
        lambda stage: stage.lab.stand_in.act_on_account(stage.account, action="restrict") and None,
        Stage.lift_the_restriction,
    ),
    Faults(
        "the account is restricted between our look and the call",
        Stage.restrict_after_the_look,
        Stage.lift_the_restriction,
    ),
    Faults("a part of the sale is refunded", later=Stage.refund_a_part, refunded=REFUNDED),
    Faults(
        "a part of the transfer is taken back", later=lambda stage: stage.take_back(1000), may_be_left=1000
    ),
    Faults("the whole transfer is taken back", later=lambda stage: stage.take_back(OWED)),
)


@dataclass(frozen=True)
class Scenario:
    """One cell of the matrix."""

    crashes: tuple[Crash, ...]
    faults: Faults
    delay: timedelta
    webhooks: Webhooks

    def __str__(self) -> str:
        crashes = ", ".join(f"{crash.fate} when {crash.point.name} ({crash.turn})" for crash in self.crashes)
        return f"[{crashes or 'no crash'}; {self.faults.name}; after {self.delay}; webhooks {self.webhooks}]"


@dataclass
class Verdict:
    """What a scenario came to; no problems means that everybody was paid once."""

    problems: list[str]
    met: Counter[str] = field(default_factory=Counter)


def the_matrix() -> list[Scenario]:
    """Every point with every list of faults and every delay; twice, three times, in pairs and asleep by turns.

    What is not a full product turns through its choices, so that each plan meets every delay and every way of webhooks.
    """
    turning = random.Random("webhooks")
    found = [
        Scenario((Crash(point),), faults, delay, webhooks)
        for point in POINTS
        for faults in FAULTS
        for delay in DELAYS
        for webhooks in turning.sample(WEBHOOKS, 3)
    ]
    plans = [
        *((Crash(point),) * times for times in (2, 3) for point in POINTS),
        *((Crash(one), Crash(other)) for one in POINTS for other in POINTS if one is not other),
    ]
    ways = [*every(DELAYS, WEBHOOKS)]
    for plan in plans:
        is_pair = len({crash.point for crash in plan}) == 2
        for delay, webhooks in turning.sample(ways, 3 if is_pair else len(ways)):
            found.append(Scenario(plan, turning.choice(FAULTS), delay, webhooks))
    sleepers = [
        (Crash(point, fate, turn),)
        for fate in ("asleep", "frozen")
        for turn in (1, 2)
        for point in POINTS
        if point.is_between
    ]
    for plan in sleepers:
        # The hardest first: nothing comes to the sleeper's help.
        found += [Scenario(plan, faults, DELAYS[-1], "lost") for faults in FAULTS]
        found += [Scenario(plan, turning.choice(FAULTS), delay, turning.choice(WEBHOOKS)) for delay in DELAYS]
    return found


def play(lab: Laboratory, scenario: Scenario, product: Product) -> Verdict:
    """Let a scenario happen, and say what is wrong in the end."""
    with lab.scenario() as things:
        played = _Play(lab, scenario, product, things)
        with connection.execute_wrapper(played.mortal.execute):
            lab.network.listener = played.mortal.listen
            try:
                is_over = played.until_over()
            except Exception as error:  # noqa: BLE001 -- whatever a worker raises is what we look for
                return Verdict([f"raised: {error!r}"], played.mortal.met)
            finally:
                lab.network.listener = lambda _when, _method, _path: None
        problems = [] if is_over else [f"stuck: not over after {ROUNDS} rounds"]
        return Verdict([*problems, *_wrong(lab, scenario.faults)], played.mortal.met)


class _Play:
    """The rounds of one scenario: a worker works until it ends or dies, webhooks come or do not, time passes."""

    def __init__(self, lab: Laboratory, scenario: Scenario, product: Product, things: Things) -> None:
        self.lab, self.scenario, self.product, self.things = lab, scenario, product, things
        self.mortal = Mortal(list(scenario.crashes), self._sleep)
        self.stage = Stage(lab, things, product)
        #: Webhooks that come late, and those that Stripe sends until they are taken in.
        self.kept: list[Delivery] = []
        self.owed: list[Delivery] = []
        self.is_quiet = self.has_parked = False
        self.run = things.run

    def until_over(self) -> bool:
        faults = self.scenario.faults
        faults.begin(self.stage)
        has_happened = faults.later is _nothing
        for number in range(ROUNDS):
            has_died = self._round()
            self.lab.pass_time(self.scenario.delay if has_died else BETWEEN_ROUNDS)
            if not has_happened and number >= 1:
                # People and Stripe act while the run goes on, or shortly after it.
                faults.later(self.stage)
                has_happened = True
            elif has_happened and self._is_over():
                return True
        return False

    def _round(self) -> bool:
        has_died = False
        for act in (self._work, self._hear):
            self.mortal.revive()
            try:
                act()
            except Killed:
                has_died = True
        self.mortal.revive()
        return has_died

    def _work(self) -> None:
        self.product.advance_run(run=self.run, at=self.lab.now)
        if self.has_parked:
            self.product.retry_payouts_of(payee=self.things.ada, at=self.lab.now)

    def _hear(self) -> None:
        sent = self.lab.stand_in.take_webhooks()
        way = self.scenario.webhooks
        if way == "late":
            self.kept += sent
            sent, self.kept = (self.kept, []) if self.is_quiet else ([], self.kept)
        elif way == "lost":
            sent = self._read_again() if self.is_quiet else []
        elif way == "duplicated":
            sent = [*sent, *sent]
        elif way == "out of order":
            sent = sent[::-1]
        self.owed += sent
        self.lab.deliver(self.owed, self.product)

    def _read_again(self) -> list[Delivery]:
        """What was lost, read from Stripe's own list of events: a transfer that was taken back is known from there."""
        if self.scenario.faults.later is _nothing:
            return []
        for event in self.lab.stand_in.world.state.all("event"):
            self.lab.stand_in.redeliver_webhooks(event_id=event["id"])
        return self.lab.stand_in.take_webhooks()

    def _is_over(self) -> bool:
        """Whether nothing is left to do, another run for what is due again included."""
        with connection.cursor() as cursor:
            cursor.execute(LEFT_TO_DO)
            open_run, is_due, self.has_parked, has_open_events = cursor.fetchone()
        if open_run is None and is_due:
            run = self.product.start_run(payer=self.things.shop, currency="EUR", by=None, at=self.lab.now)
            open_run = run.pk if run else None
        if open_run is not None and open_run != self.run.pk:
            self.run = SettlementRun.objects.get(pk=open_run)
        if open_run is not None or self.has_parked or self.owed or has_open_events:
            return False
        was_quiet, self.is_quiet = self.is_quiet, True
        return was_quiet or self.scenario.webhooks not in {"late", "lost"}

    def _sleep(self, fate: Fate) -> None:
        self.lab.pass_time(self.scenario.delay)
        if fate == "frozen":
            # Another worker goes on meanwhile, as often as it takes.
            for _pass in range(2):
                self._work()
                self.lab.pass_time(BETWEEN_ROUNDS)


def _wrong(lab: Laboratory, faults: Faults) -> list[str]:
    """Everything that is not as it must be when all is over."""
    found = list(check_books())
    with connection.cursor() as cursor:
        cursor.execute(HOW_IT_STANDS)
        earned, left, at_stripe, stopped, open_attempts, failed, unsent = cursor.fetchone()
        # What the database would have looked at when each transaction was committed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    state = lab.stand_in.world.state
    transfers = state.all("transfer")
    for payout, count in Counter(row["metadata"]["payout"] for row in transfers).items():
        if count > 1:
            found.append(f"double: payout {payout} has {count} transfers")
    has_now = sum(row["amount"] - row["amount_reversed"] for row in transfers)
    if earned != OWED - faults.refunded:
        found.append(f"wrong: {earned} was earned, and {OWED - faults.refunded} should have been")
    if has_now + left != earned:
        found.append(f"double or missing: {has_now} was sent and {left} is payable, of {earned}")
    if left > faults.may_be_left:
        found.append(f"missing: {left} was never sent")
    there = sum(row["net"] for row in state.all("balance_transaction", account=lab.stand_in.platform)) - FLOAT
    if at_stripe != there:
        found.append(f"the books have {at_stripe} at Stripe, where there is {there}")
    if stopped or unsent:
        found.append(f"stuck: {unsent or 0} payouts not sent; {stopped or 'not stopped'}")
    if open_attempts:
        found.append("an attempt was left open")
    if failed:
        found.append(f"a webhook failed: {failed}")
    return found
