"""Processes of the stack: started in sessions of their own, known again later, and ended without a rest.

A file for each process started remembers its pid and start. Its descendants stay in its session, whatever group or
parent they end up with, so all of them are found even after it died. Each also has RESTOCK_STACK, the state folder, in
its environment, which finds them when the files are lost. (Airflow closes the environment of what runs tasks to
everyone but root, so that alone would not do.)
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from restock.local.state import CHECKOUT, StackError, State, write_private

MARK = "RESTOCK_STACK"
TERMINATE_SECONDS = 30
KILL_SECONDS = 10


def start(state: State, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `python arguments…` in a session of its own, with its output in `logs/<name>.log`.

    Args:
        state: The stack.
        name: Name of the process, and of its log.
        arguments: What follows the interpreter.
        environment: The whole environment of the process.
    """
    return start_program(state, name, [sys.executable, *arguments], environment)


def start_program(
    state: State, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start any program like `start`; it is looked up on the PATH of its environment."""
    with log_path(state, name).open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            # Titles that processes give themselves would overwrite their environment, and the mark with it.
            env={**environment, MARK: str(state.root), "SPT_NOENV": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    entry = {"pid": process.pid, "started": _start_ticks(process.pid)}
    write_private(state.run / f"{name}.{process.pid}.json", json.dumps(entry) + "\n")
    return process


def is_running(state: State, name: str) -> bool:
    """Whether the process that `start` started under this name is there still."""
    return _find(state, name) is not None


def require_running(state: State, names: Sequence[str]) -> None:
    """Raise a StackError with the end of its log if one of these processes ended."""
    for name in names:
        if not is_running(state, name):
            log = log_path(state, name)
            raise StackError(f"{name} ended while it started. The end of {log}:\n{last_lines(log)}")


def stop(state: State, names: Sequence[str], *, kill: bool = False) -> None:
    """End some processes of the stack with everything that they started, and wait until they are gone.

    Args:
        state: The stack.
        names: As given to `start`. What does not run is no error.
        kill: With SIGKILL at once, as a crash would.

    Raises:
        StackError: Something could not be ended.
    """
    groups = {pid for name in names if (pid := pid_of(state, name)) is not None}
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL if kill else signal.SIGTERM)
    _wait_until_gone(lambda: [process for process in all_processes(state) if _session(process.pid) in groups])


def stop_all(state: State) -> None:
    """End every process of the stack, and wait until nothing is left.

    Raises:
        StackError: Something could not be ended.
    """
    for leader in _leaders(state):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGTERM)
    _terminate(_orphans(state))
    _wait_until_gone(lambda: all_processes(state))
    for path in state.run.glob("*.json"):
        path.unlink()


def end_orphans(state: State) -> None:
    """End what lost the process that it belongs to, such as the workers of a scheduler that was killed.

    They would go on holding its connections to the database, and with them the locks of what it was about to write.

    Raises:
        StackError: Something could not be ended.
    """
    _terminate(_orphans(state))
    _wait_until_gone(lambda: _orphans(state))


def pid_of(state: State, name: str) -> int | None:
    """Pid of the process that `start` started under this name, which leads its group; None where it is gone."""
    found = _find(state, name)
    return None if found is None else found.pid


def started_names(state: State) -> list[str]:
    """The names under which processes of the stack were started, whether they still run or not."""
    return sorted({path.name.partition(".")[0] for path in state.run.glob("*.json")})


def all_processes(state: State) -> list[psutil.Process]:
    """Every process of this stack."""
    sessions = {
        entry["pid"] for entry in _entries(state, "*") if _start_ticks(entry["pid"]) in (None, entry["started"])
    }
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            if process.status() != psutil.STATUS_ZOMBIE and (
                os.getsid(process.pid) in sessions or _mark(process) == str(state.root)
            ):
                found.append(process)
    return found


def log_path(state: State, name: str) -> Path:
    """Where the output of a process goes."""
    return state.logs / f"{name}.log"


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(lines[-count:])


def _leaders(state: State) -> set[int]:
    """The pids of the processes that `start` started and that are there still."""
    return {leader.pid for name in started_names(state) if (leader := _find(state, name)) is not None}


def _orphans(state: State) -> list[psutil.Process]:
    leaders = _leaders(state)
    orphans = []
    for process in all_processes(state):
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(process.pid) not in leaders:
                orphans.append(process)
    return orphans


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _terminate(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()


def _wait_until_gone(find: Callable[[], list[psutil.Process]]) -> None:
    """Wait for processes that were asked to end; kill what does not."""
    left = _wait(find, TERMINATE_SECONDS)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    left = _wait(find, KILL_SECONDS) if left else []
    if left:
        raise StackError(f"These processes of the stack do not end: {', '.join(str(process.pid) for process in left)}.")


def _wait(find: Callable[[], list[psutil.Process]], seconds: float) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    while (left := find()) and time.monotonic() < deadline:
        psutil.wait_procs(left, timeout=0.2)
    return left


def _find(state: State, name: str) -> psutil.Process | None:
    for entry in _entries(state, name):
        # A pid is given to another process one day, but not with the same start.
        if _start_ticks(entry["pid"]) == entry["started"]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(entry["pid"])
                if process.status() != psutil.STATUS_ZOMBIE:
                    return process
    return None


def _entries(state: State, name: str) -> list[dict[str, int]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in state.run.glob(f"{name}.*.json")]


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except psutil.AccessDenied:
        return None


def _start_ticks(pid: int) -> int | None:
    """When a process started, in clock ticks since the machine did: unlike a time of day, no clock change moves it.

    None where there is no such process.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(stat.rpartition(")")[2].split()[19])
