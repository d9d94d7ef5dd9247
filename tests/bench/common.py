"""What every benchmark shares: a warehouse of its own, the clock, and the form of a result."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from restock.local.postgres import EmbeddedPostgres
from restock.warehouse import connect
from restock.warehouse.migrate import migrate
from tests.conftest import free_port


class Measurement(NamedTuple):
    """One step: rows it took, its seconds and those of its limit, measured in the same run."""

    step: str
    rows: int
    seconds: float
    limit: str
    limit_seconds: float


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def scratch_warehouse(folder: Path) -> Iterator[str]:
    """URL of a migrated warehouse on a server of its own, which is gone afterwards."""
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    try:
        with connect(server.url("postgres")) as connection:
            connection.execute("create database restock")
        migrate(server.url("restock"))
        yield server.url("restock")
    finally:
        server.stop()
