"""Logins in the roles of the warehouse, as an installation would make them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql


@contextmanager
def login_in(role: str, warehouse_url: str) -> Iterator[str]:
    """URL of a warehouse for a new login in a role.

    Args:
        role: Such as `restock_pipeline`.
        warehouse_url: The warehouse, for a user who may make roles.
    """
    name, password = f"test_{role}_{secrets.token_hex(4)}", secrets.token_hex(8)
    login = sql.Identifier(name)
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create role {} login password {} in role {}").format(
                login, sql.Literal(password), sql.Identifier(role)
            )
        )
        place = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
    try:
        yield f"postgresql://{name}:{password}@{place}"
    finally:
        with psycopg.connect(warehouse_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop owned by {}").format(login))
            connection.execute(sql.SQL("drop role {}").format(login))
