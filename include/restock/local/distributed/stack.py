"""Starting and ending the services of docker-compose.yaml as processes of this machine."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from restock.local import airflow, process
from restock.local.airflow_api import AirflowApi
from restock.local.console import say, wait_for
from restock.local.distributed.compose import Service, make_env_file, read_services, read_variables
from restock.local.distributed.health import is_well
from restock.local.distributed.places import PORTS, Places, own_programs
from restock.local.environment import ADMIN, SHOP_PATH, Settings
from restock.local.ports import settle_ports
from restock.local.postgres import EmbeddedPostgres
from restock.local.state import StackError, State, write_private
from restock.warehouse import OWNER_URL

WORKER, INIT, MAILPIT, POSTGRES, REDIS = "airflow-worker", "airflow-init", "mailpit", "postgres", "redis"
LEAST_WORKERS = 2
_SECONDS = 240
_SUPERUSER = "postgres"
_DATABASE_SCRIPT = "/docker-entrypoint-initdb.d/create-databases.sh"
# Airflow says over HTTP whether these live; their own checks, which cost seconds, are asked after that.
_BEATING = {
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag-processor",
    "airflow-triggerer": "triggerer",
}


@dataclass(frozen=True)
class Distributed:
    """One stack: its folder, where its parts are, and its services."""

    state: State
    places: Places
    variables: Mapping[str, str]
    services: Mapping[str, Service]
    server: EmbeddedPostgres

    @property
    def warehouse_url(self) -> str:
        """URL of the warehouse, for the pipeline."""
        return self.environment(INIT)["RESTOCK_WAREHOUSE_URL"]

    @property
    def owner_url(self) -> str:
        """URL of the warehouse, for its owner."""
        return self.environment(INIT)[OWNER_URL]

    @property
    def admin_password(self) -> str:
        """Password of the user admin in Airflow."""
        return self.variables["AIRFLOW_ADMIN_PASSWORD"]

    @property
    def shop_url(self) -> str:
        """URL of the demo's shop."""
        return f"{self.places.url('mailbox')}{SHOP_PATH}"

    def open_api(self) -> AirflowApi:
        """Airflow's API, as its administrator."""
        return AirflowApi(self.places.url("airflow"), ADMIN, self.admin_password)

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a process, by its name: that of its service, or of a worker with its number."""
        return self.places.environment(self.service(name), name)

    def service(self, name: str) -> Service:
        """The service of a process."""
        return self.services[WORKER if name.startswith(f"{WORKER}-") else name]

    def processes(self) -> list[str]:
        """The names of the lasting processes that there should be, in the order of the file."""
        found = [name for name in self.services if name not in {POSTGRES, INIT, WORKER}]
        return [*found, *(f"{WORKER}-{number}" for number in range(1, count_workers() + 1))]


def state_from_environment() -> State:
    """The folder `distributed` in that of the embedded stack, so that the two never meet."""
    return State(State.from_environment().root / "distributed")


def count_workers() -> int:
    """How many workers RESTOCK_WORKERS asks for.

    Raises:
        StackError: It is no number, or fewer than two.
    """
    text = os.environ.get("RESTOCK_WORKERS") or str(LEAST_WORKERS)
    if not text.isascii() or not text.isdigit() or int(text) < LEAST_WORKERS:
        raise StackError(f"RESTOCK_WORKERS is {text!r}: set it to the number of workers, {LEAST_WORKERS} or more.")
    return int(text)


def describe(state: State) -> Distributed:
    """Read the file for this stack, whose secrets and ports are settled already.

    Raises:
        StackError: A variable is missing.
    """
    ports = settle_ports(state.ports, PORTS, _held_ports(state))
    variables = read_variables(make_env_file(state.root))
    server = EmbeddedPostgres(state.postgres, ports["postgres"], variables["POSTGRES_PASSWORD"], _SUPERUSER)
    places = Places(state, ports, (own_programs(), server.binaries))
    return Distributed(state, places, variables, read_services(variables | places.variables()), server)


def up(state: State) -> Distributed:
    """Start whatever does not run and wait until each service's own health check is content.

    Raises:
        StackError: Something is in the way. A stack that did not run before is ended again.
    """
    if shutil.which("redis-server") is None:
        raise StackError("There is no redis-server, the queue of the Celery workers: apt-get install redis-server.")
    with state.lock():
        process.end_orphans(state)
        ran_before = bool(process.all_processes(state))
        stack = describe(state)
        try:
            _start(stack)
        except BaseException:
            if not ran_before:
                say("Ending what was started")
                _end(stack)
            raise
        write_private(state.env, _settings(stack).env_file())
    return stack


def down(state: State) -> None:
    """End every process of the stack; the data stays.

    Raises:
        StackError: A process could not be ended.
    """
    if not state.ports.exists():
        return
    with state.lock():
        _end(describe(state))


def status(stack: Distributed) -> dict[str, bool]:
    """Which processes are there."""
    found = {name: process.is_running(stack.state, name) for name in stack.processes()}
    return {POSTGRES: stack.server.running()} | found


def start_database(stack: Distributed) -> None:
    """Start PostgreSQL; new, it gets its databases by the script that the file gives the image.

    Raises:
        StackError: The script failed. The next start begins anew.
    """
    done = stack.state.root / "databases-created"
    if stack.server.running() and done.exists():
        return
    if not done.exists():
        # What a start that was cut short left of it, running or not.
        stack.server.remove()
    say(f"{POSTGRES}: starting on port {stack.server.port}")
    stack.server.start()
    if not done.exists():
        script = stack.services[POSTGRES].scripts[_DATABASE_SCRIPT]
        login = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(stack.server.port),
            "PGPASSWORD": stack.variables["POSTGRES_PASSWORD"],
        }
        outcome = subprocess.run(
            ["bash", "-Eeo", "pipefail", "-c", script],
            env=stack.environment(POSTGRES) | login,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise StackError(f"The script create-databases of docker-compose.yaml failed: {outcome.stderr.strip()}")
        done.touch()


def start_process(stack: Distributed, name: str) -> None:
    """Start one process with the command and the environment of its service, unless it runs."""
    if process.is_running(stack.state, name):
        return
    service, environment = stack.service(name), stack.environment(name)
    if name == MAILPIT:
        ports = stack.places.ports
        command = ["python", "-m", "restock.local.mailbox", str(stack.state.mailbox)]
        command += ["--smtp-port", str(ports["smtp"]), "--http-port", str(ports["mailbox"])]
        environment |= {"PYTHONPATH": stack.environment(WORKER)["PYTHONPATH"]} | _shop_variables(stack)
    else:
        if name == REDIS:
            stack.places.outside(service.mounts["/data"]).mkdir(parents=True, exist_ok=True)
        command = stack.places.command(service, name)
    say(f"{name}: starting")
    process.start_program(stack.state, name, command, environment)


def wait_until_well(stack: Distributed, names: list[str], since: datetime) -> None:
    """Wait until the health checks of these processes are content.

    Args:
        stack: The stack.
        names: Processes that were started.
        since: When; signs of life from before are others'.
    """
    left = list(names)

    def pending() -> str:
        process.require_running(stack.state, [name for name in left if name != POSTGRES])
        silent = set()
        if any(name in _BEATING for name in left):
            silent = set(airflow.unhealthy_parts(stack.places.url("airflow"), since))
        for name in list(left):
            if _BEATING.get(name) not in silent and is_well(stack.places, stack.service(name), stack.environment(name)):
                left.remove(name)
        return ", ".join(left)

    wait_for(pending, _SECONDS, f"The logs are in {stack.state.logs}.")


def _start(stack: Distributed) -> None:
    stack.places.make_home(stack.services[WORKER])
    started, names = datetime.now(UTC), stack.processes()
    missing = [name for name in names if not process.is_running(stack.state, name)]
    start_database(stack)
    first = [name for name in missing if name in {REDIS, MAILPIT}]
    if REDIS in first:
        start_process(stack, REDIS)
    wait_until_well(stack, [POSTGRES, *([REDIS] if REDIS in first else [])], started)
    if any(name not in {REDIS, MAILPIT} for name in missing):
        _initialise(stack)
    # As Compose does: what depends on the API server waits for it.
    patient = [name for name in missing if "airflow-apiserver" in stack.service(name).needs]
    for name in missing:
        if name not in patient:
            start_process(stack, name)
    if patient:
        wait_until_well(stack, ["airflow-apiserver"], started)
    for name in patient:
        start_process(stack, name)
    wait_until_well(stack, [name for name in missing if name != REDIS], started)


def _initialise(stack: Distributed) -> None:
    """Run airflow-init, whose steps do nothing where they are done; again only where it did not end well before."""
    log = process.log_path(stack.state, INIT)
    say(f"{INIT}: running its steps (half a minute when the databases are new)")
    command = stack.places.command(stack.services[INIT], INIT)
    if process.start_program(stack.state, INIT, command, stack.environment(INIT)).wait() != 0:
        raise StackError(f"{INIT} failed. The end of {log}:\n{process.last_lines(log)}")
    from restock.local.shop.keys import install_keys  # noqa: PLC0415 - FastAPI, which the other commands do without

    shop = _shop_variables(stack)
    install_keys(stack.owner_url, shop["RESTOCK_SHOP_URL"], shop["RESTOCK_WIDGET_KEY"], shop["RESTOCK_OPERATOR_KEY"])


def _shop_variables(stack: Distributed) -> dict[str, str]:
    """The demo's shop, which our mailbox serves."""
    secrets = stack.state.secrets()
    return {
        "RESTOCK_SHOP_URL": stack.shop_url,
        "RESTOCK_WIDGET_KEY": secrets.widget_key,
        "RESTOCK_OPERATOR_KEY": secrets.operator_key,
        "RESTOCK_WAREHOUSE_URL": stack.warehouse_url,
        "RESTOCK_INTAKE_URL": stack.places.url("intake"),
        "AIRFLOW_UI_URL": stack.places.url("airflow"),
    }


def _settings(stack: Distributed) -> Settings:
    """What a shell needs to talk to the stack."""
    found = {
        name: value
        for name, value in stack.environment(WORKER).items()
        if name.startswith(("AIRFLOW", "RESTOCK", "PYTHONPATH", "NO_PROXY", "no_proxy", "HOSTNAME"))
    }
    own = {
        "RESTOCK_MAILBOX_URL": stack.places.url("mailbox"),
        "RESTOCK_ENV_FILE": str(stack.state.env),
    }
    return Settings(found | _shop_variables(stack) | own, tuple(stack.places.programs))


def _end(stack: Distributed) -> None:
    # Workers let their tasks finish, which takes the queue and the database. There may be more than RESTOCK_WORKERS
    # says.
    airflows = [name for name in process.started_names(stack.state) if name not in {REDIS, MAILPIT}]
    if process.all_processes(stack.state):
        say("Ending the services")
    # What does not end in time must not keep the rest running.
    try:
        process.stop(stack.state, airflows)
    finally:
        try:
            process.stop_all(stack.state)
        finally:
            if stack.server.running():
                say(f"{POSTGRES}: ending")
                stack.server.stop()


def _held_ports(state: State) -> set[int]:
    if not state.ports.exists():
        return set()
    ports: dict[str, int] = json.loads(state.ports.read_text(encoding="utf-8"))
    held = {
        ports[port]
        for name, port in (
            (REDIS, "redis"),
            (MAILPIT, "smtp"),
            (MAILPIT, "mailbox"),
            ("intake", "intake"),
            ("airflow-apiserver", "airflow"),
            ("airflow-scheduler", "scheduler_health"),
        )
        if process.is_running(state, name)
    }
    server = EmbeddedPostgres(state.postgres, ports["postgres"], "", _SUPERUSER)
    return held | ({ports["postgres"]} if server.running() else set())
