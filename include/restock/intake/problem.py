"""Errors as problem details (RFC 9457): what is wrong, where, and what to do; never what somebody sent."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

# Statuses with the name of the problem, which ends its type, and its title.
PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read"),
    401: ("no-key", "A valid key is missing"),
    403: ("not-allowed", "This key may not do this"),
    404: ("not-found", "There is nothing here"),
    405: ("method", "The method does not fit"),
    409: ("conflict", "The request conflicts with another"),
    413: ("too-large", "The body is too large"),
    415: ("media-type", "The body is not JSON"),
    422: ("invalid", "The request breaks a rule"),
    429: ("limited", "Too many requests"),
    500: ("failure", "The service failed"),
    503: ("unavailable", "The service is not available"),
}


class FieldError(NamedTuple):
    """A rule that one value breaks: where, which rule (a reason code of the feeds or the like), and what to do."""

    field: str
    code: str
    detail: str


class Problem(HTTPException):
    """An answer other than what was asked for."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        after = {} if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(status, detail, {**(headers or {}), **after})
        self.errors = errors


def problem_details(status: int, detail: str, errors: Sequence[FieldError] = ()) -> dict[str, object]:
    """The JSON of a problem."""
    name, title = PROBLEMS.get(status) or PROBLEMS[500 if status >= 500 else 400]
    details: dict[str, object] = {
        "type": f"urn:problem-type:restock:{name}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{uuid4()}",
    }
    return details | ({"errors": [error._asdict() for error in errors]} if errors else {})


def problem_response(problem: Problem) -> JSONResponse:
    """The answer that tells of a problem."""
    content = problem_details(problem.status_code, problem.detail, problem.errors)
    return JSONResponse(content, problem.status_code, problem.headers, MEDIA_TYPE)


def install_handlers(app: FastAPI) -> None:
    """Answer every error with problem details."""

    @app.exception_handler(HTTPException)
    async def answer_http(_: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error, Problem):
            return problem_response(error)
        detail = {404: "This address leads nowhere; GET /openapi.json lists those that do."}.get(error.status_code)
        return problem_response(Problem(error.status_code, detail or error.detail, headers=error.headers))

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # Only names and messages: the values are not for repeating.
        errors = [FieldError(str(found["loc"][-1]), found["type"], found["msg"]) for found in error.errors()]
        return problem_response(Problem(422, "The request breaks a rule; see errors.", errors=errors))

    @app.exception_handler(Exception)
    async def answer_failure(request: Request, error: Exception) -> JSONResponse:
        details = problem_details(500, "This is a fault of the service; its log has more under the instance.")
        # Messages of errors may hold values, and with them addresses: the log says where it happened.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s %s: %s\n%s", details["instance"], request.url.path, type(error).__name__, where)
        return JSONResponse(details, 500, media_type=MEDIA_TYPE)
