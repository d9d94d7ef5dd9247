"""A task that fails for good tells whoever is on call, through Airflow's failure callback, in a real Airflow."""

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.dags.conftest import ROOT, run_dag
from tests.mail import MailServer, serve_mail


@pytest.fixture
def oncall() -> Iterator[MailServer]:
    with serve_mail() as server:
        yield server


@pytest.fixture
def run(
    airflow_home: Path, pipeline_url: str, oncall: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, str]]:
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    monkeypatch.setenv(
        "AIRFLOW_CONN_RESTOCK_ALERTS",
        json.dumps(
            {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": oncall.port,
                "extra": {"disable_ssl": True, "disable_tls": True, "to": "oncall@shop.example"},
            }
        ),
    )
    monkeypatch.setenv("RESTOCK_LANDING", tmp_path.as_uri())
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_SOURCES", "[]")
    return partial(run_dag)


def subjects(oncall: MailServer, about: str = "") -> list[str]:
    return [mail["Subject"] for mail in oncall.mails if about in mail["Subject"]]


def test_a_check_that_does_not_hold_is_told_once_and_its_end_by_the_next_run(
    run, oncall: MailServer, warehouse
) -> None:
    warehouse.execute("insert into restock.availability values ('main', 'lamp', 9, now())")
    failed = run(ROOT / "dags" / "restock_maintenance.py")
    assert failed["check_warehouse"] == "failed"
    assert subjects(oncall, "agree with itself") == [
        "[tell] Restock: The warehouse does not agree with itself (availability_is_sum_of_inventory)"
    ]
    warehouse.execute("delete from restock.availability")
    assert run(ROOT / "dags" / "restock_maintenance.py")["check_warehouse"] == "success"
    # The tasks that run each minute look, and tell.
    from restock_oncall import look_around

    for _ in range(2):
        warehouse.execute("update restock.watch set looked_at = now() - interval '3 minutes'")
        look_around("a test")
        # An end is told once it has stayed away for a while.
        warehouse.execute("update restock.alert set send_after = now() where ended_at is not null")
    assert subjects(oncall, "agree with itself")[1:] == [
        "[over] Restock: The warehouse does not agree with itself (availability_is_sum_of_inventory)"
    ]


def test_a_task_that_fails_for_good_is_told_with_its_reason(
    run, oncall: MailServer, warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESTOCK_LANDING", f"file:///nowhere/{free_port()}/ann@example.com")
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_SOURCES", "this is no list of ann@example.com")
    run(ROOT / "dags" / "restock_ingest.py")
    assert subjects(oncall) == ["[tell] Restock: A task failed after its last try (restock_ingest.find_inputs)"]
    text = str(oncall.mails[0].get_content())
    assert "The task find_inputs of restock_ingest failed in the run" in text
    assert "ann@example.com" not in text
    [(reason,)] = warehouse.execute("select reason from restock.task_failure").fetchall()
    assert "ann@example.com" not in reason


def test_a_deadline_that_passes_is_told_also_where_nobody_else_has_looked_for_long(
    run, oncall: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESTOCK_ALERT_NO_NOTIFY_RUN", "0.01")
    monkeypatch.setattr("restock.watch.service.SECONDS_BETWEEN_LOOKS", 0.5)
    monkeypatch.setattr("restock.watch.service.looked_lately", lambda *_: False)
    from restock_oncall import look_when_late

    asyncio.run(look_when_late(context={}))
    assert subjects(oncall) == ["[page] Restock: No run of restock_notify comes to its end (restock_notify)"]
