"""The ledger of files: `restock.feed_file`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import psycopg
from psycopg.rows import class_row

from restock.feeds.landing import LandingFile
from restock.warehouse import read_sql


@dataclass(frozen=True)
class Counts:
    """What became of the rows of a file: the other five add up to `read`."""

    read: int = 0
    loaded: int = 0
    rejected: int = 0
    duplicate: int = 0
    stale: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        """Such as `3 read, 2 loaded, 1 rejected, …`."""
        return ", ".join(f"{getattr(self, field.name):,} {field.name}" for field in fields(Counts))


@dataclass(frozen=True)
class FeedCounts(Counts):
    """What one run did with the files of one feed. Failed and duplicate files are among `files`."""

    feed: str = ""
    files: int = 0
    failed_files: int = 0
    duplicate_files: int = 0


def find_unrecorded(connection: psycopg.Connection, files: Sequence[LandingFile]) -> list[LandingFile]:
    """Of the listed files those that no run has recorded in this version, the oldest first."""
    rows = connection.execute(
        read_sql("ingest/find_unrecorded.sql"),
        {
            "paths": [file.path for file in files],
            "sizes": [file.byte_size for file in files],
            "times": [file.modified_at for file in files],
        },
    )
    return [files[place - 1] for (place,) in rows]


def count_run(connection: psycopg.Connection, run_id: str) -> list[FeedCounts]:
    """What a run did, a row for each feed of which it recorded a file; also what earlier tries of its tasks did."""
    with connection.cursor(row_factory=class_row(FeedCounts)) as cursor:
        return cursor.execute(read_sql("ingest/count_run.sql"), {"run_id": run_id}).fetchall()


def format_counts(counts: Sequence[FeedCounts]) -> str:
    """The counts as a table for the log."""
    names = ["feed", *(field.name for field in fields(FeedCounts) if field.name != "feed")]
    rows = [names, *([str(asdict(row)[name]) for name in names] for row in counts)]
    widths = [max(len(row[position]) for row in rows) for position in range(len(names))]
    lines = [
        "  ".join(cell.ljust(width) if position == 0 else cell.rjust(width) for position, (cell, width) in cells)
        for cells in (enumerate(zip(row, widths, strict=True)) for row in rows)
    ]
    return "\n".join(lines)
