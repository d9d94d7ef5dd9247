"""Sending: the real task, from claim to settled, with mails rendered from the real templates, beside bare clients."""

import asyncio
import multiprocessing
import multiprocessing.pool
import statistics
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import aiohttp
from yarl import URL

from restock.channels import ConnectionDetails
from restock.delivery import Letterhead, send_channel
from restock.delivery.message import BatchRow, EmailWriter, Product
from restock.policy import resolve_policy
from restock.warehouse import connect
from tests.bench import bare_smtp
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.sink import HttpSink, SmtpSink, serve

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
WEBHOOK_SECRET = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
SENDERS = 2
# Of a relay that takes 20 ms; the tasks share them.
SLOW_CONNECTIONS = 64
ROUNDS = 3
DUE = Path(__file__).with_name("due_messages.sql")


def measure(folder: Path, messages: int) -> list[Measurement]:
    """Send mails into a fast receiver and into one that takes 20 ms, and webhooks into a fast one."""
    with (
        scratch_warehouse(folder) as url,
        multiprocessing.get_context("spawn").Pool(SENDERS) as pool,
    ):
        # The modules are loaded before the clock runs.
        pool.map(_warm_up, range(SENDERS))
        return [
            _measure_smtp(url, pool, "send", messages, 0.0),
            _measure_smtp(url, pool, "send at 20 ms", messages // 2, 0.02),
            _measure_webhooks(url, pool, messages),
        ]


def _measure_smtp(url: str, pool: multiprocessing.pool.Pool, step: str, messages: int, delay: float) -> Measurement:
    mail = EmailWriter(LETTERHEAD).write([_row(0)]).payload
    seconds, limits = [], []
    for _ in range(ROUNDS):
        with serve(SmtpSink, delay) as sink:
            limits.append(bare_smtp.send(sink.port, mail, messages, SLOW_CONNECTIONS if delay else 16))
        with serve(SmtpSink, delay) as sink:
            policy_id = _schedule(url, "email", messages, SLOW_CONNECTIONS // SENDERS)
            send = partial(_send, url, "email", sink.port, policy_id)
            seconds.append(timed(lambda send=send: pool.map(send, range(SENDERS))))
            _require_all(url, messages, sink.taken.value)
    limit = f"ready mails down {SLOW_CONNECTIONS if delay else 16} connections"
    return Measurement(step, messages, statistics.median(seconds), limit, statistics.median(limits))


def _measure_webhooks(url: str, pool: multiprocessing.pool.Pool, messages: int) -> Measurement:
    seconds, limits = [], []
    for _ in range(ROUNDS):
        with serve(HttpSink) as sink:
            limits.append(timed(lambda port=sink.port: asyncio.run(_post_ready_bytes(port, messages))))
        with serve(HttpSink) as sink:
            policy_id = _schedule(url, "webhook", messages, SLOW_CONNECTIONS // SENDERS)
            send = partial(_send, url, "webhook", sink.port, policy_id)
            seconds.append(timed(lambda send=send: pool.map(send, range(SENDERS))))
            _require_all(url, messages, sink.taken.value)
    return Measurement(
        "send webhooks", messages, statistics.median(seconds), "aiohttp, ready bytes", statistics.median(limits)
    )


async def _post_ready_bytes(port: int, count: int) -> None:
    body = b'{"type": "restock", "data": "' + b"x" * 500 + b'"}'
    left = iter(range(count))
    url = URL(f"http://127.0.0.1:{port}/")

    async def post(session: aiohttp.ClientSession) -> None:
        for _ in left:
            async with session.post(url, data=body) as answer:
                await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SLOW_CONNECTIONS)) as session:
        await asyncio.gather(*(post(session) for _ in range(SLOW_CONNECTIONS)))


def _warm_up(_: int) -> None:
    EmailWriter(LETTERHEAD).write([_row(0)])


def _send(url: str, channel: str, port: int, policy_id: int, number: int) -> dict[str, int]:
    if channel == "webhook":
        connection = ConnectionDetails(f"http://127.0.0.1:{port}", password=WEBHOOK_SECRET)
    else:
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": LETTERHEAD.sender}
        connection = ConnectionDetails("127.0.0.1", port, extra=extra)
    return send_channel(url, channel, connection, LETTERHEAD, policy_id, f"bench {number}").figures


def _schedule(url: str, channel: str, messages: int, connections: int) -> int:
    with connect(url) as warehouse:
        policy_id = resolve_policy(warehouse, {"quiet_hours": ""}).policy_id
        binds = {"channel": channel, "message_count": messages, "policy_id": policy_id}
        for statement in DUE.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                warehouse.execute(statement, {name: binds[name] for name in binds if f"%({name})s" in statement})
        warehouse.execute("update restock.channel set connections = %s where name = %s", (connections, channel))
        warehouse.execute("vacuum analyze")
        warehouse.execute("checkpoint")
        return policy_id


def _require_all(url: str, messages: int, taken: int) -> None:
    with connect(url) as warehouse:
        row = warehouse.execute("select count(*) from restock.notification where status = 'sent'").fetchone()
    if (taken, row[0]) != (messages, messages):
        sys.exit(f"{messages} messages were due, {taken} arrived and {row[0]} are sent: the benchmark means nothing.")


def _row(number: int) -> BatchRow:
    asked = datetime.now(UTC) - timedelta(days=1)
    return BatchRow(
        number, str(UUID(int=number)), 1, f"u{number}", ("en-GB", "de-DE", "ko-KR")[number % 3],
        f"shopper.{number}@example.com", f"r{number}", asked, asked,
        Product(
            f"p{number % 1000}", f"Product with a name number {number % 1000}", f"Brand {number % 50}",
            url=f"https://shop.example/p/{number % 1000}", image_url=f"https://shop.example/i/{number % 1000}.jpg",
        ), timezone="Europe/Berlin",
    )  # fmt: skip
