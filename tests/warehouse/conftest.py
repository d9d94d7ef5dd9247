"""Fixtures of the warehouse tests."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.mail import MailServer, serve_mail
from tests.warehouse.desk import Desk
from tests.warehouse.landing import Landing
from tests.warehouse.shop import Shop
from tests.warehouse.watching import Watch


@pytest.fixture
def shop(warehouse: psycopg.Connection) -> Shop:
    """A warehouse with nothing in it yet, and the means to put things in."""
    return Shop(warehouse)


@pytest.fixture
def desk(warehouse: psycopg.Connection) -> Desk:
    return Desk(warehouse)


@pytest.fixture
def landing(tmp_path: Path, warehouse_url: str, warehouse: psycopg.Connection) -> Landing:
    """An empty landing area before an empty warehouse."""
    return Landing(tmp_path, warehouse_url, warehouse)


@pytest.fixture
def sample(warehouse: psycopg.Connection) -> psycopg.Connection:
    """Connection to a warehouse that holds a little of everything: the rows of `sample.sql`."""
    warehouse.execute(Path(__file__).with_name("sample.sql").read_text(encoding="utf-8"))
    return warehouse


@pytest.fixture
def oncall() -> Iterator[MailServer]:
    """The mailbox of the people on call."""
    with serve_mail() as server:
        yield server


@pytest.fixture
def watch(pipeline_url: str, warehouse: psycopg.Connection, oncall: MailServer) -> Watch:
    """Who looks at an empty warehouse, where nothing is wrong."""
    watch = Watch(pipeline_url, warehouse, oncall)
    assert watch.look() == []
    return watch
