"""The control plane over HTTP: the levers as JSON under `/_sandbox/`.

It is for tests and demos, never for a product. `docs/stand-in.md` lists the addresses.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from payouts.sandbox import faults
from payouts.sandbox.api import Call
from payouts.sandbox.errors import Row
from payouts.sandbox.faults import UnableToOrderFault
from payouts.sandbox.levers import Levers, UnableToPullLever

type Lever = Callable[[str, Row], Any]


class Control:
    """Finds the lever of an address: `WHAT`, `WHAT/VERB` or `WHAT/id/VERB`, with its settings in a JSON body."""

    def __init__(self, levers: Levers) -> None:
        self.levers = levers
        self._whole: dict[str, Callable[[Row], Any]] = {
            "GET state": lambda _body: levers.dump(),
            "GET clock": lambda _body: self._clock(),
            "POST clock": self._advance,
            "GET faults": lambda _body: levers.dump().get(faults.KIND, []),
            "POST faults": lambda body: levers.fault(str(body.pop("kind")), **body),
            "DELETE faults": lambda _body: {"cleared": levers.clear_faults()},
            "POST balance": self._fund,
            "POST webhooks/redeliver": lambda body: {
                "redelivered": levers.redeliver_webhooks(event_id=body.get("event"))
            },
            "POST webhooks/drain": lambda body: {
                "idle": levers.drain_webhooks(timeout_seconds=float(body.get("timeout_seconds", 10)))
            },
            "POST webhooks/point": self._point,
        }
        self._single: dict[str, Lever] = {
            "accounts/bank": lambda wanted, body: levers.set_bank_account(wanted, **body),
            "accounts/refuse": self._refuse_payouts,
            "payment_methods/behaviour": self._behave,
            "payment_intents/settle": lambda wanted, _body: levers.settle_payment(wanted),
            "payment_intents/fail": lambda wanted, _body: levers.settle_payment(wanted, succeeds=False),
            "payment_intents/return": lambda wanted, _body: levers.return_payment(wanted),
            "payment_intents/receive": lambda wanted, body: levers.receive_bank_transfer(wanted, **body),
            "payment_intents/authorise": lambda wanted, body: levers.authorise_at_bank(wanted, **body),
            "checkout/expire": lambda wanted, _body: levers.expire_checkout(wanted),
            "subscriptions/renew": lambda wanted, _body: levers.renew(wanted),
            "payment_links/follow": lambda wanted, body: levers.follow_link(wanted, **body),
            "checkout/complete": lambda wanted, body: levers.complete_checkout(wanted, **body),
            "charges/dispute": lambda wanted, body: levers.open_dispute(wanted, **body),
            "disputes/win": lambda wanted, _body: levers.close_dispute(wanted, won=True),
            "disputes/lose": lambda wanted, _body: levers.close_dispute(wanted, won=False),
        }

    def answer(self, call: Call) -> tuple[int, Any]:
        """Answer one control call with a status and a JSON body; a mistake in it is a 400 that says what."""
        parts = urlsplit(call.target).path.strip("/").split("/")[1:]
        try:
            return 200, self._pull(call.method, parts, _read_body(call))
        except (UnableToPullLever, UnableToOrderFault) as error:
            return 400, {"error": str(error)}
        except (TypeError, ValueError, KeyError) as error:
            return 400, {"error": f"cannot read the call: {error!r}"}

    def _pull(self, method: str, parts: list[str], body: Row) -> Any:
        if whole := self._whole.get(f"{method} {'/'.join(parts)}"):
            return whole(body)
        if method == "POST" and len(parts) == len(("what", "id", "verb")):
            what, wanted, verb = parts
            if single := self._single.get(f"{what}/{verb}"):
                return single(wanted, body)
            if what == "accounts":
                return self.levers.act_on_account(wanted, action=verb)
        raise UnableToPullLever(f"there is no lever {method} /_sandbox/{'/'.join(parts)}")

    def _clock(self) -> Row:
        world = self.levers.world
        return {"now": world.now, "ahead_seconds": world.clock.ahead_seconds}

    def _advance(self, body: Row) -> Row:
        self.levers.advance(int(body["advance_seconds"]))
        return self._clock()

    def _fund(self, body: Row) -> Row:
        currency, account = body.get("currency", "eur"), body.get("account")
        kind, days = body.get("kind", "topup"), int(body.get("days", 0))
        return self.levers.move(int(body["amount"]), kind=kind, currency=currency, account=account, days=days)

    def _point(self, body: Row) -> Row:
        self.levers.point_webhooks(str(body["kind"]), url=body["url"], secret=body.get("secret"))
        return {"pointed": body["kind"]}

    def _refuse_payouts(self, wanted: str, body: Row) -> Row:
        self.levers.refuse_bank_payouts(wanted, **body)
        return {"refuses": wanted}

    def _behave(self, wanted: str, body: Row) -> Row:
        self.levers.set_behaviour(wanted, behaviour=str(body["behaviour"]))
        return {"payment_method": wanted, "behaviour": body["behaviour"]}


def _read_body(call: Call) -> Row:
    body = json.loads(call.body or b"{}")
    if not isinstance(body, dict):
        raise UnableToPullLever("the body must be a JSON object")
    return body
