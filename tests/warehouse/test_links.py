"""Where the links of products lead, and which visits count: a real service, and mails out of a real mailbox."""

import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import httpx
import psycopg
import pytest

from restock.delivery.message.links import CLICK_LIFE, message_tokens
from restock.intake import database
from restock.intake.app import make_app
from restock.intake.settings import IntakeSettings
from tests.serving import serve
from tests.warehouse.told import BROWSER, SECRET, Told, told_shoppers, visit


@pytest.fixture(scope="module")
def told(postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with (
        told_shoppers(postgres_url, warehouse_template, tmp_path_factory.mktemp("told")) as told,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("RESTOCK_PUBLIC_URL", told.service.url)
        patch.setenv("RESTOCK_LINK_SECRET", SECRET)
        told.product("lamp", "Brass <lamp>", "https://münchen.example/lampe?a=1&b=2")
        told.product("chair", "Oak chair")
        told.product("desk", "Desk", "javascript:alert(1)")
        yield told


@pytest.fixture
def link(told: Told, request: pytest.FixtureRequest):
    """The links of a message about the lamp and the chair, to a shopper of the test's own: their common beginning."""
    user = f"u{uuid4().hex[:8]}"
    told.ask(user, "lamp", "chair")
    row = told.shop.warehouse.execute(
        "select notification_id::text, created_at from restock.notification where user_id = %s", (user,)
    ).fetchone()
    link = Link(f"{told.service.url}/c/{message_tokens(SECRET).sign(*row)}")
    link.user = user
    return link


class Link(str):
    user: str


def later(told: Told, user: str, seconds: float) -> None:
    """Time goes by, for what is known of a shopper's visits."""
    for table, column in (("click", "clicked_at"), ("link_visit", "visited_at")):
        told.shop.run(
            f"update restock.{table} set {column} = {column} - make_interval(secs => %s) where notification_key in"
            " (select notification_key from restock.notification where user_id = %s)",
            seconds,
            user,
        )


def test_the_button_in_a_mail_leads_to_the_catalogues_page_and_the_visit_counts(told: Told) -> None:
    told.ask("ada", "lamp", "chair", "desk")
    assert "ada@example.com" in told.send()
    lamp, chair, stop = told.links("ada@example.com")
    assert "/u/" in stop
    answer = visit(lamp)
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://xn--mnchen-3ya.example/lampe?a=1&b=2"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert told.clicks("ada") == ["lamp"]
    later(told, "ada", 5)
    assert visit(chair).headers["location"] == "https://shop.example/p/chair"
    assert told.clicks("ada") == ["lamp", "chair"]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", BROWSER),
        ("GET", {"User-Agent": ""}),
        ("GET", {"User-Agent": "curl/8.5.0"}),
        ("GET", {"User-Agent": "python-httpx/0.28"}),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("GET", {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 BingPreview/1.0b"}),
        ("GET", {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0.0.0 Safari/537.36"}),
        ("GET", BROWSER | {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", BROWSER | {"Purpose": "prefetch"}),
        ("GET", BROWSER | {"X-Moz": "prefetch"}),
    ],
)
def test_what_no_person_opens_leads_there_all_the_same_and_does_not_count(told: Told, link, method, headers) -> None:
    answer = visit(f"{link}/2", method, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/p/chair")
    assert told.clicks(link.user) == []


def test_who_opens_several_links_within_a_second_is_a_scanner(told: Told, link) -> None:
    for number in (1, 2, 1):
        assert visit(f"{link}/{number}").status_code == 302
    assert told.clicks(link.user) == []
    later(told, link.user, 5)
    visit(f"{link}/1")
    assert told.clicks(link.user) == ["lamp"]
    # The link that stops messages is one of them.
    later(told, link.user, 70)
    visit(f"{link}/2")
    visit(link.replace("/c/", "/u/"))
    assert told.clicks(link.user) == ["lamp"]


def test_a_scanner_that_opens_links_side_by_side_leaves_no_click(told: Told, link) -> None:
    barrier = threading.Barrier(8)

    def open_one(number: int) -> None:
        with httpx.Client(trust_env=False, headers=BROWSER) as client:
            barrier.wait()
            client.get(f"{link}/{number}")

    threads = [threading.Thread(target=open_one, args=(1 + number % 2,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.clicks(link.user) == []


def test_a_second_click_within_a_minute_is_the_first_one(told: Told, link) -> None:
    visit(f"{link}/1")
    visit(f"{link}/1")
    later(told, link.user, 50)
    visit(f"{link}/1")
    assert told.clicks(link.user) == ["lamp"]
    later(told, link.user, 11)
    visit(f"{link}/1")
    assert told.clicks(link.user) == ["lamp", "lamp"]


def test_a_link_keeps_its_product_when_another_falls_out_of_the_message(told: Told, link) -> None:
    told.shop.run(
        "update restock.decision as d set outcome = 'skipped', rule = 'cancelled', dropped_at = now()"
        " from restock.request as r where r.request_key = d.request_key and r.product_id = 'lamp' and r.user_id = %s",
        link.user,
    )
    told.send()
    [chair, _] = told.links(f"{link.user}@example.com")
    assert chair == f"{link}/2"
    assert visit(f"{link}/1").headers["location"].startswith("https://xn--mnchen-3ya.example/")
    assert visit(chair).headers["location"] == "https://shop.example/p/chair"


@pytest.mark.parametrize("suffix", ["/1?url=https://evil.example", "/1?next=//evil.example", "/1#https://evil.example"])
def test_nothing_in_a_request_leads_elsewhere(link, suffix: str) -> None:
    assert visit(link + suffix).headers["location"].startswith("https://xn--mnchen-3ya.example/lampe")


def test_a_product_whose_url_is_none_for_shoppers_gets_no_redirect(told: Told) -> None:
    told.ask("kim", "desk")
    row = told.shop.rows("select notification_id::text, created_at from restock.notification where user_id = 'kim'")[0]
    answer = visit(f"{told.service.url}/c/{message_tokens(SECRET).sign(*row)}/1")
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert "javascript" not in answer.text
    assert told.clicks("kim") == []


def test_a_forged_link_opens_a_page_that_says_nothing(told: Told, link) -> None:
    strange = message_tokens("another secret").sign(str(uuid4()), datetime.now(UTC))
    unknown = message_tokens(SECRET).sign(str(uuid4()), datetime.now(UTC))
    pages = [
        visit(f"{told.service.url}/{kind}", headers=BROWSER | {"Accept-Language": "de-CH,de;q=0.9,en;q=0.8"})
        for kind in (f"c/{strange}/1", f"c/{unknown}/1", f"u/{strange}", f"u/{unknown}", f"r/{strange}", "c/x/1", "u/x")
    ]
    assert {page.status_code for page in pages} == {404}
    assert {page.text for page in pages} == {pages[0].text}
    assert "Dieser Link ist nicht gültig" in pages[0].text
    for number in ("0", "01", "-1", "x", "None", "9" * 20, "9" * 5_000):
        assert visit(f"{link}/{number}").status_code == 404


def test_an_old_link_offers_the_product_instead_of_leading_there(told: Told, link) -> None:
    [(notification_id,)] = told.shop.warehouse.execute(
        "select notification_id::text from restock.notification where user_id = %s", (link.user,)
    ).fetchall()
    signer = message_tokens(SECRET)
    young, old = (
        f"{told.service.url}/c/{signer.sign(notification_id, datetime.now(UTC) - CLICK_LIFE + more)}/1"
        for more in (timedelta(minutes=1), timedelta(minutes=-1))
    )
    assert visit(young).status_code == 302
    page = visit(old)
    assert page.status_code == 410
    assert 'href="https://xn--mnchen-3ya.example/lampe?a=1&amp;b=2"' in page.text
    assert "Brass &lt;lamp&gt;" in page.text


def test_pages_run_nothing_and_load_nothing(told: Told, link) -> None:
    page = visit(link.replace("/c/", "/u/"))
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    style = re.search("<style>(.*?)</style>", page.text, re.DOTALL)[1]
    assert b64encode(sha256(style.encode()).digest()).decode() in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert re.findall(r"<script|src=|@import|url\(|\son\w+=", page.text) == []


def test_the_service_reaches_messages_only_through_their_tokens(told: Told) -> None:
    with psycopg.connect(told.service.database_url, autocommit=True) as service:
        for table in ("click", "link_visit", "notification", "suppression", "confirmation", "unconfirmed_request"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(f"select * from restock.{table}")


def test_while_the_database_is_away_a_person_gets_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "TIMEOUT_SECONDS", 0.2)
    app = make_app(IntakeSettings("postgresql://nobody@127.0.0.1:1/nothing", "http://shop.example", SECRET))
    token = message_tokens(SECRET).sign(str(uuid4()), datetime.now(UTC))
    with serve(app) as url:
        page = visit(f"{url}/c/{token}/1")
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "That did not work" in page.text
    assert page.headers["retry-after"]
