"""# restock_notify

## Purpose
Tells shoppers that a product is back: opens and closes restock episodes, gives the open requests their place in the
queue, builds the schedule, and sends what is due.

## Inputs
- Schema `restock` of the warehouse (connection `restock_warehouse`), as `restock_ingest` leaves it. A run starts when
  the Asset `restock_warehouse` changes, and every minute, because messages fall due by themselves.
- The settings: Airflow Variables `restock_*`. Missing ones are created with their defaults; a wrong one leaves the last
  valid policy in force, and the log of `resolve_policy` says which and why.
- Connection `restock_smtp`; `RESTOCK_PUBLIC_URL` and `RESTOCK_LINK_SECRET` for the links in messages.

## Outputs
Rows in `restock.policy`, `episode`, `decision`, `notification`, `delivery_attempt`, `request_outcome`; e-mails.
A run with nothing to do ends after its first task.

## Re-run
Any task and any run can be cleared, or run at the same time as another: what is planned is not planned again, what is
sent is not sent again.

## On failure
Nothing is lost: the next run takes up what is left. Where `send_messages` says that the mail server cannot be used, no
message was touched; they leave with the next run that reaches it.
"""

import logging
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    Connection,
    CronTriggerTimetable,
    Param,
    TriggerRule,
    Variable,
    dag,
    get_current_context,
    task,
)

log = logging.getLogger(__name__)


def connect_warehouse():
    from restock.warehouse import connect

    return connect(Connection.get("restock_warehouse").get_uri(), application="restock_notify")


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
    default_args={"owner": "restock", "retries": 2, "retry_delay": timedelta(seconds=10)},
    params={
        "release_gate": Param(
            None,
            type=["null", "string"],
            enum=[None, "restock_share", "snapshot_age", "all"],
            title="Release a gate",
            description="Products that came back are held by this gate (the log of update_episodes says why): let go.",
        )
    },
    tags=["restock", "notify"],
    doc_md=__doc__,
)
def restock_notify():
    @task.short_circuit
    def resolve_policy():
        from restock.episodes import has_work, release_gates
        from restock.policy import VARIABLE_PREFIX, missing_settings, resolve_policy

        values = {name: Variable.get(VARIABLE_PREFIX + name, default=None) for name in missing_settings({})}
        for name, (default, description) in missing_settings(values).items():
            Variable.set(VARIABLE_PREFIX + name, default, description=description)
        run, params = get_current_context()["dag_run"], get_current_context()["params"]
        with connect_warehouse() as warehouse:
            if gate := params["release_gate"]:
                log.info("Released: %s", release_gates(warehouse, gate, run.triggering_user_name or run.run_id))
            policy = resolve_policy(warehouse, {name: text for name, text in values.items() if text is not None})
            for problem in policy.problems:
                log.error("%s Policy %s stays in force until it is put right.", problem, policy.policy_id)
            busy = not policy.settings.paused and has_work(warehouse, policy.settings, datetime.now(UTC))
            return policy.policy_id if busy else None

    @task
    def update_episodes(policy_id):
        from restock.episodes import find_held, update_episodes

        with connect_warehouse() as warehouse:
            counts = update_episodes(warehouse, policy_id, datetime.now(UTC))
            for gate in find_held(warehouse):
                log.warning(gate.sentence)
            return counts._asdict()

    @task
    def rank_requests(policy_id):
        from restock.delivery import CHANNELS
        from restock.schedule.plan import list_shards, rank_requests

        with connect_warehouse() as warehouse:
            log.info("Queue: %s", rank_requests(warehouse, policy_id, CHANNELS, datetime.now(UTC)))
            return [shard._asdict() for shard in list_shards(warehouse)]

    @task(map_index_template="buckets {{ shard.first_bucket }} to {{ shard.last_bucket }}")
    def build_schedule(policy_id, shard):
        from restock.schedule.plan import Shard, build_schedule

        with connect_warehouse() as warehouse:
            return build_schedule(warehouse, policy_id, Shard(**shard), datetime.now(UTC))

    # What is due leaves even where planning failed.
    @task(trigger_rule=TriggerRule.ALL_DONE)
    def find_due(policy_id):
        from restock.delivery import find_due

        with connect_warehouse() as warehouse:
            return find_due(warehouse, policy_id, datetime.now(UTC))

    @task(map_index_template="{{ channel }}")
    def send_messages(policy_id, channel):
        from restock.channels.email import SmtpServer
        from restock.delivery import Letterhead, send_emails

        smtp = Connection.get("restock_smtp")
        server = SmtpServer.from_connection(smtp.host, smtp.port, smtp.login, smtp.password, smtp.extra_dejson)
        letterhead = Letterhead.from_environment(server.sender)
        instance = get_current_context()["ti"]
        sender = f"{instance.run_id}/{instance.task_id}/{instance.map_index}"
        with connect_warehouse() as warehouse:
            return send_emails(warehouse, server, letterhead, policy_id, sender)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def settle_run(episodes, schedules, deliveries):
        from restock.delivery import sum_figures

        figures = {"episodes": episodes, "schedule": sum_figures(schedules), "delivery": sum_figures(deliveries)}
        log.info("This run: %s", figures)
        return figures

    policy_id = resolve_policy()
    episodes = update_episodes(policy_id)
    shards = rank_requests(policy_id)
    schedules = build_schedule.partial(policy_id=policy_id).expand(shard=shards)
    due = find_due(policy_id)
    deliveries = send_messages.partial(policy_id=policy_id).expand(channel=due)
    episodes >> shards >> schedules >> due
    settle_run(episodes, schedules, deliveries)


restock_notify()
