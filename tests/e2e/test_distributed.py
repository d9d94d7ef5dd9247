"""The services of docker-compose.yaml as processes: work spreads over the workers, and faults lose and double nothing.

The whole list of faults is `make test-distributed`; `make test` leaves out those marked as long.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from restock.demo.replay import Replay
from restock.local import demo, process, report
from restock.local.distributed import stack
from restock.local.distributed.spread import count_tasks
from restock.local.state import State
from restock.warehouse import connect
from tests.e2e.faults import Plant, wait_until

CHECKOUT = Path(__file__).parents[2]
OUTAGE_SECONDS = 10.0
# Ends the stack once nobody holds the other end of its standard input: also where pytest was killed or timed out.
GUARD = """
import sys
from pathlib import Path
from restock.local import process
from restock.local.distributed import stack
from restock.local.state import State

state = State(Path(sys.argv[1]))
sys.stdin.read()
try:
    stack.down(state)
finally:
    for left in process.all_processes(state):
        left.kill()
    if state.ports.exists():
        # Run by root, it lies outside the folder of the test.
        stack.describe(state).server.remove()
"""

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None and not os.environ.get("CI"),
    reason="there is no redis-server: apt-get install redis-server",
)
long = pytest.mark.skipif(
    not os.environ.get("RESTOCK_TEST_ALL_FAULTS"), reason="one of the faults of make test-distributed"
)


def environment(state: State) -> dict[str, str]:
    """That of a shell which knows of no other stack."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("RESTOCK", "AIRFLOW"))}
    return inherited | {"RESTOCK_STATE_DIR": str(state.root.parent), "PYTHONPATH": "include"}


@contextmanager
def ended_at_last(state: State) -> Iterator[None]:
    """Nothing of the stack outlives this block, nor this process."""
    command = [sys.executable, "-c", GUARD, str(state.root)]
    guard = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment(state), stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield
    finally:
        # Closes its standard input, and waits.
        guard.communicate()
        assert guard.returncode == 0
        assert process.all_processes(state) == []
        assert not state.ports.exists() or not stack.describe(state).server.running()


def command(state: State, name: str) -> str:
    """Run a command of the stack as make does; its output."""
    outcome = subprocess.run(
        [sys.executable, "-m", "restock.local.distributed", name],
        cwd=CHECKOUT,
        env=environment(state),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    state = State(tmp_path_factory.mktemp("distributed") / "distributed")
    with ended_at_last(state):
        command(state, "up")
        found = stack.describe(state)
        plant = Plant(found, found.open_api(), connect(found.owner_url, application="test of faults"))
        # Whatever the hour: nobody sleeps.
        plant.api.put_variable("restock_quiet_hours", "")
        for dag_id in (demo.INGEST, demo.NOTIFY):
            demo.require_dag(plant.api, dag_id)
        yield plant
        print("\nFault, and seconds until every message had arrived:")
        for fault, seconds in plant.seconds.items():
            print(f"  {fault:<65}{seconds:5.0f}")


@pytest.fixture
def plant(running: Plant) -> Plant:
    """Each process was started again that the fault before killed, as Compose's restart policy would."""
    for name in running.stack.processes():
        stack.start_process(running.stack, name)
    return running


def test_the_demos_replay_runs_over_both_workers(plant: Plant) -> None:
    replay = Replay(plant.stack.state.landing, plant.stack.state.root, plant.stack.shop_url)
    replay.land(0, datetime.now(UTC))
    demo.run_dags(plant.api, plant.warehouse)
    assert report.read_figures(plant.warehouse, replay.landed)["messages_sent"] > 100
    assert report.compare_mailbox(plant.warehouse, plant.stack.places.url("mailbox")) == []
    # Two runs a minute by themselves: it is a matter of moments.
    wait_until(lambda: len(count_tasks(plant.api)) == 2, "both workers to run a task")
    print("\n", dict(count_tasks(plant.api)))


def test_a_worker_killed_with_its_group_in_mid_send_leaves_its_messages_to_another(plant: Plant) -> None:
    with plant.held_in_mid_send("group"):
        process.stop(plant.stack.state, [plant.sending_worker()], kill=True)
        killed = time.monotonic()
    plant.recover("worker killed with its group in mid-send", "group", killed)


@long
def test_a_task_that_outlives_its_worker_in_mid_send_and_a_second_sender_share_the_work(plant: Plant) -> None:
    with plant.held_in_mid_send("main"):
        worker = plant.sending_worker()
        pid = process.pid_of(plant.stack.state, worker)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        plant.api.trigger(demo.NOTIFY)
        # The mail server stands still until the child, whose lock is there still, is not alone.
        wait_until(lambda: plant.count_living_senders() >= 2, "a second sender beside the child that lives on")
    plant.recover("main process of a worker killed in mid-send", "main", killed)
    assert len(plant.tokens_of_senders("main")) >= 2


@long
def test_while_the_queue_is_away_work_waits_and_goes_on_when_it_is_back(plant: Plant) -> None:
    process.stop(plant.stack.state, [stack.REDIS])
    plant.land("redis")
    time.sleep(OUTAGE_SECONDS)
    stack.start_process(plant.stack, stack.REDIS)
    plant.recover("Redis stopped for a while (from its return)", "redis", time.monotonic())


@long
def test_a_worker_killed_with_its_group_in_mid_load_leaves_its_files_to_another(plant: Plant) -> None:
    with plant.held_in_mid_load("load") as worker:
        process.stop(plant.stack.state, [worker], kill=True)
        killed = time.monotonic()
    plant.recover("worker killed with its group in mid-load", "load", killed)


@long
def test_a_task_that_outlives_its_worker_in_mid_load_ends_its_load(plant: Plant) -> None:
    with plant.held_in_mid_load("outlive") as worker:
        pid = process.pid_of(plant.stack.state, worker)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
    plant.recover("main process of a worker killed in mid-load", "outlive", killed)


@long
def test_a_task_that_was_fetched_and_not_begun_when_its_worker_was_killed_is_queued_again(plant: Plant) -> None:
    workers = [name for name in plant.stack.processes() if name.startswith(stack.WORKER)]
    process.stop(plant.stack.state, workers, kill=True)
    plant.land("fetched")
    plant.fetch_and_begin_nothing()
    lost = time.monotonic()
    for worker in workers:
        stack.start_process(plant.stack, worker)
    plant.recover("workers killed that had fetched a task and not begun it", "fetched", lost)


@long
def test_a_restart_of_the_database_in_mid_send_loses_and_doubles_nothing(plant: Plant) -> None:
    with plant.held_in_mid_send("database"):
        plant.stack.server.stop()
        plant.stack.server.start()
        back = time.monotonic()
        plant.reconnect()
    plant.recover("PostgreSQL restarted in mid-send (from its return)", "database", back)


@long
def test_while_the_scheduler_is_away_work_waits_and_goes_on_when_it_is_back(plant: Plant) -> None:
    process.stop(plant.stack.state, ["airflow-scheduler"])
    plant.land("scheduler")
    time.sleep(OUTAGE_SECONDS)
    stack.start_process(plant.stack, "airflow-scheduler")
    plant.recover("scheduler stopped for a while (from its return)", "scheduler", time.monotonic())
