"""What the pipeline leaves behind for whoever watches: that a run ended well, that a task failed, how checks ended."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from restock.feeds.masking import mask_addresses
from restock.maintenance import CheckResult
from restock.warehouse import read_sql

# A reason is for people; the log of the task has the rest.
_LONGEST_REASON = 500


def beat(connection: psycopg.Connection, dag_id: str) -> None:
    """Write down that a run of a DAG came to its end without a fault. Commits."""
    connection.execute(read_sql("watch/beat.sql"), {"name": dag_id})


def record_failure(connection: psycopg.Connection, dag_id: str, task_id: str, run_id: str, reason: str) -> None:
    """Write down that a task failed after its last try. Commits.

    Args:
        connection: Warehouse.
        dag_id: DAG.
        task_id: Task.
        run_id: Run.
        reason: Why; addresses in it are masked.
    """
    said = mask_addresses(" ".join(reason.split()))[:_LONGEST_REASON]
    binds = {"dag_id": dag_id, "task_id": task_id, "run_id": run_id, "reason": said}
    connection.execute(read_sql("watch/record_failure.sql"), binds)


def record_checks(connection: psycopg.Connection, results: Sequence[CheckResult], clock: datetime) -> None:
    """Write down how the checks of the warehouse ended. Commits."""
    with connection.transaction():
        for result in results:
            binds = {
                "name": result.name,
                "severity": result.severity,
                "is_valid": result.is_valid,
                "sentence": mask_addresses(str(result)),
                "clock": clock,
            }
            connection.execute(read_sql("watch/record_check.sql"), binds)
