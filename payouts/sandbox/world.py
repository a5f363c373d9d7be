"""The world that every call works on: its time, its rows, its platform account, and what is being asked."""

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from payouts.sandbox.clock import Clock
from payouts.sandbox.errors import Row, UnableToAnswer, missing_resource
from payouts.sandbox.parameters import Params
from payouts.sandbox.state import State

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Request:
    """One call as a handler sees it. `account` is the account it acts on: the platform, or the one in the
    header.
    """

    method: str
    path: str
    params: Params
    account: str
    request_id: str
    idempotency_key: str | None = None
    ids: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """Where webhooks of one kind go. Without a URL they are held until somebody takes them."""

    url: str | None
    secret: str


@dataclass
class World:
    state: State
    clock: Clock
    endpoints: dict[str, Endpoint]
    public_url: str = ""
    jobs: dict[str, "Callable[[World, Row], None]"] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    current: Request | None = None
    on_event: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.clock.ahead_seconds = self.state.meta.get("ahead_seconds", 0)
        if "platform" not in self.state.meta:
            self.state.update(self.state.meta, platform=self.state.new_id("acct"))
        self.platform: str = self.state.meta["platform"]

    @property
    def now(self) -> int:
        return self.clock.now()

    def make(self, kind: str, prefix: str, owner: str, /, **fields: Any) -> Row:
        """Make and store a Stripe object of an account."""
        row: Row = {"id": self.state.new_id(prefix), "object": kind, "created": self.now, "livemode": False}
        return self.state.add({**row, **fields, "_account": owner})

    def find(self, kind: str, wanted: str, *, account: str, param: str | None = None) -> Row:
        """Find an object of an account, or refuse as Stripe does when there is none."""
        row = self.state.get(wanted, kind=kind)
        if row is None or row["_account"] != account:
            raise missing_resource(kind=kind, wanted=wanted, param=param)
        return row

    def show(self, row: Row) -> Row:
        """Give the object as a caller sees it: a copy, without private keys, its state as of now."""
        shown = {key: copy.deepcopy(value) for key, value in row.items() if not key.startswith("_")}
        if row["object"] == "balance_transaction":
            shown["status"] = "available" if row["available_on"] <= self.now else "pending"
        return shown

    def expand(self, shown: Row, paths: tuple[str, ...]) -> Row:
        """Put objects in the place of their ids along each dotted path."""
        for path in paths:
            self._expand_path(shown, path.split("."), path)
        return shown

    def _expand_path(self, holder: Row, parts: list[str], path: str) -> None:
        name, rest = parts[0], parts[1:]
        if name not in holder:
            raise UnableToAnswer(f"This property cannot be expanded ({path}).", param="expand")
        value = holder[name]
        if isinstance(value, str):
            row = self.state.get(value)
            if row is None or row["object"].startswith(("_", "v2.")):
                raise UnableToAnswer(f"This property cannot be expanded ({path}).", param="expand")
            value = holder[name] = self.show(row)
        elif isinstance(value, list) and all(isinstance(inner, str) for inner in value):
            rows = [self.state.get(inner) for inner in value]
            value = holder[name] = [self.show(row) for row in rows if row is not None]
        if rest:
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    self._expand_path(inner, rest, path)


def list_rows(
    world: World,
    request: Request,
    rows: list[Row],
    *,
    url: str,
    matches: Callable[[Row], bool] = lambda _row: True,
) -> Row:
    """Give one page, newest first: `limit` 1 to 100, `starting_after`, `ending_before`, `created` filters."""
    params = request.params
    limit = params.integer("limit", minimum=1) or 10
    if limit > 100:  # noqa: PLR2004 -- Stripe's own ceiling
        raise UnableToAnswer("Limit must be at most 100.", param="limit")
    found = [row for row in reversed(rows) if _created_within(params, row) and matches(row)]
    after, before = params.text("starting_after"), params.text("ending_before")
    if after:
        found = found[_position(found, after, "starting_after") + 1 :]
    elif before:
        found = found[: _position(found, before, "ending_before")]
    page = found[-limit:] if before and not after else found[:limit]
    listing: Row = {
        "object": "list",
        "data": [world.show(row) for row in page],
        "has_more": len(found) > len(page),
        "url": url,
    }
    return listing


def _position(rows: list[Row], wanted: str, param: str) -> int:
    for position, row in enumerate(rows):
        if row["id"] == wanted:
            return position
    raise missing_resource(kind="object", wanted=wanted, param=param)


def _created_within(params: Params, row: Row) -> bool:
    created = row["created"]
    if not isinstance(params.value("created"), dict):
        exact = params.integer("created")
        return exact is None or created == exact
    bounds = {name: params.integer("created", name) for name in ("gt", "gte", "lt", "lte")}
    return bool(
        (bounds["gt"] is None or created > bounds["gt"])
        and (bounds["gte"] is None or created >= bounds["gte"])
        and (bounds["lt"] is None or created < bounds["lt"])
        and (bounds["lte"] is None or created <= bounds["lte"])
    )


def field_matches(request: Request, *names: str) -> Callable[[Row], bool]:
    """Filter a list by equality of the fields that the call names."""
    wanted = {name: request.params.text(name) for name in names}
    return lambda row: all(value is None or row.get(name) == value for name, value in wanted.items())
