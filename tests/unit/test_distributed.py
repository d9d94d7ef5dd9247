"""docker-compose.yaml read for the distributed run: variables filled in, and only places replaced."""

import os
import re
from pathlib import Path

import pytest

from restock.local import process
from restock.local.distributed.compose import COMPOSE_FILE, make_env_file, read_services, read_variables
from restock.local.distributed.places import PORTS, Places
from restock.local.distributed.stack import count_workers, describe, down, start_database
from restock.local.state import StackError, State
from restock.warehouse import connect

# Other ports than the usual ones, so that what was not replaced shows.
OURS = {name: 20_000 + number for number, name in enumerate(PORTS)}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(State(tmp_path), OURS, (tmp_path / "programs",))


def test_a_dollar_is_written_twice_and_a_missing_variable_stops_with_the_hint_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(
        "services:\n  one:\n    command: echo ${WORD:?say it} $$HOME $${HOME}\n"
        "    environment: {EMPTY: '${NOTHING}', NUMBER: 5}\n"
    )
    service = read_services({"WORD": "yes"}, file)["one"]
    assert service.command == ("echo", "yes", "$HOME", "${HOME}")
    assert service.environment == {"EMPTY": "", "NUMBER": "5"}
    with pytest.raises(StackError, match=r"WORD is missing in \.env: say it"):
        read_services({"WORD": ""}, file)


def test_the_env_file_is_made_by_the_command_of_its_example_and_kept(tmp_path: Path) -> None:
    made = make_env_file(tmp_path).read_text(encoding="utf-8")
    assert make_env_file(tmp_path).read_text(encoding="utf-8") == made
    assert read_services(read_variables(tmp_path / ".env")).keys() >= {"airflow-worker", "redis"}


def test_no_host_port_or_folder_of_a_container_is_left(tmp_path: Path, places: Places) -> None:
    services = read_services(read_variables(make_env_file(tmp_path)) | places.variables())
    inside = re.compile(
        r"/opt/airflow|@(postgres|redis)\b|airflow-apiserver|0\.0\.0\.0|localhost:|mailpit|\b8090\b|:5432\b"
    )
    for service in services.values():
        if service.name in {"mailpit", "postgres"}:
            continue
        texts = [*places.command(service, service.name), *places.environment(service, "me").values()]
        own = str(places.home)
        found = [text for text in texts if inside.search(text.replace(own, ""))]
        assert found == [], service.name


def test_what_is_no_place_is_as_the_file_says(tmp_path: Path, places: Places) -> None:
    worker = read_services(read_variables(make_env_file(tmp_path)) | places.variables())["airflow-worker"]
    environment = places.environment(worker, "airflow-worker-2")
    timeout = "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"
    assert f'{timeout}: "{environment[timeout]}"' in COMPOSE_FILE.read_text(encoding="utf-8")
    assert environment["HOSTNAME"] == "airflow-worker-2"
    assert places.command(worker, "airflow-worker-2")[:3] == ["airflow", "celery", "worker"]


def test_what_the_user_has_set_does_not_reach_a_service(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    monkeypatch.setenv("RESTOCK_LANDING", "file:///elsewhere")
    worker = read_services(read_variables(make_env_file(tmp_path)) | places.variables())["airflow-worker"]
    environment = places.environment(worker, "airflow-worker-1")
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert environment["RESTOCK_LANDING"] == f"file://{places.home}/landing"


@pytest.mark.parametrize("text", ["1", "0", "-3", "many"])
def test_fewer_than_two_workers_are_refused_in_a_sentence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTOCK_WORKERS", text)
    with pytest.raises(StackError, match=f"RESTOCK_WORKERS is '{text}'"):
        count_workers()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stack_with_more_workers_than_asked_for_now_is_ended_whole(
    workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(tmp_path / "stack")
    with state.lock():
        describe(state)
        process.start(state, "airflow-worker-3", ["-c", "import time; time.sleep(60)"], os.environ)
    monkeypatch.setenv("RESTOCK_WORKERS", workers)
    down(state)
    assert process.all_processes(state) == []


def test_a_start_that_was_cut_short_before_the_databases_were_made_begins_anew(tmp_path: Path) -> None:
    state = State(tmp_path / "stack")
    with state.lock():
        stack = describe(state)
    try:
        stack.server.start()
        start_database(stack)
        with connect(stack.owner_url) as warehouse:
            assert warehouse.execute("select current_user").fetchone() == ("restock",)
    finally:
        stack.server.remove()


def test_the_title_of_redis_leaves_the_environment_by_which_it_is_known(tmp_path: Path, places: Places) -> None:
    redis = read_services(read_variables(make_env_file(tmp_path)) | places.variables())["redis"]
    assert places.command(redis, "redis")[-2:] == ["--set-proc-title", "no"]
