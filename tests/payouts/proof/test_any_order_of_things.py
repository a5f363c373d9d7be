"""Whatever happens, in whatever order: the books balance after each step, and in the end everybody has what is hers.

Hypothesis draws what happens; each run begins with two shops and two advocates that owe each other nothing.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from stripe import InvalidRequestError, StripeClient

from payouts.books import check_books
from payouts.commissions import TRANSITIONS, mature_commissions, reverse_commission
from payouts.enums import AccountStatus, CollectionState, PayoutState
from payouts.funding import UnableToCollect, retry_collection
from payouts.gateway import API_VERSION
from payouts.models import Collection, Commission, Payout, SettlementRun, Transfer
from payouts.onboarding import refresh_account
from payouts.reviews import approve_commissions
from payouts.sending import retry_payouts_of
from payouts.settlement import OVER, advance_run, resume_run, start_run
from tests.factories import make_commission
from tests.payouts.proof.crash_points import POINTS, Crash, Killed, Mortal
from tests.payouts.proof.laboratory import Product
from tests.payouts.settling import FLOAT, money_in_books, payable, paying_shop, ready_payee

STEPS = 60
SHOPS, ADVOCATES = st.integers(0, 1), st.integers(0, 1)
ANY = st.integers(0, 99)
CALL_FAULTS = st.sampled_from(
    ["timeout_before", "timeout_after", "server_error_before", "server_error_after", "rate_limit", "conflict"]
)
CALLS = st.sampled_from(["/v1/transfers", "/v1/payment_intents*", "/v2/core/accounts/*"])
MINIMUM = django_settings.MINIMUM_PAYOUT_MINOR["EUR"]


def make_market(stand_in):
    shops = [paying_shop(stand_in, name) for name in ("Klei & Co", "Hout")]
    return shops, [ready_payee(stand_in, name) for name in ("Ada Vermeer", "Noor Bakker")]


def reachable(transitions):
    """State → every state that it may come to, in any number of steps."""
    found = {state: {state, *following} for state, following in transitions.items()}
    for _length in found:
        found = {state: set().union(*(found[other] for other in others)) for state, others in found.items()}
    return found


COMMISSIONS_MAY = reachable(TRANSITIONS)


class Market(RuleBasedStateMachine):
    """Two shops, two advocates, Stripe, and time."""

    def __init__(self, lab):
        super().__init__()
        self.lab = lab
        self.scenario = lab.scenario()
        self.shops, self.advocates = self.scenario.__enter__()
        self.topped_up = 0
        self.states = {}
        self.payout_states = {}

    # What happens.

    @rule(shop=SHOPS, advocate=ADVOCATES, amount=st.integers(1, 9000))
    def sale(self, shop, advocate, amount):
        make_commission(
            self.shops[shop],
            self.advocates[advocate],
            amount,
            earned_at=self.lab.now,
            due_at=self.lab.now + timedelta(days=30),
            at=self.lab.now,
        )
        approve_commissions(payer=self.shops[shop], commission_ids=None, by=None, at=self.lab.now)

    @rule(which=ANY, percent=st.integers(1, 100))
    def refund(self, which, percent):
        if rows := list(Commission.objects.order_by("pk")):
            row = rows[which % len(rows)]
            reverse_commission(
                commission=row,
                key=f"refund:{row.pk}:{row.reversed_minor}",
                amount_minor=max(row.amount_minor * percent // 100, 1),
                reason="refund",
                at=self.lab.now,
            )

    @rule()
    def mature(self):
        mature_commissions(at=self.lab.now)

    @rule(span=st.sampled_from([timedelta(minutes=16), timedelta(hours=25), timedelta(days=31)]))
    def clock(self, span):
        self.lab.pass_time(span)

    @rule(shop=SHOPS)
    def fund(self, shop):
        if run := start_run(payer=self.shops[shop], currency="EUR", by=None, at=self.lab.now):
            advance_run(run=run, at=self.lab.now)

    @rule()
    def send(self):
        # Longer than Stripe is left alone after it said that it is too busy.
        self.lab.pass_time(timedelta(seconds=2))
        for run in SettlementRun.objects.exclude(state__in=OVER):
            advance_run(run=run, at=self.lab.now)

    @rule(point=st.sampled_from(POINTS))
    def die_while_sending(self, point):
        mortal = Mortal([Crash(point)], lambda _fate: None)
        self.lab.network.listener = mortal.listen
        with connection.execute_wrapper(mortal.execute), suppress(Killed):
            self.send()
        self.lab.network.listener = lambda _when, _method, _path: None

    @rule(kind=CALL_FAULTS, path=CALLS, count=st.integers(1, 2))
    def fail(self, kind, path, count):
        self.lab.stand_in.fault(kind, path=path, count=count)

    @rule(is_lost=st.sampled_from([False, False, True]))
    def hear(self, is_lost):
        sent = self.lab.stand_in.take_webhooks()
        self.lab.deliver([] if is_lost else sent, Product())

    @rule(which=ANY, percent=st.sampled_from([30, 100]))
    def reverse(self, which, percent):
        """Somebody takes a transfer back in Stripe's own dashboard."""
        if not (rows := self.lab.stand_in.world.state.all("transfer")):
            return
        row = rows[which % len(rows)]
        amount = max(row["amount"] * percent // 100, 1)
        self.lab.stand_in.fund(amount, account=row["destination"])
        self.lab.stand_in.clear_faults()
        client = StripeClient(
            "sk_test_dashboard", stripe_version=API_VERSION, base_addresses={"api": self.lab.stand_in.url}
        )
        with suppress(InvalidRequestError):
            client.v1.transfers.reversals.create(row["id"], {"amount": amount})

    @rule(advocate=ADVOCATES, action=st.sampled_from(["restrict", "onboard"]))
    def disable(self, advocate, action):
        account = self.advocates[advocate].account.stripe_account_id
        self.lab.stand_in.act_on_account(account, action=action)

    @rule(which=ANY)
    def dispute(self, which):
        charges = [
            row
            for row in self.lab.stand_in.world.state.all("charge", account=self.lab.stand_in.platform)
            if row["status"] == "succeeded" and not row["disputed"]
        ]
        if charges:
            self.lab.stand_in.open_dispute(charges[which % len(charges)]["id"])

    @rule(won=st.booleans())
    def decide(self, won):
        for row in self.lab.stand_in.world.state.all("dispute"):
            if row["status"] not in {"won", "lost"}:
                self.lab.stand_in.close_dispute(row["id"], won=won)
                return

    # What is always so.

    @invariant()
    def the_books_balance(self):
        assert check_books() == []

    @invariant()
    def nobody_is_paid_twice(self):
        payouts = [row["metadata"]["payout"] for row in self.lab.stand_in.world.state.all("transfer")]
        assert len(payouts) == len(set(payouts))
        assert not SettlementRun.objects.filter(stop_reason__contains="two transfers").exists()

    @invariant()
    def states_follow_each_other(self):
        states = dict(Commission.objects.values_list("pk", "state"))
        assert [pk for pk, was in self.states.items() if states[pk] not in COMMISSIONS_MAY[was]] == []
        payouts = dict(Payout.objects.values_list("pk", "state"))
        may = {PayoutState.SENT: {PayoutState.SENT, PayoutState.VOID}, PayoutState.VOID: {PayoutState.VOID}}
        assert [
            pk for pk, was in self.payout_states.items() if payouts[pk] not in may.get(was, payouts.values())
        ] == []
        self.states, self.payout_states = states, payouts

    def teardown(self):
        """Everything ends well: accounts are ready, disputes won, calls answered. Then all must be where it belongs."""
        try:
            self._drain()
            self._look_at_the_end()
        finally:
            self.scenario.__exit__(None, None, None)

    def _drain(self):
        stand_in = self.lab.stand_in
        stand_in.clear_faults()
        stand_in.fund(1_000_000)
        self.topped_up = 1_000_000
        for person in self.advocates:
            stand_in.act_on_account(person.account.stripe_account_id, action="onboard")
        for row in stand_in.world.state.all("dispute"):
            if row["status"] not in {"won", "lost"}:
                stand_in.close_dispute(row["id"], won=True)
        for row in stand_in.world.state.all("event"):
            stand_in.redeliver_webhooks(event_id=row["id"])
        for _round in range(8):
            self.lab.deliver(stand_in.take_webhooks(), Product())
            self._decide_as_a_person()
            self.lab.pass_time(timedelta(days=4))
            mature_commissions(at=self.lab.now + timedelta(days=60))
            for shop in self.shops:
                start_run(payer=shop, currency="EUR", by=None, at=self.lab.now)
            self.send()
            self.the_books_balance()

    def _decide_as_a_person(self):
        """Try again what waits for somebody."""
        again = [CollectionState.FAILED, CollectionState.RETURNED, CollectionState.REQUIRES_ACTION]
        for collection in Collection.objects.filter(state__in=again):
            with suppress(UnableToCollect):
                retry_collection(collection=collection, at=self.lab.now)
                advance_run(run=collection.run, at=self.lab.now)
        for run in SettlementRun.objects.exclude(stop_reason=""):
            resume_run(run=run, at=self.lab.now)
        for person in self.advocates:
            refresh_account(account=person.account, at=self.lab.now)
            assert person.account.status == AccountStatus.ACTIVE
            retry_payouts_of(payee=person, at=self.lab.now)

    def _look_at_the_end(self):
        state = self.lab.stand_in.world.state
        there = sum(
            row["net"] for row in state.all("balance_transaction", account=self.lab.stand_in.platform)
        )
        assert money_in_books() == there - FLOAT - self.topped_up
        open_runs = SettlementRun.objects.exclude(state__in=OVER)
        assert list(open_runs.values_list("state", "stop_reason")) == []
        for person in self.advocates:
            sent = sum(
                row["amount"] - row["amount_reversed"]
                for row in state.all("transfer")
                if row["destination"] == person.account.stripe_account_id
            )
            rows = Commission.objects.filter(payee=person)
            earned = sum(row.open_minor for row in rows)
            left = [payable(shop, person) for shop in self.shops]
            assert sent + sum(left) == earned
            for shop, amount in zip(self.shops, left, strict=True):
                # A part that was taken back at Stripe waits for a person; less than the minimum waits for more.
                back = sum(
                    Transfer.objects.filter(payout__payee=person, payout__run__payer=shop)
                    .exclude(payout__state=PayoutState.VOID)
                    .values_list("reversed_minor", flat=True)
                )
                assert amount < MINIMUM + back


def play(lab, runs):
    lab.build(make_market)
    run_state_machine_as_test(
        lambda: Market(lab),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_few_runs_of_anything_end_well(lab):
    play(lab, 8)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(4))
def test_a_thousand_runs_of_anything_end_well(lab, part):
    play(lab, 250)
