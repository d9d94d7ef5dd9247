"""Point-in-time recovery with PostgreSQL's own tools, as docs/backup.md has it: nothing that was committed is lost."""

import contextlib
import secrets
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from restock.backup.tools import find_program, run_program
from restock.local.account import server_account
from restock.local.postgres import EmbeddedPostgres
from tests.conftest import free_port


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="restock-wal-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def give(path: Path) -> None:
    """To the account that runs the server, with all that lies in it."""
    for each in [path, *path.rglob("*")]:
        server_account().give(each)


def test_a_server_that_was_killed_comes_back_up_to_its_last_commit(folder: Path) -> None:
    archive = folder / "archive"
    archive.mkdir(mode=0o700)
    give(archive)
    password = secrets.token_hex(8)
    lost = EmbeddedPostgres(folder / "lost", free_port(), password)
    lost.start()
    url = lost.url("postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter system set archive_mode = on")
        # A plain copy that was cut short before stands in nobody's way.
        keep = f"test ! -f {archive}/%f && cp %p {archive}/%f.part && mv {archive}/%f.part {archive}/%f"
        connection.execute(f"alter system set archive_command = 'cmp -s %p {archive}/%f || {{ {keep}; }}'")
        connection.execute("create table sent (number integer)")
    lost.stop()
    lost.start()

    base = folder / "base"
    run_program(
        find_program("pg_basebackup", 17), [f"--pgdata={base}", "--checkpoint=fast", "--wal-method=stream"], url
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into sent values (1)")
        connection.execute("select pg_switch_wal()")
        connection.execute("insert into sent values (2)")
        wait_for_archive(connection)
    kill(folder / "lost")

    # The disk is still there: what was not archived yet lies in pg_wal.
    for segment in (folder / "lost" / "pg_wal").iterdir():
        if segment.is_file() and not (archive / segment.name).exists():
            shutil.copy(segment, archive / segment.name)
    with (base / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"archive_mode = off\nrestore_command = 'cp {archive}/%f %p'\n")
    (base / "recovery.signal").touch()
    give(archive)
    give(base)
    restored = EmbeddedPostgres(base, free_port(), password)
    restored.start()
    try:
        with psycopg.connect(restored.url("postgres"), autocommit=True) as connection:
            wait_until_writable(connection)
            assert connection.execute("select number from sent order by number").fetchall() == [(1,), (2,)]
    finally:
        restored.stop()


def kill(data: Path) -> None:
    """Kill -9 the server and everything that belongs to it."""
    leader = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
    processes = [leader, *leader.children(recursive=True)]
    for process in processes:
        # Its children end by themselves once it is gone.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    assert psutil.wait_procs(processes, timeout=60)[1] == []


def wait_for_archive(connection: psycopg.Connection) -> None:
    deadline = time.monotonic() + 60
    while connection.execute("select archived_count > 0 from pg_stat_archiver").fetchone() != (True,):
        assert time.monotonic() < deadline, "nothing is archived"
        time.sleep(0.1)


def wait_until_writable(connection: psycopg.Connection) -> None:
    deadline = time.monotonic() + 60
    while connection.execute("select pg_is_in_recovery()").fetchone() != (False,):
        assert time.monotonic() < deadline, "the recovery does not end"
        time.sleep(0.1)
