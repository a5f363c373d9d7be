"""What one advocate gets to compute her share again: enough for her own cents, and of the others no more than that.

docs/decisions/0013 says what can be worked out of it, and why that much.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from advocates.enums import Outcome, Reason
from advocates.split import Result, inputs_from_json, split

type Stored = Mapping[str, Any]


def inputs_of_one(
    *, stored: Stored, result: Result, advocate: int, may_see_lines: bool = True
) -> dict[str, Any]:
    """The stored inputs of a sale as this advocate may have them; `result` is the split of them.

    Her own touches and month are whole. Of the others stand those touches that take part in the split, under a number
    instead of a name; since nothing depends on the rest, it is left out. Touches are numbered in the order of the
    path, which settles the same ties as their ids: an id is what a shop reports an order with. A budget was enough, or
    not. Without `may_see_lines` the order is the shop's.
    """
    numbers: dict[int, int] = {}
    shown = {**stored, "touches": _touches(stored, result, advocate, numbers)}
    if stored["terms"] and stored["terms"]["budget_left_minor"] is not None:
        left = None if result.outcome == Outcome.ATTRIBUTED else 0
        shown["terms"] = {**stored["terms"], "budget_left_minor": left}
    if "advocates" in stored:
        shown["advocates"] = [facts for facts in stored["advocates"] if facts["advocate"] == advocate]
        # The others' months stand there only where a cent of hers depends on them, and then only as a step.
        if _amounts(split(inputs_from_json(shown)), advocate) != _amounts(result, advocate):
            shown["advocates"] = _with_steps(stored, advocate, numbers)
    return shown if may_see_lines else {**shown, "lines": []}


def _touches(stored: Stored, result: Result, advocate: int, numbers: dict[int, int]) -> list[dict[str, Any]]:
    """The touches in the order of the path; `numbers` is filled with what stands for each other advocate."""
    by_id = {touch["id"]: touch for touch in stored["touches"]}
    shown: list[dict[str, Any]] = []
    for credit in result.credits:
        touch = by_id[credit.touch.id]
        if touch["advocate"] != advocate:
            if not credit.weight and credit.reason != Reason.MODEL_GIVES_OTHERS:
                continue
            number = numbers.setdefault(touch["advocate"], -len(numbers) - 1)
            touch = {**touch, "advocate": number, "enrolment": number, "publication": None}
        shown.append({**touch, "id": f"{len(shown) + 1:04d}"})
    return shown


def _with_steps(stored: Stored, advocate: int, numbers: Mapping[int, int]) -> list[dict[str, Any]]:
    return [
        facts if facts["advocate"] == advocate else _step(facts, numbers[facts["advocate"]], stored["terms"])
        for facts in stored["advocates"]
        if facts["advocate"] == advocate or facts["advocate"] in numbers
    ]


def _step(facts: Stored, number: int, terms: Stored) -> dict[str, Any]:
    """Another's month as the first order count of the step that she was at; her limit concerns nobody else."""
    steps = [step["from_order"] - 1 for step in terms["tiers"] if step["from_order"] <= facts["orders"] + 1]
    return {"advocate": number, "orders": max(steps, default=0), "left_minor": None}


def _amounts(result: Result, advocate: int) -> Sequence[int]:
    """What she earns per line; nothing at all where each line comes to nothing."""
    amounts = next((share.amounts for share in result.shares if share.advocate == advocate), ())
    return amounts if any(amounts) else ()
