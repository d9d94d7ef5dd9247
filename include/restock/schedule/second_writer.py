"""A second writer beside the transaction that gives places: messages of some of the shoppers, over its own connection.

PostgreSQL writes with one core for a connection, and writing is most of planning. The first transaction leaves the
places of these shoppers in `restock.candidate`, as it does where several workers share them. The second turns the same
places, from memory, into messages meanwhile; once the first has committed it takes them out of there, and commits. A
crash before the first commit undoes both; one between the two leaves them to `build_schedule`. All the time the second
holds the locks of its shoppers, so nobody else takes the rows.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pandas as pd
import psycopg
from psycopg.pq import TransactionStatus

from restock.schedule.store import Run, write_schedule
from restock.warehouse import connect_again, read_sql

# Any number will do that nothing else on the server uses; an erasure takes these locks too (restock.hold_person).
BUCKET_LOCK_CLASS = 7_370_004


class Shard(NamedTuple):
    """A run of buckets, both ends included."""

    first_bucket: int
    last_bucket: int


def lock_shoppers(connection: psycopg.Connection, shard: Shard) -> None:
    """Keep others from planning for these shoppers until the transaction ends."""
    connection.execute(read_sql("notify/lock_buckets.sql"), shard._asdict() | {"lock_class": BUCKET_LOCK_CLASS})


class _Share(NamedTuple):
    connection: psycopg.Connection
    shard: Shard
    run: Run
    size: int
    written: Future[dict[str, int]]


class SecondWriter:
    """Of `second_writer`.

    Attributes:
        figures: Those of `write_schedule` for its share, once the block of `second_writer` has ended.
    """

    def __init__(self, connection: psycopg.Connection, stack: ExitStack) -> None:
        self._first, self._stack = connection, stack
        self._share: _Share | None = None
        # Within a transaction of the caller the first does not commit, and the second could not see its rows.
        self.possible = connection.info.transaction_status == TransactionStatus.IDLE
        self.figures: dict[str, int] = {}

    def start(self, placed: pd.DataFrame, shard: Shard, run: Run) -> None:
        """Begin to write messages of places, which the first transaction puts into restock.candidate as well."""
        other = self._stack.enter_context(connect_again(self._first))
        self._stack.enter_context(other.transaction())
        lock_shoppers(other, shard)
        thread = self._stack.enter_context(ThreadPoolExecutor(max_workers=1))
        written = thread.submit(write_schedule, other, placed, run)
        self._share = _Share(other, shard, run, len(placed), written)

    def take_over(self) -> None:
        """Take the places out of restock.candidate, where the first transaction has put them."""
        if self._share is None:
            return
        figures = self._share.written.result()
        binds = self._share.shard._asdict() | {"clock": self._share.run.clock}
        taken = self._share.connection.execute(read_sql("notify/drop_candidates.sql"), binds).rowcount
        if taken != self._share.size:
            raise RuntimeError(
                f"Of {self._share.size:,} places, {taken:,} stood in restock.candidate: the run undoes their messages. "
                "Clear the task: it plans what is left."
            )
        self.figures = figures

    def cancel(self) -> None:
        """End what it is doing: it will not be kept."""
        if self._share is not None:
            self._share.connection.cancel()


@contextmanager
def second_writer(connection: psycopg.Connection) -> Iterator[SecondWriter]:
    """Offer one. The block holds the first transaction from begin to commit: if it raises, nothing of the second stays.

    Raises:
        RuntimeError: Somebody took the places of the second away. They are not written twice.
    """
    with ExitStack() as stack:
        second = SecondWriter(connection, stack)
        try:
            yield second
        except BaseException:
            second.cancel()
            raise
        second.take_over()
