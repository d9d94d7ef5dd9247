"""# restock_ingest

## Purpose
Loads every feed into the warehouse, from files, from source databases and from what arrived over HTTP: each row is
loaded, rejected with a reason, or counted as a duplicate, stale or unchanged. Judges the feeds, and replays rejected
rows on demand.

## Inputs
- `restock.inbox` of the warehouse: requests, stock and suppressions that the intake service accepted. Stock there
  starts a run at once, through the Asset `restock_inbox`; everything else waits for the run of the minute.
- The landing area, `RESTOCK_LANDING`: files `<feed>/<any name>.csv`, `.jsonl` or `.parquet`, the first two also with
  `.gz`. Names that begin with `.` or `_` or end in `.tmp` or `.part` are still being written and are left alone.
- The Variable `restock_sources`: a JSON list of the tables to read, each through a PostgreSQL connection of its own.
- Connection `restock_warehouse`.

## Outputs
Rows in the schema `restock`: `feed_file` says of each file what became of its rows (`mart.feed_run` of each run),
`rejected_row` keeps each bad row with its line, its text and a reason code, `gate` says which feed is late or
implausible. The Asset `restock_warehouse`, where something changed; its event carries the rows loaded by feed. A run
that finds nothing, or only as much in the inbox as one load takes, ends after its first task.

## Re-run
Any task and any run can be cleared, or run at the same time as another: a file is one transaction and is loaded once,
by its content, whatever its name; a row leaves the queue of the inbox in the transaction that loads it; a source is
read on from where it was read to; a rejected row is replayed once.

## On failure
Nothing is half loaded: a file is in the warehouse whole or not at all, and the next run takes what is missing. A file
that cannot be read is no failure of the run: `feed_file` says why; deliver it again, put right. A source out of reach
fails its own task, and the rest loads. Rejected rows: correct them with `restock.correct_rejected_row`, then trigger a
run with `replay_path` or `replay_reason`. A gate that holds clears as its log line says, or by `release_gate`.
Whoever is on call is told (docs/oncall.md).
"""

import logging
import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    AssetAlias,
    AssetOrTimeSchedule,
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

from restock_oncall import TELL_FAILURE, end_run, look_around, tell_timeout
from restock_triggers import stock_watchers

log = logging.getLogger(__name__)

WAREHOUSE = Asset("restock_warehouse")
# Through it a task can tell of the warehouse or be silent; an outlet tells each time.
CHANGES = AssetAlias("restock_changes")


def open_landing():
    url = os.environ.get("RESTOCK_LANDING")
    if not url:
        raise AirflowException(
            "RESTOCK_LANDING is not set: give it the URL of the folder in which feed files arrive, file:///… or s3://…."
        )
    return ObjectStoragePath(url)


def find_url(connection_id):
    return Connection.get(connection_id).get_uri()


def connect_warehouse():
    from restock.warehouse import connect

    return connect(find_url("restock_warehouse"), application="restock_ingest")


def text_param(title, description):
    return Param(None, type=["null", "string"], title=title, description=description)


@dag(
    dag_id="restock_ingest",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("* * * * *", timezone="UTC"),
        assets=Asset("restock_inbox", watchers=stock_watchers()),
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    # A transfer that hangs must not keep later files out for ever.
    dagrun_timeout=timedelta(hours=6),
    default_args={"owner": "restock", "retries": 2, "retry_delay": timedelta(seconds=10)} | TELL_FAILURE,
    on_failure_callback=tell_timeout,
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
    # It loads the inbox as well: a task of its own takes longer. And thousands of names make no good log line.
    @task(outlets=[CHANGES], show_return_value_in_logs=False)
    def find_inputs(outlet_events=None):
        from restock.feeds.inbox import load_waiting
        from restock.feeds.inputs import find_inputs
        from restock.gates import log_gates, release_gate

        context, sources = get_current_context(), Variable.get("restock_sources", default="[]")
        params, run = context["params"], context["dag_run"]
        with connect_warehouse() as warehouse:
            if gate := params["release_gate"]:
                release_gate(warehouse, gate, run.triggering_user_name or run.run_id, run.run_after)
            if loaded := load_waiting(warehouse, run.run_id):
                outlet_events[CHANGES].add(WAREHOUSE, extra={"counts": loaded})
            log_gates(warehouse, datetime.now(UTC))
            inputs = find_inputs(warehouse, open_landing(), sources, params["replay_path"], params["replay_reason"])
        end_run("restock_ingest")
        look_around("find_inputs")
        return inputs

    @task(map_index_template="{{ inputs.label }}")
    def load_inputs(inputs, run_id=None):
        from restock.feeds.inputs import load_input
        from restock.feeds.source import WrongSourceError

        try:
            load_input(find_url, open_landing, inputs, run_id)
        except WrongSourceError as error:
            # Trying again would not mend it.
            raise AirflowFailException(str(error)) from error

    # What was loaded is told even where something else was not.
    @task(outlets=[WAREHOUSE], trigger_rule=TriggerRule.NONE_SKIPPED)
    def publish_changes(run_id=None, outlet_events=None):
        from restock.feeds.ledger import count_run, format_counts
        from restock.gates import log_gates

        with connect_warehouse() as warehouse:
            counts = count_run(warehouse, run_id)
            log.info("This run:\n%s", format_counts(counts))
            gates = [str(gate) for gate in log_gates(warehouse, datetime.now(UTC))]
        figures = {"feeds": [asdict(feed) for feed in counts], "gates": gates}
        get_current_context()["ti"].xcom_push("figures", figures)
        loaded = {feed.feed: feed.loaded for feed in counts if feed.loaded}
        if not loaded:
            raise AirflowSkipException("What this run loaded changes nothing.")
        outlet_events[WAREHOUSE].extra = {"counts": loaded}

    # Whose failure is told already.
    @task(trigger_rule=TriggerRule.ONE_FAILED, on_failure_callback=[])
    def report_faults():
        raise AirflowFailException("Something could not be loaded: the log of load_inputs says what. The rest is in.")

    load_inputs.expand(inputs=find_inputs()) >> [publish_changes(), report_faults()]


restock_ingest()
