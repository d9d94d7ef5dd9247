import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest

from restock.local.ports import Ports, choose_ports, known_ports
from restock.local.state import StackError


@pytest.fixture
def remembered(tmp_path: Path) -> Path:
    return tmp_path / "ports.json"


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("AIRFLOW", "POSTGRES", "SMTP", "MAILBOX", "INTAKE"):
        monkeypatch.delenv(f"RESTOCK_{service}_PORT", raising=False)


def test_a_restart_gets_the_ports_of_the_last_start(remembered: Path) -> None:
    first = choose_ports(remembered, held=())
    assert choose_ports(remembered, held=()) == first
    assert known_ports(remembered) == first


def test_there_are_no_known_ports_before_the_first_start(remembered: Path) -> None:
    assert known_ports(remembered) is None


def test_a_remembered_port_that_another_program_took_makes_way(remembered: Path, busy_port: int) -> None:
    remembered.write_text(f'{{"airflow": {busy_port}, "postgres": 1, "smtp": 2, "mailbox": 3}}')
    assert choose_ports(remembered, held=(1, 2, 3)).airflow != busy_port


def test_a_port_that_another_stack_chose_a_moment_ago_makes_way(remembered: Path, tmp_path: Path) -> None:
    other = (
        "from restock.local.ports import choose_ports; from pathlib import Path; import sys;"
        "print(choose_ports(Path(sys.argv[1]), held=()).airflow, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", other, str(tmp_path / "other.json")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "include")}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as starting:
        assert starting.stdout is not None
        theirs = int(starting.stdout.readline())
        remembered.write_text(f'{{"airflow": {theirs}, "postgres": 1, "smtp": 2, "mailbox": 3}}')
        assert choose_ports(remembered, held=(1, 2, 3)).airflow != theirs


def test_a_port_that_the_stack_itself_holds_is_kept(remembered: Path, busy_port: int) -> None:
    remembered.write_text(f'{{"airflow": {busy_port}, "postgres": 1, "smtp": 2, "mailbox": 3}}')
    assert choose_ports(remembered, held=(busy_port, 1, 2, 3)).airflow == busy_port


def test_a_port_asked_for_that_is_in_use_is_refused_in_one_sentence(
    remembered: Path, busy_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESTOCK_AIRFLOW_PORT", str(busy_port))
    with pytest.raises(StackError) as refusal:
        choose_ports(remembered, held=())
    assert str(refusal.value) == (
        f"Port {busy_port} of 127.0.0.1, which RESTOCK_AIRFLOW_PORT asks for, is in use: end the program that has it, "
        "or set RESTOCK_AIRFLOW_PORT to another port."
    )


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "٨٠"])
def test_what_is_no_port_is_refused(remembered: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RESTOCK_SMTP_PORT", text)
    with pytest.raises(StackError, match=r"RESTOCK_SMTP_PORT is .*: set it to a port number"):
        choose_ports(remembered, held=())


def test_no_two_services_share_a_port(remembered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Ports()
    monkeypatch.setenv("RESTOCK_AIRFLOW_PORT", str(usual.mailbox))
    held = set(astuple(usual))
    chosen = choose_ports(remembered, held)
    assert chosen.airflow == usual.mailbox
    assert len(set(astuple(chosen))) == len(astuple(chosen))
