"""The control plane over HTTP: the levers as JSON under `/_sandbox/`. It is for tests and demos, never for a product."""

import json
from typing import Any
from urllib.parse import urlsplit

from payouts.sandbox import faults
from payouts.sandbox.api import Call
from payouts.sandbox.errors import Row
from payouts.sandbox.faults import UnableToOrderFault
from payouts.sandbox.levers import Levers, UnableToPullLever


class Control:
    def __init__(self, levers: Levers) -> None:
        self.levers = levers

    def answer(self, call: Call) -> tuple[int, Any]:
        """Answer one control call with a status and a JSON body; a mistake in it is a 400 that says what."""
        parts = urlsplit(call.target).path.strip("/").split("/")[1:]
        try:
            body = json.loads(call.body or b"{}")
            if not isinstance(body, dict):
                raise UnableToPullLever("the body must be a JSON object")
            return 200, self._pull(call.method, parts, body)
        except (UnableToPullLever, UnableToOrderFault) as error:
            return 400, {"error": str(error)}
        except (TypeError, ValueError, KeyError) as error:
            return 400, {"error": f"cannot read the call: {error!r}"}

    def _pull(self, method: str, parts: list[str], body: Row) -> Any:
        match method, parts:
            case "GET", ["state"]:
                return self.levers.dump()
            case "GET", ["clock"]:
                return self._clock()
            case "POST", ["clock"]:
                self.levers.advance(int(body["advance_seconds"]))
                return self._clock()
            case _, ["faults"]:
                return self._faults(method, body)
            case "POST", ["accounts", account, action]:
                return self.levers.act_on_account(account, action=action)
            case "POST", ["balance"]:
                return self.levers.fund(
                    int(body["amount"]), currency=body.get("currency", "eur"), account=body.get("account")
                )
            case "POST", ["webhooks", action]:
                return self._webhooks(action, body)
            case "POST", [kind, wanted, action]:
                return self._payment(kind, wanted, action, body)
        raise UnableToPullLever(f"there is no lever {method} /_sandbox/{'/'.join(parts)}")

    def _clock(self) -> Row:
        world = self.levers.world
        return {"now": world.now, "ahead_seconds": world.clock.ahead_seconds}

    def _faults(self, method: str, body: Row) -> Any:
        if method == "POST":
            kind = str(body.pop("kind"))
            return self.levers.fault(kind, **body)
        if method == "DELETE":
            return {"cleared": self.levers.clear_faults()}
        return self.levers.dump().get(faults.KIND, [])

    def _webhooks(self, action: str, body: Row) -> Row:
        if action == "redeliver":
            return {"redelivered": self.levers.redeliver_webhooks(event_id=body.get("event"))}
        if action == "drain":
            return {
                "idle": self.levers.drain_webhooks(timeout_seconds=float(body.get("timeout_seconds", 10)))
            }
        if action == "point":
            self.levers.point_webhooks(str(body["kind"]), url=body["url"], secret=body.get("secret"))
            return {"pointed": body["kind"]}
        raise UnableToPullLever(f"there is no lever webhooks/{action}")

    def _payment(self, kind: str, wanted: str, action: str, body: Row) -> Any:
        match kind, action:
            case "payment_methods", "behaviour":
                self.levers.set_behaviour(wanted, behaviour=str(body["behaviour"]))
                return {"payment_method": wanted, "behaviour": body["behaviour"]}
            case "payment_intents", "settle":
                return self.levers.settle_payment(wanted)
            case "payment_intents", "fail":
                return self.levers.settle_payment(wanted, succeeds=False)
            case "payment_intents", "return":
                return self.levers.return_payment(wanted)
            case "payment_intents", "receive":
                amount = body.get("amount")
                return self.levers.receive_bank_transfer(
                    wanted, amount=None if amount is None else int(amount)
                )
            case "payment_intents", "authorise":
                return self.levers.authorise_at_bank(wanted, agreed=bool(body.get("agreed", True)))
            case "checkout", "complete":
                return self.levers.complete_checkout(
                    wanted, method=body.get("method", "ideal"), behaviour=body.get("behaviour", "works")
                )
            case "charges", "dispute":
                return self.levers.open_dispute(wanted, reason=body.get("reason", "general"))
            case "disputes", "win" | "lose":
                return self.levers.close_dispute(wanted, won=action == "win")
        raise UnableToPullLever(f"there is no lever {kind}/{action}")
