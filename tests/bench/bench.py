"""`make bench`: each step of the pipeline beside what its machine allows at most, measured in the same run.

A step's limit is the same amount of data through the bare parts, without rules, keys or records: COPY into an unlogged
table for ingestion, COPY out and in for planning, ready mails over the same connections for sending. What counts is the
ratio; seconds differ from machine to machine. The results go to bench.json in the state folder as well.
"""

import argparse
import asyncio
import csv
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg

from restock.channels import OutgoingMessage
from restock.channels.email import EmailChannel, SmtpServer
from restock.delivery import Letterhead, send_emails
from restock.delivery.message import BatchRow, EmailWriter
from restock.episodes import update_episodes
from restock.feeds.landing import list_landing
from restock.feeds.load import load_files
from restock.local.postgres import EmbeddedPostgres
from restock.local.state import State
from restock.policy import resolve_policy
from restock.schedule.plan import build_schedule, list_shards, rank_requests
from restock.warehouse import connect
from restock.warehouse.migrate import migrate
from tests.conftest import free_port
from tests.mail import serve_mail

PRODUCTS = 2_000
ZONES = ["UTC", "Europe/Berlin", "Asia/Seoul", "America/New_York"]
LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")


class Measurement(NamedTuple):
    """One step: rows it took, its seconds and those of its limit."""

    step: str
    rows: int
    seconds: float
    limit: str
    limit_seconds: float


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def scratch_warehouse(folder: Path) -> Iterator[str]:
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    try:
        with connect(server.url("postgres")) as connection:
            connection.execute("create database restock")
        migrate(server.url("restock"))
        yield server.url("restock")
    finally:
        server.stop()


def write_feeds(landing: Path, shoppers: int) -> None:
    """Feeds in which each shopper asked for one product an hour ago, and all products are there."""
    now = datetime.now(UTC)
    asked = (now - timedelta(hours=1)).isoformat()
    tables = {
        "customers": (
            ["user_id", "email", "timezone"],
            ([f"u{n}", f"u{n}@example.com", ZONES[n % len(ZONES)]] for n in range(shoppers)),
        ),
        "requests": (
            ["request_id", "user_id", "product_id", "requested_at", "surface"],
            ([f"r{n}", f"u{n}", f"p{n % PRODUCTS}", asked, "web"] for n in range(shoppers)),
        ),
        "inventory": (
            ["product_id", "available_quantity", "snapshot_at"],
            ([f"p{n}", 5, now.isoformat()] for n in range(PRODUCTS)),
        ),
    }
    for feed, (header, rows) in tables.items():
        (landing / feed).mkdir(parents=True)
        with (landing / feed / "all.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)


def bench_ingest(url: str, landing: Path, shoppers: int) -> Measurement:
    def copy() -> None:
        with connect(url) as connection:
            connection.execute("create unlogged table bare (a text, b text, c text, d text, e text)")
            with (
                (landing / "requests" / "all.csv").open("rb") as source,
                connection.cursor().copy("copy bare from stdin with (format csv, header)") as target,
            ):
                while block := source.read(1 << 18):
                    target.write(block)
            connection.execute("drop table bare")

    limit = timed(copy)
    files = {file.feed: file for file in list_landing(landing).files}
    load_files(url, landing, [files["customers"], files["inventory"]], "bench")
    seconds = timed(lambda: load_files(url, landing, [files["requests"]], "bench"))
    return Measurement("ingest requests", shoppers, seconds, "COPY into an unlogged table", limit)


def bench_plan(url: str, shoppers: int) -> Measurement:
    clock = datetime.now(UTC)
    with connect(url) as warehouse:
        policy = resolve_policy(warehouse, {"quiet_hours": ""})

        def plan() -> None:
            update_episodes(warehouse, policy.policy_id, clock)
            rank_requests(warehouse, policy.policy_id, {"email"}, clock)
            for shard in list_shards(warehouse):
                build_schedule(warehouse, policy.policy_id, shard, clock)

        seconds = timed(plan)
        limit = timed(lambda: copy_out_and_in(warehouse))
    return Measurement("plan", shoppers, seconds, "COPY the decisions and messages out and in", limit)


def copy_out_and_in(warehouse: psycopg.Connection) -> None:
    for table in ("notification", "decision"):
        with warehouse.cursor().copy(f"copy (select * from restock.{table}) to stdout") as source:
            blocks = [bytes(block) for block in source]
        warehouse.execute(f"create unlogged table bare as table restock.{table} with no data")
        with warehouse.cursor().copy("copy bare from stdin") as target:
            for block in blocks:
                target.write(block)
        warehouse.execute("drop table bare")


def bench_send(url: str, shoppers: int) -> Measurement:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shoppers", type=int, default=100_000, help="shoppers with one request each")
    parser.add_argument("--mails", type=int, default=5_000, help="of these, messages to send")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="restock-bench-"))
    # As root the server runs as another user, who must be able to get there.
    folder.chmod(0o755)
    try:
        large = run(folder / "large", arguments.shoppers)
        small = run(folder / "small", arguments.mails, send=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report([*large, small[-1]])


def run(folder: Path, shoppers: int, *, send: bool = False) -> list[Measurement]:
    """The steps one after the other on a warehouse of their own."""
    write_feeds(folder / "landing", shoppers)
    with scratch_warehouse(folder) as url:
        measurements = [bench_ingest(url, folder / "landing", shoppers), bench_plan(url, shoppers)]
        if send:
            measurements.append(bench_send(url, shoppers))
    return measurements


def report(measurements: list[Measurement]) -> None:
    print(f"{'step':18}{'rows':>10}{'seconds':>10}{'limit':>10}{'ratio':>8}  the limit is")
    for m in measurements:
        ratio = m.seconds / m.limit_seconds
        print(f"{m.step:18}{m.rows:>10,}{m.seconds:>10.2f}{m.limit_seconds:>10.2f}{ratio:>8.1f}  {m.limit}")
    path = State.from_environment().root / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([m._asdict() for m in measurements], indent=2) + "\n")
    print(f"Written to {path}")


if __name__ == "__main__":
    main()
