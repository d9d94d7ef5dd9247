import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from restock.local import intake, process
from restock.local.state import StackError, State

SLEEP = "import time; time.sleep(600)"
ORPHAN = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {code!r}]{options})"
# Closes its environment to everyone but root, as Airflow does with what runs tasks.
CLOSED = f"import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); {SLEEP}"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state")
    with state.lock():
        yield state
    for left in process.all_processes(state):
        left.kill()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_the_intake_service_gets_no_secret_of_airflow_and_no_login_but_its_own(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}
    monkeypatch.setattr(process, "start", lambda *arguments: given.update(arguments[-1]))
    others = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW_CONN_RESTOCK_SMTP", "RESTOCK_WAREHOUSE_URL", "RESTOCK_OPERATOR_KEY")
    own = {"PATH": "/bin", "PYTHONPATH": "include"} | dict.fromkeys(intake.NEEDED, "its own")
    intake.start(state, 8090, own | dict.fromkeys(others, "a secret"))
    assert given == own


def test_a_started_process_is_known_again_until_it_is_stopped(state: State) -> None:
    process.start(state, "sleeper", ["-c", SLEEP], os.environ)
    assert process.is_running(state, "sleeper")
    process.stop_all(state)
    assert not process.is_running(state, "sleeper")
    assert process.all_processes(state) == []


@pytest.mark.parametrize(
    "orphan",
    [
        pytest.param(ORPHAN.format(code=SLEEP, options=", start_new_session=True"), id="in a session of its own"),
        pytest.param(ORPHAN.format(code=CLOSED, options=", process_group=0"), id="in a group of its own, closed"),
    ],
)
def test_a_child_that_outlives_its_parent_is_ended_too(state: State, orphan: str) -> None:
    process.start(state, "parent", ["-c", orphan], os.environ).wait()
    wait_for(lambda: process.all_processes(state))
    assert not process.is_running(state, "parent")
    process.stop_all(state)
    assert process.all_processes(state) == []


def test_what_lost_its_leader_is_ended_without_touching_the_rest(state: State) -> None:
    process.start(state, "sleeper", ["-c", SLEEP], os.environ)
    process.start(state, "parent", ["-c", ORPHAN.format(code=SLEEP, options="")], os.environ).wait()
    wait_for(lambda: len(process.all_processes(state)) == 2)
    process.end_orphans(state)
    assert len(process.all_processes(state)) == 1
    assert process.is_running(state, "sleeper")


def test_a_process_that_does_not_listen_is_killed(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TERMINATE_SECONDS", 0.5)
    process.start(state, "deaf", ["-c", DEAF], os.environ)
    wait_for(lambda: "deaf" in process.log_path(state, "deaf").read_text())
    process.stop_all(state)
    assert process.all_processes(state) == []


def test_a_pid_that_was_given_to_another_process_is_neither_taken_for_ours_nor_ended(state: State) -> None:
    stranger = psutil.Popen([sys.executable, "-c", SLEEP])
    try:
        (state.run / f"sleeper.{stranger.pid}.json").write_text(json.dumps({"pid": stranger.pid, "started": 1}))
        assert not process.is_running(state, "sleeper")
        process.stop_all(state)
        assert stranger.is_running()
        assert stranger.status() != psutil.STATUS_ZOMBIE
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_of_another_stack_is_left_alone(state: State, tmp_path: Path) -> None:
    other = State(tmp_path / "other")
    with other.lock():
        process.start(other, "sleeper", ["-c", SLEEP], os.environ)
    process.stop_all(state)
    assert process.is_running(other, "sleeper")
    process.stop_all(other)


def test_a_process_that_ends_while_it_starts_is_named_with_the_end_of_its_log(state: State) -> None:
    process.start(state, "broken", ["-c", "raise SystemExit('no such table')"], os.environ).wait()
    with pytest.raises(StackError, match=r"^broken ended while it started\. The end of .*broken\.log:\nno such table$"):
        process.require_running(state, ["broken"])
