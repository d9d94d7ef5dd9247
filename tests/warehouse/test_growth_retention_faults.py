"""Retention with faults: killed, beside another run, with a broken file or a row that changed, nothing is lost."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from restock.retention import remove_old
from restock.retention import run as retention_run
from restock.warehouse import connect
from tests.warehouse.aged_facts import (
    DAYS,
    FAMILY_TABLES,
    NOW,
    archive,
    counts,
    failing,
    make_aged_facts,
    marts,
)
from tests.warehouse.mart_facts import Facts


@pytest.fixture
def facts(warehouse: psycopg.Connection) -> Facts:
    return make_aged_facts(warehouse)


def test_the_database_refuses_to_remove_what_no_verified_file_holds(facts: Facts) -> None:
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="not what was archived"):
        facts.warehouse.execute("select restock.remove_archived('request', 0, 2, now() - interval '400 days')")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="needed again"):
        facts.warehouse.execute("select restock.remove_archived('request', 0, 1000, now() - interval '400 days')")
    with pytest.raises(psycopg.errors.RaiseException, match="200 days"):
        facts.warehouse.execute("select restock.remove_archived('request', 0, 2, now() - interval '30 days')")


def test_a_row_that_changed_since_it_was_archived_stays_until_it_is_archived_anew(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warehouse_url: str
) -> None:
    before = counts(facts.warehouse)
    remove = retention_run._remove

    def change_first(*args: object) -> int:
        with connect(warehouse_url) as other:
            other.execute("update restock.request set locale = 'ko' where request_key = 1")
        return remove(*args)

    monkeypatch.setattr(retention_run, "_remove", change_first)
    assert remove_old(facts.warehouse, tmp_path, NOW, DAYS)["request"] == 0
    assert counts(facts.warehouse)["request"] == before["request"]
    monkeypatch.undo()
    assert remove_old(facts.warehouse, tmp_path, NOW, DAYS)["request"] > 0
    found = archive(tmp_path, "request").set_index("request_key")
    assert found.loc[1, "locale"] == "ko"


def test_a_broken_file_is_found_and_nothing_is_removed(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(facts.warehouse)
    write = retention_run.write_file

    def write_other(path: Path, lines: Iterator[bytes], columns: dict) -> tuple[int, str]:
        count, digest = write(path, lines, columns)
        write(path, [b"1,x" + b"," * (len(columns) - 2) + b"\n"] if "rule" not in columns else [], columns)
        return count, digest

    monkeypatch.setattr(retention_run, "write_file", write_other)
    with pytest.raises(RuntimeError, match="other values"):
        remove_old(facts.warehouse, tmp_path, NOW, DAYS)
    assert counts(facts.warehouse) == before


# For each number read: a process that archives, and is killed at its line of that number; how it ended is written.
KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from restock.retention import remove_old
from restock.warehouse import connect

url, folder, clock = sys.argv[1:4]
def run(step):
    seen = 0
    def trace(frame, event, arg):
        nonlocal seen
        # Not each row that is read.
        if "/retention/" in frame.f_code.co_filename and frame.f_code.co_name not in ("_read", "_blocks"):
            if event == "line":
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), 9)
            return trace
        return None
    with connect(url) as warehouse:
        sys.settrace(trace)
        remove_old(warehouse, Path(folder), datetime.fromisoformat(clock), 400, 1000)
for line in sys.stdin:
    if not (child := os.fork()):
        run(int(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_killed_anywhere_it_loses_nothing_and_the_next_run_finishes(
    facts: Facts, tmp_path: Path, warehouse_url: str
) -> None:
    before, figures = counts(facts.warehouse), marts(facts.warehouse)
    command = [sys.executable, "-c", KILLED, warehouse_url, str(tmp_path), NOW.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killer:
        # From about 420 on the rows of the first range are removed; once that is committed, it is the turn of the next.
        for step in (20, 50, 130, 240, 330, 425, 450, 470, 490, 510, 560, 130, 240, 360):
            killer.stdin.write(f"{step}\n")
            killer.stdin.flush()
            assert killer.stdout.readline() == "-9\n", step
            assert failing(facts.warehouse) == set()
            assert marts(facts.warehouse) == figures
        killer.stdin.close()
    remove_old(facts.warehouse, tmp_path, NOW, DAYS)
    after = counts(facts.warehouse)
    assert after["notification"] == 6
    assert {table: len(archive(tmp_path, table)) + after[table] for table in FAMILY_TABLES} == before
    assert marts(facts.warehouse) == figures
    assert not list(tmp_path.rglob("*.part"))


def test_a_run_beside_another_one_leaves_its_files_alone(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warehouse_url: str
) -> None:
    before = counts(facts.warehouse)
    remove = retention_run._remove

    def run_beside(*args: object) -> int:
        monkeypatch.setattr(retention_run, "_remove", remove)
        with connect(warehouse_url) as other:
            assert set(remove_old(other, tmp_path, NOW, DAYS).values()) == {0}
        return remove(*args)

    monkeypatch.setattr(retention_run, "_remove", run_beside)
    assert remove_old(facts.warehouse, tmp_path, NOW, DAYS)["request"] > 0
    after = counts(facts.warehouse)
    assert {table: len(archive(tmp_path, table)) + after[table] for table in FAMILY_TABLES} == before
