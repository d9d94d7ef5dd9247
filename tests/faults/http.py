"""A webhook receiver with faults, on a bare socket, so that it can break off anywhere.

Faults of a connection: `drop_at_connect`. Of a request: `status_400`, `status_429`, `status_500`,
`drop_before_taking`, `drop_after_taking` (taken, and the answer never leaves), `stall_after_taking`, `garbage`,
`answer_slowly`.

It honours the Idempotency-Key as the promise asks of a receiver: a key that it knows is answered and not taken again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.conftest import free_port
from tests.faults.server import STALL_SECONDS, Account, FaultPlan, listening

REQUEST_FAULTS = (
    "status_400",
    "status_429",
    "status_500",
    "drop_before_taking",
    "drop_after_taking",
    "stall_after_taking",
    "garbage",
    "answer_slowly",
)


@dataclass
class FaultyHttp:
    """The receiver's plan and account; `account.taken` has the Idempotency-Keys, `repeated` those that came again."""

    plan: FaultPlan = field(default_factory=FaultPlan)
    slow_answer_seconds: float = 0.2
    account: Account = field(default_factory=Account)
    repeated: list[str] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        if self._draw("drop_at_connect"):
            return
        while head := await reader.readuntil(b"\r\n\r\n"):
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
            }
            await reader.readexactly(int(headers.get("content-length", 0)))
            if not await self._answer(headers["idempotency-key"], writer):
                return

    def _draw(self, *possible: str) -> str | None:
        fault = self.plan.draw(*possible)
        if fault:
            self.account.faults[fault] += 1
        return fault

    async def _answer(self, key: str, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        fault = self._draw(*REQUEST_FAULTS)
        if fault == "drop_before_taking":
            return False
        if fault and fault.startswith("status_"):
            status = fault.removeprefix("status_")
            retry_after = "Retry-After: 1\r\n" if status == "429" else ""
            writer.write(f"HTTP/1.1 {status} No\r\n{retry_after}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return True
        (self.repeated if key in self.account.taken else self.account.taken).append(key)
        if fault == "drop_after_taking":
            return False
        if fault == "stall_after_taking":
            await asyncio.sleep(STALL_SECONDS)
        if fault == "answer_slowly":
            await asyncio.sleep(self.slow_answer_seconds)
        writer.write(b"what?\r\n\r\n" if fault == "garbage" else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        return fault != "garbage"


@contextmanager
def serve_faulty_http(plan: FaultPlan | None = None, **options: object) -> Iterator[FaultyHttp]:
    """A faulty receiver on a free port."""
    server = FaultyHttp(plan or FaultPlan(), **options)  # type: ignore[arg-type]
    with listening(server.serve, server.port):
        yield server
