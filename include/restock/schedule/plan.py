"""Planning: reads what the rules need, applies them, writes what they say. One transaction a step.

`rank_requests` gives places in the queue (rules 3 to 6) across all shoppers, and where they fit into one shard turns
them into messages at once (rules 7 and 8), with a second writer where they are many. Otherwise `build_schedule` does
that shard by shard, which several workers can share. Between the two stand the rows of `restock.candidate`, so that a
crash between them, or in a shard, loses nothing: the next run's shards take up what is left.
"""

from datetime import datetime

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa

from restock.policy import load_policy
from restock.schedule.queue import Ranking, rank
from restock.schedule.search import CANDIDATE, find_candidates
from restock.schedule.second_writer import SecondWriter, Shard, lock_shoppers, second_writer
from restock.schedule.store import Run, write_ranking, write_schedule
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, copy_csv, read_frame, to_csv
from restock.warehouse.statistics import BULK, refresh_statistics

# Any number will do that nothing else on the server uses.
RANK_LOCK = 7_370_003

BUCKETS = 64
# The way through restock.candidate costs as much again as what it carries, and a task takes seconds before it does
# anything: worth it only where several workers share what would take one of them long. To find and rank a place takes
# 0.75 kB of a worker's memory, its message and decision 0.3 kB more: this many 2 GB (measured at 1.1 million).
SHARD_SIZE = 2_000_000

_PLACED = CANDIDATE | {
    "position": pa.int64(),
    "wave": pa.int64(),
    "due_at": TIMESTAMP,
    "ranked_at": TIMESTAMP,
    "last_told_at": TIMESTAMP,
}
PLANNED = ["restock.candidate", "restock.notification", "restock.outbox", "restock.decision"]


EVERYBODY = Shard(0, BUCKETS - 1)
# Shares of two writers: the first writes down besides what the second has to do, and what the ranking says.
FIRST, SECOND = Shard(0, 29), Shard(30, BUCKETS - 1)
# With fewer places a second writer is not worth its while.
TWO_FROM = 100_000


def rank_requests(
    connection: psycopg.Connection,
    policy_id: int,
    channels: set[str],
    clock: datetime,
    *,
    shard_size: int = SHARD_SIZE,
) -> dict[str, int]:
    """Plan for the products in the plan queue. Commits; running it again finds nothing left to do.

    Args:
        connection: Warehouse.
        policy_id: Policy in force.
        channels: The channels that messages can leave on.
        clock: The moment of this run, with a time zone.
        shard_size: More places than that are left to `build_schedule`; the others have their messages afterwards.

    Returns:
        How many requests were closed, passed_over and placed; unless left, messages, joined and capped as of
        `build_schedule`.
    """
    run = Run(load_policy(connection, policy_id), policy_id, clock)
    with second_writer(connection) as second, connection.transaction():
        # One at a time, because positions are given across all shoppers of an episode.
        connection.execute("select pg_advisory_xact_lock(%s)", (RANK_LOCK,))
        connection.execute(read_sql("notify/take_plan_queue.sql"), {"clock": clock})
        connection.execute("analyze taken_product")
        # Thousands may just have opened: taken for one, each of their requests would be looked up by itself.
        refresh_statistics(connection, BULK, ["restock.episode"])
        # Without a name for the candidates here, they can go once they have places.
        figures = plan_candidates(
            connection, find_candidates(connection, run.settings, clock), run, channels, second, shard_size=shard_size
        )
    _refresh_statistics(connection, figures["placed"])
    return figures | {name: figures[name] + count for name, count in second.figures.items()}


def plan_candidates(
    connection: psycopg.Connection,
    candidates: pd.DataFrame,
    run: Run,
    channels: set[str],
    second: SecondWriter | None = None,
    *,
    shard_size: int = SHARD_SIZE,
) -> dict[str, int]:
    """What `rank_requests` does with the candidates that it found. Does not commit.

    The figures are without those of the second writer.
    """
    ranking = rank(candidates, run.settings, channels, run.clock)
    figures = {"closed": len(ranking.closed), "passed_over": len(ranking.passed_over), "placed": len(ranking.placed)}
    index, shoppers = ranking.placed.index, EVERYBODY
    if second is not None and second.possible and TWO_FROM <= len(index) <= shard_size:
        is_first = candidates["bucket"].loc[index] <= FIRST.last_bucket
        others = _take(candidates, ranking, index[~is_first], run)
        second.start(others, SECOND, run)
        _keep(connection, others)
        index, shoppers = index[is_first], FIRST
        del others
    write_ranking(connection, candidates, ranking, run)
    placed = _take(candidates, ranking, index, run)
    del candidates, ranking
    if len(placed) > shard_size:
        _keep(connection, placed)
        return figures
    lock_shoppers(connection, shoppers)
    return figures | write_schedule(connection, placed, run)


def _refresh_statistics(connection: psycopg.Connection, rows_written: int) -> None:
    """What was planned is new to the planner. Commits."""
    with connection.transaction():
        # A tenth of the usual sample. Sending reads by key, autovacuum looks closer within minutes, and a page that is
        # read for the first time is written for it, and to the WAL.
        connection.execute("set local default_statistics_target = 10")
        refresh_statistics(connection, rows_written, PLANNED)


def _take(candidates: pd.DataFrame, ranking: Ranking, index: pd.Index, run: Run) -> pd.DataFrame:
    """What rules 7 and 8 need to know of these places."""
    carried = candidates[["bucket", *(name for name in _PLACED if name in candidates)]]
    placed = pd.concat([carried.loc[index], ranking.placed.loc[index]], axis=1)
    return placed.assign(ranked_at=pd.Timestamp(run.clock)).reset_index(drop=True)


def _keep(connection: psycopg.Connection, placed: pd.DataFrame) -> None:
    """Leave places to `build_schedule`."""
    columns = ["bucket", *_PLACED.keys() - {"store_id", "product_id", "contact"}]
    rows = to_csv(placed[columns], np.argsort(placed["bucket"].to_numpy(np.int64), kind="stable"))
    copy_csv(connection, rows, "restock.candidate", columns)


def build_schedule(connection: psycopg.Connection, policy_id: int, shard: Shard, clock: datetime) -> dict[str, int]:
    """Rules 7 and 8 for one shard. Commits; running it again finds no candidates left.

    Args:
        connection: Warehouse.
        policy_id: Policy in force.
        shard: Whose candidates to take.
        clock: The moment of this run, with a time zone. Best that of `rank_requests`: a replay needs only one then.

    Returns:
        How many candidates, messages (new), joined (items in earlier messages) and capped there were.
    """
    settings = load_policy(connection, policy_id)
    with connection.transaction():
        lock_shoppers(connection, shard)
        placed = read_frame(connection, read_sql("notify/take_candidates.sql"), shard._asdict(), _PLACED)
        # A task that is cleared long after must not plan for the past what others left meanwhile.
        clock = max([clock, *placed["ranked_at"].nlargest(1).dt.to_pydatetime()])
        figures = write_schedule(connection, placed, Run(settings, policy_id, clock))
    _refresh_statistics(connection, len(placed))
    return {"candidates": len(placed)} | figures


def list_shards(connection: psycopg.Connection, *, shard_size: int = SHARD_SIZE) -> list[Shard]:
    """Cut the candidates that wait into runs of buckets of about that size or smaller; none where nothing waits.

    As large as each other, so that no worker waits long for another.
    """
    counts = connection.execute(read_sql("notify/count_candidates.sql")).fetchall()
    total = sum(count for _, count in counts)
    pieces = -(-total // shard_size)
    shards: list[Shard] = []
    first, size = 0, 0
    for bucket, count in counts:
        size += count
        if size * pieces >= total * (len(shards) + 1):
            shards.append(Shard(first, bucket))
            first = bucket + 1
    if shards:
        shards[-1] = shards[-1]._replace(last_bucket=EVERYBODY.last_bucket)
    return shards
