"""The console in a real browser, behind a real Airflow API server: who may see it, who may act, and what it shows."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from restock.warehouse import connect
from tests.browser import run_browser
from tests.conftest import database_url
from tests.e2e.console_server import Console, routes, serve
from tests.warehouse.landing import Landing, subscribe
from tests.warehouse.shop import Shop

SECTIONS = ["Now", "Schedule", "Tune", "Explain", "Demand"]


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


@pytest.fixture
def visit(console: Console, browser: Browser) -> Iterator[object]:
    """Log in and open the console: visit("vera", "schedule"). What the page complains about fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_console(user: str = "admin", section: str = "now") -> Page:
        context = browser.new_context(timezone_id="Asia/Tokyo")
        contexts.append(context)
        log_in(context, console, user)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(f"{console.url}/#{section}")
        expect(page.locator(".loading")).to_have_count(0, timeout=20_000)
        return page

    yield open_console
    for context in contexts:
        context.close()
    assert faults == []


def log_in(context: BrowserContext, console: Console, user: str) -> None:
    page = context.new_page()
    page.goto(console.airflow_url)
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(user)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{console.airflow_url}/")
    page.close()


def rows(console: Console, query: str) -> list[tuple]:
    with connect(console.warehouse_url) as warehouse:
        return warehouse.execute(query).fetchall()


# ---- Who may ---------------------------------------------------------------------------------


def test_without_login_everything_is_refused(console: Console) -> None:
    client = console.client()
    assert len(routes("get")) > 4
    for path in ["/", "/app.js", "/style.css", "/vendor/uplot/uPlot.min.css", "/no-such-thing", *routes("get")]:
        assert client.get(path).status_code == 401, path
    for path in routes("post"):
        assert client.post(path, json={}).status_code == 401, path


def test_the_console_documents_itself_to_nobody(console: Console) -> None:
    client = console.client("admin")
    assert [client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404] * 3


def test_a_viewer_may_look_and_change_nothing(console: Console) -> None:
    client = console.client("vera")
    assert client.get("/api/me").json() == {"user": "vera", "may": {"notify": False, "ingest": False, "tune": False}}
    assert client.get("/").status_code == 200
    for path in ("/api/now", "/api/now/funnel", "/api/now/episodes", "/api/now/troubles", "/api/schedule"):
        assert client.get(path).status_code == 200, path
    assert [path for path in routes("post") if path.startswith("/api/now/")]
    bodies = [{"gate": "snapshot_age"}, {"channel": "email", "outcome": "permanent", "provider_code": "554"}]
    for path in routes("post"):
        if path.startswith("/api/now/"):
            assert {client.post(path, json=body).status_code for body in bodies} == {403}, path
    assert rows(console, "select * from restock.console_action") == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Content-Type": "application/json"}, 403),
        ({"Origin": "https://elsewhere.example", "Content-Type": "application/json"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_another_site_cannot_act_with_the_cookie_of_somebody_logged_in(
    console: Console, headers: dict[str, str], status: int
) -> None:
    client = console.client("admin")
    answer = client.post("/api/now/release-episodes", content='{"gate": "snapshot_age"}', headers=headers)
    assert answer.status_code == status
    assert rows(console, "select * from restock.console_action") == []


def test_the_page_runs_nothing_from_elsewhere(console: Console) -> None:
    answer = console.client("admin").get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in re.sub(r"<svg.*?</svg>", "", answer.text)


# ---- What it shows ---------------------------------------------------------------------------


def test_the_console_stands_in_airflows_navigation_and_follows_its_colours(console: Console, browser: Browser) -> None:
    context = browser.new_context()
    log_in(context, console, "admin")
    page = context.new_page()
    page.goto(console.airflow_url)
    page.get_by_role("link", name="Restock").click()
    frame: FrameLocator = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Oldest due message")).to_be_visible(timeout=20_000)
    for theme in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.className = theme }", theme)
        expect(frame.locator("html")).to_have_attribute("data-theme", theme)
    context.close()


def test_every_section_opens_by_keyboard_and_fits_a_phone(visit) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("tab", name="Now").focus()
    for name in [*SECTIONS[1:], SECTIONS[0]]:
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(page.locator(f".section.{name.lower()}")).to_be_visible()
        expect(page.locator(".loading")).to_have_count(0, timeout=20_000)
        expect(page.locator(".state.error")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_now_shows_what_is_back_what_left_and_what_went_wrong(visit) -> None:
    page = visit("vera")
    lamp = page.locator(".episodes tr", has_text="Brass <lamp>")
    expect(lamp).to_contain_text("2 of 3")
    expect(page.locator(".attention li")).to_contain_text("snapshot_age holds 1 product")
    expect(page.locator(".dead tbody tr")).to_contain_text("email 554: the transaction failed")
    expect(page.locator(".rejected tbody tr")).to_contain_text("requests/monday.csv")
    for button in ("Release", "Replay"):
        assert all(one.is_disabled() for one in page.get_by_role("button", name=button).all())


def test_the_schedule_is_a_curve_that_can_be_narrowed(visit) -> None:
    page = visit("vera", "schedule")
    expect(page.locator(".summary")).to_contain_text("1 message in this time")
    curve = page.locator(".chart")
    expect(curve).to_have_attribute("aria-label", re.compile("email: 1"))
    page.get_by_role("button", name="By wave").click()
    expect(curve).to_have_attribute("aria-label", re.compile("Wave 2: 1"))
    page.get_by_label("Product").fill("mug")
    page.get_by_label("Product").press("Tab")
    expect(page.locator(".curve")).to_contain_text("Nothing waits for what you narrowed it to.")


def test_a_fault_of_the_warehouse_is_a_sentence_and_what_was_shown_stays(console: Console, visit) -> None:
    client = console.client("vera")
    with connect(console.warehouse_url) as warehouse:
        warehouse.execute("alter table restock.episode rename to away")
        answer = client.get("/api/now/episodes")
        warehouse.execute("alter table restock.away rename to episode")
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The warehouse is not of this version")


# ---- What it does ----------------------------------------------------------------------------


def test_a_gate_is_released_and_what_was_given_up_is_replayed(console: Console, visit) -> None:
    page = visit("admin")
    done = page.locator("#said")
    question = page.locator("dialog")

    page.get_by_role("button", name="Release").click()
    expect(question).to_contain_text("Release 1 product; about 1 request will be planned at the next run.")
    question.get_by_role("button", name="Cancel").click()
    assert rows(console, "select * from restock.console_action") == []
    page.get_by_role("button", name="Release").click()
    question.get_by_role("button", name="Release").click()
    expect(done).to_contain_text("Released snapshot_age")
    expect(page.locator(".attention")).to_contain_text("No gate holds anything")
    assert rows(console, "select gate, released_by from restock.gate") == [("snapshot_age", "admin")]

    page.locator(".dead").get_by_role("button", name="Replay").click()
    expect(question).to_contain_text("Try 1 dead message once more on email, at the next run.")
    question.get_by_role("button", name="Replay").click()
    expect(done).to_contain_text("1 message will be tried again")
    assert rows(console, "select status from restock.notification where user_id = 'bob'") == [("failed",)]

    page.locator(".rejected").get_by_role("button", name="Replay").click()
    question.get_by_role("button", name="Replay").click()
    expect(done).to_contain_text("1 row read again: 0 good, 1 rejected again")

    expect(page.locator(".actions li")).to_have_count(3)
    assert rows(console, "select user_name, action, subject from restock.console_action order by 1, 2") == [
        ("admin", "release_gate", "snapshot_age"),
        ("admin", "replay_dead", "email"),
        ("admin", "replay_rejected", "requests/monday.csv"),
    ]
