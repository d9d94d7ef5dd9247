"""SMTP: takes mails and answers 250 only once they are on disk."""

import asyncio
import logging
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from restock.local.mailbox.store import Mail, MailStore

LARGEST_MAIL_BYTES = 32 * 1024 * 1024


class Receiver:
    """Takes mails from all connections and commits together what arrives while the last commit is under way."""

    def __init__(self, store: MailStore) -> None:
        self._store = store
        self._waiting: list[tuple[Mail, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Answer EHLO: commands are taken from a stream, so they may come before the answer to the one before."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        mail = Mail(envelope.mail_from or "", envelope.rcpt_tos, raw, datetime.now(UTC))
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((mail, done))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        try:
            await done
        except Exception:
            logging.exception("A mail could not be kept")
            return "451 The mail could not be kept; try again later"
        return "250 OK"

    async def _commit(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            error: Exception | None = None
            try:
                await asyncio.to_thread(self._store.add, [mail for mail, _ in batch])
            except Exception as raised:
                error = raised
            for _, done in batch:
                if done.cancelled():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)


async def listen(store: MailStore, host: str, port: int) -> asyncio.Server:
    """Start to take mails."""
    receiver = Receiver(store)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            receiver, data_size_limit=LARGEST_MAIL_BYTES, enable_SMTPUTF8=True, hostname="localhost", ident="Restock"
        )

    return await loop.create_server(protocol, host, port)
