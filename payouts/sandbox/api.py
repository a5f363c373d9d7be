"""From a raw call to an answer: authentication, routing, faults, idempotency, the handler, the observers."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from payouts.sandbox import accounts, faults, jobs
from payouts.sandbox.errors import ConnectionDropped, Row, UnableToAnswer
from payouts.sandbox.idempotency import IN_FLIGHT, Keys, fingerprint
from payouts.sandbox.parameters import Params, decode_form
from payouts.sandbox.routes import Route, find_route
from payouts.sandbox.world import API_VERSION, Request, World

log = logging.getLogger(__name__)
UNAUTHORISED = "You did not provide an API key. Send it in the Authorization header, using Bearer auth."
RATE_LIMITED = (
    "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests."
)
BROKEN = "An unknown error occurred. This is the stand-in's own failure, ordered by a fault."


@dataclass(frozen=True)
class Call:
    """One HTTP call as it arrived. Header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Row
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exchange:
    """One call and its answer, as an observer sees them. `pattern` is the address with `*` for each id."""

    method: str
    path: str
    pattern: str
    params: Row
    account: str | None
    status: int
    body: Row


class Api:
    """The part that plays Stripe's API. Every call runs alone, so that sums are decided in one order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys = Keys(world)
        self.observers: list[Callable[[Exchange], None]] = []

    def answer(self, call: Call) -> Answer:
        """Answer one call, or raise ConnectionDropped when a fault wants silence."""
        address = urlsplit(call.target)
        path = unquote(address.path).rstrip("/")
        with self.world.lock:
            request_id = self.world.state.new_id("req")
        headers = {
            "Request-Id": request_id,
            "Stripe-Version": call.headers.get("stripe-version", API_VERSION),
        }
        if key := call.headers.get("idempotency-key"):
            headers["Idempotency-Key"] = key
        exchange: list[Exchange] = []
        try:
            answer = self._answer(call, path, address.query, request_id, exchange)
        except UnableToAnswer as error:
            answer = Answer(error.status, error.body)
        finally:
            for seen in exchange:
                for observer in self.observers:
                    observer(seen)
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    def _answer(self, call: Call, path: str, query: str, request_id: str, seen: list[Exchange]) -> Answer:
        account = self._authenticate(call)
        found = find_route(call.method, path)
        if found is None:
            raise UnableToAnswer(
                f"Unrecognized request URL ({call.method}: {path}). The stand-in does not know this call.",
                status=404,
            )
        route, ids = found
        data = _read_params(call, path, query)
        if "stripe-version" not in call.headers:
            data = _as_before_endive(data)
        request = Request(
            method=call.method,
            path=path,
            params=Params(data),
            account=account,
            request_id=request_id,
            idempotency_key=call.headers.get("idempotency-key"),
            ids=ids,
            expand=tuple(str(name) for name in data.get("expand") or []),
        )
        try:
            answer = self._with_faults(route, request)
        except UnableToAnswer as error:
            seen.append(_exchange(route, request, error.status, error.body))
            raise
        seen.append(_exchange(route, request, answer.status, answer.body))
        return Answer(answer.status, answer.body, {**answer.headers, **_account_header(call)})

    def _authenticate(self, call: Call) -> str:
        """Check the key, and give the account that the call acts on."""
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme not in ("Bearer", "Basic") or not key:
            raise UnableToAnswer(UNAUTHORISED, status=401)
        if scheme == "Bearer" and not key.startswith(("sk_test_", "rk_test_")):
            raise UnableToAnswer("Invalid API Key provided: the stand-in takes test keys only.", status=401)
        wanted = call.headers.get("stripe-account") or call.headers.get("stripe-context")
        with self.world.lock:
            if not wanted or wanted == self.world.platform:
                return self.world.platform
            row = self.world.state.get(wanted, kind=accounts.KIND)
            if row is None or row["_revoked"]:
                raise UnableToAnswer(
                    f"The provided key does not have access to account '{wanted}' (or that account does not "
                    "exist). Application access may have been revoked.",
                    status=403,
                    code="account_invalid",
                )
        return wanted

    def _with_faults(self, route: Route, request: Request) -> Answer:
        with self.world.lock:
            fault = faults.take_call_fault(self.world, method=request.method, path=request.path)
            self.world.state.flush()
        kind = fault["kind"] if fault else ""
        if kind == "timeout_before":
            raise ConnectionDropped
        if kind == "rate_limit":
            raise UnableToAnswer(RATE_LIMITED, status=429, code="rate_limit")
        if kind == "server_error_before":
            raise UnableToAnswer(BROKEN, status=500, kind="api_error")
        if kind == "conflict":
            raise UnableToAnswer(IN_FLIGHT, status=409, code="idempotency_key_in_use")
        slow_seconds = fault["seconds"] if fault and kind == "slow" else 0.0
        answer = self._once(route, request, broken=kind == "server_error_after", slow_seconds=slow_seconds)
        if kind == "timeout_after":
            raise ConnectionDropped
        return answer

    def _once(self, route: Route, request: Request, *, broken: bool, slow_seconds: float) -> Answer:
        """Do the work under its idempotency key, or give the answer that the key already has."""
        key = request.idempotency_key
        if request.method != "POST" or not key:
            return self._execute(route, request, broken=broken, store=None, slow_seconds=slow_seconds)
        version = request.path.split("/")[1]
        scope = f"{version}:{request.account}"
        mark = fingerprint(request.method, request.path, request.params.data)
        stored = self.keys.begin(scope=scope, key=key, mark=mark)
        if stored is not None:
            replayed = {"Idempotent-Replayed": "true", "Original-Request": stored["request"]}
            return Answer(stored["status"], stored["body"], replayed)

        def store(status: int, body: Row) -> None:
            if version == "v1" or status < 400:  # noqa: PLR2004 -- HTTP's own border of errors
                self.keys.store(
                    scope=scope, key=key, mark=mark, status=status, body=body, request_id=request.request_id
                )

        try:
            return self._execute(route, request, broken=broken, store=store, slow_seconds=slow_seconds)
        finally:
            self.keys.end(scope=scope, key=key)

    def _execute(
        self,
        route: Route,
        request: Request,
        *,
        broken: bool,
        store: Callable[[int, Row], None] | None,
        slow_seconds: float,
    ) -> Answer:
        if slow_seconds:
            time.sleep(slow_seconds)
        with self.world.lock:
            jobs.run_due(self.world)
            self.keys.prune()
            self.world.current = request
            try:
                answer = self._handle(route, request)
            except UnableToAnswer as error:
                answer = Answer(error.status, error.body)
                if not error.executed:
                    store = None
            finally:
                self.world.current = None
            if broken:
                answer = Answer(500, {"error": {"message": BROKEN, "type": "api_error"}})
            if store is not None:
                store(answer.status, answer.body)
            self.world.state.flush()
        return answer

    def _handle(self, route: Route, request: Request) -> Answer:
        request.params.check_names(route.names)
        body = route.handler(self.world, request)
        return Answer(200, self.world.expand(body, request.expand))


def _exchange(route: Route, request: Request, status: int, body: Row) -> Exchange:
    return Exchange(
        request.method, request.path, route.pattern, request.params.data, request.account, status, body
    )


def _account_header(call: Call) -> dict[str, str]:
    account = call.headers.get("stripe-account")
    return {"Stripe-Account": account} if account else {}


def _as_before_endive(data: Row) -> Row:
    """What a caller that pins no version sends: Stripe's own command line still names types in the former way."""
    names = {"payment_method_types": "allowed_payment_method_types"}
    return {names.get(name, name): value for name, value in data.items()}


def _read_params(call: Call, path: str, query: str) -> Row:
    data = decode_form(query)
    if not call.body:
        return data
    text = call.body.decode()
    if not path.startswith("/v2/"):
        return {**data, **decode_form(text)}
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnableToAnswer("The body is not valid JSON.") from error
    if not isinstance(parsed, dict):
        raise UnableToAnswer("The body must be a JSON object.")
    return {**data, **parsed}
