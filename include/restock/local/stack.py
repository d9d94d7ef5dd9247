"""The embedded stack: PostgreSQL, the mail server, the intake service and Airflow, started and ended together."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
from psycopg.conninfo import conninfo_to_dict

from restock.local import airflow, intake, process, watch
from restock.local.airflow_api import AirflowApi
from restock.local.console import say, wait_for
from restock.local.environment import (
    ADMIN,
    AIRFLOW_DATABASE,
    WAREHOUSE_DATABASE,
    Settings,
    database_url,
    make_settings,
    metadata_url,
    read_env_file,
)
from restock.local.logins import Login, make_logins, settle_metadata, settle_warehouse
from restock.local.ports import Ports, choose_ports, known_ports
from restock.local.postgres import EmbeddedPostgres, create_database
from restock.local.state import StackError, State, write_private
from restock.warehouse.migrate import migrate

MAILBOX = "mailbox"
# Removes Airflow's old runs and logs, once a day.
HISTORY = "history"
PROCESSES = (MAILBOX, intake.INTAKE, watch.WATCH, *airflow.PROCESSES, HISTORY)
HEALTHY_SECONDS = 240
# Airflow calls a part healthy whose last sign of life is younger than this.
HEARTBEAT_AGE = timedelta(seconds=30)


def up(state: State) -> Settings:
    """Start whatever of the stack does not run, wait until all of it is well, and say what happens meanwhile.

    Returns:
        Where the parts are.

    Raises:
        StackError: Something is in the way. A stack that did not run before is ended again.
    """
    with state.lock():
        process.end_orphans(state)
        ran_before = bool(process.all_processes(state))
        ports = choose_ports(state.ports, _held_ports(state))
        server = _embedded(state, ports)
        server_url = os.environ.get("RESTOCK_POSTGRES_URL") or server.url("postgres")
        programs = (Path(sys.executable).parent, server.binaries)
        settings = make_settings(state, ports, server_url, state.secrets(), programs)
        if ran_before and read_env_file(state.env) != settings.variables:
            say("The settings changed: ending what runs with the old ones")
            _end(state, server)
        write_private(state.env, settings.env_file())
        try:
            _start(state, ports, server, server_url, settings)
        except BaseException:
            if not ran_before:
                say("Ending what was started")
                _end(state, server)
            raise
    return settings


def down(state: State) -> None:
    """End every process of the stack and make sure that none is left; the data stays.

    Raises:
        StackError: A process could not be ended.
    """
    with state.lock():
        _end(state, _embedded(state, known_ports(state.ports) or Ports()))


def status(state: State) -> Mapping[str, tuple[str, str]]:
    """For each part of the stack what it does (`running`, or what is wrong) and where."""
    settings = read_env_file(state.env)
    where = settings.get("AIRFLOW_UI_URL", "-")
    unhealthy = airflow.unhealthy_parts(where, datetime.now(UTC) - HEARTBEAT_AGE) if settings else []
    parts = {
        "PostgreSQL": (_warehouse_state(settings), _place(settings.get("RESTOCK_WAREHOUSE_URL"))),
        MAILBOX: (_process_state(state, MAILBOX), settings.get("RESTOCK_MAILBOX_URL", "-")),
        intake.INTAKE: (_intake_state(state, settings), settings.get("RESTOCK_INTAKE_URL", "-")),
        watch.WATCH: (_process_state(state, watch.WATCH), "-"),
    }
    for name in airflow.PROCESSES:
        found = _process_state(state, name)
        parts[name] = ("not answering" if found == "running" and name in unhealthy else found, where)
    parts[HISTORY] = (_process_state(state, HISTORY), "-")
    return parts


def _start(state: State, ports: Ports, server: EmbeddedPostgres, server_url: str, settings: Settings) -> None:
    if os.environ.get("RESTOCK_POSTGRES_URL"):
        say(f"PostgreSQL: using the server at {_place(server_url)}")
        _require_server(server_url)
    elif not server.running():
        say(f"PostgreSQL: starting on port {server.port}")
        server.start()
    _make_databases(server_url)
    say(f"Warehouse: checking the structure of {_place(settings.warehouse_url)}")
    _settle_logins(state, server_url, settings)
    if settings.shop_url:
        from restock.local.shop.keys import install_keys  # noqa: PLC0415 - FastAPI, which the other commands do without

        keys = state.secrets()
        install_keys(settings.owner_url, settings.shop_url, keys.widget_key, keys.operator_key)

    environment = settings.process_environment()
    if not process.is_running(state, MAILBOX):
        arguments = [str(state.mailbox), "--smtp-port", str(ports.smtp), "--http-port", str(ports.mailbox)]
        process.start(state, MAILBOX, ["-m", "restock.local.mailbox", *arguments], environment)
    intake.start(state, ports.intake, environment)
    watch.start(state, environment)
    say("Airflow: checking the structure of its database (some seconds when it is new)")
    airflow.write_password(state, state.secrets())
    airflow.migrate_metadata(state, metadata_url(server_url, state.secrets()), environment)
    if not process.is_running(state, HISTORY):
        process.start(state, HISTORY, ["-m", "restock.history", "--daily"], environment)
    started = datetime.now(UTC)
    if all(process.is_running(state, name) for name in airflow.PROCESSES):
        started -= HEARTBEAT_AGE
    else:
        say(f"Airflow: starting on {settings.airflow_url}")
        airflow.start(state, environment)
    _wait_until_well(state, settings, started)


def _settle_logins(state: State, server_url: str, settings: Settings) -> None:
    """Migrate the warehouse, and make the logins: each part of the stack has its own."""
    intake_login = Login.of_url(settings.variables["RESTOCK_INTAKE_DATABASE_URL"], intake.ROLE)
    if settings.has_own_warehouse:
        urls = {
            "restock_pipeline": settings.warehouse_url,
            "restock_console": settings.variables["AIRFLOW_CONN_RESTOCK_CONSOLE"],
            "restock_analyst": settings.variables["RESTOCK_ANALYST_URL"],
        }
        settle_warehouse(
            database_url(server_url, WAREHOUSE_DATABASE),
            Login.of_url(settings.owner_url, "restock_owner"),
            [intake_login, *(Login.of_url(url, role) for role, url in urls.items())],
        )
    migrate(settings.owner_url)
    if not settings.has_own_warehouse:
        make_logins(settings.owner_url, [intake_login])
    url = metadata_url(server_url, state.secrets())
    name = str(conninfo_to_dict(url)["user"])
    settle_metadata(database_url(server_url, AIRFLOW_DATABASE), Login.of_url(url, name))


def _wait_until_well(state: State, settings: Settings, started: datetime) -> None:
    def pending() -> str:
        missing = _missing(settings, started) or _idle(state, settings, started)
        if missing:
            process.require_running(state, PROCESSES)
        return ", ".join(missing)

    wait_for(pending, HEALTHY_SECONDS, f"The logs are in {state.logs}.")


def _missing(settings: Settings, since: datetime) -> list[str]:
    missing = airflow.unhealthy_parts(settings.airflow_url, since)
    try:
        httpx.get(f"{settings.mailbox_url}/api/messages?limit=1", timeout=5, trust_env=False).raise_for_status()
    except httpx.HTTPError:
        missing.append(MAILBOX)
    if not intake.is_well(settings.intake_url):
        missing.append(intake.INTAKE)
    return missing


def _idle(state: State, settings: Settings, since: datetime) -> list[str]:
    try:
        return airflow.idle_parts(AirflowApi(settings.airflow_url, ADMIN, state.secrets().admin_password), since)
    except StackError:
        return ["api-server"]


def _end(state: State, server: EmbeddedPostgres) -> None:
    if process.all_processes(state):
        say("Airflow, intake and mailbox: ending")
    process.stop_all(state)
    if server.running():
        say("PostgreSQL: ending")
        server.stop()


def _embedded(state: State, ports: Ports) -> EmbeddedPostgres:
    return EmbeddedPostgres(state.postgres, ports.postgres, state.secrets().postgres_password)


def _held_ports(state: State) -> set[int]:
    ports = known_ports(state.ports)
    if ports is None:
        return set()
    held = {ports.postgres} if _embedded(state, ports).running() else set()
    if process.is_running(state, MAILBOX):
        held |= {ports.smtp, ports.mailbox}
    if process.is_running(state, intake.INTAKE):
        held.add(ports.intake)
    if process.is_running(state, "api-server"):
        held.add(ports.airflow)
    return held


def _require_server(server_url: str) -> None:
    try:
        psycopg.connect(server_url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise StackError(
            f"The server at {_place(server_url)}, which RESTOCK_POSTGRES_URL names, cannot be reached: "
            f"{' '.join(str(error).split())}. Start it, correct the URL, or unset the variable to use the embedded one."
        ) from error


def _make_databases(server_url: str) -> None:
    for name in (WAREHOUSE_DATABASE, AIRFLOW_DATABASE):
        try:
            create_database(server_url, name)
        except psycopg.Error as error:
            raise StackError(
                f"The database {name} cannot be made at {_place(server_url)}: {' '.join(str(error).split())}. Make it "
                "by hand, or let RESTOCK_POSTGRES_URL name a user who may make databases."
            ) from error


def _warehouse_state(settings: Mapping[str, str]) -> str:
    if not settings:
        return "not running"
    try:
        psycopg.connect(settings["RESTOCK_WAREHOUSE_URL"], connect_timeout=5).close()
    except psycopg.OperationalError:
        return "not running"
    return "running"


def _intake_state(state: State, settings: Mapping[str, str]) -> str:
    found = _process_state(state, intake.INTAKE)
    return "not answering" if found == "running" and not intake.is_well(settings["RESTOCK_INTAKE_URL"]) else found


def _process_state(state: State, name: str) -> str:
    return "running" if process.is_running(state, name) else "not running"


def _place(url: str | None) -> str:
    """Host, port and database of a URL, fit to be shown."""
    if url is None:
        return "-"
    parts = conninfo_to_dict(url)
    return f"{parts.get('host', 'local socket')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
