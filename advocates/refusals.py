"""What a verb says when it refuses: per field, so that a form can show each word where it belongs."""

from collections.abc import Mapping


class Refusal(Exception):
    """The base of the `UnableTo…` errors of this floor.

    `errors` maps a field of the verb to its messages, translated; the key "" holds what concerns no single
    field. `str()` is all of them as one text.
    """

    def __init__(self, problem: str | Mapping[str, list[str]]) -> None:
        self.errors: dict[str, list[str]] = {"": [problem]} if isinstance(problem, str) else dict(problem)
        super().__init__(" ".join(message for messages in self.errors.values() for message in messages))
