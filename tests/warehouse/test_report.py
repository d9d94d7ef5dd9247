"""The report: what it says is what the marts say; it is well-formed, holds no address, and loads nothing."""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import psycopg
import pytest
from psycopg.rows import dict_row

from restock.marts import refresh
from restock.report import Period, __main__, read_figures, render
from restock.report.words import say_duration, say_money, say_number, say_percent, say_points
from restock.warehouse import connect
from tests.browser import run_browser
from tests.warehouse.mart_facts import Facts
from tests.warehouse.own_warehouse import own_warehouse

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PERIOD = Period(date(2026, 6, 7), date(2026, 6, 13))
CLOCK = datetime(2026, 6, 20, tzinfo=UTC)
HOSTILE = "</title><script>alert('1')</script> & \"<b>\" {{ 7 * 7 }} https://evil.example/x.js \u202egnp.exe"
# How many shoppers are told, and held out, of the restock that the effect is measured on.
TOLD, HELD_OUT = 40, 30


def fill(warehouse: psycopg.Connection) -> None:
    """Three days, two channels, and restocks that end in each way."""
    facts = Facts(warehouse)
    facts.policy(NOON - 30 * DAY, '{"holdout_percent": 10, "quiet_hours": "21:30-08:00"}')
    warehouse.execute(
        "insert into restock.product (store_id, product_id, name, price, currency)"
        " values ('main', 'p-1', %s, 1234, 'EUR'), ('main', 'p-2', 'Lamp', null, null)",
        [HOSTILE],
    )
    episode_id = facts.episode("p-1", NOON)
    for number in range(TOLD):
        user_id = f"ann-{number}@example.com"
        at = NOON + timedelta(minutes=number)
        key = facts.message(user_id, "p-1", at, episode_id=episode_id)
        if number % 10 == 0:
            facts.attempt(key, 1, "retryable", at)
        facts.attempt(key, 2, "accepted", at)
        if number % 4 == 0:
            facts.click(key, "p-1", at + HOUR)
        if number % 2 == 0:
            facts.purchase(user_id, "p-1", at + HOUR, quantity=2)
    # The last one asked half a minute before, while the product was there.
    warehouse.execute(
        "update restock.request set requested_at = %s where user_id = %s",
        [NOON + timedelta(minutes=TOLD - 1, seconds=-30), f"ann-{TOLD - 1}@example.com"],
    )
    for number in range(HELD_OUT):
        facts.hold_out(f"bob-{number}", "p-1", NOON, episode_id)
    for number in range(3):
        at = NOON + DAY + number * 5 * HOUR
        facts.attempt(facts.message(f"cy-{number}", "p-3", at, channel="webhook"), 1, "accepted", at)
    # One whose message was too late.
    facts.message("dora", "p-4", NOON + DAY, status="cancelled", dropped=True)
    facts.attempt(facts.message("emil", "p-5", NOON, status="dead"), 1, "permanent", NOON)
    for number in range(12):
        facts.open_request(f"fay-{number}", "p-1", NOON - number * DAY, quantity=100)
    facts.open_request("gus", "p-2", NOON - DAY)
    assert refresh(warehouse)


@pytest.fixture(scope="module")
def warehouse(postgres_url: str, warehouse_template: str) -> Iterator[psycopg.Connection]:
    with own_warehouse(postgres_url, warehouse_template) as url, connect(url) as connection:
        fill(connection)
        yield connection


@pytest.fixture(scope="module")
def page(warehouse: psycopg.Connection) -> str:
    return write(warehouse, PERIOD)


def write(warehouse: psycopg.Connection, period: Period) -> str:
    return render(period, read_figures(warehouse, period), CLOCK)


def parse(page: str) -> ET.Element:
    """The page as XML, which takes no tag that is left open and no quote that is missing."""
    return ET.fromstring(page)


def text(element: ET.Element) -> str:
    """What is read there, without what only a chart says."""
    parts = [element.text or ""]
    for child in element:
        parts += ["" if child.tag == "svg" else text(child), child.tail or ""]
    return " ".join("".join(parts).split())


def find_tables(page: str, section: str) -> list[list[list[str]]]:
    """The cells of each table of a section, row by row, heads left out."""
    found = parse(page).find(f".//section[@aria-labelledby='{section}']")
    return [
        [[text(cell) for cell in row] for part in ("tbody", "tfoot") for row in table.findall(f"{part}/tr")]
        for table in found.iter("table")
    ]


def ask(warehouse: psycopg.Connection, query: str) -> list[dict[str, Any]]:
    with warehouse.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def test_the_funnel_is_that_of_the_marts(warehouse: psycopg.Connection, page: str) -> None:
    [sums] = ask(
        warehouse,
        "select sum(request_count)::int, sum(available_count)::int as b, sum(scheduled_count)::int as c,"
        " sum(sent_count)::int as d, sum(clicked_count)::int as e, sum(bought_count)::int as f"
        " from mart.funnel_daily where request_day between '2026-06-07' and '2026-06-13'",
    )
    counts = list(sums.values())
    [table] = find_tables(page, "funnel")
    assert [row[:3] for row in table] == [
        [step, say_number(count), say_percent(count, counts[0])]
        for step, count in zip(("Asked", "Available", "Scheduled", "Sent", "Clicked", "Bought"), counts, strict=True)
    ]
    assert counts[3] == TOLD + 3
    assert counts[5] == TOLD // 2
    assert [row[3] for row in table] == [
        say_percent(count, before) for before, count in zip(counts[:1] + counts, counts, strict=False)
    ]


def test_the_send_curve_is_that_of_the_marts_by_day_and_on_the_shoppers_clock(
    warehouse: psycopg.Connection, page: str
) -> None:
    days, hours = find_tables(page, "curve")
    sent = {
        (row["day"], row["channel"]): row["sent"]
        for row in ask(
            warehouse,
            "select hour::date as day, channel, sum(sent_count)::int as sent from mart.delivery_health group by 1, 2",
        )
    }
    counted = [[sent.get((day, channel), 0) for channel in ("email", "webhook")] for day in PERIOD.days]
    assert [row[1:] for row in days[:-1]] == [[str(count) for count in (*row, sum(row))] for row in counted]
    assert days[-1] == ["All", str(TOLD), "3", str(TOLD + 3)]
    assert [hour for hour, (_, count) in enumerate(hours) if count != "0"] == [12, 17, 22]
    assert hours[12] == ["12:00", str(TOLD + 1)]
    assert "the quiet hours, 21:30 to 08:00" in page


def test_the_curve_has_a_column_for_each_hour_or_day_in_which_something_left(
    warehouse: psycopg.Connection, page: str
) -> None:
    def columns(page: str) -> list[str]:
        [curve, _] = parse(page).findall(".//section[@aria-labelledby='curve']//svg")
        return [rect.findtext("title") for rect in curve.iter("rect")]

    assert columns(page) == [
        f"10 Jun, 12:00 UTC: {TOLD} email",
        *(f"11 Jun, {hour}:00 UTC: 1 webhook" for hour in (12, 17, 22)),
    ]
    month = write(warehouse, Period(date(2026, 6, 1), date(2026, 6, 30)))
    assert columns(month) == [f"10 Jun: {TOLD} email", "11 Jun: 3 webhook"]


def test_latency_is_that_of_the_marts_where_the_period_has_all_of_it(warehouse: psycopg.Connection, page: str) -> None:
    warehouse_rows = ask(warehouse, "select * from mart.restock_latency where channel = 'email'")
    [table] = find_tables(write(warehouse, Period(date(2026, 6, 10), date(2026, 6, 10))), "latency")
    assert len(warehouse_rows) == len(table) - 1 == 1
    spans = ("snapshot_to_acceptance", "snapshot_to_decision", "decision_to_acceptance", "due_to_acceptance")
    expected = [
        say_duration(warehouse_rows[0][f"{span}_{share}_seconds"]) for span in spans for share in ("p50", "p95", "p99")
    ]
    assert table == [["Wave 0", str(TOLD), *expected], ["All", str(TOLD), *expected]]
    assert expected[0] == say_duration((TOLD - 1) / 2 * 60)
    assert find_tables(page, "latency")[0][-1][1] == str(TOLD + 3)


def test_demand_is_that_of_the_marts_with_its_range(warehouse: psycopg.Connection, page: str) -> None:
    [table] = find_tables(page, "demand")
    rows = ask(warehouse, "select * from mart.product_demand where waiting_units > 0 order by waiting_units desc")
    assert [(row["product_id"], row["waiting_units"]) for row in rows] == [("p-1", 1200), ("p-2", 1)]
    for row, cells in zip(rows, table, strict=True):
        name = " ".join((row["product_name"] or row["product_id"]).split())
        assert cells[0].startswith(f"{name} main/{row['product_id']}")
        assert cells[1:3] == [say_number(row["waiting_units"]), say_number(row["waiting_shoppers"])]
        assert cells[3] == f"{round(row['median_wait_days'], 1)} d"
        assert cells[4] == say_duration((CLOCK - row["oldest_requested_at"]) / timedelta(seconds=1))
        assert cells[6] == say_money(row["revenue_at_stake"], row["currency"])
    assert table[0][7] == f"{say_money(rows[0]['revenue_low'], None)} to {say_money(rows[0]['revenue_high'], None)}"
    assert re.fullmatch(r"EUR \d{1,3}(,\d{3})+", table[0][6])
    assert table[1][6:8] == ["—", "—"]


def test_restocks_are_counted_by_how_they_ended(warehouse: psycopg.Connection, page: str) -> None:
    endings, largest = find_tables(page, "restocks")
    assert [row[:4] for row in endings] == [
        # Those of p-1, three times p-3, and p-5.
        ["Sold out, after all messages had left", "5", str(TOLD + HELD_OUT + 4), str(TOLD + 3)],
        ["Sold out before all were told", "1", "1", "0"],
    ]
    outcomes = ask(warehouse, "select * from mart.episode_outcome order by asked_count desc, episode_id")
    assert [row[2:5] for row in largest] == [
        [str(row["quantity"]), str(row["asked_count"]), str(row["sent_count"])] for row in outcomes
    ]


def test_delivery_is_that_of_the_marts(warehouse: psycopg.Connection, page: str) -> None:
    [table] = find_tables(page, "delivery")
    columns = ("attempt", "sent", "retryable", "permanent", "in_doubt", "dead", "suppression")
    sums = ", ".join(f"sum({name}_count)::int as {name}" for name in columns)
    for row in ask(
        warehouse,
        f"select channel, {sums}, max(busiest_minute_count) as busiest from mart.delivery_health"
        " where hour < '2026-06-14' group by channel order by channel",
    ):
        [cells] = [cells for cells in table if cells[0] == row["channel"]]
        expected = [str(value) for value in row.values()]
        assert cells == [*expected[:3], say_percent(row["sent"], row["attempt"]), *expected[3:]]
    assert [row[:3] for row in table] == [["email", str(TOLD + TOLD // 10 + 1), str(TOLD)], ["webhook", "3", "3"]]


def test_the_effect_is_that_of_the_marts(warehouse: psycopg.Connection, page: str) -> None:
    [effect] = ask(warehouse, "select * from mart.policy_effect")
    [[cells]] = find_tables(page, "effect")
    assert cells[4].startswith(str(HELD_OUT))
    assert cells[7] == "".join(
        [say_points(effect["lift"]), say_points(effect["lift_low"]), " to ", say_points(effect["lift_high"])]
    )
    assert effect["lift"] > 0


def test_a_hostile_product_name_stays_text(page: str) -> None:
    root = parse(page)
    assert not list(root.iter("script"))
    names = [" ".join((bdi.text or "").split()) for bdi in root.iter("bdi")]
    assert names.count(" ".join(HOSTILE.split())) == 2  # demand, restocks


def test_every_chart_says_what_it_shows(page: str) -> None:
    charts = [svg for svg in parse(page).iter("svg") if svg.get("aria-hidden") != "true"]
    assert len(charts) == 5
    for svg in charts:
        assert svg.get("role") == "img"
        assert len(svg.findtext("title")) > 10
        assert len(svg.findtext("desc")) > 10


def test_no_address_stands_in_it(page: str) -> None:
    assert "example.com" not in page
    assert "@" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_it_is_one_page_that_loads_nothing_and_fits_a_phone(page: str, tmp_path: Path) -> None:
    for element in parse(page).iter():
        assert not {"src", "href", "srcset", "action", "data"} & element.attrib.keys()
        assert element.tag not in {"link", "script", "img", "iframe", "object"}
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import|https?:", style)
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    with run_browser() as browser:
        for width, scheme in ((390, "dark"), (1280, "light")):
            tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            asked: list[str] = []
            troubles: list[str] = []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.on("console", lambda message, troubles=troubles: troubles.append(message.text))
            tab.goto(file.as_uri())
            assert asked == [file.as_uri()]
            assert troubles == []
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.evaluate("document.compatMode") == "CSS1Compat"


def test_analysts_may_write_it(warehouse: psycopg.Connection, page: str) -> None:
    with connect(f"{warehouse.info.dsn} password={warehouse.info.password}") as analyst:
        analyst.execute("grant restock_analyst to current_user with set true")
        analyst.execute("set role restock_analyst")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute("select from restock.request")
        assert write(analyst, PERIOD) == page
        analyst.execute("reset role")
        analyst.execute("revoke restock_analyst from current_user")


def test_days_without_anything_say_so(warehouse: psycopg.Connection) -> None:
    page = write(warehouse, Period(date(2026, 1, 1), date(2026, 1, 7)))
    sentences = {
        "funnel": "No requests were made in this period.",
        "curve": "No messages left in this period.",
        "latency": "No items were accepted in this period.",
        "restocks": "Nothing came back in this period.",
        "delivery": "Nothing was tried in this period.",
        "effect": "No shoppers were held out",
    }
    for section, sentence in sentences.items():
        found = parse(page).find(f".//section[@aria-labelledby='{section}']")
        assert sentence in text(found)
        assert not list(found.iter("table"))


def test_an_empty_warehouse_has_a_report(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    monkeypatch.setattr(sys, "argv", ["report", "--output", str(file)])
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", warehouse_url)
    __main__.main()
    page = file.read_text(encoding="utf-8")
    assert "The marts have not been summed up yet" in text(parse(page))
    assert "Nobody waits for anything now." in page
    assert not list(parse(page).iter("table"))


def test_a_year_of_many_channels_stays_small(warehouse_url: str) -> None:
    year = Period(date(2025, 6, 14), date(2026, 6, 13))
    with connect(warehouse_url) as warehouse:
        warehouse.execute(
            "insert into restock.mart_delivery (channel, hour, attempt_count, sent_count, retryable_count,"
            " permanent_count, in_doubt_count, dead_count, busiest_minute_count, suppression_count)"
            " select 'channel-' || number, day, 12345, 12345, 0, 0, 0, 0, 99, 0 from generate_series(1, 6) as number,"
            " generate_series('2025-06-14'::timestamptz, '2026-06-13', '1 day') as day"
        )
        page = write(warehouse, year)
    assert find_tables(page, "curve")[0][-1][-1] == say_number(year.day_count * 6 * 12345)
    assert len(page.encode()) < 500_000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "2026-06-13", "--to", "2026-06-07"], "The period ends on 2026-06-07, before it begins"),
        (["--from", "2020-01-01", "--to", "2026-06-07"], "has 2,350 days: choose at most 366"),
        (["--from", "yesterday"], "--from"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        __main__.parse_arguments(date(2026, 6, 13), arguments)
    assert sentence in capsys.readouterr().err


def test_the_last_seven_days_are_the_default() -> None:
    period, file = __main__.parse_arguments(date(2026, 6, 13), [])
    assert (period, file) == (PERIOD, Path("report.html"))
    assert __main__.parse_arguments(date(2026, 6, 20), ["--to", "2026-06-13"])[0] == PERIOD


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (say_duration(0.04), "0.0 s"),
        (say_duration(59.4), "59 s"),
        (say_duration(Decimal(5400)), "1.5 h"),
        (say_duration(100_000), "1.2 d"),
        (say_percent(1, 3), "33.3%"),
        (say_percent(0, 5), "0%"),
        (say_percent(0, 0), "—"),
        (say_money(Decimal("1234.5"), "EUR"), "EUR 1,234"),
        (say_money(Decimal("3.5"), None), "3.50"),
        (say_points(Decimal("-0.0123")), "-1.2 points"),
    ],
)
def test_figures_are_said_as_people_read_them(said: str, words: str) -> None:
    assert said == words
