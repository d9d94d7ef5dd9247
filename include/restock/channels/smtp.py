"""The SMTP server of an Airflow connection, and connecting to it.

aiosmtplib connects, secures the connection and logs in. It waits for the reply to each command, though, so then its
transport is taken over (smtp_connection.py).
"""

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Literal, Self

import aiosmtplib

from restock.channels.base import ChannelUnreachableError
from restock.channels.smtp_connection import Desk, PipelinedConnection

CONNECT_TIMEOUT_SECONDS = 15.0


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


async def connect(server: SmtpServer, desk: Desk) -> "PipelinedConnection":
    """Connect, secure, log in.

    Raises:
        ChannelUnreachableError: In words: where, why, what to do.
    """
    client = aiosmtplib.SMTP(
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
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await _greet(client)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        client.close()
        raise ChannelUnreachableError(
            f"The mail server {server.host}:{server.port} cannot be used: {_reason(error)}. Check "
            "that it runs there and that host, port, login and encryption of the Airflow connection restock_smtp "
            "are right. No message was touched; they leave with the next run that reaches the server."
        ) from error
    except asyncio.CancelledError:
        # Not needed any more; aiosmtplib would leave it open.
        client.close()
        raise
    return PipelinedConnection(client, parseaddr(server.sender)[1], desk)


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


def _reason(error: Exception) -> str:
    """Why a connection failed, in the operating system's words where it has any: asyncio's own are hard to read."""
    cause = error.__cause__ or error
    if isinstance(cause, OSError) and cause.errno and not isinstance(cause, ssl.SSLError):
        return os.strerror(cause.errno).lower()
    return str(error) or type(error).__name__
