"""What the fault-injecting servers share: a thread with an event loop, the plan of faults, and the account."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

STALL_SECONDS = 3_600.0
GOLDEN_RATIO = (1 + 5**0.5) / 2


@dataclass
class FaultPlan:
    """How often which fault happens, drawn for each connection or message.

    Attributes:
        odds: Share of each fault, by name; the rest goes well.
    """

    odds: Mapping[str, float] = field(default_factory=dict)
    _drawn: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def draw(self, *possible: str) -> str | None:
        """One of the possible faults, or None.

        Multiples of the golden ratio leave no gap for long, so that also a rare fault happens within a few draws more
        than its share asks for; a random draw would now and then leave it out of a whole test.
        """
        self._drawn[possible] += 1
        point = self._drawn[possible] * GOLDEN_RATIO % 1
        for name in possible:
            point -= self.odds.get(name, 0.0)
            if point < 0:
                return name
        return None


@dataclass
class Account:
    """What a provider did. The test reads it from another thread: appending and reading a list are atomic.

    Attributes:
        taken: Id of each message that was taken, as often as it was, whether or not the answer reached the sender.
        faults: How often each fault happened.
    """

    taken: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def times_taken(self) -> Counter[str]:
        return Counter(self.taken)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def listening(handler: Handler, port: int) -> Iterator[None]:
    """Serve on the loopback interface from a thread of its own; what is still open is cut off at the end."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            # Not close(): what is still unsent, or unread, must not keep the connection open.
            writer.transport.abort()

    async def serve() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", port, limit=1 << 22, backlog=512)
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(serve(), name="server")
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            remaining = asyncio.all_tasks(loop)
            for other in remaining:
                other.cancel()
            loop.run_until_complete(asyncio.gather(*remaining, return_exceptions=True))
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not ready.wait(60):
        raise RuntimeError(f"The server did not start on port {port}.")
    try:
        yield
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)
