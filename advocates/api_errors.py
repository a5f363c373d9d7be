"""Every refusal of the API has one shape: {"error": {"code", "message", "fields": [{"field", "message"}]}}."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from pydantic import BaseModel

#: The largest body: a thousand lines are about 250 KB.
LARGEST_BODY = 1024 * 1024
#: The largest batch: five hundred orders of ten lines are about 1.5 MB.
LARGEST_BATCH = 4 * 1024 * 1024

_INVALID = 422


class FieldError(BaseModel):
    field: str
    message: str


class ErrorDetail(BaseModel):
    code: str
    message: str
    fields: list[FieldError]


class ErrorAnswer(BaseModel):
    error: ErrorDetail


class Problem(Exception):
    """Ends a request with this error. `fields` are (field, message); `headers` go with the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.headers = headers or {}


class StrictParser(Parser):
    """JSON as RFC 8259 has it, in UTF-8, of a bounded size; everything else is told apart and refused."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if len(request.body) > (LARGEST_BATCH if request.path.endswith("/batch") else LARGEST_BODY):
            raise _too_large()
        if request.content_type != "application/json":
            raise Problem(415, "unsupported_media_type", "Send JSON, with Content-Type: application/json.")
        try:
            data = json.loads(request.body.decode("utf-8"), parse_constant=_refuse_constant)
            # Half a surrogate pair can be written in JSON, and can be stored nowhere.
            json.dumps(data, ensure_ascii=False).encode("utf-8")
        except UnicodeError as error:
            raise Problem(400, "invalid_json", "The body is not valid UTF-8 text.") from error
        except (ValueError, RecursionError) as error:
            raise Problem(400, "invalid_json", f"The body cannot be read as JSON: {error}.") from error
        return cast("dict[str, Any]", data)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _too_large() -> Problem:
    message = "The body is larger than 1 MB, a batch than 4 MB. An order has at most 1000 lines."
    return Problem(413, "too_large", message)


def add_error_handlers(api: NinjaAPI) -> None:
    """Teach `api` to give each of its refusals the one shape."""
    api.add_exception_handler(Problem, _answer)
    api.add_exception_handler(ValidationError, _answer_invalid)
    api.add_exception_handler(AuthenticationError, _answer_unauthorised)
    api.add_exception_handler(HttpError, _answer_http_error)
    api.add_exception_handler(RequestDataTooBig, lambda request, _error: _answer(request, _too_large()))
    api.add_exception_handler(Http404, _answer_not_found)


def _answer(_request: HttpRequest, problem: Any) -> HttpResponse:
    fields = [{"field": field, "message": message} for field, message in problem.fields]
    body = {"error": {"code": problem.code, "message": problem.message, "fields": fields}}
    return JsonResponse(body, status=problem.status, headers=problem.headers)


def _answer_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    fields = [(_field(found["loc"]), sentence_of(found)) for found in error.errors]
    problem = Problem(_INVALID, "invalid", "Some fields are missing or wrong; see “fields”.", fields=fields)
    return _answer(request, problem)


def _field(location: tuple[str | int, ...]) -> str:
    """("body", "sale", "lines", 0, "quantity") -> "lines.0.quantity"; ("query", "since") -> "since"."""
    return ".".join(str(part) for part in location[1 if location[0] == "query" else 2 :]) or "body"


def sentence_of(found: Mapping[str, Any]) -> str:
    """The library's message; where a pattern failed, what our pattern means."""
    expected = {
        "string_pattern_mismatch": "These characters cannot be used here.",
        "missing": "This is needed.",
    }
    message = expected.get(found["type"], found["msg"])
    return str(message).removeprefix("Value error, ")


def _answer_unauthorised(request: HttpRequest, _error: Any) -> HttpResponse:
    message = "Send your shop's key: “Authorization: Bearer vpk_…”. This one is missing, unknown or revoked."
    problem = Problem(401, "unauthorised", message, headers={"WWW-Authenticate": 'Bearer realm="Voorspraak"'})
    return _answer(request, problem)


def _answer_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    # The library wraps what a parser raises.
    if isinstance(error.__cause__, Problem):
        return _answer(request, error.__cause__)
    return _answer(request, Problem(error.status_code, "refused", str(error)))


def _answer_not_found(request: HttpRequest, _error: Any) -> HttpResponse:
    return _answer(request, Problem(404, "not_found", "There is nothing at this address."))
