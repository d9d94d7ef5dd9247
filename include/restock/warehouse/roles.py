"""Who owns the warehouse, and what its roles may do in it."""

import psycopg

from restock.warehouse.sql import read_sql

OWNER_ROLE = "restock_owner"
_SCHEMAS = ("restock", "staging", "mart")


def hand_over(connection: psycopg.Connection, to: str = OWNER_ROLE, schemas: tuple[str, ...] = _SCHEMAS) -> None:
    """Make a role the owner of what the connection's user owns in some schemas. Commits.

    Does nothing where the user may not act as that role: one login then goes on owning everything.

    Args:
        connection: Any database.
        to: The new owner.
        schemas: Names of schemas.
    """
    with connection.transaction():
        known = connection.execute(
            "select pg_has_role(oid, 'set') from pg_roles where rolname = %(to)s", {"to": to}
        ).fetchone()
        if known == (True,):
            connection.execute(
                "select set_config('restock.new_owner', %(to)s, true), set_config('restock.schemas', %(names)s, true)",
                {"to": to, "names": ",".join(schemas)},
            )
            connection.execute(read_sql("roles/hand_over.sql"))


def apply_grants(connection: psycopg.Connection) -> None:
    """Give the pipeline's and the console's role what they need, and nothing else. Commits.

    Args:
        connection: A warehouse of the newest structure, as its owner.
    """
    with connection.transaction():
        connection.execute(read_sql("roles/grants.sql"))
