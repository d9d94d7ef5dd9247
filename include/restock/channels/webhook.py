"""Webhooks, signed as the Standard Webhooks specification says (https://www.standardwebhooks.com).

The Airflow connection: host (a URL, or a name with schema and port) is the receiver that gets everything, password its
secret `whsec_…`. The extra `allowed_hosts` lists whose webhook URLs shoppers may bring themselves, such as
`["hooks.example", "http://10.0.0.5:8080"]`; a URL of any other host is never called, and its message goes to the
receiver, which finds the URL in `contact`.

Options of the channel in `restock.channel`: `timeout_seconds` (30) for one call, and `batch_size` (1): with more, one
call carries several messages, and its answer may settle each by itself (webhook_answer.py).

Airflow's HttpHook opens a session for each call, as does its asynchronous twin: neither can keep up. aiohttp can.
"""

import asyncio
import hmac
from base64 import b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from time import time
from typing import NamedTuple, Self

import aiohttp
from yarl import URL

from restock.channels.base import (
    ChannelConfig,
    ChannelUnreachableError,
    ConnectionDetails,
    Outcome,
    OutgoingMessage,
    Result,
)
from restock.channels.webhook_answer import Answer, settle
from restock.channels.webhook_payload import ConfirmationPayloadWriter, WebhookWriter, join_payloads
from restock.channels.webhook_receiver import Receiver
from restock.delivery.message import BatchRow, Letterhead
from restock.delivery.message.confirm import Confirmation

_CONNECT_TIMEOUT_SECONDS = 10.0
# More of an answer is not read: nothing that it could say would take so much.
_LONGEST_ANSWER = 1 << 20


def open_channel(config: ChannelConfig, connection: ConnectionDetails) -> "WebhookChannel":
    """See `ChannelModule`."""
    return WebhookChannel(config, Receiver.from_connection(config, connection))


def make_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: Letterhead
) -> Callable[[Sequence[BatchRow]], OutgoingMessage]:
    """See `ChannelModule`."""
    return WebhookWriter(letterhead).write


def make_confirmation_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: Letterhead
) -> Callable[[Confirmation], OutgoingMessage]:
    """See `ChannelModule`."""
    return ConfirmationPayloadWriter(letterhead).write


class _Call(NamedTuple):
    url: URL
    messages: Sequence[OutgoingMessage]


class WebhookChannel:
    """Connections to the receiver, kept open between calls."""

    def __init__(self, config: ChannelConfig, receiver: Receiver) -> None:
        self._config = config
        self._receiver = receiver
        self._keyed = hmac.new(receiver.secret, digestmod="sha256")
        self._free = asyncio.Semaphore(config.connections)
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        await self._reach()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._config.connections, keepalive_timeout=60),
            timeout=aiohttp.ClientTimeout(
                total=self._receiver.timeout_seconds, sock_connect=_CONNECT_TIMEOUT_SECONDS, connect=None
            ),
            headers={"Content-Type": "application/json", "User-Agent": "Restock"},
            # A receiver must not be able to lead our next call elsewhere, nor to have it carry cookies.
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def _reach(self) -> None:
        """Connect once and hang up: when the receiver is down, no message need be touched to find out."""
        url = self._receiver.url
        if url is None:
            return
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
                _, writer = await asyncio.open_connection(url.host, url.port)
            writer.close()
        except OSError as error:  # A time-out is one.
            raise ChannelUnreachableError(
                f"The webhook receiver {url.origin()} cannot be reached: {error or type(error).__name__}. Check that "
                f"it runs there and that the host of the Airflow connection {self._config.connection_id} is right. No "
                "message was touched; they leave with the next run that reaches it."
            ) from error

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        """Spread the messages over the connections. See `Channel.send_batch`."""
        calls, results = self._group(messages)
        waiting = deque(calls)
        lanes = [self._run_lane(waiting, results) for _ in range(min(self._config.connections, len(waiting)))]
        try:
            async with asyncio.timeout(timeout_seconds):
                await asyncio.gather(*lanes)
        except TimeoutError:
            pass
        if len(results) == len(messages):
            return results
        known = {result.notification_key for result in results}
        known.update(message.notification_key for _, call in waiting for message in call)
        in_flight = [message for message in messages if message.notification_key not in known]
        return results + _same_for_all(in_flight, "in_doubt", "no answer within the time-out")

    def _group(self, messages: Sequence[OutgoingMessage]) -> tuple[list[_Call], list[Result]]:
        """The calls, and a refusal for each message that has nowhere to go."""
        by_url: defaultdict[URL, list[OutgoingMessage]] = defaultdict(list)
        refused: list[Result] = []
        for message in messages:
            url = self._receiver.url_for(message.recipient)
            if url is None:
                refused += _same_for_all(
                    [message],
                    "permanent",
                    "the URL is not of a host in allowed_hosts, and there is no receiver of all messages",
                )
            else:
                by_url[url].append(message)
        size = self._receiver.batch_size
        calls = [
            _Call(url, group[at : at + size]) for url, group in by_url.items() for at in range(0, len(group), size)
        ]
        return calls, refused

    async def _run_lane(self, waiting: deque[_Call], results: list[Result]) -> None:
        async with self._free:
            while waiting:
                url, messages = waiting.popleft()
                results += await self._call(url, messages)

    async def _call(self, url: URL, messages: Sequence[OutgoingMessage]) -> list[Result]:
        call_id, body = _write_call(messages, batched=self._receiver.batch_size > 1)
        try:
            async with self._session.post(
                url, data=body, headers=self._sign(call_id, body), allow_redirects=False
            ) as response:
                answer = Answer(
                    response.status,
                    response.headers.get("Retry-After"),
                    b"" if response.content.at_eof() else await _read_body(response),
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # Nothing left. The receiver takes nothing from anybody then; a shopper's own URL is one of many.
            outcome: Outcome = "unavailable" if url == self._receiver.url else "retryable"
            return _same_for_all(messages, outcome, f"no connection: {error or type(error).__name__}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The receiver may have it. One that honours the Idempotency-Key will not take it twice.
            return _same_for_all(messages, "in_doubt", f"no answer: {error or type(error).__name__}")
        return settle(answer, messages, self._config.codes, is_own_receiver=url == self._receiver.url)

    def _sign(self, call_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time()))
        code = self._keyed.copy()
        code.update(f"{call_id}.{timestamp}.".encode())
        code.update(body)
        signature = b64encode(code.digest()).decode()
        return {
            "webhook-id": call_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
            "Idempotency-Key": call_id,
        }


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    """The body, as far as it comes: the status has settled what matters most."""
    body = b""
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > _LONGEST_ANSWER:
                break
    except (aiohttp.ClientError, TimeoutError, OSError):
        return b""
    return body


def _write_call(messages: Sequence[OutgoingMessage], *, batched: bool) -> tuple[str, bytes]:
    """Id and body of a call. The same messages have the same id, whenever they are sent again."""
    if not batched:
        return messages[0].notification_id, messages[0].payload
    digest = sha256(" ".join(message.notification_id for message in messages).encode()).hexdigest()
    return f"batch_{digest[:32]}", join_payloads([message.payload for message in messages])


def _same_for_all(messages: Sequence[OutgoingMessage], outcome: Outcome, text: str) -> list[Result]:
    now = datetime.now(UTC)
    return [Result(message.notification_key, outcome, None, text[:500], now) for message in messages]
