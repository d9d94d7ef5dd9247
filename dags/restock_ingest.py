"""# restock_ingest

## Purpose
Loads the files of every feed into the warehouse: each row is loaded, rejected with a reason, or counted as a duplicate,
stale or unchanged.

## Inputs
- The landing area, `RESTOCK_LANDING`: files `<feed>/<any name>.csv` or `.jsonl`, also with `.gz`. Names that begin with
  `.` or `_` or end in `.tmp` or `.part` are still being written and are left alone.
- Connection `restock_warehouse`.

## Outputs
Rows in the schema `restock`: `feed_file` says of each file what became of its rows, `rejected_row` keeps each bad row
with its line, its text and a reason code. The Asset `restock_warehouse`, where something changed; its event carries the
rows loaded by feed. A run that finds no new file ends after its first task.

## Re-run
Any task and any run can be cleared, or run at the same time as another: a file is one transaction and is loaded once,
by its content, whatever its name.

## On failure
Nothing is half loaded: a file is in the warehouse whole or not at all, and the next run takes what is missing. A file
that cannot be read is no failure of the run: `feed_file` says why; deliver it again, put right.
"""

import logging
import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, Connection, CronTriggerTimetable, ObjectStoragePath, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

log = logging.getLogger(__name__)

WAREHOUSE = Asset("restock_warehouse")


def open_landing():
    url = os.environ.get("RESTOCK_LANDING")
    if not url:
        raise AirflowException(
            "RESTOCK_LANDING is not set: give it the URL of the folder in which feed files arrive, file:///… or s3://…."
        )
    return ObjectStoragePath(url)


def warehouse_url():
    return Connection.get("restock_warehouse").get_uri()


@dag(
    dag_id="restock_ingest",
    schedule=CronTriggerTimetable("* * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    # A transfer that hangs must not keep later files out for ever.
    dagrun_timeout=timedelta(hours=6),
    default_args={"owner": "restock", "retries": 2, "retry_delay": timedelta(seconds=10)},
    tags=["restock", "ingest"],
    doc_md=__doc__,
)
def restock_ingest():
    # Thousands of file names make no good log line.
    @task(show_return_value_in_logs=False)
    def list_files():
        from restock.feeds.landing import list_landing, plan_batches
        from restock.feeds.ledger import find_unrecorded
        from restock.warehouse import connect

        listing = list_landing(open_landing())
        if listing.unknown_folders:
            log.warning("These folders belong to no feed and are left alone: %s", ", ".join(listing.unknown_folders))
        with connect(warehouse_url(), application="restock_ingest") as warehouse:
            new = find_unrecorded(warehouse, listing.files)
        batches = plan_batches(new)
        log.info(
            "%s files lie there, %s are new, %s of them are loaded now.",
            len(listing.files),
            len(new),
            sum(map(len, batches)),
        )
        return [[list(file) for file in batch] for batch in batches]

    @task
    def load_files(batch, run_id=None):
        from restock.feeds.landing import LandingFile
        from restock.feeds.load import load_files

        load_files(warehouse_url(), open_landing(), [LandingFile(*file) for file in batch], run_id)

    @task(outlets=[WAREHOUSE])
    def publish_changes(run_id=None, outlet_events=None):
        from restock.feeds.ledger import count_run, format_counts
        from restock.warehouse import connect

        with connect(warehouse_url(), application="restock_ingest") as warehouse:
            counts = count_run(warehouse, run_id)
        log.info("This run:\n%s", format_counts(counts))
        loaded = {feed.feed: feed.loaded for feed in counts if feed.loaded}
        if not loaded:
            raise AirflowSkipException("The files of this run change nothing.")
        outlet_events[WAREHOUSE].extra = {"counts": loaded}
        return [asdict(feed) for feed in counts]

    load_files.expand(batch=list_files()) >> publish_changes()


restock_ingest()
