"""The project's metrics, sent through Airflow's own settings to a real receiver of OTLP over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from restock.warehouse import connect
from restock.watch.figures import add_planned, send_figures
from restock.watch.signs import beat
from tests.http import Call, serve_http
from tests.mail import serve_mail
from tests.warehouse.shop import Shop
from tests.warehouse.watching import Watch, send, tell_lamp

ROOT = Path(__file__).parents[2]
# What a task does at its end, with Airflow's own metrics set up as its task runner sets them up.
TASK = """
from airflow.sdk.configuration import conf
from airflow.sdk.observability.metrics import stats_utils
from airflow.sdk.observability.stats import Stats
legacy = conf.getboolean("metrics", "legacy_names_on")
Stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=legacy)
from restock_oncall import look_around
look_around("a test")
"""


def figures_of(connection: psycopg.Connection, clock: datetime) -> dict[str, float]:
    found: dict[str, float] = {}

    def take(name: str, value: float, tags: Mapping[str, str]) -> None:
        found[" ".join([name, *tags.values()])] = value

    send_figures(connection, take, clock)
    return found


def test_each_attempt_and_row_is_counted_once(warehouse, pipeline_url: str, shop: Shop) -> None:
    with serve_mail() as provider:
        watch = Watch(pipeline_url, warehouse, provider)
        provider.answers = {"bob@example.com": "554 5.7.1 no"}
        tell_lamp(shop, watch, "ada", "bob")
        warehouse.execute("update restock.episode set snapshot_at = opened_at - interval '10 seconds'")
        send(watch, provider.port)
    with connect(pipeline_url) as connection:
        add_planned(connection, {"episodes": {"opened": 2}, "delivery": {"accepted": 1}})
        beat(connection, "restock_notify")
        # What ended a moment ago is left to the next count.
        assert "restock.messages email accepted" not in figures_of(connection, datetime.now(UTC))
        later = datetime.now(UTC) + timedelta(minutes=3)
        first = figures_of(connection, later)
        again = figures_of(connection, later + timedelta(minutes=1))
    expected = {
        "restock.messages email accepted": 1,
        "restock.messages email permanent": 1,
        "restock.messages_dead email": 1,
        "restock.planned.episodes_opened": 2,
        "restock.due email": 0,
        "restock.provider_down email": 0,
        "restock.gates fail": 0,
        "restock.alerts": 0,
    }
    assert {name: first.get(name) for name in expected} == expected
    assert {name: again.get(name) for name in expected} == expected
    assert 10 <= first["restock.snapshot_to_accepted_seconds email p95"] < 60


def test_what_waits_shows_in_the_figures(warehouse, pipeline_url: str, shop: Shop) -> None:
    with serve_mail() as provider:
        tell_lamp(shop, Watch(pipeline_url, warehouse, provider), "ada", "bob")
    warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    with connect(pipeline_url) as connection:
        found = figures_of(connection, datetime.now(UTC) + timedelta(seconds=30))
    assert (found["restock.due email"], found["restock.unsent email"], found["restock.inbox_pending"]) == (2, 2, 1)
    assert found["restock.oldest_due_seconds email"] > 29


def test_figures_arrive_at_an_otlp_receiver_by_airflows_own_settings(
    warehouse, pipeline_url: str, tmp_path: Path
) -> None:
    warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    with serve_http() as receiver:
        settings = {
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "AIRFLOW_CONN_RESTOCK_WAREHOUSE": pipeline_url,
            "PYTHONPATH": str(ROOT / "include"),
        }
        done = subprocess.run(
            [sys.executable, "-c", TASK], env=os.environ | settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        arrived = gauges(receiver.calls)
    assert arrived["airflow.restock.inbox_pending", "{}"] == 1
    assert arrived["airflow.restock.due", json.dumps({"channel": "email"})] == 0


def gauges(calls: list[Call]) -> dict[tuple[str, str], float]:
    """Values by name and attributes, of all that was received."""
    found = {}
    for call in calls:
        sent = ExportMetricsServiceRequest.FromString(call.body)
        for metric in (m for r in sent.resource_metrics for s in r.scope_metrics for m in s.metrics):
            for point in metric.gauge.data_points:
                tags = {attribute.key: attribute.value.string_value for attribute in point.attributes}
                found[metric.name, json.dumps(tags)] = point.as_double or point.as_int
    return found
