"""What a test, the demo or a person may make happen: time, people's decisions, banks' decisions,
misbehaviour.
"""

from datetime import timedelta

from payouts.sandbox import (
    accounts,
    balances,
    charges,
    checkout,
    customers,
    debits,
    disputes,
    faults,
    invoices,
    jobs,
    payment_links,
    payments,
    payouts,
)
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row
from payouts.sandbox.idempotency import Keys
from payouts.sandbox.webhooks import Delivery, Postman
from payouts.sandbox.world import Endpoint, World


class UnableToPullLever(Exception):
    """The object is not there, or not in a state where this can happen to it."""


class Levers:
    """Each lever is one thing that happens outside of the API. They keep the lock while they work."""

    def __init__(self, world: World, postman: Postman) -> None:
        self.world = world
        self.postman = postman

    def advance(self, seconds: int | timedelta) -> int:
        """Move the clock forward: money settles, debits come through or bounce, keys age."""
        amount = int(seconds.total_seconds()) if isinstance(seconds, timedelta) else seconds
        if amount < 0:
            raise UnableToPullLever("the clock only goes forward")
        with self.world.lock:
            ran = jobs.advance(self.world, seconds=amount)
            Keys(self.world).prune()
            self.world.state.flush()
        self.postman.wake()
        return ran

    def fault(
        self,
        kind: str,
        *,
        method: str = "*",
        path: str = "*",
        event: str = "*",
        count: int = 1,
        seconds: float = 0,
    ) -> Row:
        """Order a fault; see `faults.add_fault`."""
        with self.world.lock:
            row = faults.add_fault(
                self.world, kind=kind, method=method, path=path, event=event, count=count, seconds=seconds
            )
            self.world.state.flush()
        return row

    def clear_faults(self) -> int:
        with self.world.lock:
            count = faults.clear_faults(self.world)
            self.world.state.flush()
        return count

    def act_on_account(self, account_id: str, *, action: str) -> Row:
        """Let something happen to a connected account: `onboard`, `restrict`, `disable` or `deauthorise`."""
        actions = {
            "onboard": accounts.finish_onboarding,
            "restrict": accounts.restrict,
            "disable": accounts.disable,
            "deauthorise": accounts.deauthorise,
        }
        if action not in actions:
            raise UnableToPullLever(f"unknown action {action!r}; known: {', '.join(actions)}")
        with self.world.lock:
            row = self._find(accounts.KIND, account_id)
            actions[action](self.world, row)
            self.world.state.flush()
            return accounts.show_v1_account(row)

    def onboard(self, account_id: str) -> Row:
        """Finish the hosted onboarding of an account."""
        return self.act_on_account(account_id, action="onboard")

    def set_bank_account(self, account_id: str, *, iban: str) -> Row:
        """Have an account paid out to another bank account; two accounts may name the same."""
        with self.world.lock:
            added = accounts.add_bank_account(self.world, self._find(accounts.KIND, account_id), iban=iban)
            payouts.plan_payout(self.world, account=account_id, after=self.world.now)
            self.world.state.flush()
            return self.world.show(added)

    def refuse_bank_payouts(self, account_id: str, *, code: str = "account_closed") -> None:
        """Let the bank of an account refuse what is paid out to it from now on, until it has another bank account."""
        if code not in payouts.FAILURES:
            raise UnableToPullLever(f"unknown code {code!r}; known: {', '.join(payouts.FAILURES)}")
        with self.world.lock:
            for bank in self.world.state.all(payouts.BANK_ACCOUNT, account=account_id):
                self.world.state.update(bank, _refuses=code)
            self.world.state.flush()

    def fund(self, amount: int, *, currency: str = "eur", account: str | None = None) -> Row:
        """Put `amount` minor units into the available balance of the platform, or of an account."""
        return self.move(amount, kind="topup", currency=currency, account=account)

    def move(
        self, amount: int, *, kind: str, currency: str = "eur", account: str | None = None, days: int = 0
    ) -> Row:
        """Move money that no call moves: a payout to the platform's bank, what Stripe charges, an adjustment.

        `kind` is the type of the balance transaction; it is available after so many days.
        """
        with self.world.lock:
            row = balances.book(
                self.world,
                account=account or self.world.platform,
                kind=kind,
                amount=amount,
                currency=currency,
                source=None,
                available_on=self.world.now + days * DAY,
            )
            self.world.state.flush()
            return self.world.show(row)

    def set_behaviour(self, method_id: str, *, behaviour: str) -> None:
        """Decide what payments with a saved method will do from now on."""
        if behaviour not in customers.BEHAVIOURS:
            known = ", ".join(customers.BEHAVIOURS)
            raise UnableToPullLever(f"unknown behaviour {behaviour!r}; known: {known}")
        with self.world.lock:
            self.world.state.update(self._find(customers.METHOD, method_id), _behaviour=behaviour)
            self.world.state.flush()

    def settle_payment(self, intent_id: str, *, succeeds: bool = True) -> Row:
        """Let the bank decide on a SEPA debit now, instead of after its days."""
        with self.world.lock:
            intent = self._find(payments.KIND, intent_id)
            if intent["status"] != "processing":
                raise UnableToPullLever(f"{intent_id} is {intent['status']}, not processing")
            jobs.cancel(self.world, target=intent_id)
            if succeeds:
                debits.settle_debit(self.world, intent)
            else:
                debits.fail_debit(self.world, intent)
            self.world.state.flush()
            return self.world.show(intent)

    def return_payment(self, intent_id: str) -> Row:
        """Let the owner of the bank account claim a SEPA debit back after it had succeeded."""
        with self.world.lock:
            intent = self._find(payments.KIND, intent_id)
            if intent["status"] != "succeeded":
                raise UnableToPullLever(f"{intent_id} is {intent['status']}, not succeeded")
            debits.return_debit(self.world, self._find(charges.KIND, intent["latest_charge"]))
            self.world.state.flush()
            return self.world.show(intent)

    def receive_bank_transfer(self, intent_id: str, *, amount: int | None = None) -> Row:
        """Let a bank transfer for an intent arrive; all of it when no amount is named."""
        with self.world.lock:
            intent = self._find(payments.KIND, intent_id)
            action = intent["next_action"] or {}
            if action.get("type") != "display_bank_transfer_instructions":
                raise UnableToPullLever(f"{intent_id} does not wait for a bank transfer")
            left = action["display_bank_transfer_instructions"]["amount_remaining"]
            payments.receive_bank_transfer(self.world, intent, amount=left if amount is None else amount)
            self.world.state.flush()
            return self.world.show(intent)

    def authorise_at_bank(self, intent_id: str, *, agreed: bool = True) -> Row:
        """Let the person answer at the bank (iDEAL, or a card that needs its owner)."""
        with self.world.lock:
            intent = self._find(payments.KIND, intent_id)
            payments.authorise_at_bank(self.world, intent, agreed=agreed)
            self.world.state.flush()
            return self.world.show(intent)

    def follow_link(self, link_id: str, *, client_reference: str = "") -> Row:
        """Let somebody follow a payment link; the session that it opens."""
        with self.world.lock:
            link = self._find(payment_links.KIND, link_id)
            session = payment_links.follow_link(self.world, link, client_reference=client_reference)
            self.world.state.flush()
            return self.world.show(session)

    def renew(self, subscription: str) -> Row:
        """Let the next period of a subscription begin: its next invoice, paid."""
        with self.world.lock:
            invoice = invoices.renew(self.world, subscription)
            self.world.state.flush()
            return invoice

    def expire_checkout(self, session_id: str) -> Row:
        """Let a session's time be over."""
        with self.world.lock:
            session = self._find(checkout.KIND, session_id)
            jobs.cancel(self.world, target=session_id)
            checkout.expire_session(self.world, session)
            self.world.state.flush()
            return self.world.show(session)

    def complete_checkout(
        self, session_id: str, *, method: str = "ideal", behaviour: str = "works", code: str = ""
    ) -> Row:
        """Do what the person does on the Checkout page: type a promotion code, and pay by this method."""
        with self.world.lock:
            session = self._find(checkout.KIND, session_id)
            if session["status"] != "open":
                raise UnableToPullLever(f"{session_id} is {session['status']}, not open")
            if method not in session["payment_method_types"] or behaviour not in customers.BEHAVIOURS:
                raise UnableToPullLever(f"{method!r} with {behaviour!r} is not possible in {session_id}")
            if code and not checkout.redeem_code(self.world, session, code):
                raise UnableToPullLever(f"{code!r} takes nothing off {session_id}")
            if session["mode"] == "setup":
                checkout.complete_setup_session(self.world, session, kind=method, behaviour=behaviour)
            else:
                checkout.complete_payment_session(self.world, session, kind=method, behaviour=behaviour)
            self.world.state.flush()
            return self.world.show(session)

    def open_dispute(self, charge_id: str, *, reason: str = "general") -> Row:
        with self.world.lock:
            charge = self._find(charges.KIND, charge_id)
            if charge["status"] != "succeeded" or charge["disputed"]:
                raise UnableToPullLever(f"{charge_id} cannot be disputed")
            dispute = disputes.open_dispute(self.world, charge, reason=reason)
            self.world.state.flush()
            return self.world.show(dispute)

    def close_dispute(self, dispute_id: str, *, won: bool) -> Row:
        with self.world.lock:
            dispute = self._find(disputes.KIND, dispute_id)
            disputes.close_dispute(self.world, dispute, won=won)
            self.world.state.flush()
            return self.world.show(dispute)

    def point_webhooks(self, kind: str, *, url: str | None, secret: str | None = None) -> None:
        """Say where webhooks of a kind (`account`, `connect`, `thin`) go from now on; None holds them."""
        with self.world.lock:
            if kind not in self.world.endpoints:
                known = ", ".join(self.world.endpoints)
                raise UnableToPullLever(f"unknown endpoint {kind!r}; known: {known}")
            old = self.world.endpoints[kind]
            self.world.endpoints[kind] = Endpoint(url, secret or old.secret)
        self.postman.wake()

    def take_webhooks(self) -> list[Delivery]:
        """Take what is held for endpoints without a URL, signed, in order; it then counts as delivered."""
        return self.postman.take()

    def drain_webhooks(self, *, timeout_seconds: float = 10) -> bool:
        """Wait until every webhook that is due was tried. Returns False when that took too long."""
        return self.postman.drain(timeout_seconds=timeout_seconds)

    def redeliver_webhooks(self, *, event_id: str | None = None) -> int:
        """Send an event again, or all that were dropped or given up."""
        return self.postman.redeliver(event_id=event_id)

    def dump(self) -> dict[str, list[Row]]:
        with self.world.lock:
            return self.world.state.dump()

    def _find(self, kind: str, wanted: str) -> Row:
        row = self.world.state.get(wanted, kind=kind)
        if row is None:
            raise UnableToPullLever(f"no such {kind}: {wanted}")
        return row
