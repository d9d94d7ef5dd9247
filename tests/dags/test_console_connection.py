"""Which connection the console takes."""

import logging
from pathlib import Path

import pytest


def test_without_a_connection_of_its_own_the_console_takes_the_pipelines_and_says_so_once(
    airflow_home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from restock_console_api.access import console_url, log, pipeline_url

    monkeypatch.setattr(log, "disabled", False)
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", "postgresql://shop@127.0.0.1:1/shop")
    with caplog.at_level(logging.WARNING):
        assert console_url() == console_url() == pipeline_url()
    assert [record.getMessage().split(":")[0] for record in caplog.records if record.name == log.name] == [
        "There is no connection restock_console"
    ]
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_CONSOLE", "postgresql://clerk@127.0.0.1:1/shop")
    assert "clerk@" in console_url()
