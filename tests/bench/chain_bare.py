"""The bare chain: the same files to the same receiver by the quickest means, with none of the features.

Files are copied into unlogged staging tables, and from there into tables with their keys, so that a row or a file that
comes twice does no harm; one join finds who is to be told; pandas gives places, due times out of quiet hours and
digests; messages and items are copied into tables with their keys; senders claim numbered batches, fill a ready message
in, push it through pipelined connections or aiohttp, and copy a log.
"""

import asyncio
import multiprocessing.pool
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import psycopg
import pyarrow as pa
import uvloop
from psycopg.rows import namedtuple_row

from restock.warehouse import connect
from restock.warehouse.frames import TIMESTAMP, copy_frame, read_frame
from tests.bench.chain_bare_send import MailClient, MailTemplate, PayloadTemplate, WebhookClient
from tests.bench.common import timed
from tests.bench.ingest import copy_in
from tests.bench.plan import lean_schedule

BATCH_SIZE = 1_000

# What a row of each feed is known by.
KEYS = {
    "requests": "request_id",
    "customers": "user_id",
    "products": "store_id, product_id",
    "inventory": "store_id, product_id, location_id",
}
TABLES = """
create schema bare;
create table bare.requests (like restock.request including all, unique (store_id, product_id, user_id, channel));
create table bare.customers (like restock.customer including all);
create table bare.products (like restock.product including all);
create table bare.inventory (like restock.inventory including all);
create table bare.message (
    message_key bigint not null,
    message_id uuid not null generated always as (md5('bare/' || message_key)::uuid) stored,
    user_id text not null,
    contact text not null,
    locale text,
    due_at timestamptz not null,
    batch_number integer not null,
    primary key (message_key),
    unique (message_id)
);
create index on bare.message (batch_number);
create table bare.item (
    request_key bigint not null,
    message_key bigint not null,
    position integer not null,
    due_at timestamptz not null,
    primary key (message_key, request_key)
);
create table bare.batch (batch_number integer primary key, claimed_at timestamptz, sent_at timestamptz)
with (fillfactor = 50);
create table bare.attempt (message_key bigint primary key, outcome text not null, finished_at timestamptz not null)
"""
# Everything that is there, with what the schedule needs to know. One episode a product.
DETECT = """
    select r.request_key, r.user_id, r.requested_at, c.timezone, c.locale, c.tier,
        case r.channel when 'webhook' then c.webhook_url else c.email end as contact,
        substr(r.product_id, 2)::bigint as episode_id, i.available_quantity as quantity,
        date_trunc('day', now()) + interval '12 hours' as opened_at
    from bare.inventory as i
    inner join bare.requests as r on i.store_id = r.store_id and i.product_id = r.product_id
    inner join bare.customers as c on r.user_id = c.user_id
    where i.available_quantity > 0
"""
DETECTED = (
    dict.fromkeys(("request_key", "episode_id", "quantity", "tier"), pa.int64())
    | dict.fromkeys(("user_id", "timezone", "locale", "contact"), pa.string())
    | dict.fromkeys(("requested_at", "opened_at"), TIMESTAMP)
)
CLAIM = """
update bare.batch set claimed_at = now()
where batch_number = (
    select batch_number from bare.batch where claimed_at is null order by batch_number limit 1 for update skip locked
)
returning batch_number
"""
READ = """
select m.message_key, m.message_id, m.contact, m.user_id, m.locale, r.request_id, r.requested_at, r.product_id,
    p.name, p.brand, p.price, p.currency, p.url, p.image_url
from bare.message as m
inner join bare.item as i on m.message_key = i.message_key
inner join bare.requests as r on i.request_key = r.request_key
inner join bare.products as p on r.store_id = p.store_id and r.product_id = p.product_id
where m.batch_number = %s
order by m.message_key, i.request_key
"""


class Bare(NamedTuple):
    """Seconds of each step, and what there is afterwards."""

    copied: float
    planned: float
    sent: float
    counts: dict[str, int]


def run(url: str, landing: Path, pool: multiprocessing.pool.Pool, workers: int, channel: str, port: int) -> Bare:
    """Run the bare chain once, with the processes of the pool side by side."""
    with connect(url) as warehouse:
        warehouse.execute(TABLES)
        files = sorted(landing.glob("*/*.csv"))
        copied = timed(lambda: pool.map(partial(copy_file, url), files, chunksize=1))
        planned = timed(lambda: plan(warehouse))
        sent = timed(lambda: pool.map(partial(send, url, channel, port), range(workers)))
        row = warehouse.execute(
            "select count(*) from bare.message as m inner join bare.attempt as a on m.message_key = a.message_key"
        ).fetchone()
    return Bare(copied, planned, sent, {"messages": row[0] if row else 0})


def copy_file(url: str, path: Path) -> None:
    """\\copy, and insert what is not there."""
    feed, stage = path.parent.name, f"bare.stage_{path.parent.name}_{path.stem}"
    columns = path.open(encoding="utf-8").readline().strip()
    with connect(url) as warehouse:
        warehouse.execute(f"create unlogged table {stage} as select {columns} from bare.{feed} with no data")
        copy_in(url, path, stage)
        warehouse.execute("set work_mem = '128MB'")
        warehouse.execute(
            f"insert into bare.{feed} ({columns}) select distinct on ({KEYS[feed]}) {columns} from {stage}"
            f" order by {KEYS[feed]} on conflict do nothing"
        )
        warehouse.execute(f"drop table {stage}")


def plan(warehouse: psycopg.Connection) -> None:
    """Find who waits for what is there, and write messages, items and batches."""
    warehouse.execute("analyze bare.requests, bare.customers, bare.inventory")
    warehouse.execute("set work_mem = '128MB'; set max_parallel_workers_per_gather = 0")
    found = read_frame(warehouse, DETECT, {}, DETECTED)
    rows, due = lean_schedule(found)
    rows = rows.assign(position=rows.groupby("episode_id").cumcount() + 1).join(
        found[["request_key", "contact", "locale"]]
    )
    items = rows.rename(columns={"message": "message_key"}).sort_values("request_key")
    first = items.drop_duplicates("message_key").sort_values("message_key")
    messages = first.assign(
        due_at=due.reindex(first["message_key"]).array, batch_number=(first["message_key"] - 1) // BATCH_SIZE
    )
    batches = pd.DataFrame({"batch_number": messages["batch_number"].unique()})
    columns = ["message_key", "user_id", "contact", "locale", "due_at", "batch_number"]
    with warehouse.transaction():
        copy_frame(warehouse, messages, "bare.message", columns)
        copy_frame(warehouse, items, "bare.item", ["request_key", "message_key", "position", "due_at"])
        copy_frame(warehouse, batches, "bare.batch", ["batch_number"])
    warehouse.execute("analyze bare.message, bare.item, bare.products")


def send(url: str, channel: str, port: int, _: int) -> None:
    """Claim batches until none is left; fill in, send and log each."""
    with connect(url) as warehouse, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(send_batches(warehouse, channel, port))


async def send_batches(warehouse: psycopg.Connection, channel: str, port: int) -> None:
    is_mail = channel == "email"
    template = MailTemplate() if is_mail else PayloadTemplate()
    async with MailClient(port) if is_mail else WebhookClient(port) as client:
        while claimed := warehouse.execute(CLAIM).fetchone():
            with warehouse.cursor(row_factory=namedtuple_row) as cursor:
                rows = cursor.execute(READ, claimed).fetchall()
            await client.send(template.write(rows))
            log(warehouse, dict.fromkeys(row.message_key for row in rows), claimed[0])


def log(warehouse: psycopg.Connection, message_keys: Iterable[int], batch_number: int) -> None:
    now = datetime.now(UTC).isoformat()
    with warehouse.transaction():
        with warehouse.cursor().copy("copy bare.attempt from stdin") as copy:
            copy.write("".join(f"{key}\taccepted\t{now}\n" for key in message_keys))
        warehouse.execute("update bare.batch set sent_at = now() where batch_number = %s", [batch_number])
