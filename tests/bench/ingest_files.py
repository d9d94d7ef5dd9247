"""The files of the ingest benchmark, and the warehouse that is full already."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from restock.warehouse import connect

# Keys that no foreign key needs, other indexes, and the columns that a table shares with `made`.
CONSTRAINTS = """
select c.conname, pg_get_constraintdef(c.oid)
from pg_constraint as c
where
    c.conrelid = %(table)s::regclass and c.contype in ('p', 'u')
    and not exists (select from pg_constraint as f where f.contype = 'f' and f.conindid = c.conindid)
"""
INDEXES = """
select i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
from pg_index as i
where
    i.indrelid = %(table)s::regclass
    and not exists (select from pg_constraint as c where c.conindid = i.indexrelid)
"""
SHARED_COLUMNS = """
select t.attname, format_type(t.atttypid, t.atttypmod)
from pg_attribute as t
inner join pg_attribute as m on t.attname = m.attname and m.attrelid = 'made'::regclass
where t.attrelid = %(table)s::regclass and t.attnum > 0
order by t.attnum
"""
# What one row in a hundred of a dirty file suffers.
DIRT: tuple[Callable[[bytes], bytes], ...] = (
    lambda line: line + b",one field too many",
    lambda line: line.replace(b"Z,", b",", 1),
    lambda line: line.replace(b",u", b',"u', 1),
    lambda line: line.replace(b"@", b"@@", 1),
    lambda line: line.replace(b",p", b",p\xff", 1),
    lambda line: line.replace(b"main", b"ma\x07in", 1),
    lambda line: line[: line.rindex(b",")] + b",-1",
    lambda line: re.sub(rb",p[0-9]+,", b",,", line, count=1),
    lambda line: line.replace(b"Z,", b"0Z,", 1),
    lambda line: line[: line.index(b"-")],
)
DIRTY_EVERY = 100


def write_rows(url: str, path: Path, query: str, **binds: int | str) -> Path:
    """Write what a query of this folder gives as a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with connect(url) as connection, path.open("wb") as file:
        statement = f"copy ({_read(query)}) to stdout with (format csv, header)"
        with connection.cursor().copy(statement, binds) as rows:
            file.writelines(rows)
    return path


def write_dirty(clean: Path, path: Path) -> Path:
    """Write a file again with one bad row in a hundred, broken in as many ways as there are."""
    path.parent.mkdir(parents=True)
    with clean.open("rb") as source, path.open("wb") as file:
        for number, line in enumerate(source):
            if number % DIRTY_EVERY == DIRTY_EVERY - 1:
                line = DIRT[number // DIRTY_EVERY % len(DIRT)](line.rstrip(b"\n")) + b"\n"  # noqa: PLW2901
            file.write(line)
    return path


def fill_requests(url: str, tables: Sequence[str], count: int) -> None:
    """Fill tables with the first so many requests, each with the same key in them all."""
    with connect(url) as connection:
        connection.execute("set maintenance_work_mem = '1GB'; set work_mem = '256MB'; set synchronous_commit = off")
        connection.execute(
            "create unlogged table made as select row_number() over () as request_key, m.*"
            f" from (select * from ({_read('request_rows.sql')}) as r order by product_id, store_id, user_id) as m",
            {"first": 0, "last": count - 1},
        )
        for table in tables:
            _fill(connection, table)
            if table != "restock.open_request":
                connection.execute(f"select setval(pg_get_serial_sequence('{table}', 'request_key'), {count})")
        connection.execute("drop table made")


def _fill(connection: psycopg.Connection, table: str) -> None:
    """Fill a table from `made`. Building an index takes a third of the time in which it grows."""
    keys = connection.execute(CONSTRAINTS, {"table": table}).fetchall()
    for name, _ in keys:
        connection.execute(f"alter table {table} drop constraint {name}")
    indexes = connection.execute(INDEXES, {"table": table}).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    shared = connection.execute(SHARED_COLUMNS, {"table": table}).fetchall()
    columns = ", ".join(name if kind == "text" else f"{name}::{kind}" for name, kind in shared)
    names = ", ".join(name for name, _ in shared)
    connection.execute(f"insert into {table} ({names}) overriding system value select {columns} from made")
    for name, definition in keys:
        connection.execute(f"alter table {table} add constraint {name} {definition}")
    for _, definition in indexes:
        connection.execute(definition)


def _read(query: str) -> str:
    return (Path(__file__).parent / query).read_text(encoding="utf-8")
