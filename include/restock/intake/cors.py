"""Cross-origin calls of the widget: pages of a widget key's web origins may ask, and read the answers."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from restock.intake.keys import KeyRing
from restock.intake.problem import Problem

PATH = "/v1/requests"
PREFLIGHT_SECONDS = 600


class Cors:
    """Answers preflights, and marks the answers that a page of a known origin may read.

    A preflight carries no key: it is answered for the origins of all of them. The call itself is refused where the
    origin is not one of its own key.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" and scope["path"] == PATH else None
        if origin is None or not await self._is_known(origin):
            await self._app(scope, receive, send)
            return
        allowed = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        if scope["method"] == "OPTIONS":
            preflight = {
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
            await Response(status_code=204, headers=allowed | preflight)(scope, receive, send)
            return

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**allowed, "Access-Control-Expose-Headers": "Retry-After"})
            await send(message)

        await self._app(scope, receive, send_allowed)

    async def _is_known(self, origin: str) -> bool:
        try:
            return origin in await self._keys.origins()
        except Problem:
            # The database does not answer; the call will say so itself.
            return False
