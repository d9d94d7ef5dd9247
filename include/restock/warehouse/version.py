"""Which version of the structure this code stands on, and which one a warehouse has.

A version is the number of a migration, four digits. Code and warehouse agree, or the code does not touch it: half of a
run's statements might succeed on another structure, and then its sums would not agree.
"""

from functools import cache

import psycopg

from restock.warehouse.sql import SQL_ROOT

VERSIONS = SQL_ROOT / "migrations" / "versions"


@cache
def newest_version() -> str:
    """The version that this code stands on: that of its newest migration."""
    return max(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))


def read_version(connection: psycopg.Connection) -> str | None:
    """The version of a warehouse; None where the database has no structure of Restock.

    Raises:
        psycopg.errors.InsufficientPrivilege: The login may not read it.
    """
    try:
        row = connection.execute("select version_num from restock.migration").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return None
    return row[0] if row else None


def disagreement(found: str | None) -> str | None:
    """Why this code must not work on a warehouse of a version, and what to do, in a sentence; None where it may.

    A database without a structure is none of another version: it may be about to get one.

    Args:
        found: What `read_version` gave.
    """
    newest = newest_version()
    if found is None or found == newest:
        return None
    if found < newest:
        return (
            f"The warehouse is of version {found} and this release of Restock stands on {newest}: run make up, or "
            "python -m restock.warehouse.migrate. Nothing is lost: the next run catches up."
        )
    return (
        f"The warehouse is of version {found} and this release of Restock knows none after {newest}: a newer release "
        "migrated it, so start that release here too, and restart whatever still runs the older one."
    )
