"""Warehouses of earlier versions, with rows in every table."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from restock.warehouse import SQL_ROOT, connect
from restock.warehouse.version import VERSIONS
from tests.warehouse.own_warehouse import own_warehouse

FILLED = Path(__file__).with_name("filled")
# The versions whose pipeline filled a warehouse; see fill.py.
FILLED_VERSIONS = sorted(file.stem for file in FILLED.glob("????.sql"))
# Where the tests of upgrades begin, unless they say otherwise: the next version made hashes of addresses, in place.
OLD_VERSION = "0015"
ALL_VERSIONS = sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))

# Partitions are the tables that they are parts of, and Alembic counts for itself.
TABLES = """
    select n.nspname, c.relname
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where
        n.nspname in ('restock', 'staging', 'mart')
        and c.relkind in ('r', 'p')
        and not c.relispartition
        and c.relname <> 'migration'
    order by 1, 2
"""
COLUMNS = """
    select attname from pg_attribute
    where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum
"""

# What versions 0016 and 0021 keep otherwise, of which tests of their own look at it, and settings: each version may
# change them.
CONVERTED_TABLES = {
    "restock.suppression",
    "restock.store_suppression",
    "restock.suppressed_hash",
    "restock.storage_setting",
}
CONVERTED_COLUMNS = {
    ("restock.acceptance", "answered_at"),
    ("restock.candidate", "contact"),
    ("restock.joined_request", "contact"),
}
# The days that are noted are the latest forty.
NOTED = {"restock.key_growth"}


@dataclass(frozen=True)
class Old:
    """A filled warehouse of an earlier version.

    Attributes:
        url: Where it is.
        database: Its name, to clone it.
        columns: By table, those that a migration leaves as they are.
        rows: What stands in them.
    """

    url: str
    database: str
    columns: Mapping[str, list[str]]
    rows: Mapping[str, Counter[tuple]]


@contextmanager
def filled_warehouse(postgres_url: str, version: str = OLD_VERSION) -> Iterator[Old]:
    """A new one, which is dropped afterwards."""
    with own_warehouse(postgres_url, "template0") as url:
        yield make_filled(url, version)


def make_filled(url: str, version: str = OLD_VERSION) -> Old:
    """Make one of an empty database."""
    upgrade_to(url, version)
    with connect(url, any_version=True) as connection:
        fill_landed(connection, version)
        columns = {
            table: [name for name in names if (table, name) not in CONVERTED_COLUMNS]
            for table, names in columns_by_table(connection).items()
            if table not in CONVERTED_TABLES | NOTED
        }
        return Old(url, connection.info.dbname, columns, rows_of(connection, columns))


def upgrade_to(url: str, version: str) -> None:
    """Run the migrations as far as a version, without the views and grants that belong to the newest one."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("create schema if not exists restock")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(SQL_ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.commit()
    engine.dispose()


def fill_landed(connection: psycopg.Connection, version: str) -> None:
    """Put the rows and views that the pipeline of a version left into a warehouse of that version."""
    connection.execute((FILLED / f"{version}_views.sql").read_text(encoding="utf-8"))
    tables = [sql.Identifier(*table) for table in connection.execute(TABLES).fetchall()]
    connection.execute("set session_replication_role = replica")
    connection.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(tables)))
    connection.execute((FILLED / f"{version}.sql").read_text(encoding="utf-8"))
    connection.execute("set session_replication_role = origin")


def copy_rows(filled: psycopg.Connection, old: psycopg.Connection) -> None:
    """Give each table of an older version that is empty the rows that it has in a filled warehouse, as far as it can.

    Columns that came later are left out, and so are rows that only a later version allows.
    """
    with old.transaction():
        old.execute("set local session_replication_role = replica")
        for schema, table in old.execute(TABLES).fetchall():
            name = sql.Identifier(schema, table)
            if old.execute(sql.SQL("select 1 from {} limit 1").format(name)).fetchone():
                continue
            known = set(columns_of(filled, schema, table))
            columns = sql.SQL(", ").join(
                sql.Identifier(column) for column in columns_of(old, schema, table) if column in known
            )
            later = sql.SQL(" where origin <> 'inbox'" if (table, "origin" in known) == ("feed_file", True) else "")
            query = sql.SQL("copy (select {} from {}{}) to stdout").format(columns, name, later)
            with (
                filled.cursor().copy(query) as rows,
                old.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(name, columns)) as target,
            ):
                for block in rows:
                    target.write(block)


def columns_of(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    return [name for (name,) in connection.execute(COLUMNS, (f"{schema}.{table}",))]


def columns_by_table(connection: psycopg.Connection) -> dict[str, list[str]]:
    """The columns of each table: what `rows_of` reads again after a migration."""
    return {
        f"{schema}.{table}": columns_of(connection, schema, table)
        for schema, table in connection.execute(TABLES).fetchall()
    }


def rows_of(connection: psycopg.Connection, columns: Mapping[str, list[str]]) -> dict[str, Counter[tuple]]:
    """Every row of some tables, as text."""
    return {
        table: Counter(
            connection.execute(
                sql.SQL("select {} from {}").format(
                    sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names),
                    sql.Identifier(*table.split(".")),
                )
            ).fetchall()
        )
        for table, names in columns.items()
    }
