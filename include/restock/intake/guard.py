"""Around every call: bodies of bounded size, headers, and no failure without an answer."""

import logging
import traceback
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from restock.intake.problem import Problem, problem_response

log = logging.getLogger(__name__)

# Bytes that a body may have, where no route says otherwise.
BODY_LIMIT = 16 * 1024
# The innermost of a failure.
FRAMES_LOGGED = 6
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Guard:
    """Refuses large bodies before they are read whole, and answers for what fails."""

    def __init__(self, app: ASGIApp, body_limits: Mapping[str, int]) -> None:
        """Wrap an application.

        Args:
            app: It.
            body_limits: Bytes, by path, for those that take more than BODY_LIMIT.
        """
        self._app = app
        self._body_limits = body_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._body_limits.get(scope["path"], BODY_LIMIT)
        too_large = Problem(
            413, f"The body may have {limit:,} bytes at most here: send it in parts.", headers={"Connection": "close"}
        )
        size = 0
        started = False

        async def receive_within_limit() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                raise too_large
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            # uvicorn has refused a length that is no number.
            if int(Headers(scope=scope).get("content-length", "0")) > limit:
                raise too_large
            await self._app(scope, receive_within_limit, send_with_headers)
        except ClientDisconnect:
            return
        except Problem as problem:
            await problem_response(problem)(scope, receive, send_with_headers)
        except Exception as error:
            answer = Problem(500, "This is a fault of the service; its log has more under the instance.")
            response = problem_response(answer)
            # Messages of errors may hold values, and with them addresses: the log says where it happened.
            where = "".join(traceback.format_tb(error.__traceback__, -FRAMES_LOGGED))
            log.error("%s: %s\n%s", answer.instance, type(error).__name__, where)
            if not started:
                await response(scope, receive, send_with_headers)
