"""The embedded stack as somebody uses it who has this checkout and a shell. The tests build on each other."""

import contextlib
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from restock.local import process
from restock.local.environment import ADMIN, password_file, read_env_file
from restock.local.postgres import EmbeddedPostgres
from restock.local.state import State
from restock.local.watch import WATCH
from restock.warehouse import OWNER_URL, connect
from tests.browser import run_browser
from tests.mail import MailServer, serve_mail

CHECKOUT = Path(__file__).parents[2]
PATIENCE = timedelta(minutes=4)
# Chromium without a window says so, and what says so is no shopper whose clicks count.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


class Shell:
    """A shell in the checkout with a state folder of its own."""

    def __init__(self, state_dir: Path, **variables: str) -> None:
        self.state = State(state_dir)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RESTOCK", "AIRFLOW"))}
        self._environment = inherited | {"RESTOCK_STATE_DIR": str(state_dir), "PYTHONPATH": "include"} | variables

    def restock(self, command: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "restock.local", command])

    def sourced(self, command: str) -> str:
        """Output of a command in a shell that has sourced the env file."""
        outcome = self._run(["sh", "-c", f'. "$0" && {command}', str(self.state.env)])
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        return outcome.stdout.strip()

    def metadata(self, statement: str) -> str:
        """What a statement prints that is run over Airflow's own database."""
        url = '"$(echo "$AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" | sed s/+psycopg2//)"'
        return self.sourced(f'psql {url} -Atqc "{statement}"')

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=CHECKOUT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def oncall() -> Iterator[MailServer]:
    """The mailbox of the people on call."""
    with serve_mail() as server:
        yield server


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, oncall: MailServer) -> Iterator[Shell]:
    extra = {"disable_ssl": True, "disable_tls": True, "to": "oncall@shop.example"}
    alerts = json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": oncall.port, "extra": extra})
    # The spaces are there on purpose.
    shell = Shell(tmp_path_factory.mktemp("a stack") / "its state", AIRFLOW_CONN_RESTOCK_ALERTS=alerts)
    started = shell.restock("up")
    assert started.returncode == 0, started.stdout + started.stderr
    yield shell
    shell.restock("down")
    # As root its data lies outside the folder that pytest cleans.
    EmbeddedPostgres(shell.state.postgres, 0, "").remove()


def place_at_noon() -> str:
    """A time zone in which nobody is in quiet hours."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def land(shell: Shell) -> None:
    """One shopper, for whom it is noon, asked an hour ago for a product that is there now. Another one is sold out."""
    now = datetime.now(UTC)
    shop = read_env_file(shell.state.env)["RESTOCK_SHOP_URL"]
    pot = {"product_id": "p2", "name": "Red <teapot>", "price": "39", "currency": "EUR", "url": f"{shop}/p/p2"}
    feeds = {
        "products": [{"product_id": "p1", "name": "Blue kettle", "price": "24.90", "currency": "EUR"}, pot],
        "customers": [{"user_id": "u1", "email": "ada@example.com", "timezone": place_at_noon()}],
        "requests": [
            {
                "request_id": "r1",
                "user_id": "u1",
                "product_id": "p1",
                "requested_at": (now - timedelta(hours=1)).isoformat(),
            }
        ],
        "inventory": [{"product_id": "p1", "available_quantity": 5, "snapshot_at": now.isoformat()}],
    }
    for feed, rows in feeds.items():
        folder = shell.state.landing / feed
        folder.mkdir(exist_ok=True)
        (folder / ".first.part").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (folder / ".first.part").rename(folder / "first.jsonl")


def wait_for_mail(url: str, to: str = "ada@example.com") -> dict[str, str]:
    deadline = datetime.now(UTC) + PATIENCE
    while True:
        messages = httpx.get(f"{url}/api/messages", params={"query": to}).raise_for_status().json()["messages"]
        if messages:
            mail: dict[str, str] = messages[0]
            return mail
        assert datetime.now(UTC) < deadline, "no mail came"
        time.sleep(1)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = datetime.now(UTC) + PATIENCE
    while not is_so():
        assert datetime.now(UTC) < deadline, f"waited in vain for {what}"
        time.sleep(0.5)


def airflow_client(shell: Shell) -> httpx.Client:
    url = read_env_file(shell.state.env)["AIRFLOW_UI_URL"]
    login = {"username": ADMIN, "password": shell.state.secrets().admin_password}
    token = httpx.post(f"{url}/auth/token", json=login).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def find_runs(api: httpx.Client, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of restock_notify that a query finds."""
    answer = api.get("/api/v2/dags/restock_notify/dagRuns", params=query).raise_for_status()
    found: list[dict[str, Any]] = answer.json()["dag_runs"]
    return found


def clear_everything(api: httpx.Client, dag_id: str) -> bool:
    """Clear every task of every run, as from Airflow's page. False where Airflow wants to be asked again.

    The API and the scheduler may lock the same rows in another order (apache/airflow#66734): what PostgreSQL then ends
    is answered with an error 500, and has cleared nothing.
    """
    body = {"dry_run": False, "only_failed": False, "reset_dag_runs": True}
    answer = api.post(f"/api/v2/dags/{dag_id}/clearTaskInstances", json=body)
    if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
        return False
    assert answer.raise_for_status().json()["total_entries"] > 0
    return True


def is_done_again(api: httpx.Client, run_id: str) -> bool:
    """Whether a run that was cleared has ended, each of its tasks in a second try or not needed any more."""
    run = api.get(f"/api/v2/dags/restock_notify/dagRuns/{run_id}").raise_for_status().json()
    tasks = api.get(f"/api/v2/dags/restock_notify/dagRuns/{run_id}/taskInstances").raise_for_status().json()
    tries = {task["task_id"]: task["try_number"] for task in tasks["task_instances"]}
    assert run["state"] != "failed"
    return run["state"] == "success" and tries["plan_messages"] > 1


def test_everything_runs_after_up(shell: Shell) -> None:
    # A machine that stands still for half a minute ages every sign of life; it is well again a moment later.
    deadline = datetime.now(UTC) + PATIENCE
    while (outcome := shell.restock("status")).returncode != 0:
        assert datetime.now(UTC) < deadline, outcome.stdout + outcome.stderr
    assert {line.split()[-2] for line in outcome.stdout.splitlines()} == {"running"}
    assert len(outcome.stdout.splitlines()) >= 8


def test_a_second_up_leaves_what_runs_alone(shell: Shell) -> None:
    before = {path.name for path in shell.state.run.glob("*.json")}
    outcome = shell.restock("up")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert {path.name for path in shell.state.run.glob("*.json")} == before


def test_a_shopper_who_waits_gets_a_mail_once_the_product_is_back(shell: Shell) -> None:
    land(shell)
    shell.sourced("airflow dags trigger restock_ingest")
    mailbox = read_env_file(shell.state.env)["RESTOCK_MAILBOX_URL"]
    mail = wait_for_mail(mailbox)
    assert mail["to"] == "ada@example.com"
    assert "Blue kettle" in mail["subject"]
    whole = httpx.get(f"{mailbox}/api/messages/{mail['id']}").raise_for_status().json()
    assert "Blue kettle" in whole["text"]
    assert "Blue kettle" in whole["html"]


def test_the_mail_can_be_found_in_the_warehouse_by_its_message_id(shell: Shell) -> None:
    mailbox = read_env_file(shell.state.env)["RESTOCK_MAILBOX_URL"]
    notification_id = wait_for_mail(mailbox)["message_id"].strip("<>").partition("@")[0]
    found = shell.sourced(
        f'psql "$RESTOCK_WAREHOUSE_URL" -Atc "select user_id, channel from restock.notification '
        f"where notification_id = '{notification_id}'\""
    )
    assert found == "u1|email"


def test_clearing_every_task_of_every_run_tells_nobody_again(shell: Shell) -> None:
    environment = read_env_file(shell.state.env)
    api = airflow_client(shell)
    told = {run["dag_run_id"] for run in find_runs(api, {"run_type": "asset_triggered"})}
    assert told
    for dag_id in ("restock_ingest", "restock_notify"):
        wait_until(lambda dag_id=dag_id: clear_everything(api, dag_id), f"Airflow to clear all runs of {dag_id}")
    deadline = datetime.now(UTC) + PATIENCE
    while not all(is_done_again(api, run_id) for run_id in told):
        assert datetime.now(UTC) < deadline, "the cleared runs do not end"
        time.sleep(1)
    mailbox = environment["RESTOCK_MAILBOX_URL"]
    assert httpx.get(f"{mailbox}/api/messages").raise_for_status().json()["total"] == 1


def test_a_backfill_and_the_same_days_again_tell_nobody_again(shell: Shell) -> None:
    api = airflow_client(shell)
    days = {"from_date": "2026-03-01T03:30:00Z", "to_date": "2026-03-01T03:31:00Z", "max_active_runs": 2}
    # tests/dags/test_repair.py tries the other DAGs, without the scheduler's own pace.
    for behaviour in ("none", "completed"):
        body = {"dag_id": "restock_notify", **days, "reprocess_behavior": behaviour}
        began = datetime.now(UTC)
        made = api.post("/api/v2/backfills", json=body).raise_for_status().json()
        query = {"run_type": "backfill", "start_date_gte": began.isoformat(), "state": "success"}
        wait_until(lambda query=query: len(find_runs(api, query)) == 2, "both runs of the backfill to succeed")
        # The scheduler looks each half minute whether a backfill has ended; until then it takes no other.
        shell.metadata(f"update backfill set completed_at = now() where id = {made['id']}")
    assert len(find_runs(api, {"run_type": "backfill"})) == 2
    mailbox = read_env_file(shell.state.env)["RESTOCK_MAILBOX_URL"]
    assert httpx.get(f"{mailbox}/api/messages").raise_for_status().json()["total"] == 1


def test_old_history_goes_and_the_scheduler_goes_on(shell: Shell) -> None:
    aged = "run_id like 'backfill%' or run_id like 'scheduled%'"
    for table in ("dag_run", "task_instance"):
        shell.metadata(f"update {table} set start_date = start_date - interval '40 days' where {aged}")
    shell.metadata("update trigger set created_date = created_date - interval '40 days'")
    watchers = "select count(*) from trigger"
    before, waking = int(shell.metadata("select count(*) from dag_run")), shell.metadata(watchers)
    shell.sourced(f"{sys.executable} -m restock.history")
    assert int(shell.metadata("select count(*) from dag_run")) < before
    assert shell.metadata(watchers) == waking
    # The scheduler goes on: a run begins and ends after it.
    api, began = airflow_client(shell), datetime.now(UTC)
    api.post("/api/v2/dags/restock_notify/dagRuns", json={"logical_date": None}).raise_for_status()
    query = {"start_date_gte": began.isoformat(), "state": "success"}
    wait_until(lambda: bool(find_runs(api, query)), "a run to end")


def test_a_run_that_hangs_is_told_by_its_deadline_alert(shell: Shell, oncall: MailServer) -> None:
    """By the scheduler and the triggerer, while the watch service is away. Only the minutes that it takes are moved."""
    process.stop(shell.state, [WATCH])
    url, api = read_env_file(shell.state.env)[OWNER_URL], airflow_client(shell)
    with connect(url) as warehouse, connect(url) as other, other.transaction():
        other.execute("lock table restock.episode in access exclusive mode")
        body = {"logical_date": None}
        run_id = api.post("/api/v2/dags/restock_notify/dagRuns", json=body).raise_for_status().json()["dag_run_id"]
        waiting = "select exists (select from pg_locks where not granted and relation = 'restock.episode'::regclass)"
        wait_until(lambda: warehouse.execute(waiting).fetchone() == (True,), "the run to hang")
        warehouse.execute("update restock.watch set watching_since = now() - interval '1 hour'")
        warehouse.execute("update restock.heartbeat set beat_at = now() - interval '1 hour'")
        of_run = f"dagrun_id = (select id from dag_run where run_id = '{run_id}')"
        passed = "deadline_time = now() - interval '1 second'"
        shell.metadata(f"update deadline set {passed} where {of_run}")
        told = "[page] Restock: No run of restock_notify comes to its end (restock_notify)"
        wait_until(lambda: told in [mail["Subject"] for mail in oncall.mails], "the alert to arrive")
        looked = warehouse.execute("select looked_by from restock.watch").fetchone()
        assert looked == ("Deadline Alert of restock_notify",)
    # What watches is back.
    assert shell.restock("up").returncode == 0


@pytest.fixture(scope="module")
def german() -> Iterator[BrowserContext]:
    """A shopper's browser."""
    with run_browser() as browser:
        context = browser.new_context(locale="de-DE", timezone_id=place_at_noon(), user_agent=BROWSER)
        context.set_default_timeout(PATIENCE.total_seconds() * 1000)
        yield context


def open_mail(shell: Shell, browser: BrowserContext) -> Page:
    """The mailbox page, on it the message to the shopper who asked in the shop."""
    mailbox = read_env_file(shell.state.env)["RESTOCK_MAILBOX_URL"]
    wait_for_mail(mailbox, "grace@example.com")
    page = browser.new_page()
    page.goto(mailbox)
    page.get_by_role("link", name="grace@example.com").click()
    return page


def follow(page: Page, link: str) -> Page:
    """What a link of the message opens, which is a new tab."""
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link", name=link, exact=True).click()
    return opened.value


def test_a_shopper_asks_in_the_shop_and_the_message_leads_back_to_the_product(
    shell: Shell, german: BrowserContext
) -> None:
    shop = read_env_file(shell.state.env)["RESTOCK_SHOP_URL"]
    page = german.new_page()
    page.goto(f"{shop}/")
    page.get_by_role("link", name="Red <teapot>").click()
    page.get_by_label("E-Mail-Adresse").fill("grace@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Danke. Wir schreiben Ihnen, sobald es wieder da ist.")
    page.get_by_role("button", name="Eine Lieferung von 12 kommt an").click()
    # The page looks again by itself until the delivery went through both services and the pipeline.
    page.get_by_text("Die Lieferung ist da.").wait_for()
    mail = open_mail(shell, german)
    expect(mail.get_by_role("heading", name="Wieder verfügbar: Red <teapot>")).to_be_visible()
    product = follow(mail, "Zum Produkt")
    product.wait_for_url(f"{shop}/p/p2")
    expect(product.get_by_role("heading", name="Red <teapot>")).to_be_visible()
    expect(product.get_by_text("Vorrätig: 12")).to_be_visible()
    clicks = shell.sourced('psql "$RESTOCK_WAREHOUSE_URL" -Atc "select store_id, product_id from restock.click"')
    assert clicks == "main|p2"


def test_the_shopper_unsubscribes_from_the_message(shell: Shell, german: BrowserContext) -> None:
    asked = follow(open_mail(shell, german), "Keine solchen Nachrichten mehr")
    stopped = (
        "select channel, contact_hash = restock.hash_contact('grace@example.com'), reason from restock.suppression"
    )
    # Who only looks has stopped nothing.
    assert shell.sourced(f'psql "$RESTOCK_WAREHOUSE_URL" -Atc "{stopped}"') == ""
    asked.get_by_role("button").click()
    expect(asked.get_by_role("heading")).to_have_text("Erledigt")
    assert shell.sourced(f'psql "$RESTOCK_WAREHOUSE_URL" -Atc "{stopped}"') == "email|t|unsubscribe"


def test_nothing_listens_beyond_this_machine(shell: Shell) -> None:
    ports = json.loads(shell.state.ports.read_text())
    server = [one for one in psutil.process_iter() if ports["postgres"] in {laddr.port for laddr in listening(one)}]
    assert server
    found = {laddr for one in [*process.all_processes(shell.state), *server] for laddr in listening(one)}
    assert {laddr.port for laddr in found} >= set(ports.values())
    assert {laddr.ip for laddr in found} == {"127.0.0.1"}


def listening(one: psutil.Process) -> list[Any]:
    """What a process listens at, by TCP or UDP; nothing of one that has ended, or that is not ours to ask."""
    with contextlib.suppress(psutil.Error):
        sockets = [found for found in one.net_connections("inet") if found.laddr]
        return [found.laddr for found in sockets if found.status in {psutil.CONN_LISTEN, psutil.CONN_NONE}]
    return []


def test_secrets_stand_where_only_the_owner_reads_them_and_nowhere_else(shell: Shell) -> None:
    """After runs that told shoppers, in every file of the stack, the repository and the command lines."""
    secrets = {name: text.encode() for name, text in asdict(shell.state.secrets()).items()}
    keepers = {shell.state.root / "secrets.json", shell.state.env, password_file(shell.state)}
    assert {stat.S_IMODE(keeper.stat().st_mode) for keeper in keepers} == {0o600}
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=False).stdout
    files = {CHECKOUT / os.fsdecode(name) for name in tracked.split(b"\0") if name}
    log = EmbeddedPostgres(shell.state.postgres, 0, "").log
    files |= {
        path for path in shell.state.root.rglob("*") if path.is_file() and shell.state.postgres not in path.parents
    }
    assert any("task_id=send_due" in str(path) for path in files)
    told = {
        f"{name} in {path}"
        for path in {*files, log} - keepers
        if path.exists()
        for name, secret in secrets.items()
        if secret in path.read_bytes()
    }
    assert told == set()
    lines = []
    for one in process.all_processes(shell.state):
        with contextlib.suppress(psutil.NoSuchProcess):
            lines.append(" ".join(one.cmdline()).encode())
    assert [name for name, secret in secrets.items() for line in lines if secret in line] == []


def test_down_leaves_no_process_and_keeps_the_data(shell: Shell) -> None:
    # Not by asking the ports: another stack on the machine may take them the moment they are free.
    assert process.all_processes(shell.state)
    outcome = shell.restock("down")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert process.all_processes(shell.state) == []
    assert shell.restock("status").returncode == 1
    assert shell.state.mailbox.exists()
