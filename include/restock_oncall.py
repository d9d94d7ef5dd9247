"""What Airflow calls for whoever is on call: when a task or a run failed, when a run is late, and at the end of tasks.

Outside the folder of plugins, of which every task runs each file. Nothing here fails a task: it only tells.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException

from restock.watch.catalogue import BY_NAME, WrongLimitError

if TYPE_CHECKING:
    from restock.watch.deliver import AlertConnection

log = logging.getLogger(__name__)

_CONNECTION = "restock_alerts"


def late_after() -> Any:  # noqa: ANN401 (as Airflow stores it, which asks for a timedelta)
    """How many seconds after it was queued a run of restock_notify is late: the limit of the alert no_notify_run.

    No timedelta: with one, Airflow 3.3.2 clears no run whose deadline has not passed (TypeError, in the UI as well).
    """
    alert = BY_NAME["no_notify_run"]
    try:
        patience = alert.binds()["patience"]
    except WrongLimitError as error:
        # A wrong limit must not keep the DAG from being read.
        log.error("%s Until then it is the usual one.", error)
        return timedelta(minutes=15).total_seconds()
    assert isinstance(patience, timedelta)
    return patience.total_seconds()


def tell_failure(context: dict[str, Any]) -> None:
    """Failure callback of a task, after its last try."""
    instance, error = context["ti"], context.get("exception")
    # What the checks found is written down already, and an alert of its own.
    if type(getattr(error, "__cause__", None)).__name__ == "WarehouseCheckError":
        look_around(instance.task_id)
    else:
        reason = (
            f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error or "it was killed")
        )
        _tell(instance.dag_id, instance.task_id, instance.run_id, reason)


def tell_timeout(context: dict[str, Any]) -> None:
    """Failure callback of a run: says what no task can, that the whole of it took too long."""
    if context.get("reason") == "timed_out":
        _tell(
            context["dag"].dag_id, "(run)", context["run_id"], "it took longer than its dagrun_timeout, and was ended"
        )


# For default_args.
TELL_FAILURE: dict[str, Any] = {"on_failure_callback": tell_failure}


async def look_when_late(**_: object) -> None:
    """Callback of the Deadline Alert: is it only this run that is late, or has none come to its end?

    The triggerer runs it, so that it works where no task finds a place.
    """
    from restock.watch import service

    url = await (await Connection.async_get("restock_warehouse")).aget_uri()
    try:
        alerts = _alert_connection(await Connection.async_get(_CONNECTION))
    except AirflowNotFoundException:
        alerts = None
    look = partial(service.look_once, url, lambda: alerts, "Deadline Alert of restock_notify")
    await asyncio.to_thread(look)
    # Where nobody had looked for long, waiting times have only begun with this look: stay until they may have passed.
    for _each in range(2 + ceil(late_after() / service.SECONDS_BETWEEN_LOOKS)):
        await asyncio.sleep(service.SECONDS_BETWEEN_LOOKS)
        await asyncio.to_thread(look, only_if_nobody_does=True)


def end_run(dag_id: str, figures: Mapping[str, object] | None = None) -> None:
    """At the end of a run that came there without a fault; with what planning did in it, if anything."""
    from restock.warehouse import connect
    from restock.watch.figures import add_planned
    from restock.watch.signs import beat

    with connect(_warehouse_url(), application=dag_id) as warehouse:
        if figures:
            add_planned(warehouse, figures)
        beat(warehouse, dag_id)


def look_around(task: str) -> None:
    """At the end of a task that runs each minute: look at the alerts, unless the watch service does; send metrics."""
    from restock.watch.service import look_once

    try:
        look_once(_warehouse_url(), find_alert_connection, f"task {task}", only_if_nobody_does=True)
        if any(conf.getboolean("metrics", name) for name in ("otel_on", "statsd_on", "statsd_datadog_enabled")):
            _send_metrics()
    except Exception:
        log.exception("The look at the alerts failed; the task is not touched by it.")


def _send_metrics() -> None:
    from airflow.sdk.observability.stats import Stats

    from restock.warehouse import connect
    from restock.watch.figures import send_figures

    with connect(_warehouse_url(), application="restock metrics") as warehouse:
        send_figures(warehouse, lambda name, value, tags: Stats.gauge(name, value, tags=dict(tags)), datetime.now(UTC))


def find_alert_connection() -> "AlertConnection | None":
    """The connection restock_alerts; None where there is none."""
    try:
        return _alert_connection(Connection.get(_CONNECTION))
    except AirflowNotFoundException:
        return None


def _alert_connection(found: Connection) -> "AlertConnection":
    from restock.channels import ConnectionDetails
    from restock.watch.deliver import AlertConnection

    details = ConnectionDetails(found.host, found.port, found.login, found.password, found.schema, found.extra_dejson)
    return AlertConnection(found.conn_type or "", details)


def _warehouse_url() -> str:
    url: str = Connection.get("restock_warehouse").get_uri()
    return url


def _tell(dag_id: str, task_id: str, run_id: str, reason: str) -> None:
    import psycopg

    from restock.warehouse import WarehouseUnreachableError, connect
    from restock.watch.service import look_once
    from restock.watch.signs import record_failure

    url = _warehouse_url()
    try:
        with connect(url, application=dag_id) as warehouse:
            record_failure(warehouse, dag_id, task_id, run_id, reason)
    except (WarehouseUnreachableError, psycopg.Error) as error:
        # Then that is what is told.
        log.warning("The failure of %s.%s could not be written down: %s", dag_id, task_id, error)
    look_once(url, find_alert_connection, f"callback of {dag_id}.{task_id}")
