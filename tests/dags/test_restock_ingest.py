"""restock_ingest run whole in a real Airflow, on files in a landing area."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.dags.conftest import ROOT, run_dag
from tests.warehouse.landing import Landing, stock, subscribe
from tests.warehouse.test_inbox import post, waiting

NOTHING_NEW = {
    "find_inputs": "success",
    "load_inputs": "skipped",
    "publish_changes": "skipped",
    "report_faults": "skipped",
}
LOADED = NOTHING_NEW | {"load_inputs": "success", "publish_changes": "success"}


@pytest.fixture
def landing(
    tmp_path: Path, warehouse, warehouse_url: str, pipeline_url: str, monkeypatch: pytest.MonkeyPatch
) -> Landing:
    """A landing area that Airflow knows as RESTOCK_LANDING, before a warehouse that it knows by its connection."""
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    monkeypatch.setenv("RESTOCK_LANDING", f"file://{tmp_path}")
    return Landing(tmp_path, warehouse_url, warehouse)


@pytest.fixture
def run(airflow_home: Path) -> Callable[..., dict[str, str]]:
    return lambda **params: run_dag(ROOT / "dags" / "restock_ingest.py", **params)


def asset_events() -> list[dict]:
    """What each event of the Asset carried, the newest first."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return [event.extra for event in session.query(AssetEvent).order_by(AssetEvent.id.desc())]


def labels() -> set[str]:
    """What the mapped tasks of all runs are called in the Airflow UI."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(TaskInstance.rendered_map_index).filter(TaskInstance.task_id == "load_inputs")
        return {label for (label,) in found if label}


def test_new_files_are_loaded_once_and_the_asset_says_how_much_changed(landing: Landing, run):
    landing.put("requests", [subscribe("r1"), subscribe("r2", user="bob"), subscribe("", user="cem")])
    landing.put("inventory", [stock("lamp", 5)], "stock.jsonl")
    landing.put("products", [{"product_id": "lamp", "name": "Lamp"}], "_products.csv")
    assert run() == LOADED
    assert landing.counts("requests/001.csv") == {"read": 3, "loaded": 2, "rejected": 1}
    assert landing.counts("inventory/stock.jsonl") == {"read": 1, "loaded": 1}
    events = asset_events()
    assert events[0]["counts"] == {"inventory": 1, "requests": 2}
    runs = landing.rows("select distinct run_id from restock.feed_file")
    assert len(runs) == 1
    assert runs[0][0]

    assert run() == NOTHING_NEW
    assert len(asset_events()) == len(events)


def test_the_inbox_is_loaded_by_the_first_task_which_says_so_by_itself(landing: Landing, run):
    before = len(asset_events())
    post(landing.warehouse, "requests", [subscribe("r1"), subscribe("")])
    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    assert run() == NOTHING_NEW
    assert landing.states() == {"r1": "waiting"}
    assert [event["counts"] for event in asset_events()][: -before or None] == [{"inventory": 1, "requests": 1}]

    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    assert run() == NOTHING_NEW
    assert len(asset_events()) == before + 1


def test_what_is_more_than_one_load_of_the_inbox_gets_a_task_of_its_own(
    landing: Landing, run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("restock.feeds.inbox.MAX_ROWS", 2)
    post(landing.warehouse, "inventory", [stock(f"p{number}", 5) for number in range(5)])
    assert run() == LOADED
    assert waiting(landing) == []
    assert "inbox of inventory" in labels()


def test_files_that_change_nothing_tell_nobody(landing: Landing, run):
    landing.put("requests", [subscribe("r1")])
    run()
    before = len(asset_events())
    landing.put("requests", [subscribe("r1")], "same.csv")
    landing.put("requests", [subscribe("r1", quantity=1)], "known.csv")
    landing.put("requests", "", "empty.csv")
    assert run() == NOTHING_NEW | {"load_inputs": "success"}
    assert {path: status for path, (status, _) in landing.files().items()} == {
        "requests/001.csv": "loaded",
        "requests/same.csv": "duplicate",
        "requests/known.csv": "loaded",
        "requests/empty.csv": "failed",
    }
    assert len(asset_events()) == before


def test_many_files_are_shared_out_among_tasks(landing: Landing, run):
    for number in range(100):
        landing.put("requests", [subscribe(f"r{number}", user=f"u{number}")])
    assert run() == LOADED
    assert landing.rows("select count(*), sum(loaded_count) from restock.feed_file") == [(100, 100)]


def test_a_missing_landing_area_fails_the_first_task_and_a_later_run_catches_up(
    landing: Landing, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    landing.put("requests", [subscribe("r1")])
    monkeypatch.setenv("RESTOCK_LANDING", f"file://{tmp_path}/nowhere")
    states = run()
    assert states["find_inputs"] in {"failed", "up_for_retry"}
    assert states["load_inputs"] != "success"
    monkeypatch.setenv("RESTOCK_LANDING", f"file://{tmp_path}")
    assert run() == LOADED


def test_a_run_replays_the_rejected_rows_of_a_reason_and_of_a_path(landing: Landing, run):
    landing.put("requests", [subscribe("r1", timezone="Mars"), subscribe("r2", user="bob", quantity=0)], "a.csv")
    run()
    for row_id, raw in landing.rows("select rejected_row_id, raw_text from restock.rejected_row"):
        corrected = raw.replace("Mars", "UTC").removesuffix("0") + ("" if "Mars" in raw else "2")
        landing.warehouse.execute("select restock.correct_rejected_row(%s, %s)", [row_id, corrected])
    assert run(replay_reason="unknown_time_zone", replay_path="requests/a.csv") == LOADED
    assert landing.states() == {"r1": "waiting"}
    assert run(replay_path="requests/a.csv") == LOADED
    assert landing.states() == {"r1": "waiting", "r2": "waiting"}
    assert run(replay_path="requests/a.csv") == NOTHING_NEW | {"load_inputs": "success"}
    assert labels() >= {"requests/a.csv", "replay of requests/a.csv", "replay of requests/a.csv, unknown_time_zone"}
    assert landing.rows("select state from restock.rejected_row_history") == [("accepted",)] * 2


def test_sources_are_loaded_beside_the_files_and_what_cannot_be_loaded_fails_by_itself(
    landing: Landing, run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    with psycopg.connect(empty_database_url) as shop:
        shop.execute("create table stock (sku text, available_quantity int, snapshot_at timestamptz)")
        shop.execute("insert into stock values ('lamp', 5, '2026-05-01Z'), ('desk', -1, '2026-05-01Z')")
    stock_table = {
        "feed": "inventory",
        "connection": "shop",
        "table": "stock",
        "watermark": "snapshot_at",
        "columns": {"product_id": "sku"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", empty_database_url)
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_SOURCES", json.dumps([stock_table]))
    landing.put("requests", [subscribe("r1")])
    assert run() == LOADED
    assert landing.rows("select feed, origin, loaded_count, rejected_count from restock.feed_file order by feed") == [
        ("inventory", "source", 1, 1),
        ("requests", "file", 1, 0),
    ]

    monkeypatch.setenv("AIRFLOW_CONN_GONE", "postgresql://x@127.0.0.1:1/x")
    wrong = [stock_table | {"connection": "gone"}, stock_table | {"feed": "stocks"}]
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_SOURCES", json.dumps([stock_table, *wrong]))
    post(landing.warehouse, "suppressions", [{"channel": "email", "contact": "a@example.com", "reason": "bounce"}])
    landing.warehouse.execute("alter table restock.suppression add constraint full_up check (false)")
    landing.put("requests", [subscribe("r2", user="bob")])
    states = run()
    assert waiting(landing) == [("suppressions", 1)]
    assert states["publish_changes"] == "success"
    assert states["report_faults"] == "failed"
    assert set(landing.states()) == {"r1", "r2"}


def test_a_gate_that_holds_is_said_in_the_run_and_released_by_hand(landing: Landing, run, caplog):
    landing.put("inventory", [stock(f"p{number}", "x") for number in range(20)])
    assert run() == NOTHING_NEW | {"load_inputs": "success"}
    holding = "select gate, debug_value from restock.holding_gate"
    said = "inventory/001.csv: 20 of its 20 rows were rejected"
    assert landing.rows(holding) == [("most_rows_are_accepted", said)]
    caplog.clear()
    run()
    assert said in caplog.text
    run(release_gate="most_rows_are_accepted")
    assert landing.rows(holding) == []
    [(released_by,)] = landing.rows("select released_by from restock.gate")
    assert released_by
    assert released_by != "check"
