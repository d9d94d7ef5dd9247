"""One SMTP connection that pipelines (RFC 2920): a mail costs one round trip instead of four.

The replies are parsed as they arrive, without a task or a future for each: at thousands of mails a second those cost
more than the wire.

On a connection there is at most one mail whose content has left and that has no answer yet, and one whose envelope is
ahead of its content. Only the first can be in doubt.
"""

import asyncio
import re
import time
from collections import deque
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from enum import Enum, auto
from typing import Protocol, cast

import aiosmtplib

from restock.channels.base import Outcome, OutgoingMessage, ProviderCodes, Result

# What a socket takes at once on any system; larger mails keep their last line back until the rest has left.
_SOCKET_BUFFER_BYTES = 48 * 1024
_MOST_REPLY_BYTES = 64 * 1024

# Nothing that could end the command, or the path in it. Whether there is such an address the server says.
_ADDRESS = re.compile(r'(?:"[^\x00-\x1f\x7f]+"|[^\s<>"@\x00-\x1f\x7f]+)@[^\s<>"@\x00-\x1f\x7f]+')
_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ALL_BUT_LINE_ENDS = bytes(set(range(256)) - set(b"\r\n"))


class Flight:
    """One mail on its way over a connection."""

    __slots__ = ("body", "left_at", "losses", "message", "owner")

    def __init__(self, message: OutgoingMessage, owner: object) -> None:
        self.message = message
        self.owner = owner
        self.body = b""
        # By the monotonic clock; None as long as its content has not left.
        self.left_at: float | None = None
        self.losses = 0


class Desk(Protocol):
    """Where connections get their mails and report."""

    codes: ProviderCodes

    def next_flight(self) -> Flight | None:
        """The next mail that waits."""

    def finished(self, flight: Flight, result: Result) -> None:
        """One mail has its result."""

    def put_back(self, flight: Flight) -> None:
        """The connection broke before this mail was touched: another may take it."""

    def lost(self, connection: "PipelinedConnection") -> None:
        """The connection is gone."""


class _Step(Enum):
    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    CONTENT = auto()
    # The end of a transaction that a server began although it had refused the only recipient.
    NOTHING = auto()


_OF_ENVELOPE = (_Step.MAIL, _Step.RCPT, _Step.DATA)
# What a server says that took a mail and wants the next: most of what arrives, and read at once.
_USUAL_STEPS = deque((_Step.CONTENT, *_OF_ENVELOPE))
_USUAL_REPLIES = re.compile(rb"(2\d\d) ([^\r\n]*)\r\n(?:2\d\d [^\r\n]*\r\n){2}354 [^\r\n]*\r\n")


class PipelinedConnection(asyncio.Protocol):
    """A connection that is ready for mails. It takes them from the desk whenever it has room."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str, desk: Desk) -> None:
        extensions = client.esmtp_extensions
        self._desk = desk
        self._sender = sender.encode()
        self._pipelines = "pipelining" in extensions
        self._takes_8bit = "8bitmime" in extensions
        self._takes_utf8 = "smtputf8" in extensions
        self._says_size = "size" in extensions
        size = extensions.get("size", "").strip()
        self._most_bytes = int(size) if size.isdigit() else 0

        self._expected: deque[_Step] = deque()
        self._partial = b""
        self._text: list[str] = []
        # The mail whose envelope is out, what of it was refused first, and the one whose content is out.
        self._ahead: Flight | None = None
        self._refused: Result | None = None
        self._leaving: Flight | None = None
        self._last_line: bytes | None = None
        self._needs_reset = False
        self._blocked = False
        self._over = False

        # The client stays: its transport is ours, and it must not be collected before us.
        self._client = client
        self._transport = cast(asyncio.Transport, client.transport)
        self._transport.set_protocol(self)
        # Writes reach the socket at once, and `pause_writing` says when they did not.
        self._transport.set_write_buffer_limits(high=0)

    @property
    def is_busy(self) -> bool:
        """Is a mail on the connection? It takes the next by itself."""
        return self._ahead is not None or self._leaving is not None

    def advance(self) -> None:
        """Take the next mail, if there is room for one."""
        if not self._can_take():
            return
        envelope = self._open_next()
        if envelope:
            self._transport.write(envelope)

    def carries_for(self, owner: object) -> bool:
        """Is a mail of this owner on the connection?"""
        return any(flight is not None and flight.owner is owner for flight in (self._ahead, self._leaving))

    def abort(self, reason: str) -> None:
        """Break off at once; what is on the connection gets its result."""
        self._end(reason)
        self._transport.abort()

    def close(self) -> None:
        """Take leave."""
        if not self._over:
            self._over = True
            if not self._expected:
                self._transport.write(b"QUIT\r\n")
            self._transport.close()

    # What the transport tells

    def data_received(self, data: bytes) -> None:
        if self._expected == _USUAL_STEPS and not self._partial and not self._text:
            usual = _USUAL_REPLIES.fullmatch(data)
            if usual is not None:
                self._on_usual_replies(usual[1].decode(), usual[2].decode(errors="replace").strip())
                return
        data = self._partial + data
        end = data.rfind(b"\n") + 1
        self._partial = data[end:]
        for line in data[:end].decode(errors="replace").split("\n")[:-1]:
            if self._over:
                return
            text = line[4:].strip()
            if line[3:4] == "-":
                self._text.append(text)
                continue
            if self._text:
                text, self._text = " ".join([*self._text, text]), []
            self._on_reply(line[:3], text)
        if len(self._partial) + sum(map(len, self._text)) + len(self._text) > _MOST_REPLY_BYTES:
            self.abort("the server's reply has no end")

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        if self._last_line is not None and not self._over:
            self._write_last_line()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"the connection broke{f': {error}' if error else ''}")

    # Replies, in the order of the commands

    def _on_reply(self, code: str, text: str) -> None:
        if not self._expected:
            # Nothing was asked: a server that has had enough says 421 and closes.
            self.abort(f"the server said {code} {text}")
            return
        step = self._expected.popleft()
        if step is _Step.CONTENT:
            self._on_content_taken(code, text)
        elif step in _OF_ENVELOPE:
            self._on_envelope_reply(step, code, text)
        if code == "421" and not self._over:
            self.abort(f"the server said 421 {text}")
        elif self._ahead is None:
            self.advance()

    def _on_usual_replies(self, code: str, text: str) -> None:
        """The same as for each by itself: the content was taken, and the envelope ahead of the next one."""
        self._expected.clear()
        self._on_content_taken(code, text)
        self._send_content(cast(Flight, self._ahead))
        if self._ahead is None:
            self.advance()

    def _on_envelope_reply(self, step: _Step, code: str, text: str) -> None:
        flight = cast(Flight, self._ahead)
        good = code == "354" if step is _Step.DATA else code[:1] == "2"
        if not good and self._refused is None:
            self._refused = self._judge(flight, code, text, may_suppress=step is _Step.RCPT)
        if step is _Step.DATA and code == "354" and self._refused is not None:
            # It wants the content all the same: an empty one ends the transaction (RFC 2920, section 3.1).
            self._transport.write(b".\r\n")
            self._expected.append(_Step.NOTHING)
            self._finish_refused(flight)
        elif step is _Step.DATA and code == "354":
            self._send_content(flight)
        elif step is _Step.DATA or (self._refused is not None and not self._pipelines):
            self._needs_reset = True
            self._finish_refused(flight)
        elif not self._pipelines:
            self._say_next(step, flight)

    def _finish_refused(self, flight: Flight) -> None:
        result, self._refused, self._ahead = cast(Result, self._refused), None, None
        self._desk.finished(flight, result)

    def _on_content_taken(self, code: str, text: str) -> None:
        flight, self._leaving = cast(Flight, self._leaving), None
        if code[:1] == "2":
            self._desk.finished(flight, _result(flight, "accepted", code, text))
        elif code[:1] in {"4", "5"}:
            self._desk.finished(flight, self._judge(flight, code, text, may_suppress=False))
        else:
            self._desk.finished(flight, _result(flight, "in_doubt", code, f"a reply that makes no sense: {text}"))
            self.abort("the replies are out of step")

    def _judge(self, flight: Flight, code: str, text: str, *, may_suppress: bool) -> Result:
        if code[:1] not in {"4", "5"}:
            return _result(flight, "retryable", code, f"a reply that makes no sense: {text}")
        enhanced = _ENHANCED_CODE.match(text)
        meaning = self._desk.codes.look_up(f"{code} {enhanced[0]}" if enhanced else code)
        return _result(flight, meaning.outcome, code, text, suppress=meaning.suppress and may_suppress)

    # Commands

    def _can_take(self) -> bool:
        return (
            not self._over
            and self._ahead is None
            and self._last_line is None
            and (self._leaving is None or self._pipelines)
            and not (self._expected and not self._pipelines)
        )

    def _open_next(self) -> bytes:
        """The commands that open the next transaction; empty where no mail waits."""
        if self._needs_reset and not self._pipelines:
            self._needs_reset = False
            self._expected.append(_Step.RSET)
            return b"RSET\r\n"
        while flight := self._desk.next_flight():
            refusal = self._prepare(flight)
            if refusal is not None:
                self._desk.finished(flight, refusal)
                continue
            self._ahead = flight
            commands = b""
            if self._needs_reset:
                self._needs_reset = False
                self._expected.append(_Step.RSET)
                commands = b"RSET\r\n"
            self._expected.append(_Step.MAIL)
            commands += self._mail_command(flight)
            if self._pipelines:
                self._expected.extend((_Step.RCPT, _Step.DATA))
                commands += b"RCPT TO:<%b>\r\nDATA\r\n" % _address(flight)
            return commands
        return b""

    def _say_next(self, step: _Step, flight: Flight) -> None:
        if step is _Step.MAIL:
            self._expected.append(_Step.RCPT)
            self._transport.write(b"RCPT TO:<%b>\r\n" % _address(flight))
        else:
            self._expected.append(_Step.DATA)
            self._transport.write(b"DATA\r\n")

    def _mail_command(self, flight: Flight) -> bytes:
        command = b"MAIL FROM:<%b>" % self._sender
        if self._says_size:
            command += b" SIZE=%d" % len(flight.body)
        if self._takes_8bit and not flight.body.isascii():
            command += b" BODY=8BITMIME"
        if self._takes_utf8 and not flight.message.recipient.isascii():
            command += b" SMTPUTF8"
        return command + b"\r\n"

    def _send_content(self, flight: Flight) -> None:
        self._ahead, self._leaving = None, flight
        body, flight.body = flight.body, b""
        self._expected.append(_Step.CONTENT)
        flight.left_at = time.monotonic()
        if len(body) > _SOCKET_BUFFER_BYTES:
            # Without its last line nobody can have taken the mail.
            self._last_line = b".\r\n"
            self._transport.write(body)
            if not self._blocked:
                self._write_last_line()
        else:
            envelope = self._open_next() if self._pipelines else b""
            self._transport.write(b"%b.\r\n%b" % (body, envelope))

    def _write_last_line(self) -> None:
        self._last_line = None
        self._transport.write(b".\r\n")
        self.advance()

    def _prepare(self, flight: Flight) -> Result | None:
        """Make the mail ready for this server; a refusal where it cannot take it."""
        recipient = flight.message.recipient
        if not _ADDRESS.fullmatch(recipient):
            return _result(flight, "permanent", None, "this is not an e-mail address")
        if not recipient.isascii() and not self._takes_utf8:
            return _result(flight, "permanent", None, "the address has letters that this mail server cannot take")
        body, is_ready = flight.message.payload, flight.message.is_ready
        if not self._takes_8bit and not body.isascii():
            seven_bit = SMTP_POLICY.clone(cte_type="7bit")
            body, is_ready = message_from_bytes(body, policy=seven_bit).as_bytes(), False
        if not is_ready:
            body = _as_content(body)
        if 0 < self._most_bytes < len(body):
            return _result(
                flight, "permanent", None, f"the mail has {len(body)} bytes, the server takes {self._most_bytes}"
            )
        flight.body = body
        return None

    def _end(self, reason: str) -> None:
        if self._over:
            return
        self._over = True
        leaving, ahead, refused = self._leaving, self._ahead, self._refused
        self._leaving = self._ahead = None
        if leaving is not None:
            outcome: Outcome = "in_doubt" if self._last_line is None else "retryable"
            self._desk.finished(leaving, _result(leaving, outcome, None, f"{reason}, before the answer came"))
        if ahead is not None and refused is not None:
            self._desk.finished(ahead, refused)
        elif ahead is not None:
            ahead.losses += 1
            if ahead.losses > 1:
                self._desk.finished(ahead, _result(ahead, "retryable", None, f"{reason}, before the mail left"))
            else:
                self._desk.put_back(ahead)
        self._desk.lost(self)


def _as_content(body: bytes) -> bytes:
    """A mail as DATA wants it: CRLF ends each line and the last one, and a dot at the start of a line is doubled."""
    # Is there a CR or LF that stands alone? Twice as quick as to count them one by one.
    if len(body.translate(None, _ALL_BUT_LINE_ENDS)) != 2 * body.count(b"\r\n"):
        body = _LINE_END.sub(b"\r\n", body)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    if b"\n." in body:
        body = body.replace(b"\n.", b"\n..")
    return b"." + body if body.startswith(b".") else body


def _address(flight: Flight) -> bytes:
    return flight.message.recipient.encode()


def _result(flight: Flight, outcome: Outcome, code: str | None, text: str, *, suppress: bool = False) -> Result:
    return Result(flight.message.notification_key, outcome, code, text[:500], datetime.now(UTC), None, suppress)
