"""Differences between Stripe and the books, planted by hand: what a crash, a person or an error may leave behind."""

from collections import Counter
from datetime import timedelta

from cms.stripe_events import HANDLERS
from payouts.catch_up import heard_types
from payouts.enums import AccountKind, DifferenceKind, PayoutState, TransactionKind
from payouts.gateway import gateway
from payouts.inbox import receive_event
from payouts.ledger import account, post
from payouts.models import Collection, Payout
from payouts.own_money import refresh_own_money
from payouts.sandbox import Sandbox, jobs
from payouts.stripe_rows import Buyable
from payouts.transfers import record_transfer
from tests.factories import NOW, make_payer
from tests.payouts.settling import (
    DUE,
    deliver,
    funded_run,
    owe,
    pay_a_fee,
    paying_shop,
    ready_payee,
    settle,
)

#: When the books are compared: what was planted at DUE is past all grace, and money has become available since.
AT = DUE + timedelta(days=5, hours=3)
TYPES = heard_types(HANDLERS)


class World:
    """A shop whose advocates were paid, at DUE by Stripe's clock; `kinds` counts what was planted since."""

    def __init__(self, stand_in: Sandbox, *, payees: int = 1) -> None:
        self.stand_in = stand_in
        self.kinds: Counter[str] = Counter()
        self.mendable: Counter[str] = Counter()
        self.payer = paying_shop(stand_in, platform_fee_bps=500)
        self.payees = [ready_payee(stand_in, f"Advocate {number}") for number in range(payees)]
        stand_in.advance(DUE - NOW)
        self.fee = pay_a_fee(stand_in, make_payer("Hout & Zo"))
        self.pay()

    def pay(self) -> None:
        for payee in self.payees:
            owe(self.payer, payee)
        settle(self.payer)
        self.come_to_rest()

    def come_to_rest(self) -> None:
        """All that Stripe told was acted on, and the platform's own money is in the books."""
        deliver(self.stand_in)
        refresh_own_money(at=DUE)

    def receive(self) -> None:
        """Events came in, and nobody has acted on them yet."""
        for sent in self.stand_in.take_webhooks():
            receive_event(body=sent.body, signature=sent.signature, endpoint=sent.endpoint, at=DUE)

    def wait(self) -> None:
        """Let Stripe's clock go on to just before AT."""
        self.receive()
        self.stand_in.advance(timedelta(days=5))
        self.receive()

    def planted(self, kind: DifferenceKind, count: int = 1, *, is_mendable: bool = False) -> None:
        self.kinds[kind] += count
        if is_mendable:
            self.mendable[kind] += count

    # At Stripe, and not here ----------------------------------------------------------------------------------

    def move_own_money(self) -> None:
        """Eight times: to the bank and back, put in (some of it not there yet), charged for."""
        for amount, kind in (
            (-900, "payout"),
            (-800, "payout"),
            (900, "payout_failure"),
            (5000, "topup"),
            (300, "topup"),
            (-120, "stripe_fee"),
            (-80, "stripe_fee"),
        ):
            self.stand_in.move(amount, kind=kind)
        self.stand_in.move(600, kind="topup", days=9)
        self.planted(DifferenceKind.OWN_UNBOOKED, 8, is_mendable=True)

    def adjust(self, count: int) -> None:
        """Money that Stripe moved and nobody knows why."""
        for number in range(count):
            self.stand_in.move(-50 - number, kind="adjustment")
        self.planted(DifferenceKind.MOVEMENT_UNBOOKED, count)

    def dispute(self) -> None:
        """A shop's payment is disputed, and no event of it was acted on."""
        self.stand_in.open_dispute(Collection.objects.order_by("-pk").first().stripe_charge_id)
        self.planted(DifferenceKind.PAYMENT_UNBOOKED, is_mendable=True)

    def sell_unheard(self, count: int) -> None:
        """Sales on the shop's own account whose fee nobody has booked."""
        for _number in range(count):
            page = gateway().create_checkout(
                account=self.fee.payer.account.stripe_account_id,
                lines=[Buyable("Theekop", 2420, 1, {})],
                currency="EUR",
                success_url="https://x.example/ok",
                cancel_url="https://x.example/no",
                fee_minor=200,
            )
            self.stand_in.complete_checkout(page.stripe_id, method="ideal")
        self.planted(DifferenceKind.FEE_UNBOOKED, count)

    def lose_events(self, count: int) -> None:
        """Things that happened and were never told."""
        self.receive()
        for number in range(count):
            payment = gateway().create_payment(
                customer=self.payer.stripe_customer_id,
                amount_minor=1000,
                currency="EUR",
                transfer_group="elsewhere",
                description="",
                metadata={},
                key=f"lost-{number}",
            )
            gateway().cancel_payment(payment.stripe_id, key=f"lost-{number}-cancel")
        self.stand_in.take_webhooks()
        self.planted(DifferenceKind.EVENT_MISSING, count, is_mendable=True)

    # Transfers --------------------------------------------------------------------------------------------------

    def fund(self) -> list[Payout]:
        """A run whose money is there and of which nothing was sent; its payouts."""
        for payee in self.payees:
            owe(self.payer, payee)
        return list(funded_run(self.payer).payouts.select_related("run", "payee__account").order_by("pk"))

    def transfer(self, payout: Payout, *, amount_minor: int = 0, number: int = 0):
        return gateway().create_transfer(
            amount_minor=amount_minor or payout.amount_minor,
            currency="EUR",
            destination=payout.payee.account.stripe_account_id,
            transfer_group=payout.run.transfer_group,
            description="",
            metadata={"payout": str(number or payout.pk)},
            key=f"planted-{len(self.stand_in.dump().get('transfer', []))}",
        )

    def send_unrecorded(self, payout: Payout) -> None:
        """The answer was lost, and the worker with it."""
        self.transfer(payout)
        self.planted(DifferenceKind.TRANSFER_UNRECORDED, is_mendable=True)

    def send_too_much(self, payout: Payout) -> None:
        self.transfer(payout, amount_minor=payout.amount_minor + 7)
        self.planted(DifferenceKind.TRANSFER_AMOUNT)

    def send_twice(self, payout: Payout) -> None:
        record_transfer(payout=payout, transfer=self.transfer(payout), at=DUE)
        self.transfer(payout)
        self.planted(DifferenceKind.TRANSFER_TWICE)

    def send_unheard_of(self, payout: Payout) -> None:
        self.transfer(payout, number=payout.pk + 1_000_000)
        self.planted(DifferenceKind.TRANSFER_UNKNOWN)

    def take_back(self, payout: Payout, amount_minor: int) -> None:
        """A part of a transfer was reversed, in Stripe's own pages."""
        gateway()._client.v1.transfers.reversals.create(
            payout.transfer.stripe_transfer_id,
            {"amount": amount_minor},
            {"idempotency_key": f"back-{payout.pk}"},
        )
        self.planted(DifferenceKind.TRANSFER_REVERSED, is_mendable=True)

    def lose_transfer(self, payout: Payout) -> None:
        """Stripe has no transfer where our row says there is one."""
        state = self.stand_in.world.state
        transfer = state.get(payout.transfer.stripe_transfer_id)
        state.remove(state.get(transfer["balance_transaction"]))
        state.remove(transfer)
        self.planted(DifferenceKind.TRANSFER_MISSING)

    # In the books, and not at Stripe ------------------------------------------------------------------------------

    def book_out_of_nothing(self, count: int) -> None:
        for number in range(count):
            self._post(
                f"nothing-{number}", AccountKind.STRIPE_AVAILABLE, 11 + number, movement=f"txn_no_{number}"
            )
        self.planted(DifferenceKind.MOVEMENT_MISSING, count)

    def put_in_suspense(self) -> None:
        self._post("suspense", AccountKind.SUSPENSE, 13)
        self.planted(DifferenceKind.IN_SUSPENSE)

    def _post(self, key: str, kind: AccountKind, amount_minor: int, *, movement: str | None = None) -> None:
        post(
            key=key,
            kind=TransactionKind.CORRECTION,
            lines=[
                (account(kind, "EUR"), amount_minor),
                (account(AccountKind.PLATFORM_OWN, "EUR"), -amount_minor),
            ],
            at=DUE,
            movement=movement,
        )

    def change_amount(self, movement: str) -> None:
        """Stripe moved five cents more than what was booked."""
        state = self.stand_in.world.state
        row = state.get(movement)
        state.update(row, amount=row["amount"] + 5, net=row["net"] + 5)
        self.planted(DifferenceKind.MOVEMENT_AMOUNT)

    # What stands still, and what is long ago ----------------------------------------------------------------------

    def get_stuck(self, payout: Payout) -> None:
        Payout.objects.filter(pk=payout.pk).update(
            state=PayoutState.SENDING, claimed_at=DUE, claimed_by="gone"
        )
        self.planted(DifferenceKind.PAYOUT_STUCK)

    def debit_for_ever(self) -> None:
        """A debit that its bank never answers."""
        slow = paying_shop(self.stand_in, "Traag BV", method="sepa_debit", behaviour="works")
        owe(slow, self.payees[0])
        settle(slow)
        collection = Collection.objects.get(payer=slow)
        state = self.stand_in.world.state
        jobs.cancel(self.stand_in.world, target=collection.stripe_payment_intent_id)
        charge = state.get(collection.stripe_charge_id)
        row = state.get(charge["balance_transaction"])
        state.update(row, created=row["created"] - 20 * 86_400)
        self.planted(DifferenceKind.COLLECTION_STUCK)

    def move_long_ago(self, currency: str) -> None:
        """Money that moved before anybody looks back to, and is in no books."""
        row = self.stand_in.move(77, kind="adjustment", currency=currency)
        stored = self.stand_in.world.state.get(row["id"])
        self.stand_in.world.state.update(stored, created=stored["created"] - 90 * 86_400)
        self.planted(DifferenceKind.BALANCE_OFF)
