"""The demo: replays real retail data through both DAGs of the embedded stack until the messages are delivered."""

from datetime import UTC, datetime

import psycopg

from restock.demo.replay import Drop, Replay
from restock.episodes import has_work
from restock.local import report, stack
from restock.local.airflow_api import AirflowApi
from restock.local.console import say, wait_for
from restock.local.environment import ADMIN, user_environment
from restock.local.state import StackError, State
from restock.policy import Settings as Policy
from restock.warehouse import connect, read_sql

INGEST, NOTIFY = "restock_ingest", "restock_notify"
DAG_SECONDS = 120
RUN_SECONDS = 600

# With any of these the demo would write its invented shoppers into somebody's warehouse, or write to them.
_OWN = ("RESTOCK_WAREHOUSE_URL", "RESTOCK_LANDING", "AIRFLOW_CONN_RESTOCK_SMTP")


def run_demo(state: State) -> bool:
    """Start the stack, replay every drop that has not been replayed, and hold the outcome against the mailbox.

    Running it again lands the same files again, which brings nothing new, and goes on where it was interrupted.

    Returns:
        Whether all of it happened and every check holds.

    Raises:
        StackError: Something is in the way.
    """
    refuse_foreign_parts()
    settings = stack.up(state)
    api = AirflowApi(settings.airflow_url, ADMIN, state.secrets().admin_password)
    shop_url = settings.variables["RESTOCK_SHOP_URL"]
    return replay_all(api, state, settings.warehouse_url, settings.mailbox_url, shop_url)


def replay_all(api: AirflowApi, state: State, warehouse_url: str, mailbox_url: str, shop_url: str) -> bool:
    """Replay over a stack that runs, as `run_demo` does.

    Args:
        api: Its Airflow.
        state: Its folder, with the landing area and the memory of the replay.
        warehouse_url: Its warehouse, for the owner.
        mailbox_url: Its mailbox.
        shop_url: Where the pages of the products are.
    """
    for dag_id in (INGEST, NOTIFY):
        require_dag(api, dag_id)
    replay = Replay(state.landing, state.root, shop_url)
    with connect(warehouse_url, application="restock demo") as warehouse:
        warehouse.autocommit = True
        _replay(api, replay, warehouse)
        figures = report.read_figures(warehouse, replay.landed)
        problems = report.find_problems(warehouse, mailbox_url, figures)
    say(report.describe(figures))
    for problem in problems:
        say(f"Not as it should be: {problem}")
    return not problems


def refuse_foreign_parts() -> None:
    """Refuse to run against a warehouse, a landing area or a mail server that is not the stack's own.

    Raises:
        StackError: The environment names one.
    """
    user = user_environment()
    for name in _OWN:
        if user.get(name):
            raise StackError(f"{name} is set, and the demo's shoppers are invented: unset it to run the demo.")


def _replay(api: AirflowApi, replay: Replay, warehouse: psycopg.Connection) -> None:
    say("Deriving the replay from a year of real purchases")
    again = len(replay.landed)
    if again:
        say(f"Landing drops 1 to {again} of {replay.drops} again, as they were")
        for k in range(again):
            replay.land(k, datetime.now(UTC))
        run_dags(api, warehouse)
    for k in range(again, replay.drops):
        drop = replay.land(k, datetime.now(UTC))
        say(f"Drop {k + 1} of {replay.drops}: {_content(drop)}")
        run_dags(api, warehouse)


def run_dags(api: AirflowApi, warehouse: psycopg.Connection) -> None:
    """Load what has landed, and wait until everybody is told who is due."""
    run_id = api.trigger(INGEST)
    wait_for(lambda: _unfinished(api, run_id), RUN_SECONDS, _advice(INGEST))
    # Its Asset starts restock_notify.
    wait_for(lambda: _untold(warehouse), RUN_SECONDS, _advice(NOTIFY))


def _unfinished(api: AirflowApi, run_id: str) -> str:
    found = api.run_state(INGEST, run_id)
    if found == "failed":
        tasks = ", ".join(api.failed_tasks(INGEST, run_id))
        raise StackError(f"The run {run_id} of {INGEST} failed at {tasks}. {_advice(INGEST)}")
    return "" if found == "success" else f"{INGEST} ({found})"


def _untold(warehouse: psycopg.Connection) -> str:
    clock = datetime.now(UTC)
    latest = warehouse.execute(read_sql("notify/latest_policy.sql")).fetchone()
    policy = Policy.model_validate(latest[1]) if latest else Policy()
    if policy.paused:
        raise StackError("The Variable restock_paused is true, so nothing is told: set it to false.")
    row = warehouse.execute(read_sql("demo/unsettled.sql"), {"clock": clock}).fetchone()
    unsettled = row[0] if row else 0
    if unsettled:
        return f"{NOTIFY}: {unsettled:,} messages are leaving"
    return f"{NOTIFY}: the schedule is being made" if has_work(warehouse, policy, clock) else ""


def require_dag(api: AirflowApi, dag_id: str) -> None:
    """Wait until Airflow has read a DAG.

    Raises:
        StackError: It cannot be read, or is paused.
    """

    def pending() -> str:
        errors = api.import_errors()
        if errors:
            raise StackError("Airflow cannot read a DAG file: " + "\n".join(errors))
        dag = api.dag(dag_id)
        if dag is not None and dag["is_paused"]:
            raise StackError(f"{dag_id} is paused: switch it on in the Airflow UI.")
        return f"Airflow to read {dag_id}" if dag is None else ""

    wait_for(pending, DAG_SECONDS, "Its log is logs/dag-processor.log in the state folder.")


def _content(drop: Drop) -> str:
    rows = sum(drop.rows.values())
    requests = drop.rows.get("requests", 0)
    return (
        f"{drop.first:%d %b} to {drop.last:%d %b %Y}, {len(drop.files)} files with {rows:,} rows, {requests:,} of them "
        "requests"
    )


def _advice(dag_id: str) -> str:
    return f"The Airflow UI shows the runs of {dag_id} and the log of each task."
