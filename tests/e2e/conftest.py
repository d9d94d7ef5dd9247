"""Fixtures of the console's tests: a warehouse with something in it, Airflow's API server over it, and a browser."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from restock.warehouse import connect
from tests.browser import run_browser
from tests.conftest import database_url
from tests.e2e.console_server import USERS, Console, serve
from tests.warehouse.landing import Landing, subscribe
from tests.warehouse.shop import Shop


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, warehouse_template: str) -> Iterator[Console]:
    """The console over a warehouse in which there is something to release and to replay."""
    names = [f"restock_console_{part}_{secrets.token_hex(4)}" for part in ("airflow", "warehouse")]
    metadata_url, warehouse_url = (database_url(postgres_url, name) for name in names)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"create database {names[0]}")
        server.execute(f"create database {names[1]} template {warehouse_template}")
    folder = tmp_path_factory.mktemp("console")
    fill(folder, warehouse_url)
    with serve(folder, metadata_url, warehouse_url) as served:
        yield served
    with psycopg.connect(postgres_url, autocommit=True) as server:
        for name in names:
            server.execute(f"drop database {name} with (force)")


def fill(folder: Path, warehouse_url: str) -> None:
    """A lamp is back for three: a message was sent, one is dead, one is to come. A mug is held, a row rejected."""
    with connect(warehouse_url) as warehouse:
        shop = Shop(warehouse, clock=datetime.now(UTC).replace(microsecond=0))
        shop.settings |= {
            "quiet_hours": "",
            "notify_per_unit": "2",
            "overrides": '{"product": {"main/mug": {"max_snapshot_age_hours": 1}}}',
        }
        for user in ("ada", "bob", "cid"):
            shop.customer(user)
            shop.request(user, "lamp")
        shop.request("ada", "mug")
        shop.stock("lamp", 1)
        shop.stock("mug", 4)
        shop.run(
            "update restock.availability set snapshot_at = %s where product_id = 'mug'", shop.clock - timedelta(hours=5)
        )
        shop.run("insert into restock.product (store_id, product_id, name) values ('main', 'lamp', 'Brass <lamp>')")
        shop.plan()
        shop.run(
            "update restock.notification set status = case user_id when 'ada' then 'sent' else 'dead' end,"
            " attempt_count = 1, status_at = %s where user_id in ('ada', 'bob')",
            shop.clock,
        )
        shop.run(
            "insert into restock.delivery_attempt select notification_key, 1, case user_id when 'ada' then 'accepted'"
            " else 'permanent' end, case user_id when 'ada' then '250' else '554' end, null, %s, %s, 'x'"
            " from restock.notification where user_id in ('ada', 'bob')",
            shop.clock - timedelta(minutes=1),
            shop.clock - timedelta(minutes=1),
        )
        shop.run(
            "delete from restock.outbox where notification_key in"
            " (select notification_key from restock.notification where status in ('sent', 'dead'))"
        )
        landing = Landing(folder / "landing", warehouse_url, warehouse)
        landing.send("requests", [subscribe("bad", user="eve") | {"requested_at": "yesterday"}], "monday.csv")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as found:
        yield found


@pytest.fixture(scope="module")
def sessions(console: Console, browser: Browser) -> dict[str, StorageState]:
    """What the browser keeps of somebody who logged in on Airflow's own page."""
    found = {}
    for user in USERS:
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(console.airflow_url)
            page.locator("input[name=username]").fill(user)
            page.locator("input[name=password]").fill(user)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{console.airflow_url}/")
            found[user] = context.storage_state()
    return found


@pytest.fixture
def visit(console: Console, browser: Browser, sessions: dict[str, StorageState]) -> Iterator[object]:
    """Log in and open the console: visit("vera", "schedule"). What the page complains about fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_console(user: str = "admin", section: str = "now") -> Page:
        context = browser.new_context(timezone_id="Asia/Tokyo", storage_state=sessions[user])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(f"{console.url}/#{section}")
        expect(page.locator(".loading")).to_have_count(0)
        return page

    yield open_console
    for context in contexts:
        context.close()
    assert faults == []
