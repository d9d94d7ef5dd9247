"""What the intake service accepted is there, whatever is killed or restarted in the middle."""

import json
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from restock.local.postgres import EmbeddedPostgres
from restock.warehouse import connect
from restock.warehouse.migrate import migrate
from tests.conftest import free_port
from tests.intake import IntakeService, intake_service

THREADS = 4


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, which it may stop, with a warehouse."""
    folder = Path(tempfile.mkdtemp(prefix="restock-test-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    try:
        with connect(server.url("postgres")) as connection:
            connection.execute("create database restock")
        migrate(server.url("restock"))
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Surface:
    """Asks again and again, from several threads, and remembers which requests were accepted."""

    def __init__(self, service: IntakeService) -> None:
        self._service = service
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(THREADS)]
        self.accepted: list[str] = []
        self.refused: list[httpx.Response] = []
        self.lost = 0

    def __enter__(self) -> "Surface":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, count: int) -> None:
        """Wait until so many more were accepted."""
        wanted = len(self.accepted) + count
        deadline = time.monotonic() + 60
        while len(self.accepted) < wanted:
            assert time.monotonic() < deadline, "the service takes nothing any more"
            time.sleep(0.01)

    def _run(self, thread: int) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            request_id = f"{thread}/{number}"
            body = {"request_id": request_id, "product_id": "lamp", "user_id": f"shopper-{request_id}"}
            try:
                answer = self._service.post("/v1/requests", body)
            except httpx.TransportError:
                self.lost += 1
                continue
            if answer.status_code == 202:
                self.accepted.append(answer.json()["request_id"])
            else:
                self.refused.append(answer)
                time.sleep(0.01)


def test_an_accepted_request_survives_a_restart_of_postgresql_and_a_kill_of_the_service(
    server: EmbeddedPostgres, tmp_path: Path
):
    with intake_service(server.url("restock"), tmp_path) as service:
        with Surface(service) as surface:
            surface.go_on(50)
            server.stop()
            while not surface.refused:
                time.sleep(0.01)
            server.start()
            surface.go_on(50)
            for _ in range(2):
                service.stop(signal.SIGKILL)
                service.start()
                surface.go_on(20)
            # A polite end answers what runs.
            lost = surface.lost
            assert service.stop() in {0, -signal.SIGTERM}
            service.start()
            surface.go_on(20)
        assert lost > 0, "nothing ran when the service was killed"
        with connect(server.url("restock")) as warehouse:
            found = {json.loads(line)["request_id"] for (line,) in warehouse.execute("select line from restock.inbox")}
        assert set(surface.accepted) - found == set()
        assert {answer.status_code for answer in surface.refused} == {503}
        assert {answer.headers["retry-after"] for answer in surface.refused} == {"2"}
        assert {answer.json()["type"] for answer in surface.refused} == {"urn:problem-type:restock:unavailable"}
        assert "Traceback" not in service.log.read_text()
