"""restock_ingest run whole in a real Airflow, on files in a landing area."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dags.conftest import ROOT, run_dag
from tests.warehouse.landing import Landing, stock, subscribe

NOTHING_NEW = {"list_files": "success", "load_files": "skipped", "publish_changes": "skipped"}
LOADED = {"list_files": "success", "load_files": "success", "publish_changes": "success"}


@pytest.fixture
def landing(tmp_path: Path, warehouse, warehouse_url: str, monkeypatch: pytest.MonkeyPatch) -> Landing:
    """A landing area that Airflow knows as RESTOCK_LANDING, before a warehouse that it knows by its connection."""
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", warehouse_url)
    monkeypatch.setenv("RESTOCK_LANDING", f"file://{tmp_path}")
    return Landing(tmp_path, warehouse_url, warehouse)


@pytest.fixture
def run(airflow_home: Path) -> Callable[[], dict[str, str]]:
    return lambda: run_dag(ROOT / "dags" / "restock_ingest.py")


def asset_events() -> list[dict]:
    """What each event of the Asset carried, the newest first."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return [event.extra for event in session.query(AssetEvent).order_by(AssetEvent.id.desc())]


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


def test_files_that_change_nothing_tell_nobody(landing: Landing, run):
    landing.put("requests", [subscribe("r1")])
    run()
    before = len(asset_events())
    landing.put("requests", [subscribe("r1")], "same.csv")
    landing.put("requests", [subscribe("r1", quantity=1)], "known.csv")
    landing.put("requests", "", "empty.csv")
    assert run() == NOTHING_NEW | {"load_files": "success"}
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
    assert states["list_files"] in {"failed", "up_for_retry"}
    assert states["load_files"] != "success"
    monkeypatch.setenv("RESTOCK_LANDING", f"file://{tmp_path}")
    assert run() == LOADED
