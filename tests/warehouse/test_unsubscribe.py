"""Stopping messages by the link that each carries: what stops, at once, and what goes on."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from itsdangerous import Signer

from restock.delivery.message.links import UNSUBSCRIBE_LIFE, message_tokens
from restock.erasure import Person, erase_person
from restock.feeds.inbox import load_waiting
from restock.maintenance import check_warehouse
from restock.preview import preview
from restock.retention import remove_old
from tests.warehouse.told import SECRET, Told, told_shoppers, visit

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(scope="module")
def told(postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with (
        told_shoppers(postgres_url, warehouse_template, tmp_path_factory.mktemp("told")) as told,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("RESTOCK_PUBLIC_URL", told.service.url)
        patch.setenv("RESTOCK_LINK_SECRET", SECRET)
        told.product("lamp", "Brass lamp")
        yield told


def link(told: Told, user: str) -> str:
    """The link that stops messages, of the first message of a shopper."""
    row = told.shop.warehouse.execute(
        "select notification_id::text, created_at from restock.notification where user_id = %s"
        " order by notification_key",
        (user,),
    ).fetchone()
    return f"{told.service.url}/u/{message_tokens(SECRET).sign(*row)}"


def states(told: Told, user: str) -> dict[str, str]:
    rows = told.shop.warehouse.execute(
        "select r.store_id || '/' || r.product_id, s.status from restock.request_state as s"
        " inner join restock.request as r using (request_id) where r.user_id = %s order by r.request_key",
        (user,),
    )
    return dict(rows.fetchall())


def wait_for(told: Told, user: str, *wishes: tuple[str, str]) -> None:
    """Open requests for products of stores that are not back yet."""
    for store, product in wishes:
        told.shop.request(user, product, store_id=store, contact=f"{user}@example.com")


def bring_back(told: Told, *wishes: tuple[str, str]) -> None:
    for store, product in wishes:
        told.shop.run(
            "insert into restock.availability values (%s, %s, 9, now())"
            " on conflict (store_id, product_id) do update set quantity = 9",
            store,
            product,
        )
        told.shop.run(
            "insert into restock.plan_queue values (%s, %s, now() - interval '1 second') on conflict do nothing",
            store,
            product,
        )
    told.shop.clock = datetime.now(UTC)
    told.shop.plan()


def suppressions(told: Told, user: str) -> list[tuple]:
    return told.shop.warehouse.execute(
        "select channel, reason, null from restock.suppression where contact_hash = restock.hash_contact(%(contact)s)"
        " union all select channel, 'store', store_id from restock.store_suppression"
        " where contact_hash = restock.hash_contact(%(contact)s)",
        {"contact": f"{user}@example.com"},
    ).fetchall()


def test_get_asks_and_stops_nothing(told: Told) -> None:
    told.ask("ann", "lamp", locale="de-DE")
    for method in ("GET", "HEAD", "GET"):
        page = visit(link(told, "ann"), method)
        assert page.status_code == 200
    assert "Welche Nachrichten möchten Sie nicht mehr?" in page.text
    assert '<html lang="de-DE"' in page.text
    assert "Brass lamp" in page.text
    assert "ann@example.com" not in page.text
    assert suppressions(told, "ann") == []
    assert "ann@example.com" in told.send()


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        ("product", {"main/p-1"}),
        ("store", {"main/p-1", "main/p-2"}),
        ("everything", {"main/p-1", "main/p-2", "berlin/p-1"}),
    ],
)
def test_what_was_chosen_stops_at_once_and_the_rest_goes_on(told: Told, scope: str, stopped: set[str]) -> None:
    user = f"bob-{scope}"
    wishes = [("main", "p-1"), ("main", "p-2"), ("berlin", "p-1")]
    products = [(store, f"{product}-{scope}") for store, product in wishes]
    # The first message leaves; the shopper asks for the same product anew, and for others; all stand in messages.
    told.ask(user, f"p-1-{scope}")
    told.send()
    wait_for(told, user, *products)
    bring_back(told, *products)
    assert set(states(told, user).values()) == {"scheduled"}

    page = visit(link(told, user), "POST", data={"scope": scope})

    assert page.status_code == 200
    assert "Done" in page.text
    mails = len(told.mailbox.mails)
    told.send()
    new = [mail for mail in told.mailbox.mails[mails:] if user in mail["To"]]
    told_products = {key for key, state in states(told, user).items() if state == "notified"}
    assert {key.removesuffix(f"-{scope}") for key in told_products} == {"main/p-1", "main/p-2", "berlin/p-1"} - stopped
    assert len(new) == {"product": 2, "store": 1, "everything": 0}[scope]
    expected = {"product": "cancelled", "store": "suppressed", "everything": "suppressed"}[scope]
    assert {state for key, state in states(told, user).items() if key not in told_products} == {expected}


def test_a_product_that_fell_out_of_a_message_is_still_waited_for(told: Told) -> None:
    told.ask("joy", "sofa", "shelf")
    told.shop.stock("shelf", 0)
    told.shop.clock = datetime.now(UTC)
    told.shop.update_episodes()
    told.send()
    assert states(told, "joy") == {"main/sofa": "notified", "main/shelf": "waiting"}
    page = visit(link(told, "joy"), "POST", data={"scope": "product"})
    assert page.status_code == 200
    assert states(told, "joy") == {"main/sofa": "notified", "main/shelf": "waiting"}
    assert told.shop.rows("select product_id from restock.cancellation where user_id = 'joy'") == [("sofa",)]


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_one_click_of_a_mail_program_stops_everything_and_may_come_twice(told: Told, form: str) -> None:
    user = f"cid-{form}"
    told.ask(user, "lamp")
    body = {"data": ONE_CLICK} if form == "urlencoded" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    for _ in range(2):
        answer = visit(link(told, user), "POST", headers={"User-Agent": ""}, **body)
        assert answer.status_code == 200
    assert suppressions(told, user) == [("email", "unsubscribe", None)]
    assert f"{user}@example.com" not in told.send()
    assert states(told, user) == {"main/lamp": "suppressed"}


@pytest.mark.parametrize(("user", "contact"), [("nia", "NIA@Example.com"), ("mia", None)])
def test_an_address_stops_however_it_is_written_and_whether_or_not_it_came_with_the_request(
    told: Told, user: str, contact: str | None
) -> None:
    told.shop.customer(user)
    told.ask(user, f"vase-{user}", contact=contact)
    visit(link(told, user), "POST", data=ONE_CLICK)
    assert suppressions(told, user) == [("email", "unsubscribe", None)]
    told.ask(user, f"bowl-{user}", contact=f"{user}@EXAMPLE.com")
    assert not any(user in recipient.lower() for recipient in told.send())
    assert set(states(told, user).values()) == {"suppressed"}


def test_links_of_the_first_form_work_still(told: Told) -> None:
    told.ask("dan", "lamp")
    [(notification_id,)] = told.shop.rows("select notification_id from restock.notification where user_id = 'dan'")
    signer = Signer(SECRET, salt="restock-unsubscribe", digest_method=hashlib.sha256)
    token = signer.sign(str(notification_id)).decode()
    assert visit(f"{told.service.url}/unsubscribe/{token}").status_code == 200
    assert visit(f"{told.service.url}/unsubscribe/{token}", "POST", data=ONE_CLICK).status_code == 200
    assert suppressions(told, "dan") == [("email", "unsubscribe", None)]
    assert visit(f"{told.service.url}/unsubscribe/{token[:-1]}").status_code == 404
    assert visit(f"{told.service.url}/u/{token}").status_code == 404


def test_a_link_works_for_two_years(told: Told) -> None:
    told.ask("eve", "lamp")
    [(notification_id,)] = told.shop.rows("select notification_id from restock.notification where user_id = 'eve'")
    signer = message_tokens(SECRET)
    for more, status in ((timedelta(minutes=1), 200), (timedelta(minutes=-1), 410)):
        token = signer.sign(str(notification_id), datetime.now(UTC) - UNSUBSCRIBE_LIFE + more)
        assert visit(f"{told.service.url}/u/{token}").status_code == status
    assert visit(f"{told.service.url}/u/{token}", "POST", data=ONE_CLICK).status_code == 410
    assert suppressions(told, "eve") == []


def test_the_link_of_a_message_that_was_removed_stops_messages_to_its_address(
    postgres_url: str, warehouse_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told_shoppers(postgres_url, warehouse_template, tmp_path) as told:
        monkeypatch.setenv("RESTOCK_PUBLIC_URL", told.service.url)
        monkeypatch.setenv("RESTOCK_LINK_SECRET", SECRET)
        users = ["ann", "bob", "cid"]
        for user in users:
            told.ask(user, "lamp", contact=f"{user.title()}@Example.com")
        assert len(told.send()) == len(users)
        old = {user: link(told, user) for user in users}
        told.shop.run(
            "update restock.request set requested_at = now() - interval '450 days';"
            "update restock.decision set decided_at = now() - interval '450 days';"
            "update restock.request_outcome set closed_at = now() - interval '450 days';"
            "update restock.notification set status_at = now() - interval '450 days'"
        )
        remove_old(told.shop.warehouse, tmp_path, datetime.now(UTC), 400)
        assert told.shop.rows("select 1 from restock.notification") == []

        page = visit(old["ann"])
        assert (page.status_code, "About this product" in page.text) == (200, False)
        assert visit(old["ann"], "POST", data={"scope": "product"}).status_code == 404
        for _ in range(2):
            assert visit(old["ann"], "POST", data=ONE_CLICK).status_code == 200
        assert visit(old["cid"], "POST", data={"scope": "store"}).status_code == 200
        assert suppressions(told, "ann") == [("email", "unsubscribe", None)]
        assert suppressions(told, "cid") == [("email", "store", "main")]
        told.mailbox.mails.clear()
        for user in users:
            told.ask(user, "stool")
        assert told.send() == ["bob@example.com"]
        # Of a message that is there still while requests of it may be gone, it is not said that its products stop.
        told.shop.run("update restock.kept_from set kept_since = now() + interval '1 day'")
        assert visit(link(told, "bob"), "POST", data={"scope": "product"}).status_code == 404
        # Of who is erased no old mail is known either.
        bob = Person(channel="email", contact="bob@example.com")
        erase_person(told.shop.warehouse, bob, asked_by="test", secret=SECRET)
        assert [visit(old[user]).status_code for user in users] == [200, 404, 200]


@pytest.mark.parametrize("body", [b"", b"scope=all", b"scope=", b"\xff\xfe", b"scope=product'--"])
def test_what_says_nothing_stops_nothing_and_is_asked_again(told: Told, body: bytes) -> None:
    if not told.shop.rows("select 1 from restock.notification where user_id = 'fay'"):
        told.ask("fay", "lamp")
    page = visit(link(told, "fay"), "POST", content=body)
    assert (page.status_code, "Which messages should stop?" in page.text) == (400, True)
    assert suppressions(told, "fay") == []


def test_a_bounce_stays_a_bounce(told: Told) -> None:
    told.ask("gus", "lamp")
    told.shop.run("insert into restock.suppression values ('email', restock.hash_contact('gus@example.com'), 'bounce')")
    visit(link(told, "gus"), "POST", data=ONE_CLICK)
    assert suppressions(told, "gus") == [("email", "bounce", None)]


def test_what_was_asked_before_and_is_loaded_after_it_ends_as_well(told: Told) -> None:
    told.ask("hal", "lamp")
    told.send()
    asked = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    visit(link(told, "hal"), "POST", data={"scope": "product"})
    fields = '"user_id":"hal","product_id":"lamp","channel":"email","contact":"hal@example.com"'
    for request_id, moment in (("hal-before", asked), ("hal-after", (datetime.now(UTC)).isoformat())):
        told.shop.run(
            "insert into restock.inbox (feed, line, client) values ('requests', %s, 'web')",
            f'{{"request_id":"{request_id}",{fields},"requested_at":"{moment}"}}',
        )
    load_waiting(told.shop.warehouse, "run")
    found = dict(told.shop.rows("select request_id, status from restock.request_state where request_id like 'hal-%'"))
    assert found["hal-before"] == "cancelled"
    assert found["hal-after"] in {"waiting", "available"}


def test_a_store_that_was_stopped_is_seen_by_planning_and_by_the_preview(told: Told) -> None:
    told.ask("ivy", "lamp")
    told.send()
    visit(link(told, "ivy"), "POST", data={"scope": "store"})
    wait_for(told, "ivy", ("main", "stool"), ("berlin", "stool"))
    told.shop.run("insert into restock.availability values ('main', 'stool', 9, now()), ('berlin', 'stool', 9, now())")
    told.shop.clock = datetime.now(UTC)
    told.shop.update_episodes()
    seen = preview(told.shop.warehouse, {}, datetime.now(UTC), channels={"email"}).as_json()
    bring_back(told, ("main", "stool"), ("berlin", "stool"))
    assert states(told, "ivy")["main/stool"] == "suppressed"
    assert states(told, "ivy")["berlin/stool"] == "scheduled"
    assert "suppressed" in str(seen)


def test_the_scope_is_one_of_three(told: Told) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        told.shop.run("select restock.unsubscribe(%s, 'galaxy')", UUID(int=1))
    assert told.shop.rows(f"select restock.unsubscribe('{UUID(int=1)}', 'everything')") == [(False,)]


def test_the_warehouse_agrees_with_itself_after_all_that(told: Told) -> None:
    names = {"request_ends_once", "request_is_open_or_ended", "unsent_is_in_outbox", "sent_item_has_outcome"}
    found = {check.name: check.is_valid for check in check_warehouse(told.shop.warehouse) if check.name in names}
    assert found == dict.fromkeys(names, True)
