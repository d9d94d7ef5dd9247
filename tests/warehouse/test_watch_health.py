"""Health: the command, what the console may see of it, and what the intake service says to everybody."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from restock.warehouse import connect
from restock.watch.health import read_known_health
from restock.watch.look import look
from restock.watch.signs import beat
from tests.conftest import free_port
from tests.intake import intake_service
from tests.roles import login_in
from tests.warehouse.shop import Shop

ROOT = Path(__file__).parents[2]


def ask(url: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RESTOCK", "AIRFLOW"))}
    return subprocess.run(
        [sys.executable, "-m", "restock.watch", *arguments],
        env=kept | {"PYTHONPATH": str(ROOT / "include"), "RESTOCK_WAREHOUSE_URL": url} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def look_now(url: str) -> None:
    with connect(url) as connection:
        look(connection, lambda: None, datetime.now(UTC), "test")


def wait_in_vain(warehouse: psycopg.Connection) -> None:
    """Something arrived over HTTP, and nobody loads it."""
    warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    warehouse.execute("update restock.inbox set received_at = now() - interval '1 hour'")
    warehouse.execute("update restock.watch set watching_since = now() - interval '1 hour'")
    for name in ("restock_ingest", "restock_notify", "restock_maintenance"):
        beat(warehouse, name)


def test_the_command_shows_a_table_and_its_status_says_whether_somebody_has_to_act(
    pipeline_url: str, warehouse: psycopg.Connection
) -> None:
    look_now(pipeline_url)
    well = ask(pipeline_url, "health", AIRFLOW_CONN_RESTOCK_ALERTS='{"conn_type": "smtp"}')
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.splitlines()[-1] == "The pipeline is well."

    wait_in_vain(warehouse)
    failing = ask(pipeline_url, "health")
    assert failing.returncode == 1
    assert "bad   feed requests" in failing.stdout
    assert failing.stdout.splitlines()[-1] == "Something is wrong. See docs/runbooks/inbox_backlog.md."

    as_json = json.loads(ask(pipeline_url, "health", "--json").stdout)
    assert as_json["status"] == "failing"
    assert [alert["name"] for alert in as_json["alerts"]] == ["inbox_backlog"]


def test_nobody_who_watches_is_no_good_health(pipeline_url: str, warehouse: psycopg.Connection) -> None:
    look_now(pipeline_url)
    warehouse.execute("update restock.watch set looked_at = now() - interval '10 minutes'")
    outcome = ask(pipeline_url, "health")
    assert outcome.returncode == 1
    assert "bad   watch" in outcome.stdout


def test_a_warehouse_that_is_away_is_said_in_the_table(warehouse_url: str) -> None:
    outcome = ask(f"postgresql://nobody@127.0.0.1:{free_port()}/none", "health")
    assert outcome.returncode == 1
    assert outcome.stdout.startswith("bad   warehouse")


def test_a_limit_that_is_no_number_is_refused_in_words(warehouse_url: str) -> None:
    outcome = ask(warehouse_url, "health", RESTOCK_ALERT_NO_NOTIFY_RUN="soon")
    assert outcome.returncode == 1
    assert outcome.stderr == ("RESTOCK_ALERT_NO_NOTIFY_RUN is 'soon': set it to a number of minutes, or unset it.\n")


def test_the_console_sees_the_alerts_of_the_latest_look(
    pipeline_url: str, warehouse_url: str, warehouse: psycopg.Connection, shop: Shop
) -> None:
    look_now(pipeline_url)
    wait_in_vain(warehouse)
    shop.clock = datetime.now(UTC)
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    shop.plan()
    look_now(pipeline_url)
    with login_in("restock_console", warehouse_url) as url, connect(url) as connection:
        health = read_known_health(connection, datetime.now(UTC))
    assert [alert["name"] for alert in health.alerts] == ["inbox_backlog"]
    assert not health.is_well
    json.dumps(health.as_json())


def test_the_intake_service_says_to_everybody_only_whether_the_pipeline_is_well(
    pipeline_url: str, warehouse_url: str, warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    with intake_service(warehouse_url, tmp_path) as service:
        path = f"{service.url}/v1/health/pipeline"
        nobody = service.client.get(path)
        assert (nobody.status_code, nobody.json()) == (503, {"status": "failing"})
        look_now(pipeline_url)
        well = service.client.get(path)
        assert (well.status_code, well.json()) == (200, {"status": "ok"})
        wait_in_vain(warehouse)
        look_now(pipeline_url)
        assert service.client.get(path).status_code == 503
        # The service itself takes requests all the same.
        assert service.client.get(f"{service.url}/v1/health").status_code == 200
