"""What the tasks of restock_notify do: a function a task, each with a connection of its own to the warehouse.

The update of the episodes is not here but in `restock.episodes`, which needs no pandas: importing that takes as long as
the task itself.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from restock import delivery, episodes, marts
from restock.delivery.run import FindConnection
from restock.policy import VARIABLE_PREFIX, missing_settings
from restock.policy import resolve_policy as put_in_force
from restock.preview import WrongChangeError, preview
from restock.preview.text import render
from restock.schedule import plan
from restock.warehouse import connect

log = logging.getLogger(__name__)

APPLICATION = "restock_notify"


class Variables(Protocol):
    """What is needed of Airflow's Variable."""

    def get(self, key: str, default: str | None) -> str | None: ...
    def set(self, key: str, value: str, description: str) -> None: ...


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


def resolve_policy(url: str, variables: Variables, params: Mapping[str, Any], by: str) -> int | None:
    """Put the settings in force and do what the run was triggered for.

    Args:
        url: Warehouse.
        variables: Where the settings stand; missing ones are created with their defaults.
        params: `release_gate` and `replay_dead` of the run; None where not wanted.
        by: Who triggered the run, for the record.

    Returns:
        The version of the policy, or None where the run has nothing to do.
    """
    values = {name: variables.get(VARIABLE_PREFIX + name, default=None) for name in missing_settings({})}
    for name, (default, description) in missing_settings(values).items():
        variables.set(VARIABLE_PREFIX + name, default, description=description)
    with connect(url, application=APPLICATION) as warehouse:
        clock = datetime.now(UTC)
        if gate := params["release_gate"]:
            log.info("Released: %s", episodes.release_gates(warehouse, gate, by))
        if (wanted := params["replay_dead"]) is not None:
            log.info("Dead messages that are tried once more: %s", delivery.replay_dead(warehouse, clock, **wanted))
        policy = put_in_force(warehouse, {name: text for name, text in values.items() if text is not None})
        for problem in policy.problems:
            log.error("%s Policy %s stays in force until it is put right.", problem, policy.policy_id)
        if not policy.settings.paused and episodes.has_work(warehouse, policy.settings, datetime.now(UTC)):
            return policy.policy_id
        # No message waits for this run: it has the time that the figures take.
        marts.refresh_due(warehouse)
        return None


def rank_requests(url: str, policy_id: int, find_connection: FindConnection) -> list[dict[str, Any]]:
    """Rules 3 to 6. Returns the shards of the second half, each with the clock of this one."""
    with connect(url, application=APPLICATION) as warehouse:
        offered, clock = delivery.offered_channels(warehouse, find_connection), datetime.now(UTC)
        log.info("Queue: %s", plan.rank_requests(warehouse, policy_id, offered, clock))
        return [{"shard": shard._asdict(), "clock": clock.isoformat()} for shard in plan.list_shards(warehouse)]


def build_schedule(url: str, policy_id: int, shard: Mapping[str, int], clock: str) -> dict[str, int]:
    """Rules 7 and 8 for one shard, at the clock of its queue."""
    with connect(url, application=APPLICATION) as warehouse:
        return plan.build_schedule(warehouse, policy_id, plan.Shard(**shard), datetime.fromisoformat(clock))


def find_due(url: str, policy_id: int | None, find_connection: FindConnection) -> list[str]:
    """The channels to send on, each as often as senders are worth starting; none without a policy to send by."""
    if policy_id is None:
        return []
    with connect(url, application=APPLICATION) as warehouse:
        offered = delivery.offered_channels(warehouse, find_connection)
        return delivery.find_due(warehouse, policy_id, datetime.now(UTC), offered).senders


def sum_run(
    url: str,
    counts: Mapping[str, int] | None,
    schedules: Any,  # noqa: ANN401 (Airflow's lazy sequence of what mapped tasks returned, or None)
    deliveries: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """The figures of a run, logged; those of the marts are brought up to date."""
    figures = {
        "episodes": counts,
        "schedule": delivery.sum_figures(schedules),
        "delivery": delivery.sum_deliveries(deliveries),
    }
    log.info("This run: %s", figures)
    with connect(url, application=APPLICATION) as warehouse:
        marts.refresh_due(warehouse)
    return figures
