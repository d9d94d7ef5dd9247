"""# restock_notify

## Purpose
Tells shoppers that a product is back: opens and closes restock episodes, gives the open requests their place in the
queue, builds the schedule, and sends what is due.

## Inputs
- Schema `restock` of the warehouse (connection `restock_warehouse`), as `restock_ingest` leaves it. A run starts when
  the Asset `restock_warehouse` changes, and every minute, because messages fall due by themselves.
- The settings: Airflow Variables `restock_*`. Missing ones are created with their defaults; a wrong one leaves the last
  valid policy in force, and the log of `plan_messages` says which and why.
- The channels in `restock.channel`, each with its connection (`restock_smtp`, `restock_webhook`, `restock_apprise`);
  one whose connection is missing is not offered.
- `RESTOCK_PUBLIC_URL` and `RESTOCK_LINK_SECRET` for the links in messages.

## Outputs
Rows in `restock.policy`, `episode`, `decision`, `notification`, `delivery_attempt`, `request_outcome`, `breaker`;
messages. The summaries behind the marts (`mart.refreshed`), at most a twentieth of the time.
A run with nothing to do ends after its first task. So does one with `dry_run`: it logs what changed settings would do,
writes nothing and sends nothing; its XCom `preview` is the same as JSON.

## Re-run
Any task and any run can be cleared, or run at the same time as another: what is planned is not planned again, what is
sent is not sent again. A run with a parameter, cleared later, releases and replays nothing that came after it was
triggered. A backfill does what a run of this minute does: days in the past are not done again (docs/repair.md).

## On failure
Nothing is lost: the next run takes up what is left. A provider that is down does not fail the run: `send_due` and
`send_messages` warn, its messages stay due without using up their tries, and from time to time a few of them try.
Messages that were given up stand in `mart.dead_message`; trigger a run with `replay_dead` to try them once more.
Whoever is on call is told, also where no run comes to its end (docs/oncall.md).
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    AsyncCallback,
    Connection,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    Param,
    TriggerRule,
    Variable,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowNotFoundException, DownstreamTasksSkipped

from restock_oncall import TELL_FAILURE, end_run, late_after, look_around, look_when_late, tell_timeout

# A task whose pool is missing waits for ever, so whoever makes the pool names it here: the embedded stack, Compose.
SEND_POOL = os.environ.get("RESTOCK_SEND_POOL", "default_pool")


def warehouse_url():
    return Connection.get("restock_warehouse").get_uri()


def find_connection(connection_id):
    try:
        found = Connection.get(connection_id)
    except AirflowNotFoundException:
        return None
    return found.host, found.port, found.login, found.password, found.schema, found.extra_dejson


@dag(
    dag_id="restock_notify",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("* * * * *", timezone="UTC"), assets=Asset("restock_warehouse")
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    # A run that sends for long must not keep the next from planning.
    max_active_runs=2,
    dagrun_timeout=timedelta(hours=2),
    default_args={"owner": "restock", "retries": 2, "retry_delay": timedelta(seconds=10)} | TELL_FAILURE,
    on_failure_callback=tell_timeout,
    deadline=DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, late_after(), AsyncCallback(look_when_late)),
    params={
        "release_gate": Param(
            None,
            type=["null", "string"],
            enum=[None, "restock_share", "snapshot_age", "all"],
            title="Release a gate",
            description="Products that came back are held by this gate (the log of plan_messages says why): let go.",
        ),
        "dry_run": Param(
            None,
            type=["null", "object"],
            title="Preview",
            description="Nothing is changed or sent; the log of plan_messages shows what a run under changed settings "
            'would do: {"daily_cap": 1, "quiet_hours": "22:00-07:00"}.',
        ),
        "replay_dead": Param(
            None,
            type=["null", "object"],
            title="Replay dead messages",
            description="Messages that were given up are tried once more: all ({}), those of a channel, with a last "
            'error that begins so, or by id: {"channel": "email", "error": "451", "ids": ["…"]}.',
        ),
    },
    tags=["restock", "notify"],
    doc_md=__doc__,
)
def restock_notify():
    @task
    def plan_messages():
        from restock import notify

        context = get_current_context()
        params, run, instance = context["params"], context["dag_run"], context["ti"]
        by, planned = run.triggering_user_name or run.run_id, None
        if (changes := params["dry_run"]) is not None:
            instance.xcom_push("preview", notify.show_preview(warehouse_url(), changes, find_connection))
        else:
            planned = notify.plan_messages(warehouse_url(), Variable, params, by, run.run_after, find_connection)
            if planned is None:
                end_run("restock_notify")
        look_around("plan_messages")
        # A run that was cleared goes its whole way: skipping would pass over what an earlier try mapped.
        if planned is None and (instance.try_number == 1 or changes is not None):
            raise DownstreamTasksSkipped(tasks=["build_schedule", "send_due", "send_messages", "settle_run"])
        instance.xcom_push("figures", planned.figures if planned else {})
        return planned.shards if planned else []

    # Only what is too much for one worker to plan comes here.
    @task(map_index_template="buckets {{ shard.first_bucket }} to {{ shard.last_bucket }}")
    def build_schedule(policy_id, shard, clock):
        from restock import notify

        return notify.build_schedule(warehouse_url(), policy_id, shard, clock)

    # What is due leaves even where planning failed.
    @task(trigger_rule=TriggerRule.ALL_DONE, pool=SEND_POOL)
    def send_due():
        from restock import notify

        instance = get_current_context()["ti"]
        sent = notify.send_due(warehouse_url(), find_connection, f"{instance.run_id}/{instance.task_id}")
        instance.xcom_push("deliveries", sent.deliveries)
        return sent.senders

    # Only what is too much for one sender, or for several channels, comes here.
    @task(map_index_template="{{ channel }}", pool=SEND_POOL)
    def send_messages(policy_id, channel):
        from restock.delivery import run_sender

        instance = get_current_context()["ti"]
        sender = f"{instance.run_id}/{instance.task_id}/{instance.map_index}"
        return run_sender(warehouse_url(), channel, find_connection, policy_id, sender)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def settle_run(planned, schedules, sent, deliveries):
        from restock import notify

        figures = notify.sum_run(warehouse_url(), planned, schedules, sent, deliveries)
        end_run("restock_notify", figures)
        return figures

    planned = plan_messages()
    schedules = build_schedule.expand_kwargs(planned)
    sent = send_due()
    deliveries = send_messages.expand_kwargs(sent)
    schedules >> sent
    settle_run(planned["figures"], schedules, sent["deliveries"], deliveries)


restock_notify()
