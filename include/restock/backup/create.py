"""Making a backup."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from restock.backup.manifest import DUMP, NAME, Manifest, Role, hash_files
from restock.backup.tools import BackupError, find_program, run_program, server_version
from restock.local.state import write_private
from restock.policy import Settings
from restock.warehouse import connect, read_sql


def create_backup(url: str, folder: Path, jobs: int) -> Manifest:
    """Write a backup of the warehouse into a new folder, whole or not at all, while everything goes on.

    The folder holds addresses and keys, and is closed to everybody else.

    Args:
        url: The warehouse, as its owner.
        folder: Must not be there.
        jobs: Connections that dump side by side.

    Returns:
        What it holds.

    Raises:
        BackupError: It cannot be made.
        WarehouseUnreachableError: The server cannot be reached.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already: a backup is never overwritten. Name a new folder.")
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    with _snapshot(url) as (connection, snapshot, backup_at):
        # Counted first: a table that was looked at is not dropped before the dump has it.
        row_counts = count_rows(connection)
        program = find_program("pg_dump", server_version(connection))
        arguments = ["--format=directory", f"--jobs={jobs}", f"--snapshot={snapshot}", f"--file={unfinished / DUMP}"]
        run_program(program, arguments, url)
        manifest = _describe(connection, backup_at, row_counts, unfinished / DUMP)
    write_private(unfinished / NAME, manifest.model_dump_json(indent=2) + "\n")
    os.sync()
    unfinished.rename(folder)
    return manifest


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[psycopg.Connection, str, datetime]]:
    """A connection that sees one moment of the warehouse; what names that moment; the moment."""
    with connect(url, application="restock backup", any_version=True) as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        row = connection.execute("select pg_export_snapshot(), now()").fetchone()
        assert row is not None
        yield connection, row[0], row[1]


def _describe(connection: psycopg.Connection, backup_at: datetime, row_counts: dict[str, int], dump: Path) -> Manifest:
    migration = connection.execute("select version_num from restock.migration").fetchone()
    policy = connection.execute(read_sql("notify/latest_policy.sql")).fetchone()
    roles = connection.cursor(row_factory=class_row(Role)).execute(read_sql("backup/read_roles.sql")).fetchall()
    return Manifest(
        backup_at=backup_at,
        database=connection.info.dbname,
        server_version=server_version(connection),
        migration=migration[0] if migration else "",
        row_counts=row_counts,
        roles=roles,
        settings=Settings().model_dump() if policy is None else policy[1],
        files=hash_files(dump),
    )


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of each table of the schema `restock`."""
    counts = {}
    for schema, table in connection.execute(read_sql("backup/read_tables.sql")).fetchall():
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
        assert row is not None
        counts[table] = row[0]
    return counts
