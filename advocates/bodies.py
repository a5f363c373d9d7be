"""Reports as shops sent them: one canonical form, its hash, and what differs between two of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from advocates.enums import ReportProblem
from advocates.refusals import Refusal

#: Differences that are told; the rest is a number.
_SHOWN = 20


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> str:
    """One text per value: keys sorted, no white space, nothing escaped that need not be."""
    return _CANONICAL.encode(value)


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON in UTF-8, as hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def moment_text(value: datetime) -> str:
    """A moment in UTC, to the microsecond, as bodies keep it."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def differences(before: Any, after: Any, path: str = "") -> list[tuple[str, str]]:
    """Where two bodies differ: (field such as "lines.0.quantity", sentence); at most twenty, in order of field."""
    return _compare(before, after, path)[:_SHOWN]


def _compare(before: Any, after: Any, path: str) -> list[tuple[str, str]]:
    if before == after:
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = [(key, before.get(key), after.get(key)) for key in sorted({*before, *after})]
    elif _is_list(before) and _is_list(after) and len(before) == len(after):
        pairs = [(str(index), *pair) for index, pair in enumerate(zip(before, after, strict=True))]
    elif _is_list(before) and _is_list(after):
        counts = {"before": len(before), "after": len(after)}
        return [(path, _("There were %(before)d, now there are %(after)d.") % counts)]
    elif path.endswith("customer_hash"):
        return [(path.replace("customer_hash", "customer_email"), _("It was another address before."))]
    else:
        values = {"before": canonical_json(before), "after": canonical_json(after)}
        return [(path, _("It was %(before)s before, now it is %(after)s.") % values)]
    return [
        found for key, old, new in pairs for found in _compare(old, new, f"{path}.{key}" if path else key)
    ]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


class UnableToRecord(Refusal):
    """A report that cannot be taken in; `errors` says where ("lines.0.vat_minor").

    `differences` is filled where the same number was reported before with another body, or by another source;
    `problem` names which of these it is.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        differences: Sequence[tuple[str, str]] = (),
        problem: ReportProblem | None = None,
    ) -> None:
        super().__init__({field: [message]})
        self.differences = tuple(differences)
        self.problem = problem or (ReportProblem.CHANGED if differences else ReportProblem.INVALID)
