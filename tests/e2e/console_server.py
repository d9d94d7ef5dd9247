"""Airflow's API server with the console, and nothing else of Airflow: what the page does, it does by itself."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from restock.policy import VARIABLE_PREFIX, ResolvedPolicy, resolve_policy
from restock.warehouse import connect
from tests.conftest import free_port
from tests.roles import login_in

CHECKOUT = Path(__file__).parents[2]
# Login and password, which is the same, and role.
USERS = {"admin": "admin", "vera": "viewer"}
_ROUTE = re.compile(r"^@router\.(get|post)\(\s*\"([^\"]*)\"", re.MULTILINE)
_PREFIX = re.compile(r"APIRouter\(prefix=\"([^\"]*)\"")


class Console:
    """The console as it is served."""

    def __init__(self, airflow_url: str, warehouse_url: str) -> None:
        self.airflow_url = airflow_url
        self.url = f"{airflow_url}/restock-console"
        self.warehouse_url = warehouse_url

    def client(self, user: str | None = None) -> httpx.Client:
        """Somebody who is logged in, as a browser is: by the cookie. Without a name, somebody who is not."""
        client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        if user:
            answer = httpx.post(f"{self.airflow_url}/auth/token", json={"username": user, "password": user})
            client.cookies.set("_token", answer.raise_for_status().json()["access_token"])
        return client


def routes(method: str) -> list[str]:
    """Paths of the console's endpoints, as its modules declare them."""
    found = []
    for module in sorted((CHECKOUT / "include" / "restock_console_api").glob("*.py")):
        text = module.read_text(encoding="utf-8")
        prefix = _PREFIX.search(text)
        found += [
            f"/api{prefix[1] if prefix else ''}{path}"
            for verb, path in _ROUTE.findall(text)
            if verb == method and module.stem != "files"
        ]
    return [re.sub(r"\{[^}]*\}", "1", path) for path in found]


def next_run(console: Console) -> ResolvedPolicy:
    """What the first task of a run does: put in force what Airflow's Variables say."""
    variables = console.client("admin").get(f"{console.airflow_url}/api/v2/variables?limit=100").json()["variables"]
    values = {one["key"].removeprefix(VARIABLE_PREFIX): one["value"] for one in variables}
    with connect(console.warehouse_url) as warehouse:
        return resolve_policy(warehouse, values)


@contextmanager
def serve(folder: Path, metadata_url: str, warehouse_url: str) -> Iterator[Console]:
    """Start the API server over an empty metadata database, with the logins of an installation, and end it."""
    with login_in("restock_pipeline", warehouse_url) as pipeline, login_in("restock_console", warehouse_url) as console:
        connections = {"AIRFLOW_CONN_RESTOCK_WAREHOUSE": pipeline, "AIRFLOW_CONN_RESTOCK_CONSOLE": console}
        with _serve(folder, metadata_url, connections) as url:
            yield Console(url, warehouse_url)


@contextmanager
def _serve(folder: Path, metadata_url: str, connections: dict[str, str]) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps({user: user for user in USERS}))
    settings = {
        "core": {
            "dags_folder": str(CHECKOUT / "dags"),
            "plugins_folder": str(CHECKOUT / "plugins"),
            "load_examples": "false",
            "simple_auth_manager_users": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "simple_auth_manager_passwords_file": str(passwords),
            "fernet_key": "",
        },
        "database": {"sql_alchemy_conn": metadata_url.replace("postgresql://", "postgresql+psycopg2://")},
        "api": {"host": "127.0.0.1", "port": str(port), "base_url": url, "secret_key": "k" * 32, "workers": "1"},
        "api_auth": {"jwt_secret": "j" * 64},
        "logging": {"base_log_folder": str(folder / "logs")},
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RESTOCK"))}
    # Compiling every module anew would take longer than the rest.
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = inherited | {
        "AIRFLOW_HOME": str(folder),
        **connections,
        "PYTHONPATH": str(CHECKOUT / "include"),
        **{f"AIRFLOW__{s}__{o}".upper(): value for s, options in settings.items() for o, value in options.items()},
    }
    airflow = [sys.executable, "-m", "airflow"]
    migrated = subprocess.run([*airflow, "db", "migrate"], env=environment, capture_output=True, text=True, check=False)
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    with (folder / "api-server.log").open("w") as log:
        server = subprocess.Popen(
            [*airflow, "api-server"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_it_answers(url, server, folder / "api-server.log")
        yield url
    finally:
        # It has nothing to keep, and would wait for the browser's connections to end.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{url}/api/v2/version", timeout=30, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(f"The API server does not answer: {log.read_text()}")
