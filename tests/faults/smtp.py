"""An SMTP server with faults. Speaks enough of RFC 5321 and PIPELINING (RFC 2920) to be a hard counterpart.

Faults of a connection: `greet_421`, `drop_at_greeting`, `stall_at_greeting`. Of a message: `mail_451`, `rcpt_450`,
`rcpt_550`, `data_452`, `data_554`, `drop_before_taking`, `drop_after_taking` (taken, and the answer never leaves),
`drop_in_data`, `stall_after_taking`, `answer_421`, `answer_slowly`.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.conftest import free_port
from tests.faults.server import STALL_SECONDS, Account, FaultPlan, listening

CONNECTION_FAULTS = ("greet_421", "drop_at_greeting", "stall_at_greeting")
ENVELOPE_FAULTS = ("mail_451", "rcpt_450", "rcpt_550")
DATA_FAULTS = (
    "data_452",
    "data_554",
    "drop_in_data",
    "drop_before_taking",
    "drop_after_taking",
    "stall_after_taking",
    "answer_421",
    "answer_slowly",
)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.MULTILINE | re.IGNORECASE)


class HungUpError(ConnectionError):
    """The plan says to hang up now."""


@dataclass
class FaultySmtp:
    """The server's plan and account; `account.taken` has the local parts of the Message-IDs."""

    plan: FaultPlan = field(default_factory=FaultPlan)
    pipelining: bool = True
    slow_answer_seconds: float = 0.2
    account: Account = field(default_factory=Account)
    port: int = field(default_factory=free_port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from greeting to end."""
        await _Conversation(self, reader, writer).run()


class _Conversation:
    def __init__(self, server: FaultySmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.recipients = 0
        self.envelope_fault: str | None = None

    def _draw(self, *possible: str) -> str | None:
        fault = self.server.plan.draw(*possible)
        if fault:
            self.server.account.faults[fault] += 1
        return fault

    async def _say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    async def run(self) -> None:
        fault = self._draw(*CONNECTION_FAULTS)
        if fault == "greet_421":
            await self._say("421 too busy")
        if fault == "stall_at_greeting":
            await asyncio.sleep(STALL_SECONDS)
        if fault:
            return
        await self._say("220 faulty ESMTP")
        while line := await self.reader.readline():
            verb = line[:4].upper().strip()
            if verb == b"QUIT":
                await self._say("221 bye")
                return
            await getattr(self, f"_on_{verb.decode().lower()}", self._on_unknown)()

    async def _on_unknown(self) -> None:
        await self._say("500 what?")

    async def _on_ehlo(self) -> None:
        if self.server.pipelining:
            self.writer.write(b"250-PIPELINING\r\n")
        await self._say("250-faulty\r\n250-SMTPUTF8\r\n250 8BITMIME")

    async def _on_helo(self) -> None:
        await self._say("250 faulty")

    async def _on_noop(self) -> None:
        await self._say("250 yes")

    async def _on_rset(self) -> None:
        self.recipients = 0
        await self._say("250 forgotten")

    async def _on_mail(self) -> None:
        self.recipients = 0
        self.envelope_fault = self._draw(*ENVELOPE_FAULTS)
        await self._say("451 later" if self.envelope_fault == "mail_451" else "250 go on")

    async def _on_rcpt(self) -> None:
        match self.envelope_fault:
            case "mail_451":
                await self._say("503 no sender")
            case "rcpt_450":
                await self._say("450 mailbox busy")
            case "rcpt_550":
                await self._say("550 5.1.1 no such mailbox")
            case _:
                self.recipients += 1
                await self._say("250 go on")

    async def _on_data(self) -> None:
        if not self.recipients:
            await self._say("503 no recipient")
            return
        await self._say("354 go on")
        fault = self._draw(*DATA_FAULTS)
        if fault == "drop_in_data":
            await self.reader.readline()
            raise HungUpError
        content = await self.reader.readuntil(b"\r\n.\r\n")
        if fault == "drop_before_taking":
            raise HungUpError
        if fault in {"data_452", "data_554", "answer_421"}:
            await self._say({"data_452": "452 full", "data_554": "554 no", "answer_421": "421 closing"}[fault])
            if fault == "answer_421":
                raise HungUpError
            return
        message_id = _MESSAGE_ID.search(content)
        assert message_id, "a message without an id"
        self.server.account.taken.append(message_id[1].decode())
        if fault == "drop_after_taking":
            raise HungUpError
        if fault == "stall_after_taking":
            await asyncio.sleep(STALL_SECONDS)
        if fault == "answer_slowly":
            await asyncio.sleep(self.server.slow_answer_seconds)
        await self._say("250 taken")


@contextmanager
def serve_faulty_smtp(plan: FaultPlan | None = None, **options: object) -> Iterator[FaultySmtp]:
    """A faulty server on a free port."""
    server = FaultySmtp(plan or FaultPlan(), **options)  # type: ignore[arg-type]
    with listening(server.serve, server.port):
        yield server
