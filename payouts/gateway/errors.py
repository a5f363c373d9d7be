"""What is known when Stripe did not give what was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe


class GatewayError(Exception):
    """A call to Stripe that did not give what was asked."""


class GatewayUnknown(GatewayError):
    """No answer, or Stripe failed inside: the work may have been done. `answered` says that a 5xx came back."""

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class GatewayBusy(GatewayError):
    """Too many calls (429), or the same key is at work elsewhere (409, `in_flight`): ask again, same key."""

    def __init__(self, message: str, *, in_flight: bool) -> None:
        super().__init__(message)
        self.in_flight = in_flight


class GatewayRefused(GatewayError):
    """Stripe refused, for good under this key. `code` is Stripe's ("balance_insufficient"), `status` HTTP's."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    @property
    def is_about_our_key(self) -> bool:
        """Stripe does not know us: this says nothing about what was asked."""
        return self.code == "authentication"


class UnableToVerify(Exception):
    """A webhook's signature, age or form is wrong."""


@contextmanager
def translated() -> Iterator[None]:
    """The library's errors as ours: what is known of the outcome decides which."""
    try:
        yield
    except stripe.APIConnectionError as error:
        raise GatewayUnknown(_text(error), answered=False) from error
    except stripe.RateLimitError as error:
        raise GatewayBusy(_text(error), in_flight=False) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        if status == 409:  # noqa: PLR2004 -- HTTP's own number: the same key is at work
            raise GatewayBusy(_text(error), in_flight=True) from error
        if not 400 <= status < 500:  # noqa: PLR2004 -- only a 4xx says that nothing was done
            raise GatewayUnknown(_text(error), answered=True) from error
        raise GatewayRefused(_code(error), _text(error), status=status) from error


def _text(error: stripe.StripeError) -> str:
    return error.user_message or type(error).__name__


def _code(error: stripe.StripeError) -> str:
    """Stripe's code of a refusal, or the kind of error where it gives none."""
    if isinstance(error, stripe.IdempotencyError):
        return "idempotency_error"
    if isinstance(error, stripe.AuthenticationError):
        return "authentication"
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    code = details.get("code") if isinstance(details, dict) else None
    return str(code or error.code or "refused")
