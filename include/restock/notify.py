"""What the tasks of restock_notify do: a function a task.

Tasks are few: for a usual restock each takes longer to start than its work does.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import psycopg

from restock import delivery, episodes, marts
from restock.backup import require_settled
from restock.delivery.run import FindConnection
from restock.policy import VARIABLE_PREFIX, ResolvedPolicy, Settings, missing_settings
from restock.policy import resolve_policy as put_in_force
from restock.preview import WrongChangeError, preview
from restock.preview.text import render
from restock.schedule import plan
from restock.schedule.second_writer import Shard
from restock.warehouse import connect, read_sql

log = logging.getLogger(__name__)

APPLICATION = "restock_notify"


class Variables(Protocol):
    """What is needed of Airflow's Variable."""

    def get(self, key: str, default: str | None) -> str | None: ...
    def set(self, key: str, value: str, description: str) -> None: ...


class Plan(NamedTuple):
    """What planning did, in figures, and what is left of it: arguments of `build_schedule`, one set a shard."""

    figures: dict[str, dict[str, int]]
    shards: list[dict[str, Any]]


class Sent(NamedTuple):
    """What was sent at once (each a `Delivery` as a dict), and the senders to start for the rest.

    Each sender is given as arguments of `delivery.run_sender`.
    """

    deliveries: list[dict[str, Any]]
    senders: list[dict[str, Any]]


def show_preview(url: str, changes: Mapping[str, object], find_connection: FindConnection) -> dict[str, Any] | None:
    """Log what the next run would do under changed settings, and return it as JSON; None where a change is wrong."""
    with connect(url, application=APPLICATION) as warehouse:
        offered = delivery.offered_channels(warehouse, find_connection)
        try:
            result = preview(warehouse, changes, datetime.now(UTC), channels=offered)
        except WrongChangeError as error:
            log.error("No preview: %s", error)
            return None
    log.info("A preview: nothing is changed or sent.\n%s", render(result))
    return result.as_json()


def plan_messages(
    url: str,
    variables: Variables,
    params: Mapping[str, Any],
    by: str,
    asked_at: datetime,
    find_connection: FindConnection,
) -> Plan | None:
    """Put the settings in force, do what the run was triggered for, update the episodes and plan (rules 1 to 8).

    Each step commits by itself; running it again finds done what is done.

    Args:
        url: Warehouse.
        variables: Where the settings stand; missing ones are created with their defaults.
        params: `release_gate` and `replay_dead` of the run; None where not wanted.
        by: Who triggered the run, for the record.
        asked_at: When it was triggered. Cleared later, it releases and replays nothing that came after.
        find_connection: Gives an Airflow connection.

    Returns:
        None where the run has nothing to do.

    Raises:
        RestoredWarehouseError: The warehouse came out of a backup, and nobody settled what left since.
    """
    values = _read_settings(variables)
    with connect(url, application=APPLICATION) as warehouse:
        require_settled(warehouse)
        clock = datetime.now(UTC)
        if gate := params["release_gate"]:
            log.info("Released: %s", episodes.release_gates(warehouse, gate, by, asked_at))
        if (wanted := params["replay_dead"]) is not None:
            replayed = delivery.replay_dead(warehouse, clock, **wanted, dead_by=asked_at)
            log.info("Dead messages that are tried once more: %s", replayed)
        policy = put_in_force(warehouse, values)
        for problem in policy.problems:
            log.error("%s Policy %s stays in force until it is put right.", problem, policy.policy_id)
        if policy.settings.paused or not episodes.has_work(warehouse, policy.settings, datetime.now(UTC)):
            # No message waits for this run: it has the time that the figures take.
            marts.refresh_due(warehouse)
            return None
        return _plan(warehouse, policy, find_connection)


def _read_settings(variables: Variables) -> dict[str, str]:
    values = {name: variables.get(VARIABLE_PREFIX + name, default=None) for name in missing_settings({})}
    for name, (default, description) in missing_settings(values).items():
        variables.set(VARIABLE_PREFIX + name, default, description=description)
    return {name: text for name, text in values.items() if text is not None}


def _plan(warehouse: psycopg.Connection, policy: ResolvedPolicy, find_connection: FindConnection) -> Plan:
    counts = episodes.update_episodes(warehouse, policy.policy_id, datetime.now(UTC))
    for held in episodes.find_held(warehouse):
        log.warning(held.sentence)
    offered, clock = delivery.offered_channels(warehouse, find_connection), datetime.now(UTC)
    figures = {
        "episodes": counts._asdict(),
        "queue": plan.rank_requests(warehouse, policy.policy_id, offered, clock),
    }
    log.info("Planned: %s", figures)
    of_run = {"policy_id": policy.policy_id, "clock": clock.isoformat()}
    return Plan(figures, [{"shard": shard._asdict()} | of_run for shard in plan.list_shards(warehouse)])


def build_schedule(url: str, policy_id: int, shard: Mapping[str, int], clock: str) -> dict[str, int]:
    """Rules 7 and 8 for one shard, at the clock of its queue."""
    with connect(url, application=APPLICATION) as warehouse:
        return plan.build_schedule(warehouse, policy_id, Shard(**shard), datetime.fromisoformat(clock))


def send_due(url: str, find_connection: FindConnection, sender: str) -> Sent:
    """Take over what dead senders left, and send what is due where that is the work of one sender.

    By the newest policy, whatever became of planning in this run.

    Args:
        url: Warehouse.
        find_connection: Gives an Airflow connection.
        sender: Run and task, for the record.

    Raises:
        RestoredWarehouseError: The warehouse came out of a backup, and nobody settled what left since.
    """
    with connect(url, application=APPLICATION) as warehouse:
        require_settled(warehouse)
        latest = warehouse.execute(read_sql("notify/latest_policy.sql")).fetchone()
        if latest is None or Settings.model_validate(latest[1]).paused:
            return Sent([], [])
        policy_id = latest[0]
        offered = delivery.offered_channels(warehouse, find_connection)
        channels = delivery.find_due(warehouse, policy_id, datetime.now(UTC), offered).senders
    if len(channels) == 1:
        return Sent([delivery.run_sender(url, channels[0], find_connection, policy_id, sender)], [])
    return Sent([], [{"policy_id": policy_id, "channel": channel} for channel in channels])


def sum_run(
    url: str,
    planned: Mapping[str, Any] | None,
    schedules: Any,  # noqa: ANN401 (Airflow's lazy sequence of what mapped tasks returned, or None)
    sent: list[dict[str, Any]] | None,
    deliveries: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """The figures of a run, logged; those of the marts are brought up to date.

    None stands for tasks that did nothing: somebody cleared the last one alone.
    """
    figures = {
        **(planned or {}),
        "schedule": delivery.sum_figures(schedules),
        "delivery": delivery.sum_deliveries([*(sent or []), *(deliveries or [])]),
    }
    log.info("This run: %s", figures)
    with connect(url, application=APPLICATION) as warehouse:
        marts.refresh_due(warehouse)
    return figures
