"""SMS, push and chat through Apprise, which speaks to more than a hundred services (https://appriseit.com).

The extras of the Airflow connection hold an Apprise URL for each channel, by the option `tag` of its row in
`restock.channel`, with `{contact}` where the shopper's address belongs:

    {"sms": "twilio://sid:token@+15550001111/{contact}", "chat": "tgram://token/{contact}"}

A password serves as the URL of the channels that have none there. Apprise has one client for each service and blocks
while it sends, so each message takes a thread meanwhile; Airflow's apprise provider does the same from one thread, and
holds one configuration for all shoppers.
"""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Self
from urllib.parse import quote

import apprise
from apprise.common import NotifyFormat
from apprise.conversion import convert_between

from restock.channels.base import (
    ChannelConfig,
    ChannelMisconfiguredError,
    ConnectionDetails,
    Outcome,
    OutgoingMessage,
    ProviderCodes,
    Result,
)
from restock.delivery.message import BatchRow, Letterhead
from restock.delivery.message.confirm import Confirmation, ConfirmationWriter
from restock.delivery.message.short import ShortWriter

_PLACE = "{contact}"
# Telephone numbers, device tokens, chat ids, addresses. Services split lists at commas, blanks and slashes and some
# decode twice: with these letters only, one contact stays one contact.
_CONTACT = re.compile(r"[A-Za-z0-9+@._:=~-]{1,255}")
_PHONE_NUMBER = re.compile(r"\+?[0-9][-0-9 ().]+")
# A template that makes no client for any of them is wrong, whatever the service wants.
_SAMPLES = ("+15551234567", "123456789", "shopper@example.com", "a" * 32)
# How the clients word a refusal, and requests a connection that it could not make.
_STATUS = re.compile(r"error=([0-9]{3})\b")
_NO_CONNECTION = re.compile(r"NewConnectionError|ConnectTimeout|NameResolutionError|SSLError|ProxyError")


def open_channel(config: ChannelConfig, connection: ConnectionDetails) -> "AppriseChannel":
    """See `ChannelModule`."""
    return AppriseChannel(config, _find_template(config, connection))


def make_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: Letterhead
) -> Callable[[Sequence[BatchRow]], OutgoingMessage]:
    """See `ChannelModule`."""
    short = ShortWriter(letterhead)

    def write(rows: Sequence[BatchRow]) -> OutgoingMessage:
        head = rows[0]
        contact = parse_contact(head.contact)
        return OutgoingMessage(head.notification_key, head.notification_id, contact, short.text(rows).encode())

    return write


def make_confirmation_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: Letterhead
) -> Callable[[Confirmation], OutgoingMessage]:
    """See `ChannelModule`."""
    writer = ConfirmationWriter(letterhead)

    def write(confirmation: Confirmation) -> OutgoingMessage:
        contact = parse_contact(confirmation.contact)
        text = writer.text(confirmation).encode()
        return OutgoingMessage(confirmation.confirmation_key, confirmation.message_id, contact, text)

    return write


def parse_contact(contact: str) -> str:
    """The contact as it may stand in an Apprise URL; telephone numbers lose their blanks, brackets and hyphens.

    Raises:
        ValueError: It has characters that no contact has.
    """
    if _PHONE_NUMBER.fullmatch(contact):
        contact = re.sub(r"[-() .]", "", contact)
    if not _CONTACT.fullmatch(contact):
        raise ValueError(
            f"the contact {contact[:100]!r} has characters that are in no telephone number, device token, chat id or "
            "address: correct it in the feed of customers or requests"
        )
    return contact


def _find_template(config: ChannelConfig, connection: ConnectionDetails) -> str:
    tag = str(config.options.get("tag", config.name))
    template = str(connection.extra.get(tag) or connection.password or "")
    where = f"The Airflow connection {config.connection_id}, extra {tag!r}, which the channel {config.name} needs,"
    if _PLACE not in template:
        # Its text may hold a secret: it is not repeated.
        raise ChannelMisconfiguredError(
            f"{where} must be an Apprise URL with {_PLACE} in it: without, all messages would go to one place."
        )
    if not any(_instantiate(template, contact) for contact in _SAMPLES):
        raise ChannelMisconfiguredError(
            f"{where} is no URL of a service that Apprise knows, or lacks a part that the service needs: see "
            "https://appriseit.com/services. No message was touched."
        )
    return template


def _instantiate(template: str, contact: str) -> apprise.NotifyBase | None:
    service = apprise.Apprise.instantiate(template.replace(_PLACE, quote(contact, safe="")), suppress_exceptions=True)
    return service if isinstance(service, apprise.NotifyBase) else None


class AppriseChannel:
    """As many threads as the channel has connections, each with one message at a time."""

    def __init__(self, config: ChannelConfig, template: str) -> None:
        self._config = config
        self._template = template
        self._threads: ThreadPoolExecutor

    async def __aenter__(self) -> Self:
        # There is nothing to connect to: each service has its own way, and opens a connection for each message.
        self._threads = ThreadPoolExecutor(self._config.connections, thread_name_prefix=f"apprise-{self._config.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        # Apprise's own time-outs end the threads that still wait.
        await asyncio.to_thread(self._threads.shutdown)

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        """Spread the messages over the threads. See `Channel.send_batch`."""
        waiting = deque(messages)
        results: list[Result] = []
        lanes = [self._run_lane(waiting, results) for _ in range(min(self._config.connections, len(messages)))]
        try:
            async with asyncio.timeout(timeout_seconds):
                await asyncio.gather(*lanes)
        except TimeoutError:
            pass
        known = {result.notification_key for result in results} | {message.notification_key for message in waiting}
        in_flight = [message for message in messages if message.notification_key not in known]
        return results + [_result(message, "in_doubt", None, "no answer within the time-out") for message in in_flight]

    async def _run_lane(self, waiting: deque[OutgoingMessage], results: list[Result]) -> None:
        loop = asyncio.get_running_loop()
        while waiting:
            message = waiting.popleft()
            results.append(await loop.run_in_executor(self._threads, self._send, message))

    def _send(self, message: OutgoingMessage) -> Result:
        service = _instantiate(self._template, message.recipient)
        if service is None:
            return _result(message, "permanent", None, "the service does not take this contact")
        said = _Said()
        service.logger = said.logger
        text = message.payload.decode()
        try:
            body = convert_between(NotifyFormat.TEXT, service.notify_format, text)  # type: ignore[no-untyped-call]
            taken = service.notify(body=body)
        except Exception as error:  # Each service is written by somebody else.
            return _result(message, "in_doubt", None, f"the client of the service failed: {type(error).__name__}")
        return _result(message, "accepted", None, "taken") if taken else _explain(message, said, self._config.codes)


class _Said(logging.Handler):
    """What a client says while it sends one message, for this process only: it may hold secrets."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.warnings: list[str] = []
        self.details: list[str] = []
        # One of its own, not one from getLogger: nothing else hears it.
        self.logger = logging.Logger("apprise", logging.DEBUG)
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        (self.warnings if record.levelno >= logging.WARNING else self.details).append(record.getMessage())


def _explain(message: OutgoingMessage, said: _Said, codes: ProviderCodes) -> Result:
    """What a refusal means. Apprise answers False, whatever happened; more is known from what its client says:

    - A status code: the service refused, and the code says the rest.
    - A connection that never was: nothing left.
    - Anything else, such as no answer in time: the service may have the message.
    """
    text = " ".join(said.warnings) or "Apprise could not send it, and does not say why"
    status = _STATUS.search(text)
    if status:
        return _result(message, codes.look_up(status[1]).outcome, status[1], text)
    if any(_NO_CONNECTION.search(line) for line in said.details):
        return _result(message, "unavailable", None, text)
    return _result(message, "in_doubt", None, text)


def _result(message: OutgoingMessage, outcome: Outcome, code: str | None, text: str) -> Result:
    return Result(message.notification_key, outcome, code, text[:500], datetime.now(UTC))
