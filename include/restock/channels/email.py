"""E-mail over SMTP: persistent, pipelining connections that share what is to be sent."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from restock.channels.base import (
    ChannelConfig,
    ChannelUnreachableError,
    ConnectionDetails,
    OutgoingMessage,
    ProviderCodes,
    Result,
)
from restock.channels.smtp import SmtpServer, connect
from restock.channels.smtp_connection import Flight, PipelinedConnection

if TYPE_CHECKING:
    from restock.delivery.message import BatchRow, Letterhead
    from restock.delivery.message.confirm import Confirmation

# A server that answers so soon is served by a few connections that take several mails each: the envelope of the next
# mail travels with the content of the one before, which halves the packets. Where it has more to do all the same, the
# others join in.
_QUICK_ANSWER_SECONDS = 0.005
_MAILS_EACH = 8
_JOIN_IN_SECONDS = 0.02


def open_channel(config: ChannelConfig, connection: ConnectionDetails) -> "EmailChannel":
    """See `ChannelModule`."""
    return EmailChannel(_server(connection), config.connections, config.codes)


def make_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: "Letterhead"
) -> "Callable[[Sequence[BatchRow]], OutgoingMessage]":
    """See `ChannelModule`. The From header is that of the connection."""
    # The templates take a while to load, and whoever only sends ready mails does not want them.
    from restock.delivery.message import EmailWriter  # noqa: PLC0415

    return EmailWriter(replace(letterhead, sender=_server(connection).sender)).write


def make_confirmation_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: "Letterhead"
) -> "Callable[[Confirmation], OutgoingMessage]":
    """See `ChannelModule`."""
    from restock.delivery.message.confirm import ConfirmationWriter  # noqa: PLC0415

    return ConfirmationWriter(replace(letterhead, sender=_server(connection).sender)).mail


def _server(connection: ConnectionDetails) -> SmtpServer:
    return SmtpServer.from_connection(
        connection.host or "localhost", connection.port, connection.login, connection.password, connection.extra
    )


class _Batch:
    """What one call of `send_batch` waits for."""

    def __init__(self, size: int) -> None:
        self.results: list[Result] = []
        self.failure: ChannelUnreachableError | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open = size

    def finish(self, result: Result | None) -> None:
        """One of its mails has its result, or will not be touched."""
        if result is not None:
            self.results.append(result)
        self._open -= 1
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


class EmailChannel:
    """Connections to one SMTP server, opened as they are needed."""

    def __init__(self, server: SmtpServer, connections: int, codes: ProviderCodes) -> None:
        self.codes = codes
        self._server = server
        # Falls to what the server allows.
        self._limit = connections
        self._live: set[PipelinedConnection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._waiting: deque[Flight] = deque()
        # When the connections that were left out join in, unless more is to be sent before.
        self._joining_in: asyncio.TimerHandle | None = None
        # The quickest answer to a mail of the last batch, and of this one so far.
        self._quickest = self._quickest_so_far = math.inf

    async def __aenter__(self) -> Self:
        self._live.add(await connect(self._server, self))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        for connection in list(self._live):
            connection.close()

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        """Spread the messages over the connections. See `Channel.send_batch`."""
        if not messages:
            return []
        batch = _Batch(len(messages))
        self._waiting.extend(Flight(message, batch) for message in messages)
        self._distribute()
        try:
            async with asyncio.timeout(timeout_seconds):
                await batch.done
        except TimeoutError:
            self._waiting = deque(flight for flight in self._waiting if flight.owner is not batch)
            for connection in [one for one in self._live if one.carries_for(batch)]:
                connection.abort(f"no answer within {timeout_seconds:.0f} seconds")
        self._quickest, self._quickest_so_far = self._quickest_so_far, math.inf
        if batch.failure is not None and not batch.results:
            raise batch.failure
        return batch.results

    # What connections ask and tell (see Desk)

    def next_flight(self) -> Flight | None:
        return self._waiting.popleft() if self._waiting else None

    def finished(self, flight: Flight, result: Result) -> None:
        if flight.left_at is not None:
            self._quickest_so_far = min(self._quickest_so_far, time.monotonic() - flight.left_at)
        _batch(flight).finish(result)

    def put_back(self, flight: Flight) -> None:
        # Nobody would hear how a mail of a batch went whose time is over: it must not leave any more.
        if not _batch(flight).done.done():
            self._waiting.appendleft(flight)

    def lost(self, connection: PipelinedConnection) -> None:
        self._live.discard(connection)
        self._distribute()

    def _distribute(self) -> None:
        if self._quickest < _QUICK_ANSWER_SECONDS:
            idle = [connection for connection in self._live if not connection.is_busy]
            needed = math.ceil(len(self._waiting) / _MAILS_EACH) - (len(self._live) - len(idle))
            for connection in idle[: max(0, needed)]:
                connection.advance()
            if self._joining_in is not None:
                self._joining_in.cancel()
            self._joining_in = asyncio.get_running_loop().call_later(_JOIN_IN_SECONDS, self._advance_all)
        else:
            self._advance_all()
        room = self._limit - len(self._live) - len(self._connecting)
        for _ in range(min(room, len(self._waiting))):
            task = asyncio.create_task(self._connect_one_more())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    def _advance_all(self) -> None:
        for connection in list(self._live):
            if not self._waiting:
                return
            connection.advance()

    async def _connect_one_more(self) -> None:
        try:
            connection = await connect(self._server, self)
        except ChannelUnreachableError as error:
            if self._live:
                self._limit = len(self._live)
            elif len(self._connecting) == 1:
                self._give_up(error)
            return
        self._live.add(connection)
        connection.advance()

    def _give_up(self, error: ChannelUnreachableError) -> None:
        """No connection is left and none can be had: what waits is not touched."""
        waiting, self._waiting = self._waiting, deque()
        for flight in waiting:
            _batch(flight).failure = error
            _batch(flight).finish(None)


def _batch(flight: Flight) -> _Batch:
    assert isinstance(flight.owner, _Batch)
    return flight.owner
