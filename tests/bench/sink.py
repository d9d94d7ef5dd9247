"""Fast receivers in a process of their own: an SMTP server and an HTTP server that take everything and keep nothing."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from typing import NamedTuple

import uvloop

from tests.conftest import free_port

_CONTEXT = multiprocessing.get_context("spawn")


class Sink(NamedTuple):
    """A running receiver."""

    port: int
    taken: "Synchronized[int]"


class SmtpSink(asyncio.Protocol):
    """Speaks what a pipelining client needs. `delay_seconds` is what it takes to take a mail."""

    def __init__(self, taken: "Synchronized[int]", delay_seconds: float) -> None:
        self._taken = taken
        self._delay = delay_seconds
        self._buffer = b""
        self._in_content = False
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._busy:
            self._work_through()

    def _work_through(self) -> None:
        replies: list[bytes] = []
        buffer, start = self._buffer, 0
        while True:
            if self._in_content:
                end = buffer.find(b"\r\n.\r\n", start)
                if end < 0:
                    break
                start, self._in_content = end + 5, False
                self._taken.value += 1
                if self._delay:
                    self._busy = True
                    asyncio.get_running_loop().call_later(self._delay, self._answer)
                    break
                replies.append(b"250 taken\r\n")
            else:
                end = buffer.find(b"\n", start)
                if end < 0:
                    break
                verb, start = buffer[start : start + 4].upper(), end + 1
                self._in_content = verb == b"DATA"
                replies.append(_REPLIES.get(verb, b"250 yes\r\n"))
        self._buffer = buffer[start:]
        if replies:
            self._transport.write(b"".join(replies))

    def _answer(self) -> None:
        self._busy = False
        self._transport.write(b"250 taken\r\n")
        self._work_through()


_REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class HttpSink(asyncio.Protocol):
    """Answers 204 to every request that has a Content-Length."""

    def __init__(self, taken: "Synchronized[int]", _delay: float) -> None:
        self._taken = taken
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            if len(self._buffer) < end + 4 + length:
                return
            self._taken.value += self.count(self._buffer[end + 4 : end + 4 + length])
            self._buffer = self._buffer[end + 4 + length :]
            self._transport.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")

    @staticmethod
    def count(_body: bytes) -> int:
        """How many messages a call carries."""
        return 1


@contextmanager
def serve(protocol: type[SmtpSink] | type[HttpSink], delay_seconds: float = 0.0) -> Iterator[Sink]:
    """A receiver on a free port of the loopback interface."""
    port, taken, ready = free_port(), _CONTEXT.Value("q", 0, lock=False), _CONTEXT.Event()
    process = _CONTEXT.Process(target=_run, args=(protocol, port, taken, delay_seconds, ready), daemon=True)
    process.start()
    if not ready.wait(30):
        raise RuntimeError("The receiver of the benchmark did not start.")
    try:
        yield Sink(port, taken)
    finally:
        process.terminate()
        process.join()


def _run(
    protocol: type[SmtpSink] | type[HttpSink], port: int, taken: "Synchronized[int]", delay: float, ready: object
) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: protocol(taken, delay), "127.0.0.1", port, backlog=1024)
        ready.set()
        await server.serve_forever()

    uvloop.run(run())
