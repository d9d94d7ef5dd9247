"""The demo's shop: what it shows, who may let a delivery arrive, and the whole page in a real browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from restock.intake.app import make_app as make_intake
from restock.intake.settings import IntakeSettings
from restock.local.mailbox.page import make_app
from restock.local.mailbox.store import MailStore
from restock.local.shop.keys import install_keys
from restock.local.shop.page import DELIVERED, Shop, Surroundings
from restock.warehouse import connect
from tests.browser import run_browser
from tests.conftest import free_port
from tests.serving import serve

WIDGET_KEY, OPERATOR_KEY = "rk_widget", "rk_operator"
PRODUCTS = (
    ("apples", "Apples, 1 kg", "Fruit & Vegetables", "Orchard", "2.50", 0),
    ("bread", "Bread", "Bread & Bakery", None, "1234.5", 7),
    ("cake", "50% Cake_Mix", None, None, None, 2),
    ("a/b c", "<img src=x onerror=alert(1)>", None, "<b>", "1", 0),
)


@dataclass
class Here:
    url: str
    warehouse: psycopg.Connection

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers)

    def deliver(self, path: str, **headers: str) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", headers=headers)

    def delivered(self) -> list[dict[str, str]]:
        rows = self.warehouse.execute("select line from restock.inbox where feed = 'inventory' order by inbox_id")
        return [json.loads(line) for (line,) in rows]


@pytest.fixture(scope="module")
def shop(module_warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    port = free_port()
    install_keys(module_warehouse_url, f"http://127.0.0.1:{port}/shop", WIDGET_KEY, OPERATOR_KEY)
    intake = make_intake(IntakeSettings(module_warehouse_url, "https://notify.example", "secret"))
    with serve(intake) as intake_url, connect(module_warehouse_url) as warehouse:
        around = Surroundings(module_warehouse_url, intake_url, WIDGET_KEY, OPERATOR_KEY, "http://127.0.0.1:8080")
        store = MailStore(tmp_path_factory.mktemp("mailbox") / "mails")
        with serve(make_app(store, Shop(around)), port) as url:
            yield Here(f"{url}/shop", warehouse)


@pytest.fixture
def here(shop: Here) -> Here:
    """The shop with these products and nothing in the inbox."""
    shop.warehouse.execute("truncate restock.product, restock.availability, restock.inbox, restock.inbox_pending")
    with shop.warehouse.cursor() as cursor:
        cursor.executemany(
            "insert into restock.product (store_id, product_id, name, category, brand, price, currency)"
            " values ('main', %s, %s, %s, %s, %s, 'EUR')",
            [row[:5] for row in PRODUCTS],
        )
        cursor.executemany(
            "insert into restock.availability values ('main', %s, %s, now() - interval '1 hour')",
            [(row[0], row[5]) for row in PRODUCTS if row[5]],
        )
    return shop


def test_what_is_sold_out_comes_first_and_a_search_looks_for_the_very_letters(here: Here) -> None:
    page = here.get("/").text
    places = [page.index(text) for text in ("&lt;img", "Apples, 1 kg", "50% Cake_Mix", "Bread</span>")]
    assert places == sorted(places)
    assert page.count("Sold out") == 2
    assert "Only 2 left" in page
    for query, found in (("50%", "Cake_Mix"), ("e_m", "Cake_Mix"), ("ORCHARD", "Apples"), ("vegetables", "Apples")):
        answer = here.get(f"/?query={query.replace('%', '%25')}").text
        assert found in answer
        assert "1 found" in answer
    assert "Nothing found for “100%_”." in here.get("/?query=100%25_").text


def test_there_are_pages_of_products(here: Here) -> None:
    here.warehouse.execute(
        "insert into restock.product (store_id, product_id, name)"
        " select 'main', 'n' || n, 'Nail ' || lpad(n::text, 3, '0') from generate_series(1, 30) as n"
    )
    first, second = here.get("/?query=nail").text, here.get("/?query=nail&page=2").text
    assert "Nail 024" in first
    assert "Nail 025" not in first
    assert "Nail 025" in second
    assert "Page 2 of 2" in second
    assert {here.get(f"/?page={page}").status_code for page in ("0", "x", "²", "9" * 5_000)} == {400}


def test_prices_and_words_follow_the_language(here: Here) -> None:
    german = {"Accept-Language": "de-DE,en;q=0.5"}
    page = here.get("/p/bread", **german).text
    assert "1.234,50\xa0€" in page
    assert "Vorrätig: 7" in page
    assert "€1,234.50" in here.get("/p/bread", **{"Accept-Language": "xx"}).text
    chosen = here.get("/?lang=ko", **german)
    assert "품절" in chosen.text
    assert "재고 7개" in here.get("/p/bread", Cookie=chosen.headers["Set-Cookie"].partition(";")[0], **german).text


def test_who_runs_no_scripts_is_told_what_the_page_needs(here: Here) -> None:
    for language, text in (("en", "allow this page"), ("de", "erlauben Sie"), ("ko", "스크립트를 허용")):
        page = here.get(f"/p/apples?lang={language}").text
        assert text in page.partition("<noscript>")[2].partition("</noscript></restock-notify>")[0]
        assert "<noscript>" not in here.get(f"/p/bread?lang={language}").text


def test_what_stands_in_the_feed_is_shown_as_text(here: Here) -> None:
    for path in ("/", "/p/a%2Fb%20c", "/?query=%3Cimg"):
        page = here.get(path).text
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert "<img" not in page


@pytest.mark.parametrize("path", ["/p/nothing", "/p/%00", "/p/apples?since=yesterday", "/?query=%00"])
def test_what_is_not_there_is_no_fault(here: Here, path: str) -> None:
    assert here.get(path).status_code < 500


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1"])
def test_no_other_page_lets_a_delivery_arrive(here: Here, origin: str | None) -> None:
    assert here.deliver("/p/apples", **({"Origin": origin} if origin else {})).status_code == 403
    assert here.delivered() == []


def test_the_shops_own_page_lets_one_arrive(here: Here) -> None:
    answer = here.deliver("/p/a%2Fb%20c", Origin=here.url.removesuffix("/shop"))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/shop/p/a%2Fb%20c?since=")
    [line] = here.delivered()
    assert (line["product_id"], line["available_quantity"]) == ("a/b c", str(DELIVERED))


def test_a_delivery_is_waited_for_until_it_is_there_or_late(here: Here) -> None:
    now = datetime.now(UTC)
    since, long_ago = (moment.isoformat().replace("+", "%2B") for moment in (now, now - timedelta(minutes=5)))
    assert 'http-equiv="refresh"' in here.get(f"/p/apples?since={since}").text
    late = here.get(f"/p/apples?since={long_ago}").text
    assert "takes longer than it should" in late
    assert "refresh" not in late
    here.warehouse.execute("insert into restock.availability values ('main', 'apples', 12, %s)", [now])
    arrived = here.get(f"/p/apples?since={since}").text
    assert "The delivery is there." in arrived
    assert "In stock: 12" in arrived
    assert "refresh" not in arrived


def test_the_operators_key_stands_on_no_page(here: Here) -> None:
    assert WIDGET_KEY in here.get("/p/apples").text
    assert all(OPERATOR_KEY not in here.get(path).text for path in ("/", "/p/apples", "/p/bread"))


def test_keys_that_were_revoked_stay_revoked_at_the_next_start(
    warehouse_url: str, warehouse: psycopg.Connection
) -> None:
    install_keys(warehouse_url, "http://127.0.0.1:8/shop", WIDGET_KEY, OPERATOR_KEY)
    warehouse.execute("update restock.api_key set revoked_at = now() where name = 'demo-operator'")
    install_keys(warehouse_url, "http://127.0.0.1:9/shop", WIDGET_KEY, "rk_other")
    rows = warehouse.execute("select name, origins, revoked_at is null from restock.api_key order by name")
    assert rows.fetchall() == [
        ("demo-operator", [], False),
        ("demo-shop", ["http://127.0.0.1:9", "http://localhost:9"], True),
    ]


def test_a_shopper_finds_what_is_sold_out_asks_and_the_shop_gets_a_delivery(here: Here) -> None:
    with run_browser() as browser:
        page = browser.new_context(locale="en-GB").new_page()
        console: list[str] = []
        page.on("console", lambda message: console.append(message.text))
        page.goto(f"{here.url}/")
        page.get_by_role("searchbox").fill("apples")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Apples, 1 kg").click()
        page.get_by_label("E-mail address").fill("ada@example.com")
        page.get_by_role("button", name="Notify me").click()
        expect(page.get_by_text("Thank you. We will write to you when it is back.")).to_be_visible()
        page.get_by_role("button", name="A delivery of 12 arrives").click()
        expect(page.get_by_text("A delivery of 12 is on its way into the warehouse.")).to_be_visible()
        assert console == []
    assert [line["product_id"] for line in here.delivered()] == ["apples"]
