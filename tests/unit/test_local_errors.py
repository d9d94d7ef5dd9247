"""What somebody reads who types a command while something is in the way."""

import os
import re
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from restock.local import process
from restock.local.state import State
from tests.conftest import free_port

CHECKOUT = Path(__file__).parents[2]
FAKE_PYTHON = "#!/bin/sh\nprintf %s {version}\n"


def run_up(state_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    ports = {f"RESTOCK_{name}_PORT": str(free_port()) for name in ("AIRFLOW", "POSTGRES", "SMTP", "MAILBOX", "INTAKE")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RESTOCK", "AIRFLOW"))}
    return subprocess.run(
        [sys.executable, "-m", "restock.local", "up"],
        cwd=CHECKOUT,
        env=environment | ports | {"PYTHONPATH": "include", "RESTOCK_STATE_DIR": str(state_dir)} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_a_busy_port_is_named_with_the_variable_that_moves_it(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        outcome = run_up(tmp_path, RESTOCK_MAILBOX_PORT=str(port))
    assert outcome.returncode == 1
    assert outcome.stderr == (
        f"Port {port} of 127.0.0.1, which RESTOCK_MAILBOX_PORT asks for, is in use: end the program that has it, "
        "or set RESTOCK_MAILBOX_PORT to another port.\n"
    )
    assert process.all_processes(State(tmp_path)) == []


def test_a_server_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    port = free_port()
    outcome = run_up(tmp_path, RESTOCK_POSTGRES_URL=f"postgresql://me:secret@127.0.0.1:{port}/postgres")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(
        f"The server at 127.0.0.1:{port}/postgres, which RESTOCK_POSTGRES_URL names, cannot be reached: "
    )
    assert outcome.stderr.count("\n") == 1
    assert "secret" not in outcome.stdout + outcome.stderr
    assert process.all_processes(State(tmp_path)) == []


def test_a_user_who_may_not_make_databases_is_told_so(tmp_path: Path, postgres_url: str) -> None:
    role = f"restock_test_{secrets.token_hex(6)}"
    url = urlunsplit(urlsplit(postgres_url)._replace(netloc=f"{role}:pw@{urlsplit(postgres_url).netloc.split('@')[1]}"))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = 'restock'").fetchone():
            pytest.skip("this server has a database restock already")
        connection.execute(f"create role {role} login password 'pw'")
        try:
            outcome = run_up(tmp_path, RESTOCK_POSTGRES_URL=url)
        finally:
            connection.execute(f"drop role {role}")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("The database restock cannot be made at 127.0.0.1:")
    assert outcome.stderr.count("\n") == 1
    assert process.all_processes(State(tmp_path)) == []


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = run_up(tmp_path / "file" / "state")
    assert outcome.returncode == 1
    assert re.fullmatch(r"The state folder .*file/state cannot be made .*RESTOCK_STATE_DIR.*\n", outcome.stderr)


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_a_python_too_old_or_too_new_is_named_with_the_way_to_choose_another(tmp_path: Path, version: str) -> None:
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON.format(version=version))
    python.chmod(0o755)
    outcome = make(f"VENV={tmp_path}/venv", f"PYTHON={python}", "demo")
    assert outcome.returncode != 0
    assert outcome.stderr.startswith(
        f"{python} is Python {version} and Restock needs 3.11, 3.12 or 3.13: "
        "name one, as in make PYTHON=python3.12 demo."
    )


def test_a_missing_python_is_named_with_the_packages_to_install(tmp_path: Path) -> None:
    outcome = make(f"VENV={tmp_path}/venv", "PYTHON=python3.99", "demo")
    assert outcome.returncode != 0
    assert outcome.stderr.startswith("There is no python3.99 that runs: install Python 3.11, 3.12 or 3.13 (apt-get")


def test_make_alone_lists_every_command() -> None:
    listed = {line.split()[0] for line in make().stdout.splitlines()}
    assert listed >= {"demo", "test", "up", "down", "status", "lint", "lock"}
