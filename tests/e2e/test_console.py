"""The console in a real browser, behind a real Airflow API server: who may see it, who may act, and what it shows."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, StorageState, expect

from restock.marts import refresh
from restock.warehouse import connect
from tests.e2e.console_server import Console, next_run, routes

SECTIONS = ["Now", "Schedule", "Tune", "Explain", "Demand"]


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


def test_health_answers_who_may_look_with_the_table_of_the_command(console: Console) -> None:
    assert "/api/health" in routes("get")
    assert console.client().get("/api/health").status_code == 401
    answer = console.client("vera").get("/api/health")
    assert answer.status_code == 200
    # Nobody watches here.
    assert answer.json()["status"] == "failing"
    assert {"name": "watch", "state": "bad", "facts": "nobody has looked yet"} in answer.json()["parts"]
    assert "@" not in answer.text


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


@pytest.mark.parametrize(
    "path",
    [
        "/api/explain?name=a%00b",
        "/api/explain?name=a&before_at=2026-06-10T12:00:00Z&before_key=9223372036854775808",
        "/api/explain/timeline?request_key=-9223372036854775809",
        "/api/tune/versions/9223372036854775808",
        "/api/tune/history?before=9223372036854775808",
        "/api/demand?wanted=%00",
        "/api/demand/report.csv?store=%00",
        "/api/schedule?product_id=%00",
    ],
)
def test_what_the_warehouse_cannot_hold_is_a_fault_of_who_asks(console: Console, path: str) -> None:
    assert console.client("admin").get(path).status_code == 422


def test_the_largest_number_is_the_key_of_nothing(console: Console) -> None:
    client = console.client("admin")
    assert client.get(f"/api/tune/versions/{2**63 - 1}").status_code == 404
    assert client.get(f"/api/explain/timeline?request_key={2**63 - 1}").json() == {"events": []}
    assert client.get(f"/api/tune/history?before={2**63 - 1}").status_code == 200


def test_the_page_runs_nothing_from_elsewhere(console: Console) -> None:
    answer = console.client("admin").get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in re.sub(r"<svg.*?</svg>", "", answer.text)


# ---- What it shows ---------------------------------------------------------------------------


def test_the_console_stands_in_airflows_navigation_and_follows_its_colours(
    console: Console, browser: Browser, sessions: dict[str, StorageState]
) -> None:
    context = browser.new_context(storage_state=sessions["admin"])
    page = context.new_page()
    page.goto(console.airflow_url)
    page.get_by_role("link", name="Restock").click()
    frame: FrameLocator = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Oldest due message")).to_be_visible()
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
        expect(page.locator(".loading")).to_have_count(0)
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


def test_a_fault_of_the_warehouse_is_a_sentence_and_what_was_shown_stays(
    console: Console, browser: Browser, sessions: dict[str, StorageState]
) -> None:
    with browser.new_context(storage_state=sessions["vera"]) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(f"{console.url}/#now")
        due = page.locator(".figures .card", has_text="Scheduled")
        expect(due).to_contain_text("1")
        with connect(console.warehouse_url) as warehouse:
            warehouse.execute("alter table restock.outbox rename to away")
            try:
                page.clock.fast_forward(6_000)
                expect(page.get_by_role("alert")).to_contain_text("The warehouse is not of this version")
                expect(due).to_contain_text("1")
                expect(page.locator(".figures")).to_have_class(re.compile("stale"))
            finally:
                warehouse.execute("alter table restock.away rename to outbox")
            page.clock.fast_forward(6_000)
            expect(page.get_by_role("alert")).to_have_count(0)
            expect(page.locator(".stale")).to_have_count(0)


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


# ---- Tune ------------------------------------------------------------------------------------


def test_a_setting_is_previewed_saved_in_force_at_the_next_run_and_set_back(console: Console, visit) -> None:
    first = next_run(console)
    page = visit("admin", "tune")
    question, done = page.locator("dialog"), page.locator("#said")
    page.get_by_label("Daily cap").fill("1")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".compare")).to_contain_text("Requests told")
    page.locator("#save").click()
    expect(question).to_contain_text("Daily cap: 3 messages a day → 1 message a day. In force at the next run")
    question.get_by_role("button", name="Save").click()
    expect(done).to_contain_text("Saved 1 setting")
    expect(page.locator(".field:has(#set-daily_cap)")).to_contain_text("next run; now 3 messages a day")

    second = next_run(console)
    assert (second.settings.daily_cap, second.policy_id) == (1, first.policy_id + 1)
    page.reload()
    newest = page.locator(".versions > li").first
    expect(newest).to_contain_text(f"Version {second.policy_id}in force")
    expect(newest).to_contain_text("admin")
    expect(newest).to_contain_text("Daily cap: 3 messages a day → 1 message a day")

    page.locator(f"#back-{first.policy_id}").click()
    expect(page.locator(".compare")).to_contain_text("Requests told")
    page.locator("#save").click()
    question.get_by_role("button", name="Save").click()
    expect(done).to_contain_text("Saved 1 setting")
    assert next_run(console).settings == first.settings
    done_by = rows(
        console,
        "select user_name, subject, detail - 'back_to', (detail ->> 'back_to')::integer from restock.console_action"
        " where action = 'change_settings' order by console_action_id",
    )
    assert done_by == [
        ("admin", "daily_cap", {"from": None, "to": "1"}, None),
        ("admin", "daily_cap", {"from": "1", "to": "3"}, first.policy_id),
    ]
    log = console.client("admin").get(f"{console.airflow_url}/api/v2/eventLogs?event=patch_variable").json()
    assert [(entry["owner"], "restock_daily_cap" in entry["extra"]) for entry in log["event_logs"]] == [("admin", True)]


def test_a_wrong_value_and_one_changed_meanwhile_change_nothing(console: Console) -> None:
    client = console.client("admin")
    before = client.get("/api/tune").json()
    wrong = client.post("/api/tune/save", json={"changes": {"quiet_hours": "9-5", "paused": "true"}, "seen": {}})
    assert wrong.status_code == 422
    assert "two times of day" in wrong.json()["detail"]["problems"]["quiet_hours"][0]
    assert client.post("/api/tune/preview", json={"changes": {"daily_cap": "no"}}).status_code == 422
    # Somebody set it in Airflow's own pages after this page was read.
    api = f"{console.airflow_url}/api/v2/variables"
    assert client.post(api, json={"key": "restock_priority", "value": "tier"}).status_code == 201
    save = {"changes": {"priority": "fifo", "cooldown_hours": "1"}, "seen": {"priority": None, "cooldown_hours": None}}
    stale = client.post("/api/tune/save", json=save)
    assert stale.status_code == 409
    assert stale.json()["detail"]["now"] == {"priority": "tier"}
    after = client.get("/api/tune").json()
    changed = [new["name"] for old, new in zip(before["settings"], after["settings"], strict=True) if old != new]
    assert changed == ["priority"]
    next_run(console)
    newest = client.get("/api/tune/history").json()["versions"][0]
    assert newest["changes"] == [{"name": "priority", "from": "fifo", "to": "tier", "user": "admin"}]


def test_a_viewer_sees_the_settings_in_force_and_can_change_none(console: Console, visit) -> None:
    page = visit("vera", "tune")
    expect(page.get_by_label("Daily cap")).to_be_disabled()
    expect(page.locator(".side")).to_contain_text("Airflow must allow you to edit Variables")
    assert page.locator(".fields input:enabled, .fields select:enabled, .versions button").count() == 0
    client = console.client("vera")
    assert all(one["stored"] is None for one in client.get("/api/tune").json()["settings"])
    for path in ("/api/tune/save", "/api/tune/preview"):
        assert client.post(path, json={"changes": {"daily_cap": "9"}, "seen": {}}).status_code == 403, path


# ---- Explain and Demand ----------------------------------------------------------------------


def test_somebodys_requests_are_explained_with_a_timeline(visit) -> None:
    page = visit("vera", "explain")
    asked = page.get_by_label("Request, shopper, product or store/product")
    asked.fill("ada")
    asked.press("Enter")
    expect(page.locator(".request")).to_have_count(2)
    page.locator(".request", has_text="Brass <lamp>").get_by_text("Timeline").click()
    expect(page.locator(".timeline .sent")).to_have_text(re.compile("Sent by email: the provider has it"))
    asked.fill("nobody & <b>")
    asked.press("Enter")
    expect(page.locator(".results")).to_contain_text("Nothing is called “nobody & <b>”")


def test_what_shoppers_wait_for_is_shown_and_downloaded_in_airflows_frame(
    console: Console, browser: Browser, sessions: dict[str, StorageState]
) -> None:
    with connect(console.warehouse_url) as warehouse:
        assert refresh(warehouse)
    context = browser.new_context(storage_state=sessions["vera"])
    page = context.new_page()
    page.goto(console.airflow_url)
    page.get_by_role("link", name="Restock").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("tab", name="Demand").click()
    expect(frame.locator(".demand-table tbody tr").first).to_contain_text("Brass <lamp>")
    frame.get_by_label("Search").fill("mug")
    expect(frame.locator(".demand-table tbody tr")).to_have_count(1)
    with page.expect_download() as downloading:
        frame.get_by_role("link", name="Buyer's report").click()
    text = Path(downloading.value.path()).read_text(encoding="utf-8-sig")
    assert [line.split(",")[:2] for line in text.splitlines()] == [["store_id", "product_id"], ["main", "mug"]]
    context.close()
