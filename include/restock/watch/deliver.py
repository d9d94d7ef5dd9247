"""Sending a notice to the people on call, through the Airflow connection `restock_alerts`.

Of type smtp it is read as `restock_smtp` is, and its extra `to` says who gets the mails: an address, several with
commas between them, or a list. Of any other type its password is an Apprise URL (https://appriseit.com/services).
"""

import asyncio
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
import apprise

from restock.channels import ConnectionDetails
from restock.channels.smtp import SmtpServer
from restock.feeds.masking import mask_addresses

CONNECTION_ID = "restock_alerts"
VARIABLE = f"AIRFLOW_CONN_{CONNECTION_ID.upper()}"
MISSING = (
    f"There is no Airflow connection {CONNECTION_ID}, so nobody is told: make it, of type smtp or with an Apprise URL "
    "as its password; docs/oncall.md shows how."
)
_TIMEOUT_SECONDS = 15.0
# A folded subject begins with a blank in many a client.
_ONE_LINE = SMTP.clone(max_line_length=900)
_KINDS = {"raised": apprise.NotifyType.FAILURE, "told": apprise.NotifyType.WARNING, "over": apprise.NotifyType.SUCCESS}


class DeliveryError(RuntimeError):
    """A notice could not be sent; the message says why and what to do, and holds no secret."""


@dataclass(frozen=True)
class Notice:
    """What is sent.

    Attributes:
        kind: raised (wake somebody), told or over.
        title: One line.
        body: Plain text.
        notice_id: The same for the same notice sent twice.
        thread_id: That of the first notice of the same alert.
    """

    kind: str
    title: str
    body: str
    notice_id: str
    thread_id: str


@dataclass(frozen=True)
class AlertConnection:
    """The Airflow connection: its type, and what it holds."""

    conn_type: str
    details: ConnectionDetails

    @classmethod
    def from_environment(cls) -> Self | None:
        """Read AIRFLOW_CONN_RESTOCK_ALERTS as Airflow does, as JSON or as a URI; None where it is not set.

        Raises:
            DeliveryError: It can be read as neither.
        """
        text = os.environ.get(VARIABLE, "").strip()
        if not text:
            return None
        try:
            return cls._from_json(text) if text.startswith("{") else cls._from_uri(text)
        except (ValueError, TypeError) as error:
            # Its text may hold a secret: it is not repeated.
            raise DeliveryError(
                f"{VARIABLE} is neither JSON nor a URI that Airflow could read: docs/oncall.md has examples."
            ) from error

    @classmethod
    def _from_json(cls, text: str) -> Self:
        parts = json.loads(text)
        port = parts.get("port")
        return cls(
            str(parts.get("conn_type") or ""),
            ConnectionDetails(
                parts.get("host"),
                int(port) if port else None,
                parts.get("login"),
                parts.get("password"),
                parts.get("schema"),
                _extra(parts.get("extra")),
            ),
        )

    @classmethod
    def _from_uri(cls, text: str) -> Self:
        parts = urlsplit(text)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        extra = _extra(query["__extra__"]) if "__extra__" in query else query
        login, password = parts.username, parts.password
        return cls(
            parts.scheme.replace("-", "_"),
            ConnectionDetails(
                unquote(parts.hostname or "") or None,
                parts.port,
                unquote(login) if login else None,
                unquote(password) if password else None,
                unquote(parts.path.strip("/")) or None,
                extra,
            ),
        )


# Gives the connection, wherever it is kept; None where there is none.
FindAlertConnection = Callable[[], AlertConnection | None]


def _extra(value: object) -> Mapping[str, Any]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return found if isinstance(found, dict) else {}


def deliver(find_connection: FindAlertConnection, notice: Notice) -> None:
    """Send a notice; it is taken when this returns.

    Raises:
        DeliveryError: It was not, as far as can be known.
    """
    try:
        connection = find_connection()
        if connection is None:
            raise DeliveryError(MISSING)
        if connection.conn_type == "smtp":
            _send_mail(connection.details, notice)
        else:
            _send_by_apprise(connection.details, notice)
    except DeliveryError:
        raise
    except Exception as error:
        # Whatever it is, it must not keep the other alerts from being sent. Its text may hold a secret.
        raise DeliveryError(
            f"The notice could not be sent through the Airflow connection {CONNECTION_ID}: {type(error).__name__}. "
            "docs/oncall.md shows how the connection is to be."
        ) from error


def _send_mail(details: ConnectionDetails, notice: Notice) -> None:
    server = SmtpServer.from_connection(
        details.host or "localhost", details.port, details.login, details.password, details.extra
    )
    to = details.extra.get("to") or ""
    recipients = [part.strip() for part in (to.split(",") if isinstance(to, str) else map(str, _listed(to)))]
    if not any(recipients):
        raise DeliveryError(f"The Airflow connection {CONNECTION_ID} has no extra `to`: say there who gets the mails.")
    mail = EmailMessage(policy=_ONE_LINE)
    try:
        mail["From"] = server.sender
        mail["To"] = ", ".join(filter(None, recipients))
        mail["Subject"] = notice.title
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{notice.notice_id}@restock>"
        if notice.thread_id != notice.notice_id:
            mail["References"] = f"<{notice.thread_id}@restock>"
        mail["Auto-Submitted"] = "auto-generated"
        if notice.kind == "raised":
            mail["Importance"] = "high"
        mail.set_content(notice.body)
        asyncio.run(
            # As bytes: it would fold a message anew.
            aiosmtplib.send(
                mail.as_bytes(),
                sender=parseaddr(server.sender)[1],
                recipients=[address for _, address in getaddresses([str(mail["To"])])],
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.encryption == "tls",
                start_tls=server.encryption == "starttls",
                timeout=_TIMEOUT_SECONDS,
            )
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(
            f"The mail server {server.host}:{server.port} of the Airflow connection {CONNECTION_ID} did not take the "
            f"notice: {mask_addresses(str(error) or type(error).__name__)}. Check its host, port, login, encryption, "
            "and its extras from_email and to."
        ) from error


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _send_by_apprise(details: ConnectionDetails, notice: Notice) -> None:
    service = apprise.Apprise.instantiate(details.password or "", suppress_exceptions=True)
    if not isinstance(service, apprise.NotifyBase):
        raise DeliveryError(
            f"The password of the Airflow connection {CONNECTION_ID} is no URL of a service that Apprise knows: see "
            "https://appriseit.com/services. For mails give the connection the type smtp."
        )
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
        try:
            taken = service.notify(title=notice.title, body=notice.body, notify_type=_KINDS[notice.kind])
        except Exception as error:  # Each service is written by somebody else.
            raise DeliveryError(f"The client of the alert service failed: {type(error).__name__}.") from error
        reason = " ".join(said.getvalue().split())
    if not taken:
        raise DeliveryError(
            f"The service of the Airflow connection {CONNECTION_ID} did not take the notice: "
            f"{mask_addresses(reason) or 'it does not say why'}. Check the URL in its password."
        )
