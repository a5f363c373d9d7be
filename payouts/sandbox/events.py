"""What happened: snapshot events of v1, thin events of v2, and the deliveries that each of them owes."""

from typing import Any

from payouts.sandbox.clock import DAY, as_iso
from payouts.sandbox.errors import Row, missing_resource
from payouts.sandbox.world import API_VERSION, Request, World, list_rows

THIN = "v2.core.event"
DELIVERY = "_delivery"
KEPT_SECONDS = 30 * DAY


def emit(world: World, event_type: str, row: Row, *, before: Row | None = None) -> Row:
    """Record that something happened to a stored object; `before` holds the old values of what changed."""
    return emit_shown(world, event_type, account=row["_account"], shown=world.show(row), before=before)


def emit_shown(world: World, event_type: str, *, account: str, shown: Row, before: Row | None = None) -> Row:
    """Record a snapshot event of an account, and owe it to the endpoint that listens for such accounts."""
    data: Row = {"object": shown}
    if before is not None:
        data["previous_attributes"] = before
    request = world.current
    event = world.make(
        "event",
        "evt",
        account,
        api_version=API_VERSION,
        data=data,
        pending_webhooks=1,
        request={
            "id": request.request_id if request else None,
            "idempotency_key": request.idempotency_key if request else None,
        },
        type=event_type,
        _endpoint="account" if account == world.platform else "connect",
    )
    if account != world.platform:
        world.state.update(event, account=account)
    owe(world, event)
    return event


def emit_thin(world: World, event_type: str, about: str | None, /, **data: Any) -> Row:
    """Record a v2 event, mostly about an account. It is the platform's; only a reference is delivered."""
    event = world.state.add(
        {
            "id": world.state.new_id("evt"),
            "object": THIN,
            "type": event_type,
            "created": as_iso(world.now),
            "livemode": False,
            "context": None,
            "reason": _thin_reason(world.current),
            "related_object": {
                "id": about,
                "type": "v2.core.account",
                "url": f"/v2/core/accounts/{about}",
            }
            if about
            else None,
            "data": data,
            "_account": world.platform,
            "_created": world.now,
            "_endpoint": "thin",
        }
    )
    owe(world, event)
    return event


def _thin_reason(request: Request | None) -> Row | None:
    if request is None or not request.idempotency_key:
        return None
    return {
        "type": "request",
        "request": {"id": request.request_id, "idempotency_key": request.idempotency_key},
    }


def owe(world: World, event: Row) -> None:
    """Owe an event to its endpoint (again). The row of a delivery lives until it succeeded."""
    world.state.update(event, _delivered=False)
    world.state.add(
        {
            "id": world.state.new_id("del"),
            "object": DELIVERY,
            "event": event["id"],
            "type": event["type"],
            "endpoint": event["_endpoint"],
            "status": "pending",
            "attempts": 0,
            "due": world.now,
            "first_due": world.now,
            "fault": None,
            "met_fault": False,
        }
    )
    world.on_event()


def payload(world: World, event: Row) -> Row:
    """Give what is sent: a snapshot whole, a thin event without what has to be fetched."""
    shown = world.show(event)
    if event["object"] == THIN:
        shown = _without_nothing(shown)
        shown.pop("data")
    else:
        shown["pending_webhooks"] = int(not event["_delivered"])
    return shown


def list_events(world: World, request: Request) -> Row:
    params = request.params
    wanted = set(params.items("types")) | ({params.text("type")} if params.has("type") else set())
    success = params.text("delivery_success", choices=("true", "false"))
    oldest = world.now - KEPT_SECONDS

    def matches(row: Row) -> bool:
        return (
            row["created"] >= oldest
            and (not wanted or any(_type_matches(row["type"], pattern) for pattern in wanted))
            and (success is None or row["_delivered"] == (success == "true"))
        )

    rows = world.state.all("event", account=request.account)
    return list_rows(world, request, rows, url="/v1/events", matches=matches)


def _type_matches(event_type: str, pattern: str | None) -> bool:
    if pattern is not None and pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return event_type == pattern


def retrieve_event(world: World, request: Request) -> Row:
    event = world.find("event", request.ids[0], account=request.account)
    if event["created"] < world.now - KEPT_SECONDS:
        raise missing_resource(kind="event", wanted=request.ids[0])
    return world.show(event)


def retrieve_thin_event(world: World, request: Request) -> Row:
    event = world.state.get(request.ids[0], kind=THIN)
    if event is None or event["_created"] < world.now - KEPT_SECONDS:
        raise missing_resource(kind=THIN, wanted=request.ids[0])
    return _without_nothing(world.show(event))


def _without_nothing(shown: Row) -> Row:
    """Leave out what a thin event does not have, as Stripe does, instead of saying null."""
    return {key: value for key, value in shown.items() if value is not None}
