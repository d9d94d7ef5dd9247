import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from restock.local.account import common_folder
from restock.local.postgres import EmbeddedPostgres
from tests.conftest import free_port

PASSWORD = "p/a:s@s w"


@pytest.fixture
def folder() -> Iterator[Path]:
    # Open to the account that the server runs as when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="restock-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "data", free_port(), PASSWORD)
    server.start()
    yield server
    server.remove()


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().splitlines()[0]))


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return row[0]


def test_it_listens_on_this_machine_only_and_asks_for_the_password(server: EmbeddedPostgres) -> None:
    assert ask(server, "show listen_addresses") == "127.0.0.1"
    assert ask(server, "show unix_socket_directories") == ""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://restock:wrong@127.0.0.1:{server.port}/postgres")


def test_it_never_runs_as_root(server: EmbeddedPostgres, folder: Path) -> None:
    assert postmaster(folder).uids().real != 0


def test_starting_a_running_server_and_stopping_a_stopped_one_do_nothing(
    server: EmbeddedPostgres, folder: Path
) -> None:
    before = postmaster(folder).pid
    server.start()
    assert postmaster(folder).pid == before
    server.stop()
    assert not server.running()
    server.stop()


def test_what_was_committed_survives_a_kill(server: EmbeddedPostgres, folder: Path) -> None:
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("create table kept as select 42 as answer")
    killed = postmaster(folder)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not server.running()
    server.start()
    assert ask(server, "select answer from kept") == 42


def test_a_pid_file_that_names_somebody_elses_process_does_not_block_the_start(
    server: EmbeddedPostgres, folder: Path
) -> None:
    server.stop()
    (folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'data'}\n")
    assert not server.running()
    server.start()
    assert ask(server, "select 1") == 1


def test_a_set_up_that_was_cut_short_is_done_again(folder: Path) -> None:
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(folder / "data", free_port(), PASSWORD)
    server.start()
    try:
        assert ask(server, "select 1") == 1
    finally:
        server.remove()


def test_a_restart_may_use_another_port(server: EmbeddedPostgres) -> None:
    server.stop()
    server.port = free_port()
    server.start()
    assert ask(server, "show port") == str(server.port)


def test_making_a_database_that_is_there_does_nothing(server: EmbeddedPostgres) -> None:
    server.create_database("shop")
    server.create_database("shop")
    with psycopg.connect(server.url("shop")) as connection:
        assert connection.info.dbname == "shop"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another account")
def test_a_folder_that_the_servers_account_cannot_reach_is_stood_in_for(folder: Path) -> None:
    folder.chmod(0o700)
    server = EmbeddedPostgres(folder / "data", free_port(), PASSWORD)
    server.start()
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("create table kept as select 42 as answer")
    stand_in = common_folder(folder / "data")
    assert (stand_in / "data" / "PG_VERSION").exists()

    # As `git clean` does: the folder goes and the stand-in stays, with a server and a password that nobody knows.
    shutil.rmtree(folder / "data")
    successor = EmbeddedPostgres(folder / "data", free_port(), "another")
    successor.start()
    assert ask(successor, "select to_regclass('kept') is null") is True
    successor.remove()
    assert not stand_in.exists()
