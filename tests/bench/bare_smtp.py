"""The limit of sending mail: a client that knows nothing but to write ready bytes down pipelined connections."""

import asyncio
import time

import uvloop


class _BareConnection(asyncio.Protocol):
    def __init__(self, mail: bytes, left: list[int], done: asyncio.Future) -> None:
        self._next = mail + b"\r\n.\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
        self._left = left
        self._done = done
        self._partial = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(b"EHLO bench\r\n")
        self._greeted = False

    def data_received(self, data: bytes) -> None:
        data = self._partial + data
        if not self._greeted:
            self._partial = data
            if b"SMTPUTF8\r\n" in data:
                self._greeted, self._partial = True, b""
                self._transport.write(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
            return
        taken, ready = data.count(b"250 taken\r\n"), data.count(b"354 go on\r\n")
        self._partial = data[data.rfind(b"\n") + 1 :]
        self._left[1] -= taken
        if self._left[1] <= 0 and not self._done.done():
            self._done.set_result(None)
        for _ in range(ready):
            if self._left[0] > 0:
                self._left[0] -= 1
                self._transport.write(self._next)


def send(port: int, mail: bytes, count: int, connections: int) -> float:
    """Seconds that it takes to send the mail so often."""

    async def run() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        left = [count, count]
        start = time.perf_counter()
        ends = [
            await loop.create_connection(lambda: _BareConnection(mail, left, done), "127.0.0.1", port)
            for _ in range(connections)
        ]
        await done
        seconds = time.perf_counter() - start
        for transport, _ in ends:
            transport.close()
        return seconds

    return uvloop.run(run())
