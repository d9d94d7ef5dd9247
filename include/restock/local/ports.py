"""TCP ports of the stack on 127.0.0.1: the usual ones where free, and the same again after a restart."""

import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from restock.local.state import StackError, write_private

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """One port for each service."""

    airflow: int = 8080
    postgres: int = 15432
    smtp: int = 1025
    mailbox: int = 8025
    intake: int = 8090


def known_ports(path: Path) -> Ports | None:
    """The ports of the last start; None before the first."""
    try:
        return Ports(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def choose_ports(path: Path, held: Collection[int]) -> Ports:
    """Ports for all services, remembered in a file.

    A port is what the environment (RESTOCK_AIRFLOW_PORT and so on) says, else that of the last start, else the usual
    one; the latter two make way for a free one when another program has them.

    Args:
        path: The file.
        held: Ports on which processes of this stack listen at this moment.

    Raises:
        StackError: A port that the environment names is in use or no port.
    """
    return Ports(**settle_ports(path, asdict(Ports()), held))


def settle_ports(path: Path, usual: Mapping[str, int], held: Collection[int]) -> dict[str, int]:
    """As `choose_ports`, for services with these usual ports, by name."""
    chosen: dict[str, int] = {}
    known: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for service, preferred in {**usual, **known}.items():
        variable = f"RESTOCK_{service.upper()}_PORT"
        wanted = _from_environment(variable)
        port = preferred if wanted is None else wanted
        if port in chosen.values() or not (port in held or (_is_free(port) and _reserve(port))):
            if wanted is not None:
                raise StackError(
                    f"Port {port} of {HOST}, which {variable} asks for, is in use: end the program that has it, or "
                    f"set {variable} to another port."
                )
            port = _free_port(chosen.values())
        chosen[service] = port
    write_private(path, json.dumps(chosen) + "\n")
    return chosen


def _from_environment(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"{variable} is {text!r}: set it to a port number from 1 to 65535.")
    return int(text)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that were closed just now do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port(taken: Collection[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in taken and _reserve(port):
            return port


def _reserve(port: int) -> bool:
    """Keep other stacks of this user from choosing the port, until this process ends; False where one has it.

    A server takes seconds to start listening; until then only this keeps apart two stacks that start together.
    """
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _reservations() -> int:
    """A file of this user's, open: a lock on its n-th byte reserves port n."""
    path = Path(tempfile.gettempdir()) / f"restock-{os.getuid()}-ports.lock"
    # The folder is everybody's: a link that somebody else put there is not followed.
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
