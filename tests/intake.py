"""A running intake service for tests: a process of its own, with a login that may do what its role may."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from psycopg import sql
from psycopg.conninfo import make_conninfo

from restock.intake.keys import add_key
from restock.local.intake import ROLE
from restock.local.logins import Login, make_logins
from restock.warehouse import connect
from tests.conftest import free_port

ROOT = Path(__file__).parents[1]
ORIGIN = "http://shop.example"
KEYS = (("shop", "surface", "web", ()), ("page", "widget", None, (ORIGIN,)), ("warehouse", "operator", None, ()))
SECRET = "a secret of the tests"
STARTING_SECONDS = 120


@dataclass
class IntakeService:
    """One service. `keys` has a key of each kind: shop (surface), page (widget) and warehouse (operator)."""

    warehouse_url: str
    database_url: str
    log: Path
    keys: Mapping[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    # A connection each: what was killed must not be found in a pool. TLS is not used, and takes long to set up.
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(
            trust_env=False, timeout=30, verify=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process, and wait until it and its database are well."""
        environment = os.environ | {
            "PYTHONPATH": str(ROOT / "include"),
            "RESTOCK_INTAKE_DATABASE_URL": self.database_url,
            "RESTOCK_PUBLIC_URL": self.url,
            "RESTOCK_LINK_SECRET": SECRET,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "restock.intake", "--port", str(self.port), "--trust-proxy", "127.0.0.1"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + STARTING_SECONDS
        while not self.is_well():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The service did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def is_well(self) -> bool:
        try:
            return self.get("/v1/health").is_success
        except httpx.HTTPError:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the process with a signal. Its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STARTING_SECONDS)

    def post(self, path: str, body: object, key: str = "shop", **headers: str) -> httpx.Response:
        """Send a JSON body; underscores in the names of headers stand for hyphens."""
        if key == "page":
            headers.setdefault("Origin", ORIGIN)
        content: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        given = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.post(self.url + path, headers=self.authorization(key) | given, **content)

    def get(self, path: str, key: str = "shop", **parameters: str | int) -> httpx.Response:
        return self.client.get(self.url + path, params=parameters or None, headers=self.authorization(key))

    def authorization(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys.get(key, key)}"} if key else {}


@contextmanager
def intake_service(warehouse_url: str, folder: Path) -> Iterator[IntakeService]:
    """A service on a warehouse, which ends afterwards, and its login with it.

    Args:
        warehouse_url: For a user who may make roles.
        folder: For its log, `intake.log`.
    """
    login = f"restock_intake_test_{secrets.token_hex(4)}"
    database_url = make_conninfo(warehouse_url, user=login, password=secrets.token_hex(8))
    make_logins(warehouse_url, [Login.of_url(database_url, ROLE)])
    with connect(warehouse_url) as warehouse:
        keys = {name: add_key(warehouse, name, kind, surface, origins) or "" for name, kind, surface, origins in KEYS}
    service = IntakeService(warehouse_url, database_url, folder / "intake.log", keys)
    try:
        service.start()
        yield service
    finally:
        if service.process and service.process.poll() is None:
            service.stop()
        with connect(warehouse_url) as connection:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))
