"""A real HTTP server for tests that keeps what it is sent and answers as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from aiohttp import web

from tests.conftest import free_port


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class HttpServer:
    """Answers 200, or what `answer` says."""

    port: int = field(default_factory=free_port)
    calls: list[Call] = field(default_factory=list)
    answer: Callable[[Call], Awaitable[web.StreamResponse]] | None = None
    most_at_once: int = 0
    _at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            call = Call(request.path_qs, headers, await request.read(), id(request.transport))
            self.calls.append(call)
            return await self.answer(call) if self.answer else web.Response()
        finally:
            self._at_once -= 1


@contextmanager
def serve_http() -> Iterator[HttpServer]:
    """A server in a thread of its own."""
    server = HttpServer()
    loop, ready = asyncio.new_event_loop(), Event()

    async def start() -> web.AppRunner:
        application = web.Application(client_max_size=1 << 26)
        application.router.add_route("*", "/{path:.*}", server.handle)
        runner = web.AppRunner(application, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", server.port).start()
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        loop.call_soon(ready.set)
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    if not ready.wait(60):
        raise RuntimeError(f"The server did not start on port {server.port}.")
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
