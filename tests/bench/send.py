"""Sending beside ready mails over the same connections."""

import asyncio
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from restock.channels import OutgoingMessage
from restock.channels.email import EmailChannel, SmtpServer
from restock.delivery import Letterhead, send_emails
from restock.delivery.message import BatchRow, EmailWriter
from restock.policy import resolve_policy
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.plan import plan
from tests.bench.shop_feeds import load_feeds
from tests.mail import serve_mail

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")


def measure(folder: Path, shoppers: int) -> list[Measurement]:
    """Send, beside ready mails over the same connections."""
    with scratch_warehouse(folder) as url:
        load_feeds(url, folder / "landing", shoppers)
        plan(url, shoppers)
        return [_send(url, shoppers)]


def _send(url: str, shoppers: int) -> Measurement:
    with connect(url) as warehouse, serve_mail() as mailbox:
        server = SmtpServer("127.0.0.1", mailbox.port, sender=LETTERHEAD.sender)
        policy = resolve_policy(warehouse, {"quiet_hours": ""})
        seconds = timed(lambda: send_emails(warehouse, server, LETTERHEAD, policy.policy_id, "bench"))
        sent = len(mailbox.mails)
        if sent != shoppers:
            sys.exit(f"{shoppers} messages were due and {sent} arrived: the benchmark means nothing.")
        now = datetime.now(UTC)
        row = BatchRow(0, secrets.token_hex(16), 1, "u", "en", "u@example.com", "r", now, "p", *[None] * 5)  # type: ignore[arg-type]
        mail = EmailWriter(LETTERHEAD).write([row])
        mails = [OutgoingMessage(n, mail.notification_id, mail.recipient, mail.payload) for n in range(shoppers)]

        async def bare() -> None:
            async with EmailChannel(server) as channel:
                await channel.send_batch(mails, 3_600)

        limit = timed(lambda: asyncio.run(bare()))
    return Measurement("send", shoppers, seconds, "ready mails over the same connections", limit)
