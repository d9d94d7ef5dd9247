"""# restock_ingest

## Purpose
Loads every feed into the warehouse, from files and from source databases: each row is loaded, rejected with a reason,
or counted as a duplicate, stale or unchanged. Judges the feeds, and replays rejected rows on demand.

## Inputs
- The landing area, `RESTOCK_LANDING`: files `<feed>/<any name>.csv`, `.jsonl` or `.parquet`, the first two also with
  `.gz`. Names that begin with `.` or `_` or end in `.tmp` or `.part` are still being written and are left alone.
- The Variable `restock_sources`: a JSON list of the tables to read, each through a PostgreSQL connection of its own.
- Connection `restock_warehouse`.

## Outputs
Rows in the schema `restock`: `feed_file` says of each file what became of its rows (`mart.feed_run` of each run),
`rejected_row` keeps each bad row with its line, its text and a reason code, `gate` says which feed is late or
implausible. The Asset `restock_warehouse`, where something changed; its event carries the rows loaded by feed. A run
that finds nothing ends after its first task.

## Re-run
Any task and any run can be cleared, or run at the same time as another: a file is one transaction and is loaded once,
by its content, whatever its name; a source is read on from where it was read to; a rejected row is replayed once.

## On failure
Nothing is half loaded: a file is in the warehouse whole or not at all, and the next run takes what is missing. A file
that cannot be read is no failure of the run: `feed_file` says why; deliver it again, put right. A source out of reach
fails its own task, and the rest loads. Rejected rows: correct them with `restock.correct_rejected_row`, then trigger a
run with `replay_path` or `replay_reason`. A gate that holds clears as its log line says, or by `release_gate`.
"""

import logging
import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    Connection,
    CronTriggerTimetable,
    ObjectStoragePath,
    Param,
    TriggerRule,
    Variable,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

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


def connect_warehouse():
    from restock.warehouse import connect

    return connect(warehouse_url(), application="restock_ingest")


def text_param(title, description):
    return Param(None, type=["null", "string"], title=title, description=description)


@dag(
    dag_id="restock_ingest",
    schedule=CronTriggerTimetable("* * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    # A transfer that hangs must not keep later files out for ever.
    dagrun_timeout=timedelta(hours=6),
    default_args={"owner": "restock", "retries": 2, "retry_delay": timedelta(seconds=10)},
    params={
        "replay_path": text_param(
            "Replay the rejected rows of a file", "Its path in restock.feed_file, such as requests/monday.csv."
        ),
        "replay_reason": text_param(
            "Replay the rejected rows of a reason", "A reason code, such as unknown_time_zone; with a path: both."
        ),
        "release_gate": text_param(
            "Release a gate", "Name of a feed gate that holds, as the log of find_inputs says it: let go."
        ),
    },
    tags=["restock", "ingest"],
    doc_md=__doc__,
)
def restock_ingest():
    # Thousands of file names make no good log line.
    @task(show_return_value_in_logs=False)
    def find_inputs():
        from restock.feeds.inputs import find_inputs
        from restock.gates import log_gates, release_gate

        context = get_current_context()
        params, run = context["params"], context["dag_run"]
        sources = Variable.get("restock_sources", default="[]")
        with connect_warehouse() as warehouse:
            if gate := params["release_gate"]:
                release_gate(warehouse, gate, run.triggering_user_name or run.run_id)
            log_gates(warehouse, datetime.now(UTC))
            return find_inputs(warehouse, open_landing(), sources, params["replay_path"], params["replay_reason"])

    @task(map_index_template="{{ inputs.label }}")
    def load_inputs(inputs, run_id=None):
        from restock.feeds import load, replay, source
        from restock.feeds.landing import LandingFile

        if files := inputs.get("files"):
            load.load_files(warehouse_url(), open_landing(), [LandingFile(*file) for file in files], run_id)
        elif "source" in inputs:
            try:
                table = source.parse_source(inputs["source"])
            except source.SourceError as error:
                # Trying again would not mend it.
                raise AirflowFailException(str(error)) from error
            source.load_source(warehouse_url(), Connection.get(table.connection).get_uri(), table, run_id)
        else:
            replay.replay_rejects(warehouse_url(), run_id, *inputs["replay"])

    # What was loaded is told even where something else was not.
    @task(outlets=[WAREHOUSE], trigger_rule=TriggerRule.NONE_SKIPPED)
    def publish_changes(run_id=None, outlet_events=None):
        from restock.feeds.ledger import count_run, format_counts
        from restock.gates import log_gates

        with connect_warehouse() as warehouse:
            counts = count_run(warehouse, run_id)
            log.info("This run:\n%s", format_counts(counts))
            gates = log_gates(warehouse, datetime.now(UTC))
        figures = {"feeds": [asdict(feed) for feed in counts], "gates": [str(gate) for gate in gates]}
        get_current_context()["ti"].xcom_push("figures", figures)
        loaded = {feed.feed: feed.loaded for feed in counts if feed.loaded}
        if not loaded:
            raise AirflowSkipException("The files of this run change nothing.")
        outlet_events[WAREHOUSE].extra = {"counts": loaded}

    @task(trigger_rule=TriggerRule.ONE_FAILED)
    def report_faults():
        raise AirflowFailException("Something could not be loaded: the log of load_inputs says what. The rest is in.")

    load_inputs.expand(inputs=find_inputs()) >> [publish_changes(), report_faults()]


restock_ingest()
