"""What wakes restock_ingest: the inbox always, and a queue where one is named."""

from pathlib import Path

import pytest

from tests.dags.conftest import ROOT

KAFKA_TRIGGER = "airflow.providers.apache.kafka.triggers.await_message.AwaitMessageTrigger"


@pytest.fixture
def watchers(airflow_home: Path):
    """What the DAG watches: path and arguments of each trigger, as the triggerer gets them."""

    def read() -> dict[str, tuple[str, dict]]:
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(str(ROOT / "dags" / "restock_ingest.py"))
        assert bag.import_errors == {}
        asset = bag.dags["restock_ingest"].timetable.asset_condition
        assert asset.name == "restock_inbox"
        return {watcher.name: watcher.trigger.serialize() for watcher in asset.watchers}

    return read


def test_the_inbox_is_watched(watchers):
    assert watchers() == {"restock_inbox": ("restock_triggers.StockTrigger", {})}


def test_a_queue_is_watched_beside_the_inbox(watchers, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RESTOCK_STOCK_QUEUE", "kafka://restock_kafka/stock")
    path, arguments = watchers()["restock_stock_queue"]
    assert path == KAFKA_TRIGGER
    assert arguments | {"topics": ["stock"], "kafka_config_id": "restock_kafka", "commit_offset": True} == arguments

    from airflow.sdk.module_loading import import_string

    assert import_string(arguments["apply_function"]).__name__ == "keep_message"


@pytest.mark.parametrize("url", ["stock", "kafka://restock_kafka", "sqs://shop/stock"])
def test_a_queue_that_is_none_is_an_import_error_in_words(airflow_home: Path, monkeypatch: pytest.MonkeyPatch, url):
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("RESTOCK_STOCK_QUEUE", url)
    [said] = DagBag(str(ROOT / "dags" / "restock_ingest.py")).import_errors.values()
    assert "RESTOCK_STOCK_QUEUE is" in said
    assert "kafka://<Airflow connection>/<topic>" in said


def test_a_message_of_the_queue_is_in_the_inbox_before_its_offset_is_committed(
    airflow_home: Path, warehouse, pipeline_url: str, monkeypatch: pytest.MonkeyPatch
):
    from airflow.sdk.module_loading import import_string

    class Message:
        def __init__(self, content: bytes | None) -> None:
            self._content = content

        def value(self) -> bytes | None:
            return self._content

        def topic(self) -> str:
            return "stock"

    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    keep_message = import_string("restock_triggers.keep_message")
    assert keep_message(Message(b'{"product_id": "lamp"}')) is None
    assert keep_message(Message(None)) is None
    rows = warehouse.execute("select feed, line, client from restock.inbox").fetchall()
    assert rows == [("inventory", '{"product_id": "lamp"}', "kafka:stock")]
