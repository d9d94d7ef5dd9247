"""A landing area for tests: put files in, load what is new, look at what became of it."""

import csv
import io
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg.rows import dict_row

from restock.feeds.landing import LandingFile, list_landing, plan_batches
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.warehouse import connect

CLOCK = datetime(2026, 6, 1, 12, tzinfo=UTC)

Rows = Sequence[dict[str, object]]

# Those that refer to others come first.
LOADED_TABLES = [
    *("gate", "rejected_row", "joined_request", "open_request", "request_outcome", "request", "cancellation"),
    *("plan_queue", "product", "customer", "inventory", "availability", "suppression", "purchase", "feed_file"),
]

WRITTEN_TABLES = ("request", "open_request", "joined_request", "rejected_row", "plan_queue", "feed_file")


class Landing:
    """A landing area and the warehouse that its files are loaded into."""

    def __init__(self, folder: Path, warehouse_url: str, warehouse: psycopg.Connection) -> None:
        self.folder = folder
        self.url = warehouse_url
        self.warehouse = warehouse
        self._numbers = count(1)

    def forget(self) -> None:
        """Empty the warehouse of everything that was loaded. Deleting a few rows is quicker than truncating."""
        self.warehouse.execute("; ".join(f"delete from restock.{table}" for table in LOADED_TABLES))

    def put(self, feed: str, content: Rows | str | bytes, name: str = "") -> str:
        """Write a file, CSV unless its name says otherwise; its path below the landing area."""
        number = next(self._numbers)
        path = self.folder / feed / (name or f"{number:03}.csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = {".jsonl": as_jsonl, ".parquet": as_parquet}.get(path.suffix, as_csv)(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        # A time of its own for each, so that files load in the order in which they were put.
        os.utime(path, (number, number))
        return f"{feed}/{path.name}"

    def listed(self) -> list[LandingFile]:
        return list_landing(self.folder).files

    def load(self, run_id: str = "run") -> None:
        """What a run of restock_ingest does."""
        with connect(self.url) as connection:
            new = find_unrecorded(connection, self.listed())
        for batch in plan_batches(new):
            load_files(self.url, self.folder, batch, run_id, CLOCK)

    def send(self, feed: str, content: Rows | str | bytes, name: str = "") -> dict[str, int]:
        """Put a file, load it, and say what became of its rows: the counts that are not 0."""
        path = self.put(feed, content, name)
        self.load()
        return self.counts(path)

    def counts(self, path: str) -> dict[str, int]:
        names = ["read", "loaded", "rejected", "duplicate", "stale", "unchanged"]
        numbers = self.warehouse.execute(
            "select read_count, loaded_count, rejected_count, duplicate_count, stale_count, unchanged_count"
            " from restock.feed_file where path = %s order by feed_file_id desc",
            [path],
        ).fetchone()
        return {name: number for name, number in zip(names, numbers, strict=True) if number}

    def sizes(self) -> dict[str, int]:
        """How many rows each table has that a load of requests writes to."""
        return {table: self.rows(f"select count(*) from restock.{table}")[0][0] for table in WRITTEN_TABLES}

    def files(self) -> dict[str, tuple[str, str | None]]:
        """Status and reason of each recorded file."""
        rows = self.warehouse.execute("select path, status, reason from restock.feed_file order by feed_file_id")
        return {path: (status, reason) for path, status, reason in rows}

    def rejected(self) -> list[tuple[int, str, str]]:
        """Line number, reason code and raw text of each rejected row."""
        return self.warehouse.execute(
            "select line_number, reason_code, raw_text from restock.rejected_row order by rejected_row_id"
        ).fetchall()

    def rows(self, query: str, *values: object) -> list[tuple]:
        return self.warehouse.execute(query, values).fetchall()

    def records(self, query: str) -> list[dict[str, object]]:
        with self.warehouse.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query).fetchall()

    def states(self) -> dict[str, str]:
        """Status of each request id."""
        return dict(self.rows("select request_id, status from restock.request_state order by request_id"))


def as_csv(rows: Rows) -> str:
    """CSV with the columns of all rows, in order of first mention."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_jsonl(rows: Rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_parquet(rows: Rows) -> bytes:
    """Parquet with the columns of all rows, each of the type of its values, or of texts where these differ."""
    columns = {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}
    for name, values in columns.items():
        if len({type(value) for value in values if value is not None}) > 1:
            columns[name] = [None if value is None else str(value) for value in values]
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def minute(number: int) -> str:
    """A time some minutes after the day began."""
    return f"2026-06-01T{number // 60:02}:{number % 60:02}:00Z"


def subscribe(request_id: str, at: int = 0, user: str = "ada", product: str = "lamp", **columns: object) -> dict:
    return {"request_id": request_id, "user_id": user, "product_id": product, "requested_at": minute(at)} | columns


def cancel(request_id: str, at: int = 0, user: str = "ada", product: str = "lamp", **columns: object) -> dict:
    return subscribe(request_id, at, user, product, action="cancel", **columns)


def stock(product: str, quantity: object, at: int = 0, **columns: object) -> dict:
    return {"product_id": product, "available_quantity": quantity, "snapshot_at": minute(at)} | columns
