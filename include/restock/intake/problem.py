"""Errors as problem details (RFC 9457): what is wrong, where, and what to do; never what somebody sent."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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
        self.instance = f"urn:uuid:{uuid4()}"


def problem_response(problem: Problem) -> JSONResponse:
    """The answer that tells of a problem."""
    status = problem.status_code
    name, title = PROBLEMS.get(status) or PROBLEMS[500 if status >= 500 else 400]
    details: dict[str, object] = {
        "type": f"urn:problem-type:restock:{name}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        "instance": problem.instance,
    }
    if problem.errors:
        details["errors"] = [error._asdict() for error in problem.errors]
    return JSONResponse(details, status, problem.headers, MEDIA_TYPE)


def install_handlers(app: FastAPI) -> None:
    """Answer every refusal with problem details; `restock.intake.guard` answers for failures."""

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
