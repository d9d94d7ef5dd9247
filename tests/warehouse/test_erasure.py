"""One person is exported and erased: planted in every way in which a name can enter, and looked for everywhere."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from restock.erasure import Person, PersonError, carry_out, confirmation_hashes, erase_person
from restock.feeds.inbox import load_waiting
from restock.feeds.landing import list_landing
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.feeds.replay import replay_rejects
from restock.maintenance import check_warehouse
from restock.marts import refresh
from restock.policy import resolve_policy
from restock.schedule.plan import rank_requests
from restock.warehouse import connect
from tests.warehouse.landing import Landing
from tests.warehouse.told import SECRET, Told, told_shoppers, visit

USER = "shopper-7773131"
MAIL, PHONE, URL = "Planted.person+x@example.org", "+49 170 5550199", "https://hooks.example.org/planted?a=7"
# What is looked for: the names, and pieces of them that any encoding would leave.
TRACES = ("planted", "5550199", "7773131")
OTHER = "other-1"
FIGURES = [
    "select store_id, request_day, request_count, sent_count, clicked_count, bought_count from mart.funnel_daily",
    "select channel, store_id, status = 'sent', count(*) from mart.notification_fact group by 1, 2, 3",
    "select user_id <> '', count(distinct user_id), count(*) from mart.decision_fact group by 1",
    "select count(distinct user_id), count(*) from mart.attribution",
    "select hour, sent_count, attempt_count, retryable_count, suppression_count from mart.delivery_health"
    " where channel = 'email'",
    "select episode_id, asked_count, sent_count, clicked_count, bought_count from restock.mart_episode",
    "select count(*), sum(quantity), count(distinct user_id) from restock.purchase",
]


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def load(told: Told, landing: Landing) -> None:
    """What a run of restock_ingest does, by the clock on the wall."""
    with connect(told.service.warehouse_url) as warehouse:
        new = find_unrecorded(warehouse, list_landing(landing.folder).files)
        load_files(landing.url, landing.folder, new, "run")
        load_waiting(warehouse, "run")


def plan(told: Told, *products: str) -> None:
    told.shop.clock = datetime.now(UTC)
    for product in products:
        told.shop.stock(product, 99)
        told.shop.look_at(product)
    told.shop.plan()


def asking(request_id: str, product: str, minutes: float = 60, user: str = USER, **more: object) -> dict[str, object]:
    row = {"request_id": request_id, "user_id": user, "product_id": product, "requested_at": ago(minutes)}
    return row | {"channel": "email", "contact": ""} | more


REQUESTS = [
    asking(f"{USER}/1", "lamp"),
    asking(f"{USER}/2", "lamp", 50, contact=MAIL),
    asking(f"{USER}/3", "desk", 55, contact=MAIL.upper()),
    asking(f"{USER}/4", "sofa", 40),
    asking(f"{USER}/5", "chair", 40),
    asking(f"{USER}/6", "table", 40),
    asking(f"{USER}/7", "lamp", 40, channel="sms", contact=PHONE),
    asking("o-1", "lamp", user=OTHER, contact="other@example.com"),
]


def plant_files(told: Told, landing: Landing) -> None:
    customer = {"user_id": USER, "email": MAIL, "phone": PHONE, "webhook_url": URL}
    landing.put("customers", [customer, {"user_id": OTHER, "email": "other@example.com"}])
    landing.put("customers", [customer | {"timezone": "Mars/Olympus"}])
    landing.put("requests", REQUESTS)
    landing.put("requests", [asking(f"{USER}/8", "desk", 45, action="cancel")])
    # Rejected: as CSV with too few fields, and as JSON that hides the @.
    landing.put("requests", f"request_id,user_id,product_id,requested_at,contact\nx-1,{USER},lamp\n")
    hidden = json.dumps(asking("x-2", "lamp", contact=MAIL, timezone="Mars/Olympus")).replace("@", "\\u0040")
    landing.put("requests", hidden + "\n", "hidden.jsonl")
    # The header line was forgotten.
    landing.put("customers", f"user_id,{MAIL},email\n{OTHER},x,other@example.com\n")
    landing.put("customers", f"{OTHER},{MAIL},{PHONE}\n")
    ordered = {"user_id": USER, "product_id": "lamp", "ordered_at": ago(0.01), "amount": "9.50"}
    landing.put("orders", [ordered | {"order_id": f"{MAIL}-1", "product_id": "vase"}])
    landing.put("suppressions", [{"channel": "webhook", "contact": URL, "reason": "complaint"}])
    load(told, landing)


def plant_http(told: Told, landing: Landing) -> None:
    post = told.service.post
    # A shopper of whom nothing is known but the same address.
    body = {"product_id": "lamp", "contact": MAIL, "channel": "email"}
    assert post("/v1/requests", body | {"request_id": f"{MAIL}/9"}, Idempotency_Key=MAIL).status_code == 202
    load(told, landing)
    assert post("/v1/requests", body | {"product_id": "rug", "user_id": USER}).status_code == 202
    pending = {"items": [{"channel": "sms", "contact": PHONE, "reason": "unsubscribe"}]}
    assert post("/v1/suppressions", pending, "warehouse").status_code == 202
    told.shop.settings |= {"overrides": '{"store": {"berlin": {"double_opt_in": true}}}'}
    resolve_policy(told.shop.warehouse, told.shop.settings)
    answer = post("/v1/requests", body | {"store_id": "berlin"}, "page").json()
    assert answer["status"] == "confirmation_needed"


def plant_messages(told: Told) -> None:
    plan(told, "lamp")
    told.send()
    assert MAIL in told.mailbox.recipients()
    words = [word for mail in told.mailbox.mails for word in mail.get_body(("plain",)).get_content().split()]
    for link in {word for word in words if "/c/" in word}:
        assert visit(link).status_code == 302
    told.mailbox.answers[MAIL] = f"451 4.2.0 <{MAIL}> is greylisted"
    plan(told, "chair")
    told.send()
    told.mailbox.answers.clear()
    # One message is planned, and one request has its place and no message yet.
    plan(told, "sofa")
    told.shop.stock("table", 5)
    told.shop.look_at("table")
    told.shop.update_episodes()
    policy = resolve_policy(told.shop.warehouse, told.shop.settings)
    rank_requests(told.shop.warehouse, policy.policy_id, {"email"}, datetime.now(UTC), shard_size=0)
    assert told.shop.rows("select user_id from restock.candidate") == [(USER,)]
    run = told.shop.run
    run("insert into restock.suppression values ('email', restock.hash_contact(%s), 'unsubscribe')", MAIL)
    run("insert into restock.store_suppression values ('email', restock.hash_contact(%s), 'berlin')", MAIL)
    run(
        "insert into restock.console_action (user_name, action, subject, detail) values ('eve', 'replay_dead', %s, %s)",
        f"554 <{MAIL}>", json.dumps({"error": f"554 <{MAIL}>", "user_id": USER, "count": 1}),
    )  # fmt: skip
    run("insert into restock.breaker values ('chat', 1, now(), now() + interval '1 hour', %s)", f"no {PHONE} for now")


@pytest.fixture(scope="module")
def running(postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with (
        told_shoppers(postgres_url, warehouse_template, tmp_path_factory.mktemp("told")) as told,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("RESTOCK_PUBLIC_URL", told.service.url)
        patch.setenv("RESTOCK_LINK_SECRET", SECRET)
        for product in ("lamp", "chair", "sofa", "table", "desk"):
            told.product(product, product.title())
        yield told


@pytest.fixture(scope="module")
def landing(running: Told, tmp_path_factory: pytest.TempPathFactory) -> Landing:
    return Landing(tmp_path_factory.mktemp("landing"), running.service.warehouse_url, running.shop.warehouse)


def texts(warehouse: psycopg.Connection) -> Iterator[tuple[str, str]]:
    """Each column of each table of the warehouse that could hold a name, with all that it holds."""
    columns = warehouse.execute(
        "select c.table_schema, c.table_name, c.column_name, c.data_type from information_schema.columns as c"
        " inner join information_schema.tables as t using (table_schema, table_name)"
        " where t.table_type = 'BASE TABLE' and c.table_schema in ('restock', 'staging', 'mart')"
        " and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'name')"
    ).fetchall()
    assert len(columns) > 100
    for schema, table, column, kind in columns:
        shown = "encode({}, 'escape')" if kind == "bytea" else "{}::text"
        query = sql.SQL("select string_agg(" + shown + ", ' ') from {}").format(
            sql.Identifier(column), sql.Identifier(schema, table)
        )
        text = warehouse.execute(query).fetchone()
        yield f"{table}.{column}", (text[0] if text else None) or ""


def places_of(warehouse: psycopg.Connection, names: tuple[str, ...] = TRACES) -> set[str]:
    return {place for place, text in texts(warehouse) if any(name in text.lower() for name in names)}


def figures(warehouse: psycopg.Connection) -> list[list[tuple]]:
    refresh(warehouse)
    return [sorted(map(repr, warehouse.execute(query).fetchall())) for query in FIGURES]


def broken_checks(warehouse: psycopg.Connection) -> list[str]:
    """What is wrong of old: the shop of the tests has stock without an inventory."""
    return [check.name for check in check_warehouse(warehouse) if not check.is_valid and check.severity == "fail"]


def read_export(folder: Path) -> dict[str, Any]:
    [file] = (folder / "_exports").iterdir()
    return json.loads(file.read_text(encoding="utf-8"))


def test_a_person_is_exported_and_erased_everywhere_and_stays_suppressed(
    running: Told, landing: Landing, caplog: pytest.LogCaptureFixture
) -> None:
    told, warehouse = running, running.shop.warehouse
    caplog.set_level(logging.INFO)
    plant_files(told, landing)
    plant_http(told, landing)
    plant_messages(told)
    planted = places_of(warehouse)
    assert planted >= {
        "customer.email", "customer.phone", "customer.webhook_url", "request.contact", "request.request_id",
        "request.joined_contacts", "cancellation.user_id", "candidate.user_id", "inbox.line", "inbox_pending.user_id",
        "unconfirmed_request.line", "confirmation.contact", "rejected_row.raw_text", "notification.user_id",
        "purchase.order_id", "console_action.detail", "breaker.reason", "idempotency_key.idempotency_key",
        "feed_file.unknown_columns", "open_request.user_id",
    }  # fmt: skip
    before, broken_before = figures(warehouse), broken_checks(warehouse)

    carry_out(warehouse, landing.folder / "_exports", export=f"email:{MAIL}", erase=None, asked_by="run", secret=SECRET)
    exported = read_export(landing.folder)
    empty = {part for part, items in exported.items() if not items}
    assert empty == set()
    answer = told.service.post("/v1/exports", {"user_id": USER}, "warehouse")
    assert answer.status_code == 200, answer.text
    for part, items in answer.json().items():
        if part != "exported_at":
            assert sorted(map(repr, items)) == sorted(map(repr, exported[part]))

    answer = told.service.post("/v1/erasures", {"channel": "email", "contact": MAIL}, "warehouse")
    assert answer.status_code == 200, answer.text
    assert answer.json()["shoppers"] == 2
    assert places_of(warehouse) == set()
    assert figures(warehouse) == before
    assert broken_checks(warehouse) == broken_before
    records = [record for record in caplog.records if record.name.startswith("restock")]
    said = "".join(map(caplog.handler.format, records)) + told.service.log.read_text()
    assert not [trace for trace in TRACES if trace in said.lower()]

    assert told.shop.rows("select distinct reason from restock.request_outcome where status = 'cancelled'") == [
        ("cancelled",), ("erased",),
    ]  # fmt: skip
    sent = len(told.mailbox.mails)
    told.shop.run("update restock.outbox set due_at = now()")
    told.shop.plan()
    told.send()
    assert len(told.mailbox.mails) == sent
    assert told.shop.rows("select asked_by, shopper_count from restock.erasure") == [("key warehouse", 2)]
    # The rejected rows are settled: none of them waits, and none comes back.
    assert replay_rejects(told.service.warehouse_url, "again", None, "unknown_time_zone").replayed == 0


def test_what_is_delivered_again_does_not_come_back_and_who_asks_again_stays_suppressed(
    running: Told, landing: Landing
) -> None:
    again = landing.put("requests", [*REQUESTS, asking("o-2", "desk", user=OTHER)])
    broken = landing.put("requests", [asking("x-3", "lamp", requested_at="yesterday")])
    listed = landing.put("suppressions", [{"channel": "email", "contact": MAIL, "reason": "bounce"}])
    load(running, landing)
    assert landing.counts(again) == {"read": 9, "loaded": 1, "duplicate": 1, "stale": 7}
    assert landing.counts(broken) == {"read": 1, "stale": 1}
    assert landing.counts(listed) == {"read": 1, "unchanged": 1}
    assert places_of(running.shop.warehouse, TRACES) == set()

    sent = len(running.mailbox.mails)
    landing.put("requests", [asking("new-1", "desk", -0.5, contact=MAIL), asking("o-3", "chair", 0, OTHER)])
    load(running, landing)
    plan(running, "desk", "chair")
    running.send()
    states = running.shop.states()
    assert (states["new-1"], states["o-3"]) == ("suppressed", "notified")
    assert MAIL not in [mail["To"] for mail in running.mailbox.mails[sent:]]


def test_only_an_operator_may_ask(running: Told) -> None:
    for path in ("/v1/exports", "/v1/erasures"):
        for key in ("shop", "page"):
            answer = running.service.post(path, {"user_id": OTHER}, key)
            assert answer.status_code == 403
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"].endswith("; only operator keys may.")
        assert running.service.post(path, {"user_id": OTHER}, "").status_code == 401
        for body in ({}, {"user_id": ""}, {"user_id": OTHER, "channel": "email"}, {"contact": MAIL}, {"user_id": []}):
            assert running.service.post(path, body, "warehouse").status_code == 422
    with (
        psycopg.connect(running.service.database_url, autocommit=True) as login,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        login.execute("select * from restock.export_for_operator(%s, %s, null, null)", (b"0" * 32, OTHER))


def test_a_call_says_what_it_could_not_do(running: Told) -> None:
    running.shop.request("zed", "chair", contact="zed@example.com")
    running.shop.run("update restock.outbox set lease_until = null")
    plan(running, "chair")
    running.shop.run("update restock.outbox set lease_until = now() + interval '1 minute', leased_by = 'a sender'")
    answer = running.service.post("/v1/erasures", {"user_id": "zed"}, "warehouse")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "leaving at this moment" in answer.json()["detail"]
    assert running.shop.rows("select contact from restock.request where user_id = 'zed'") == [("zed@example.com",)]
    for number in range(21):
        running.shop.customer(f"u{number}", phone="+49 30 1")
    answer = running.service.post("/v1/exports", {"channel": "sms", "contact": "+49 30 1"}, "warehouse")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_one_person")


def test_a_message_that_is_leaving_is_waited_for(shop) -> None:
    shop.customer("ann")
    shop.request("ann", "lamp")
    shop.stock("lamp", 5)
    shop.plan()
    shop.run("update restock.outbox set lease_until = now() + interval '1 minute', leased_by = 'a sender'")
    with pytest.raises(RuntimeError, match="leaving at this moment"):
        carry_out(shop.warehouse, Path(), export=None, erase="ann", asked_by="run", secret=SECRET)
    assert shop.rows("select email from restock.customer") == [("ann@example.com",)]
    assert shop.states() == {"r0001": "scheduled"}
    shop.run("update restock.outbox set lease_until = null, leased_by = null")
    # What is confirmed has no address any more, only a hash whose key the warehouse does not know.
    shop.run(
        "insert into restock.confirmation (channel, contact_hash, store_id, status, asked_at, expires_at, due_at)"
        " values ('email', %s, 'main', 'confirmed', now(), now() + interval '1 day', now())",
        *confirmation_hashes(SECRET, ["email:ann@example.com"]),
    )
    for shoppers in (1, 0):
        erased = erase_person(shop.warehouse, Person(user_id="ann"), asked_by="run", secret=SECRET)
        assert erased["shoppers"] == 1
        assert erased["counts"]["messages_cancelled"] == shoppers
    assert list(shop.states().values()) == ["cancelled"]
    assert shop.rows("select count(*) from restock.erasure") == [(2,)]
    assert shop.rows("select 1 from restock.confirmation") == []


def test_a_load_that_runs_is_waited_for(shop, warehouse_url: str) -> None:
    shop.customer("ann")
    with connect(warehouse_url) as load_connection, connect(warehouse_url) as other:
        binds = {"asked_by": "run", "secret": SECRET}
        erasing = threading.Thread(target=lambda: erase_person(other, Person(user_id="ann"), **binds))
        with load_connection.transaction():
            load_connection.execute("select pg_advisory_xact_lock_shared(7370011, 0)")
            erasing.start()
            while not shop.rows("select 1 from pg_locks where locktype = 'advisory' and not granted"):
                assert erasing.is_alive()
            load_connection.execute(
                "insert into restock.request (request_id, user_id, store_id, product_id, channel, contact,"
                " requested_at) values ('late', 'ann', 'main', 'lamp', 'email', 'ann@late.example', now())"
            )
        erasing.join(30)
    assert shop.rows("select contact from restock.request") == [(None,)]


def test_an_address_that_many_have_is_no_one_persons(shop) -> None:
    for number in range(21):
        shop.customer(f"u{number}", webhook_url="https://shop.example/all")
    with pytest.raises(PersonError, match="More than 20 shoppers"):
        carry_out(
            shop.warehouse, Path(), export=None, erase="webhook:https://shop.example/all", asked_by="r", secret=SECRET
        )
    erase_person(shop.warehouse, Person(user_id="u1"), asked_by="run", secret=SECRET)
    left = "select count(*), count(webhook_url), count(email) from restock.customer where user_id not like 'erased-%'"
    assert shop.rows(left) == [(20, 20, 20)]
