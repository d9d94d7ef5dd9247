"""A warehouse that the tests of one module share, because they only read it or take back what they wrote."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from restock.warehouse import connect
from tests.conftest import database_url


@contextmanager
def own_warehouse(postgres_url: str, template: str) -> Iterator[str]:
    """URL of a clone of the template, which is dropped afterwards.

    Args:
        postgres_url: The server: the fixture of that name.
        template: Name of the migrated database: the fixture warehouse_template.
    """
    name = f"restock_test_{secrets.token_hex(6)}"
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("create database {name} template {template}").format(**names))
        try:
            yield database_url(postgres_url, name)
        finally:
            server.execute(sql.SQL("drop database {name} with (force)").format(**names))


@contextmanager
def connected(postgres_url: str, template: str) -> Iterator[psycopg.Connection]:
    """Connection to such a warehouse."""
    with own_warehouse(postgres_url, template) as url, connect(url) as warehouse:
        yield warehouse
