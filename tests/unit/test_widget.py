"""The widget in a real browser, on pages of a shop, against the intake service and PostgreSQL."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Locator, Route, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route as Path_

from restock.intake.app import make_app
from restock.intake.keys import add_key
from restock.intake.settings import IntakeSettings
from restock.policy import Settings
from restock.warehouse import connect
from tests.browser import run_browser
from tests.serving import serve

THANKS = "Thank you. We will write to you when it is back."
FAILED = "That did not work. Please try again."
SOURCE = Path(__file__).parents[2] / "include/restock/intake/static/widget.js"


@dataclass
class Site:
    """A shop's pages, and the intake service behind them."""

    intake: FastAPI
    intake_url: str
    pages_url: str
    warehouse: psycopg.Connection
    key: str
    html: dict[str, str] = field(default_factory=dict)

    def show(self, request: Request) -> Response:
        # As strict as a shop can be: no styles, no frames, no scripts but the widget's, Trusted Types.
        policy = (
            f"default-src 'none'; script-src {self.intake_url}/widget.js; connect-src {self.intake_url}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        return HTMLResponse(self.html[request.path_params["name"]], headers={"Content-Security-Policy": policy})

    def asked(self, product: str) -> list[dict[str, str]]:
        """What was asked for a product, in the order of asking."""
        rows = self.warehouse.execute("select line from restock.inbox where feed = 'requests' order by inbox_id")
        return [line for (text,) in rows if (line := json.loads(text))["product_id"] == product]


@pytest.fixture(scope="module")
def site(module_warehouse_url: str) -> Iterator[Site]:
    app = make_app(IntakeSettings(module_warehouse_url, "https://notify.example", "secret"))
    with serve(app) as intake_url, connect(module_warehouse_url) as warehouse:
        site = Site(app, intake_url, "", warehouse, "")
        with serve(Starlette(routes=[Path_("/{name}", site.show)])) as pages_url:
            site.pages_url = pages_url
            key = add_key(warehouse, "shop", "widget", None, [pages_url])
            assert key
            site.key = key
            yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as browser:
        yield browser


class Shopper:
    """Somebody who looks at a page with the widget of a product."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context, self.page = site, context, context.new_page()
        self.console: list[str] = []
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def open(self, product: str, attributes: str = "", host: str = "127.0.0.1") -> None:
        element = f'<restock-notify product-id="{product}" key="{self.site.key}" {attributes}></restock-notify>'
        self.open_html(product, f'<script src="{self.site.intake_url}/widget.js" defer></script>{element}', host)

    def open_html(self, name: str, body: str, host: str = "127.0.0.1") -> None:
        meta = '<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">'
        self.site.html[name] = f'<!doctype html><html lang="en">{meta}<title>Shop</title>{body}</html>'
        self.page.goto(f"{self.site.pages_url}/{name}".replace("127.0.0.1", host))

    @property
    def address(self) -> Locator:
        return self.page.get_by_label("E-mail address")

    @property
    def button(self) -> Locator:
        return self.page.get_by_role("button")

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    def ask(self, address: str) -> None:
        self.address.fill(address)
        self.page.keyboard.press("Enter")


@contextmanager
def shopper_in(site: Site, browser: Browser, **settings: object) -> Iterator[Shopper]:
    context = browser.new_context(**{"locale": "en-GB", "timezone_id": "Asia/Seoul", **settings})
    context.set_default_timeout(10_000)
    try:
        yield Shopper(site, context)
    finally:
        context.close()


@pytest.fixture
def shopper(site: Site, browser: Browser) -> Iterator[Shopper]:
    with shopper_in(site, browser) as shopper:
        yield shopper


def test_it_is_small_and_may_be_kept_and_read_by_any_page(site: Site) -> None:
    answer = httpx.get(f"{site.intake_url}/widget.js", headers={"Accept-Encoding": "identity"})
    assert len(answer.content) < 10_000
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    for tags in (answer.headers["ETag"], f'"other", W/{answer.headers["ETag"]}'):
        again = httpx.get(f"{site.intake_url}/widget.js", headers={"If-None-Match": tags})
        assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(f"{site.intake_url}/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200
    assert httpx.head(f"{site.intake_url}/widget.js").headers["ETag"] == answer.headers["ETag"]


def test_a_shopper_asks_by_keyboard_alone_under_the_strictest_policy(site: Site, shopper: Shopper) -> None:
    shopper.open("kettle", 'store-id="berlin" locale="en-IE"')
    shopper.page.keyboard.press("Tab")
    expect(shopper.address).to_be_focused()
    shopper.page.keyboard.type("ada@example.com")
    shopper.page.keyboard.press("Tab")
    expect(shopper.button).to_be_focused()
    shopper.page.keyboard.press("Enter")
    expect(shopper.status).to_have_text(THANKS)
    expect(shopper.status).to_be_focused()
    [line] = site.asked("kettle")
    sent = {name: line[name] for name in ("store_id", "contact", "channel", "surface", "locale", "timezone")}
    assert sent == {
        "store_id": "berlin",
        "contact": "ada@example.com",
        "channel": "email",
        "surface": "web",
        "locale": "en-IE",
        "timezone": "Asia/Seoul",
    }
    assert shopper.console == []


def test_a_telephone_says_that_it_is_one(site: Site, browser: Browser) -> None:
    agent = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
    with shopper_in(site, browser, user_agent=agent, viewport={"width": 320, "height": 600}) as shopper:
        shopper.open("phone-case")
        shopper.ask("ada@example.com")
        expect(shopper.status).to_have_text(THANKS)
        assert shopper.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert [line["surface"] for line in site.asked("phone-case")] == ["mobile_web"]


def test_two_clicks_ask_once(site: Site, shopper: Shopper) -> None:
    shopper.open("lamp")
    shopper.address.fill("ada@example.com")
    shopper.button.dblclick()
    expect(shopper.status).to_have_text(THANKS)
    assert len(site.asked("lamp")) == 1


def test_an_answer_that_is_lost_and_asked_for_again_asks_once(site: Site, shopper: Shopper) -> None:
    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    shopper.open("chair")
    shopper.page.route("**/v1/requests", lose_answer, times=1)
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text(FAILED)
    assert len(site.asked("chair")) == 1
    expect(shopper.address).to_have_value("ada@example.com")
    shopper.page.get_by_role("button", name="Try again").click()
    expect(shopper.status).to_have_text(THANKS)
    assert len(site.asked("chair")) == 1


def test_what_is_asked_offline_is_sent_once_when_the_connection_is_back(site: Site, shopper: Shopper) -> None:
    shopper.open("tent")
    shopper.context.set_offline(True)
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text("You are offline. We will try again as soon as you are back online.")
    shopper.context.set_offline(False)
    expect(shopper.status).to_have_text(THANKS)
    shopper.page.evaluate("dispatchEvent(new Event('online'))")
    shopper.page.wait_for_timeout(100)
    assert len(site.asked("tent")) == 1


@pytest.mark.parametrize("address", ["", "nobody", "ada@example..com"])
def test_a_wrong_address_is_named_where_it_stands(site: Site, shopper: Shopper, address: str) -> None:
    shopper.open("vase")
    shopper.ask(address)
    expect(shopper.status).to_have_text("Please check the address, such as name@example.com")
    expect(shopper.address).to_be_focused()
    expect(shopper.address).to_have_attribute("aria-invalid", "true")
    expect(shopper.address).to_have_accessible_description("Please check the address, such as name@example.com")
    assert site.asked("vase") == []
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text(THANKS)
    site.warehouse.execute("delete from restock.inbox where line like '%vase%'")


def test_who_asks_too_often_is_told_to_wait(site: Site, shopper: Shopper) -> None:
    site.warehouse.execute("update restock.intake_limit set most = 1 where scope = 'product'")
    try:
        for address, answer in (("ada", THANKS), ("grace", "Too many requests. Please try again in a few minutes.")):
            shopper.open("sofa")
            if address == "grace":
                shopper.button.click()
            shopper.ask(f"{address}@example.com")
            expect(shopper.status).to_have_text(answer)
    finally:
        site.warehouse.execute("update restock.intake_limit set most = 1000 where scope = 'product'")
    assert len(site.asked("sofa")) == 1


def test_it_remembers_that_it_asked_without_the_address_and_asks_for_another(site: Site, shopper: Shopper) -> None:
    shopper.open("desk")
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text(THANKS)
    assert "ada" not in shopper.page.evaluate("JSON.stringify(localStorage)")
    shopper.open("desk")
    expect(shopper.status).to_have_text(
        re.compile(r"You asked on \w+ \d+, \d{4}\. We will write to you when it is back")
    )
    shopper.page.get_by_role("button", name="Ask again or with another address").click()
    expect(shopper.address).to_be_focused()
    shopper.ask("grace@example.com")
    expect(shopper.status).to_have_text(THANKS)
    assert [line["contact"] for line in site.asked("desk")] == ["ada@example.com", "grace@example.com"]
    shopper.open("desk-drawer")
    expect(shopper.address).to_be_visible()


@pytest.mark.parametrize("memory", ["nonsense", '["accepted", "x"]', "null"])
def test_a_memory_that_makes_no_sense_is_forgotten(shopper: Shopper, memory: str) -> None:
    shopper.open("shelf")
    shopper.page.evaluate("text => localStorage.setItem('restock::shelf', text)", memory)
    shopper.open("shelf")
    expect(shopper.address).to_be_visible()


def test_a_shopper_who_must_confirm_is_told_so_now_and_later(site: Site, shopper: Shopper) -> None:
    settings = Settings(overrides={"store": {"hotel": {"double_opt_in": True}}})
    site.warehouse.execute(
        "insert into restock.policy (settings, changed) values (%s, '{overrides}')", [settings.model_dump_json()]
    )
    shopper.open("bed", 'store-id="hotel"')
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text("One more step: please confirm in our message that it was you.")
    assert site.asked("bed") == []
    shopper.open("bed", 'store-id="hotel"')
    expect(shopper.status).to_have_text(re.compile("^You asked on .* Please confirm it in our message.$"))


def test_a_hostile_name_stays_text_and_keeps_to_its_place(shopper: Shopper) -> None:
    name = "</p><img src=x onerror=alert(1)>\u202e$& {}"
    shopper.open("evil", f'product-name="{name.replace("<", "&lt;")}"')
    intro = shopper.page.get_by_text("We will write to you once")
    expect(intro).to_have_text(f"We will write to you once, as soon as {name} is back.")
    expect(intro.locator("bdi")).to_have_text(name)
    expect(shopper.page.get_by_role("group", name="</p><img src=x")).to_be_visible()
    assert shopper.page.locator("img").count() == 0
    assert shopper.console == []


def test_a_page_of_another_origin_can_ask_nothing(site: Site, shopper: Shopper) -> None:
    shopper.open("stolen", host="localhost")
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text(FAILED)
    assert any("blocked by CORS policy" in line for line in shopper.console)
    assert site.asked("stolen") == []


def test_a_time_zone_that_the_warehouse_does_not_know_hinders_nobody(site: Site, shopper: Shopper) -> None:
    known = site.intake.state.time_zones
    site.intake.state.time_zones = frozenset({"UTC"})
    try:
        shopper.open("clock")
        shopper.ask("ada@example.com")
        expect(shopper.status).to_have_text(THANKS)
    finally:
        site.intake.state.time_zones = known
    [line] = site.asked("clock")
    assert "timezone" not in line


@pytest.mark.parametrize(
    ("wanted", "label", "lang"),
    [
        ("de-AT", "E-Mail-Adresse", "de-AT"),
        ("ko", "이메일 주소", "ko"),
        ("fr-CA", "E-mail address", "en"),
        ("!", "E-mail address", "en"),
    ],
)
def test_it_speaks_the_language_asked_for_or_else_english(
    site: Site, shopper: Shopper, wanted: str, label: str, lang: str
) -> None:
    shopper.open(f"book-{lang}", f'locale="{wanted}"')
    expect(shopper.page.get_by_label(label)).to_be_visible()
    expect(shopper.page.get_by_role("group")).to_have_attribute("lang", lang)
    if wanted == "fr-CA":
        # The message may be in a language that the widget does not know.
        shopper.ask("ada@example.com")
        expect(shopper.status).to_have_text(THANKS)
        assert [line["locale"] for line in site.asked("book-en")] == ["fr-CA"]


def test_every_language_says_everything() -> None:
    said = re.findall(r"^    (\w\w): \{\n(.*?)^    \}", SOURCE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = {language: re.findall(r"^ {6}(\w+): \"\S", block, re.MULTILINE) for language, block in said}
    assert set(names) == {"en", "de", "ko"}
    assert len(names["en"]) == 15
    assert names["de"] == names["ko"] == names["en"]


def test_a_widget_that_lacks_something_says_what_in_the_console(site: Site, shopper: Shopper) -> None:
    shopper.open_html("bare", f'<script src="{site.intake_url}/widget.js"></script><restock-notify></restock-notify>')
    expect(shopper.page.locator("restock-notify")).to_be_attached()
    assert shopper.console == ["restock-notify shows nothing: set its product-id and key."]
    assert shopper.page.get_by_role("textbox").count() == 0


def test_one_script_tag_alone_shows_itself_where_it_stands(site: Site, shopper: Shopper) -> None:
    tag = '<script src="{}/widget.js" data-key="{}" data-product-id="{}" data-locale="de"></script>'
    tags = "<hr>".join(tag.format(site.intake_url, site.key, product) for product in ("one", "two"))
    shopper.open_html("alone", f"<main>{tags}</main>")
    assert shopper.page.evaluate("[...document.querySelector('main').children].map(node => node.localName)") == [
        *("script", "restock-notify", "hr", "script", "restock-notify")
    ]
    shopper.page.get_by_label("E-Mail-Adresse").nth(1).fill("ada@example.com")
    shopper.page.keyboard.press("Enter")
    expect(shopper.status.nth(1)).to_have_text("Danke. Wir schreiben Ihnen, sobald es wieder da ist.")
    assert (len(site.asked("one")), len(site.asked("two"))) == (0, 1)


def test_another_product_on_the_same_page_starts_anew(shopper: Shopper) -> None:
    shopper.open("first")
    shopper.ask("ada@example.com")
    expect(shopper.status).to_have_text(THANKS)
    shopper.page.evaluate("document.querySelector('restock-notify').setAttribute('product-id', 'second')")
    expect(shopper.address).to_have_value("")
    expect(shopper.status).to_be_empty()


def test_it_follows_the_colours_of_the_page(site: Site, browser: Browser) -> None:
    colour = "element => getComputedStyle(element).backgroundColor"
    seen = set()
    for scheme in ("light", "dark"):
        with shopper_in(site, browser, color_scheme=scheme) as shopper:
            shopper.open("mirror")
            seen.add(shopper.button.evaluate(colour))
            shopper.page.evaluate(
                "document.querySelector('restock-notify').style.setProperty('--restock-accent', 'rgb(1, 2, 3)')"
            )
            assert shopper.button.evaluate(colour) == "rgb(1, 2, 3)"
    assert len(seen) == 2
