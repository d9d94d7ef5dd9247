"""The whole chain: files in the landing area, messages accepted, everything recorded; beside the bare chain.

The side of the project runs the functions that the tasks of both DAGs call, with the arguments that these give them,
mapped tasks in two processes. Its seconds go from the files to the last message settled, without the time that Airflow
takes to start a task. The bare side (`chain_bare.py`) is what a careful engineer would write without any feature: no
checks of rows, no history, no caps, no leases, no retries. Both read the same files, tell the same shoppers, run on
the same server, in databases of their own, and send to the same kind of receiver.

`RESTOCK_CHAIN=100000 make bench ARGS=chain` takes another number of messages than a million;
`RESTOCK_CHAIN_ROUNDS=3` measures both sides three times by turns and shows medians, for machines whose speed drifts.
"""

import multiprocessing
import multiprocessing.pool
import os
import shutil
import sys
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from restock import notify
from restock.delivery import run_sender
from restock.delivery.run import FindConnection
from restock.feeds.inputs import find_inputs, load_input
from restock.feeds.ledger import count_run
from restock.warehouse import connect
from tests.bench import chain_bare
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.ingest_files import write_rows
from tests.bench.marts import JOIN
from tests.bench.sink import HttpSink, SmtpSink, serve
from tests.conftest import database_url

MESSAGES = 1_000_000
PRODUCTS = 20_000
# Mapped tasks run side by side in as many processes.
WORKERS = 2
MESSAGES_PER_CALL = 100
# Twice the default: a sender notes what leaves for two calls a connection at a time, and so waits for the disk half as
# often. The receiver takes any number.
MAIL_CONNECTIONS = 64
RUN = "bench"
PARTS = 4

# What is true of the warehouse at the end, by what it is called where it is not.
COUNTS = """
select
    (select count(*) from restock.request) as requests,
    (select count(*) from restock.decision where outcome in ('told', 'delayed', 'merged')) as decisions,
    (select count(*) from restock.request_outcome where status = 'notified') as notified_requests,
    (select count(*) from restock.notification where status = 'sent') as sent_messages,
    (select count(*) from restock.delivery_attempt where outcome = 'accepted') as accepted_attempts,
    (select count(*) from restock.open_request) as open_requests,
    (select count(*) from restock.outbox) as unsent_messages
"""


class Variables:
    """Settings as Airflow's Variables give them: the defaults, and the few that let everything leave at once."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        # Between 14 and 16 hours from now it is now in no time zone of the shoppers, nor will be while this runs.
        quiet = "-".join(f"{now + timedelta(hours=hours):%H:%M}" for hours in (14, 16))
        self._values = {"restock_quiet_hours": quiet, "restock_max_restock_share": "1"}

    def get(self, key: str, default: str | None) -> str | None:
        return self._values.get(key, default)

    def set(self, key: str, value: str, description: str) -> None:
        self._values[key] = value


class Way(NamedTuple):
    """A channel, and what takes its messages."""

    name: str
    channel: str
    receiver: type[SmtpSink] | type[HttpSink]


class CountingHttpSink(HttpSink):
    """Counts messages, where a call carries several."""

    @staticmethod
    def count(body: bytes) -> int:
        return body.count(b'"notification_id":')


MAIL = Way("mail", "email", SmtpSink)
WEBHOOK = Way("webhook", "webhook", CountingHttpSink)


def measure(folder: Path) -> list[Measurement]:
    """By mail, and by webhooks that carry a hundred messages a call."""
    messages = int(os.environ.get("RESTOCK_CHAIN", MESSAGES))
    os.environ.update(RESTOCK_PUBLIC_URL="https://shop.example", RESTOCK_LINK_SECRET="secret")
    rounds = [
        [measurement for way in (MAIL, WEBHOOK) for measurement in measure_round(folder / way.name, way, messages)]
        for _ in range(int(os.environ.get("RESTOCK_CHAIN_ROUNDS", "1")))
    ]
    return [
        same[0]._replace(
            seconds=median(one.seconds for one in same), limit_seconds=median(one.limit_seconds for one in same)
        )
        for same in zip(*rounds, strict=True)
    ]


def measure_round(folder: Path, way: Way, messages: int) -> list[Measurement]:
    """Both sides once, on a server of their own."""
    try:
        with scratch_warehouse(folder) as url:
            write_feeds(url, folder / "landing", way.channel, messages)
            return measure_way(url, folder / "landing", way, messages)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_feeds(url: str, landing: Path, channel: str, messages: int) -> None:
    """A product for every 50 shoppers; one shopper in ten asks for two, and is told of both in one message."""
    counts = {"shoppers": messages, "products": products_of(messages)}
    for feed, rows in (("requests", requests_of(messages)), ("customers", messages)):
        for part in range(PARTS):
            span = {"first": part * rows // PARTS, "last": (part + 1) * rows // PARTS - 1}
            binds = span | (counts | {"channel": channel} if feed == "requests" else {})
            write_rows(url, landing / feed / f"{part}.csv", f"chain_{feed}.sql", **binds)
    for feed in ("products", "inventory"):
        write_rows(url, landing / feed / "all.csv", f"chain_{feed}.sql", products=counts["products"])


def requests_of(messages: int) -> int:
    return messages * 11 // 10


def products_of(messages: int) -> int:
    return messages // 50


def measure_way(url: str, landing: Path, way: Way, messages: int) -> list[Measurement]:
    """Both sides over one channel."""
    with connect(url) as server:
        server.execute("create database bare template restock strategy file_copy")
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        # The modules are loaded before the clock runs.
        pool.map(warm_up, range(WORKERS * 4))
        with serve(way.receiver) as sink:
            bare = chain_bare.run(database_url(url, "bare"), landing, pool, WORKERS, way.channel, sink.port)
            require({"messages": messages, "at the receiver": messages}, bare.counts | taken(sink.taken.value))
        with connect(url) as server:
            server.execute("drop database bare with (force)")
            server.execute("checkpoint")
        with serve(way.receiver) as sink:
            find_connection = partial(connection_of, way.channel, sink.port)
            steps = run_chain(url, landing, pool, way.channel, find_connection)
            require_all(url, messages, sink.taken.value)
    requests = requests_of(messages)
    rows = [
        ("files in", requests, steps[0], "\\copy to staging, insert with keys", bare.copied),
        ("plan", requests, steps[1], "one join, lean pandas, COPY", bare.planned),
        ("send", messages, steps[2], "claim, template, pipe, log", bare.sent),
        ("whole chain", messages, sum(steps), "the bare chain", bare.copied + bare.planned + bare.sent),
        ("figures and marts", requests, *settle(url, find_connection)),
    ]
    return [Measurement(f"{way.name}: {step}", *row) for step, *row in rows]


def run_chain(
    url: str, landing: Path, pool: multiprocessing.pool.Pool, channel: str, find_connection: FindConnection
) -> list[float]:
    """What both DAGs do, task by task: seconds of loading, planning and sending."""
    with connect(url) as warehouse:
        warehouse.execute(
            "update restock.channel set options = options || %s::jsonb where name = 'webhook'",
            [f'{{"batch_size": {MESSAGES_PER_CALL}}}'],
        )
        warehouse.execute("update restock.channel set connections = %s where name = 'email'", [MAIL_CONNECTIONS])
    variables = Variables()
    return [
        timed(partial(load, url, landing, pool)),
        timed(partial(plan, url, pool, variables, find_connection)),
        timed(partial(send, url, pool, find_connection)),
    ]


def load(url: str, landing: Path, pool: multiprocessing.pool.Pool) -> None:
    """`restock_ingest`: find_inputs, load_inputs and publish_changes."""
    with connect(url) as warehouse:
        inputs = find_inputs(warehouse, landing, "[]", None, None)
        pool.map(partial(load_one, url, landing), inputs, chunksize=1)
        count_run(warehouse, RUN)


def load_one(url: str, landing: Path, inputs: dict[str, Any]) -> None:
    load_input(lambda _: url, lambda: landing, inputs, RUN)


def plan(url: str, pool: multiprocessing.pool.Pool, variables: Variables, find_connection: FindConnection) -> None:
    """`plan_messages` and `build_schedule` of `restock_notify`."""
    params = dict.fromkeys(("release_gate", "dry_run", "replay_dead"))
    planned = notify.plan_messages(url, variables, params, RUN, datetime.now(UTC), find_connection)
    if planned is None:
        sys.exit("There was nothing to plan: the benchmark means nothing.")
    pool.map(partial(build_shard, url), planned.shards, chunksize=1)


def build_shard(url: str, arguments: Mapping[str, Any]) -> dict[str, int]:
    return notify.build_schedule(url, **arguments)


def send(url: str, pool: multiprocessing.pool.Pool, find_connection: FindConnection) -> None:
    """`send_due` and `send_messages`."""
    sent = notify.send_due(url, find_connection, f"{RUN}/send_due")
    pool.map(partial(send_one, url, find_connection), enumerate(sent.senders), chunksize=1)


def send_one(url: str, find_connection: FindConnection, sender: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    number, arguments = sender
    return run_sender(url, find_connection=find_connection, sender=f"{RUN}/send_messages/{number}", **arguments)


def settle(url: str, find_connection: FindConnection) -> tuple[float, str, float]:
    """`settle_run`, most of which are the summaries of the marts: they are written after everything is recorded."""
    seconds = timed(lambda: notify.sum_run(url, {}, [], [], []))
    with connect(url) as warehouse:
        warehouse.execute("set max_parallel_workers_per_gather = 0; set work_mem = '128MB'")
        return seconds, "joining the rows once", timed(lambda: warehouse.execute(JOIN).fetchall())


def connection_of(channel: str, port: int, connection_id: str) -> tuple[Any, ...] | None:
    """The Airflow connection of the one channel that there is."""
    if connection_id == "restock_smtp" and channel == "email":
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "Shop <hello@shop.example>"}
        return "127.0.0.1", port, None, None, None, extra
    if connection_id == "restock_webhook" and channel == "webhook":
        secret = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
        return f"http://127.0.0.1:{port}", None, None, secret, None, {}
    return None


def warm_up(_: int) -> None:
    """Being called is enough: the modules that this one imports are there."""


def taken(count: int) -> dict[str, int]:
    return {"at the receiver": count}


def require_all(url: str, messages: int, at_receiver: int) -> None:
    """Every request, decision, message, attempt and outcome is there once."""
    requests = requests_of(messages)
    with connect(url) as warehouse:
        cursor = warehouse.execute(COUNTS)
        names = [column.name for column in cursor.description or ()]
        found = dict(zip(names, cursor.fetchone() or (), strict=True))
    wanted = {
        "requests": requests,
        "decisions": requests,
        "notified_requests": requests,
        "sent_messages": messages,
        "accepted_attempts": messages,
        "open_requests": 0,
        "unsent_messages": 0,
    }
    require(wanted | taken(messages), found | taken(at_receiver))


def require(wanted: Mapping[str, int], found: Mapping[str, int]) -> None:
    """Go no further where the counts are not what they have to be."""
    wrong = [f"{name} {found[name]:,} for {count:,}" for name, count in wanted.items() if found[name] != count]
    if wrong:
        sys.exit(f"The benchmark means nothing, as the counts do not agree: {'; '.join(wrong)}.")
    print(f"Counted: {', '.join(f'{name} {count:,}' for name, count in found.items())}.", file=sys.stderr)
