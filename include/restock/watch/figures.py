"""The project's own metrics. Whoever calls hands over what sends one: Airflow's metrics, or anything else.

Totals are kept in the warehouse and sent as gauges: a task is a process of its own, and a counter would begin anew with
each of them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import psycopg

from restock.warehouse import read_sql

# Sends one figure: its name, its value, and what it is told apart by.
SendGauge = Callable[[str, float, Mapping[str, str]], None]

# Parts of a run's figures that planning gives.
_PLANNING = ("episodes", "queue", "schedule")


def send_figures(connection: psycopg.Connection, send: SendGauge, clock: datetime) -> None:
    """Bring the totals up to date, and send every figure. Commits.

    Args:
        connection: Warehouse.
        send: Takes one figure.
        clock: Now.
    """
    row = connection.execute(read_sql("watch/count_figures.sql"), {"clock": clock}).fetchone()
    assert row is not None
    span = {"counted_from": row[0], "counted_until": row[1]}
    for name, binds in (
        ("watch/read_totals.sql", {}),
        ("watch/read_gauges.sql", {"clock": clock}),
        ("watch/read_latency.sql", span),
    ):
        for figure, tags, value in connection.execute(read_sql(name), binds).fetchall():
            send(figure, float(value), tags)


def add_planned(connection: psycopg.Connection, figures: Mapping[str, object]) -> None:
    """Add what planning did in a run to the totals `restock.planned.<part>_<figure>`. Commits.

    Args:
        connection: Warehouse.
        figures: Of the run, as `restock.notify.sum_run` gives them.
    """
    amounts = {
        f"restock.planned.{part}_{name}": amount
        for part in _PLANNING
        for name, amount in _counts(figures.get(part)).items()
    }
    binds = {"names": list(amounts), "amounts": list(amounts.values())}
    connection.execute(read_sql("watch/add_figures.sql"), binds)


def _counts(part: object) -> dict[str, int]:
    found = part if isinstance(part, Mapping) else {}
    return {str(name): value for name, value in found.items() if isinstance(value, int)}
