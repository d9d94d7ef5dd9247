"""The last step of the bare chain: a ready message filled in, and clients that only push it."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

import aiohttp
from yarl import URL

from restock.delivery.message import BatchRow, EmailWriter, Letterhead, Product

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
CONNECTIONS = 8
MESSAGES_PER_CALL = 100


class Envelope(NamedTuple):
    """One mail, ready to be written down a connection."""

    recipient: bytes
    content: bytes


class MailTemplate:
    """Mails of the real look, one a language, with room for the address, the id and the product. Nothing is escaped."""

    def __init__(self) -> None:
        self._templates = {locale: self._make(locale) for locale in ("en-GB", "de-DE", "ko-KR")}

    @staticmethod
    def _make(locale: str) -> bytes:
        slots = {
            b"shopper@slot.example": b"%(contact)b",
            str(UUID(int=0)).encode(): b"%(id)b",
            b"NameSlot": b"%(name)b",
            b"UrlSlot": b"%(product)b",
        }
        row = BatchRow(
            1, str(UUID(int=0)), 1, "u", locale, "shopper@slot.example", "r", datetime.now(UTC), datetime.now(UTC),
            Product(
                "p", "NameSlot", "Brand", url="https://shop.example/UrlSlot",
                image_url="https://shop.example/UrlSlot.jpg",
            ),
        )  # fmt: skip
        template = EmailWriter(LETTERHEAD).write([row]).payload.replace(b"%", b"%%")
        for slot, blank in slots.items():
            template = template.replace(slot, blank)
        return template

    def write(self, rows: Iterable[Any]) -> list[Envelope]:
        """A mail a message; of several products it names the first."""
        heads = {row.message_key: row for row in reversed(list(rows))}
        return [
            Envelope(
                row.contact.encode(),
                self._templates[row.locale]
                % {
                    b"contact": row.contact.encode(),
                    b"id": str(row.message_id).encode(),
                    b"name": row.name.encode(),
                    b"product": row.product_id.encode(),
                },
            )
            for row in heads.values()
        ]


class _Connection(asyncio.Protocol):
    def __init__(self, client: "MailClient") -> None:
        self._client = client
        self._partial = b""
        self._content = b""
        self.greeted = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        transport.write(b"EHLO bench\r\n")  # type: ignore[attr-defined]

    def begin(self) -> None:
        self._transport.write(self._next_envelope())

    def _next_envelope(self) -> bytes:
        if not self._client.waiting:
            return b""
        recipient, self._following = self._client.waiting.popleft()
        return b"MAIL FROM:<a@example.com>\r\nRCPT TO:<" + recipient + b">\r\nDATA\r\n"

    def data_received(self, data: bytes) -> None:
        data = self._partial + data
        if not self.greeted.done():
            self._partial = data
            if b"SMTPUTF8\r\n" in data:
                self._partial = b""
                self.greeted.set_result(None)
            return
        self._partial = data[data.rfind(b"\n") + 1 :]
        self._client.count(data.count(b"250 taken\r\n"))
        if b"354 go on\r\n" in data:
            # The envelope of the next mail travels with the content of this one.
            content = self._following
            self._transport.write(content + b"\r\n.\r\n" + self._next_envelope())


class MailClient:
    """Several pipelined connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.waiting: deque[Envelope] = deque()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        ends = [
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port) for _ in range(CONNECTIONS)
        ]
        self._connections = [connection for _, connection in ends]
        await asyncio.gather(*(connection.greeted for connection in self._connections))
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, envelopes: Sequence[Envelope]) -> None:
        """Until each is taken."""
        self.waiting.extend(envelopes)
        self._left = len(envelopes)
        self._done = asyncio.get_running_loop().create_future()
        for connection in self._connections:
            connection.begin()
        await self._done

    def count(self, taken: int) -> None:
        self._left -= taken
        if taken and self._left == 0:
            self._done.set_result(None)


class PayloadTemplate:
    """The same JSON as the project's, neither signed nor with links that are."""

    @staticmethod
    def write(rows: Iterable[Any]) -> list[bytes]:
        """A payload a message."""
        messages: dict[int, dict[str, Any]] = {}
        for row in rows:
            message = messages.setdefault(
                row.message_key,
                {
                    "notification_id": str(row.message_id),
                    "user_id": row.user_id,
                    "contact": row.contact,
                    "locale": row.locale,
                    "text": f"{row.name} is back",
                    "items": [],
                },
            )
            message["items"].append(
                {
                    "request_id": row.request_id,
                    "requested_at": row.requested_at.isoformat(),
                    "product_id": row.product_id,
                    "name": row.name,
                    "brand": row.brand,
                    "price": str(row.price),
                    "currency": row.currency,
                    "url": row.url,
                    "image_url": row.image_url,
                }
            )
        return [
            json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() for message in messages.values()
        ]


class WebhookClient:
    """aiohttp, many messages a call."""

    def __init__(self, port: int) -> None:
        self._url = URL(f"http://127.0.0.1:{port}/")

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def send(self, payloads: Sequence[bytes]) -> None:
        """Until each call is answered."""
        calls = [payloads[at : at + MESSAGES_PER_CALL] for at in range(0, len(payloads), MESSAGES_PER_CALL)]
        await asyncio.gather(*map(self._post, calls))

    async def _post(self, payloads: Sequence[bytes]) -> None:
        body = b'{"data":[' + b",".join(payloads) + b"]}"
        async with self._session.post(self._url, data=body) as answer:
            answer.raise_for_status()
            await answer.read()
