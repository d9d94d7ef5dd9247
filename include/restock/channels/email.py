"""E-mail over SMTP: a few persistent connections, each sending one mail after the other."""

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Literal, Self

import aiosmtplib

from restock.channels.base import ChannelUnreachableError, OutgoingMessage, Result

CONNECTIONS = 4
CONNECT_TIMEOUT_SECONDS = 15.0

# Basic SMTP replies: 4yz may be tried again, 5yz must not (RFC 5321, section 4.2.1).
_FIRST_PERMANENT_CODE = 500


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes. `encryption` is none, starttls or tls (from the first byte)."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    encryption: Literal["none", "starttls", "tls"] = "none"
    sender: str = "Restock <restock@localhost>"

    @classmethod
    def from_connection(
        cls, host: str, port: int | None, login: str | None, password: str | None, extra: Mapping[str, object]
    ) -> Self:
        """Read an Airflow connection of type smtp: extras from_email, disable_ssl and disable_tls, as Airflow's own
        SMTP hook reads them.
        """
        encryption: Literal["none", "starttls", "tls"] = "tls"
        if extra.get("disable_ssl"):
            encryption = "none" if extra.get("disable_tls") else "starttls"
        sender = str(extra.get("from_email") or cls.sender)
        return cls(host, port or 465, login or None, password or None, encryption, sender)


class EmailChannel:
    """Connections to one SMTP server."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._envelope_sender = parseaddr(server.sender)[1]
        self._connections: list[aiosmtplib.SMTP] = []

    async def __aenter__(self) -> Self:
        try:
            for _ in range(CONNECTIONS):
                self._connections.append(await self._connect())
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.encryption == "tls",
            start_tls=server.encryption == "starttls",
            tls_context=ssl.create_default_context() if server.encryption != "none" else None,
            timeout=CONNECT_TIMEOUT_SECONDS,
        )
        try:
            await connection.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ChannelUnreachableError(
                f"The mail server {server.host}:{server.port} cannot be used: {_reason(error)}. Check "
                "that it runs there and that host, port, login and encryption of the Airflow connection restock_smtp "
                "are right. No message was touched; they leave with the next run that reaches the server."
            ) from error
        return connection

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        """Spread the messages over the connections. See `Channel.send_batch`."""
        if not any(connection.is_connected for connection in self._connections):
            self._connections[0] = await self._connect()
        waiting = list(reversed(messages))
        results: list[Result] = []
        lanes = [self._run_lane(number, waiting, results) for number in range(len(self._connections))]
        try:
            async with asyncio.timeout(timeout_seconds):
                await asyncio.gather(*lanes)
        except TimeoutError:
            pass
        settled = {result.notification_key for result in results}
        untouched = {message.notification_key for message in waiting}
        in_flight = (message for message in messages if message.notification_key not in settled | untouched)
        return results + [_result(message, "in_doubt", None, "no answer within the time-out") for message in in_flight]

    async def _run_lane(self, number: int, waiting: list[OutgoingMessage], results: list[Result]) -> None:
        while waiting:
            if not self._connections[number].is_connected:
                try:
                    self._connections[number] = await self._connect()
                except ChannelUnreachableError:
                    # The other lanes go on if they can; what is left over is untouched and stays due.
                    return
            message = waiting.pop()
            results.append(await self._send(self._connections[number], message))

    async def _send(self, connection: aiosmtplib.SMTP, message: OutgoingMessage) -> Result:
        try:
            await connection.mail(self._envelope_sender)
            await connection.rcpt(message.recipient)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset(connection)
            return _refused(message, error)
        except UnicodeEncodeError:
            await self._reset(connection)
            return _result(message, "permanent", None, "the address has letters that this mail server cannot take")
        except (aiosmtplib.SMTPException, OSError) as error:
            # Nothing was handed over yet, so this one is not in doubt.
            connection.close()
            return _result(message, "retryable", None, f"the connection broke: {error}")
        try:
            reply = await connection.data(message.payload)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset(connection)
            return _refused(message, error)
        except (aiosmtplib.SMTPException, OSError) as error:
            connection.close()
            return _result(message, "in_doubt", None, f"the connection broke while the mail left: {error}")
        return _result(message, "accepted", str(reply.code), reply.message)

    @staticmethod
    async def _reset(connection: aiosmtplib.SMTP) -> None:
        try:
            await connection.rset()
        except (aiosmtplib.SMTPException, OSError):
            connection.close()


def _reason(error: Exception) -> str:
    """Why a connection failed, in the operating system's words where it has any: asyncio's own are hard to read."""
    cause = error.__cause__ or error
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno).lower()
    return str(error) or type(error).__name__


def _refused(message: OutgoingMessage, error: aiosmtplib.SMTPResponseException) -> Result:
    outcome: Literal["permanent", "retryable"] = "permanent" if error.code >= _FIRST_PERMANENT_CODE else "retryable"
    return _result(message, outcome, str(error.code), error.message)


def _result(
    message: OutgoingMessage,
    outcome: Literal["accepted", "retryable", "permanent", "in_doubt"],
    code: str | None,
    text: str,
) -> Result:
    return Result(message.notification_key, outcome, code, text[:500], datetime.now(UTC))
