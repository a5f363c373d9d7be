"""What the stand-in answers when a call cannot be done, in the shapes of Stripe's own errors."""

from typing import Any, NoReturn

type Row = dict[str, Any]
"""One JSON object: a Stripe object, or one of the stand-in's own. Keys that begin with `_` are never shown.
"""


class UnableToAnswer(Exception):
    """A refusal with Stripe's status, type, code and message.

    `executed` says that the call had begun to run: only such refusals are stored under an idempotency key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
        more: Row | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self.error: Row = {"message": message, "type": kind}
        if code:
            self.error["code"] = code
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            self.error["param"] = param
        self.error.update(more or {})

    @property
    def body(self) -> Row:
        return {"error": self.error}


class ConnectionDropped(Exception):
    """The server closes the connection without an answer."""


def missing_resource(*, kind: str, wanted: str, param: str | None = None) -> UnableToAnswer:
    """Name an object that is not there: 404 for the id in the address, 400 for one in a parameter."""
    return UnableToAnswer(
        f"No such {kind}: '{wanted}'",
        status=400 if param else 404,
        code="resource_missing",
        param=param or "id",
    )


def refuse_state(message: str, *, code: str, param: str | None = None, more: Row | None = None) -> NoReturn:
    """Refuse because of the state that the object is in; such an answer is stored under the key."""
    raise UnableToAnswer(message, code=code, param=param, executed=True, more=more)
