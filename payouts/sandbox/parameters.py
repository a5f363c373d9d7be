"""Reading what a call sends: bracketed form bodies (v1) and JSON (v2), by name and by type."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from payouts.sandbox.errors import Row, UnableToAnswer

KEY_PARTS = re.compile(r"[^\[\]]+")
OPEN_MAPPINGS = ("metadata",)


def decode_form(text: str) -> Row:
    """Turn `a[b][0][c]=d` into nested dicts and lists, as Stripe does; all leaves stay text."""
    tree: Row = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        parts = KEY_PARTS.findall(key)
        if key.endswith("[]"):
            parts.append(str(len(_dig(tree, parts))))
        branch = _dig(tree, parts[:-1])
        branch[parts[-1]] = value
    return {key: _fold_lists(value, key) for key, value in tree.items()}


def _dig(tree: Row, parts: list[str]) -> Row:
    for part in parts:
        branch = tree.setdefault(part, {})
        if not isinstance(branch, dict):
            raise UnableToAnswer(f"Invalid request: {part} is given both as a value and as a hash")
        tree = branch
    return tree


def _fold_lists(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return value
    if name not in OPEN_MAPPINGS and value and all(key.isdigit() for key in value):
        return [_fold_lists(value[key], "") for key in sorted(value, key=int)]
    return {key: _fold_lists(inner, key) for key, inner in value.items()}


def parameter_name(path: tuple[str, ...]) -> str:
    """Name a nested parameter as Stripe does: `payment_intent_data[application_fee_amount]`."""
    return path[0] + "".join(f"[{part}]" for part in path[1:])


@dataclass(frozen=True)
class Params:
    """The parameters of one call. Each reader refuses what is missing or of another type with a 400."""

    data: Row = field(default_factory=dict)

    def has(self, *path: str) -> bool:
        return self.value(*path) is not None

    def value(self, *path: str) -> Any:
        current: Any = self.data
        for part in path:
            if not isinstance(current, dict):
                return None
            current = current.get(part)
        return current

    def need(self, *path: str) -> Any:
        value = self.value(*path)
        if value is None or value == "":
            name = parameter_name(path)
            raise UnableToAnswer(f"Missing required param: {name}.", code="parameter_missing", param=name)
        return value

    def text(self, *path: str, choices: tuple[str, ...] | None = None) -> str | None:
        """Read a text; an empty one unsets, so it reads as None."""
        value = self.value(*path)
        if value is None or value == "":
            return None
        name = parameter_name(path)
        if not isinstance(value, str):
            raise UnableToAnswer(f"Invalid string: {value!r}", param=name)
        if choices and value not in choices:
            raise UnableToAnswer(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
        return value

    def need_text(self, *path: str, choices: tuple[str, ...] | None = None) -> str:
        self.need(*path)
        return self.text(*path, choices=choices) or ""

    def integer(self, *path: str, minimum: int = 0) -> int | None:
        value = self.value(*path)
        if value is None or value == "":
            return None
        name = parameter_name(path)
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
            raise UnableToAnswer(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        number = int(value)
        if number < minimum:
            raise UnableToAnswer(
                f"This value must be greater than or equal to {minimum}.",
                code="parameter_invalid_integer",
                param=name,
            )
        return number

    def need_integer(self, *path: str, minimum: int = 0) -> int:
        self.need(*path)
        return self.integer(*path, minimum=minimum) or 0

    def flag(self, *path: str) -> bool:
        value = self.value(*path)
        if value in (None, "", "false", False):
            return False
        if value in ("true", True):
            return True
        raise UnableToAnswer(f"Invalid boolean: {value}", param=parameter_name(path))

    def mapping(self, *path: str) -> Row:
        value = self.value(*path)
        if value is None or value == "":
            return {}
        if not isinstance(value, dict):
            raise UnableToAnswer("Invalid object", param=parameter_name(path))
        return value

    def items(self, *path: str) -> list[Any]:
        value = self.value(*path)
        if value is None or value == "":
            return []
        if not isinstance(value, list):
            raise UnableToAnswer("Invalid array", param=parameter_name(path))
        return value

    def metadata(self, *path: str) -> dict[str, str]:
        """Read `metadata`: text to text; an empty value means "without this key"."""
        return {
            key: str(value) for key, value in self.mapping(*(path or ("metadata",))).items() if value != ""
        }

    def check_names(self, allowed: frozenset[str]) -> None:
        """Refuse a parameter that the stand-in does not know, as Stripe does."""
        for name in self.data:
            if name not in allowed:
                raise UnableToAnswer(
                    f"Received unknown parameter: {name}", code="parameter_unknown", param=name
                )


def merge_metadata(old: dict[str, str], change: Row) -> dict[str, str]:
    """Merge as Stripe does: named keys are replaced, an empty value removes its key."""
    merged = dict(old)
    for key, value in change.items():
        if value in ("", None):
            merged.pop(key, None)
        else:
            merged[key] = str(value)
    return merged
