"""What stands at the door of the intake service: hostile input, batches, and what its role may do at all."""

import json
import random
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import psycopg
import pytest

from restock.feeds.contract import INVENTORY, REQUESTS, SUPPRESSIONS, Feed
from restock.feeds.inbox import load_waiting
from restock.intake.batch import MAX_ITEMS
from restock.intake.check import read_record, to_line
from restock.warehouse import connect
from tests.intake import IntakeService, intake_service
from tests.warehouse.own_warehouse import own_warehouse

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def service(
    postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IntakeService]:
    with (
        own_warehouse(postgres_url, warehouse_template) as url,
        intake_service(url, tmp_path_factory.mktemp("intake")) as running,
    ):
        yield running


@pytest.fixture
def rows(service: IntakeService) -> Iterator[psycopg.Connection]:
    with connect(service.warehouse_url) as warehouse:
        warehouse.execute("truncate restock.inbox, restock.inbox_pending")
        yield warehouse


def in_inbox(rows: psycopg.Connection) -> int:
    counted = rows.execute("select count(*) from restock.inbox").fetchone()
    assert counted is not None
    count: int = counted[0]
    return count


def stock(product_id: str = "lamp", quantity: object = 5, **values: object) -> dict[str, object]:
    at = (NOW - timedelta(minutes=1)).isoformat()
    return {"product_id": product_id, "available_quantity": quantity, "snapshot_at": at, **values}


# ---------------------------------------------------------------------------------------------
# Hostile input
# ---------------------------------------------------------------------------------------------


def reads(body: bytes) -> bool:
    try:
        json.loads(body)
    except RecursionError:
        return False
    return True


VALID = b'{"product_id": "p", "user_id": "u"}'
DEEP = b'{"product_id": ' + b"[" * 7_000 + b"]" * 7_000 + b"}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"\xff\xfe", 400),
        (b'{"product_id": NaN}', 400),
        # Some versions of Python find it nested too deeply, others read it, and it is no product_id.
        (DEEP, 422 if reads(DEEP) else 400),
        (b"[" * 15_000, 400),
        (b'{"product_id": "a\\u0000b", "user_id": "u"}', 422),
        (b'{"product_id": "\\ud800", "user_id": "u"}', 422),
        (b'{"product_id": "p", "user_id": "u", "\\ud800\\u0000": 1}', 422),
        (b'{"product_id": "a\\nb", "user_id": "u"}', 422),
        (b'{"product_id": "p", "user_id": "u", "quantity": ' + b"9" * 9_000 + b"}", 422),
        (b'{"product_id": "p", "user_id": "u", "quantity": 1e400}', 422),
        (b'{"product_id": "p", "user_id": "u", "quantity": 1.5}', 422),
        (b'{"product_id": "p", "user_id": "u", "quantity": {"$gt": 0}}', 422),
        (b'{"product_id": "p", "user_id": "u", "requested_at": "0001-01-01T00:00:00+15:00"}', 422),
        (b'{"product_id": "p", "user_id": "u", "requested_at": "9999-12-31T23:59:59-15:00"}', 422),
        (b'{"product_id": "p", "user_id": "u", "contact": "<script>@x.example\\r\\nBcc: a@b.example"}', 422),
        (b'{"product_id": "' + b"x" * 201 + b'", "user_id": "u"}', 422),
        (b'{"product_id": "p", "user_id": "u", ' + b",".join(b'"%d": 1' % n for n in range(1_500)) + b"}", 422),
        (b'{"product_id": "' + b"x" * 17_000 + b'", "user_id": "u"}', 413),
        (b'{"product_id": "\'; drop table restock.inbox; --", "user_id": "\\u202e<b>"}', 202),
        (VALID, 202),
    ],
)
def test_no_body_brings_the_service_to_fall(service: IntakeService, body: bytes, status: int):
    answer = service.post("/v1/requests", body)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert len(answer.json().get("errors", [])) <= 20


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_media_type_is_refused(service: IntakeService, media_type: str):
    assert service.post("/v1/requests", VALID, Content_Type=media_type).status_code == 415


@pytest.mark.parametrize("key", ["x" * 256, ""])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(service: IntakeService, key: str):
    assert service.post("/v1/requests", VALID, Idempotency_Key=key).status_code == 422


@pytest.mark.parametrize(
    "path", ["/v1/requests/a%00b", "/v1/requests/%ff", "/v1/requests/" + "x" * 300, "/v2", "/docs"]
)
def test_a_path_that_leads_nowhere_is_a_problem_like_others(service: IntakeService, path: str):
    answer = service.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("after", ["x", "W10=", "WyJhIiwxXQ==", "bnVsbA==", "é", "WyIyMDI2LTAxLTAxIiwgIlx1MDAwMCJd"])
def test_a_place_in_a_list_that_was_not_given_is_refused(service: IntakeService, after: str):
    assert service.get("/v1/requests", user_id="u", after=after).status_code == 422


def test_a_large_body_is_refused_before_it_is_read(service: IntakeService):
    for length in ("Content-Length: 1000000000", "Transfer-Encoding: chunked"):
        head = (
            f"POST /v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.keys['shop']}\r\n"
            f"Content-Type: application/json\r\n{length}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
            connection.sendall(head.encode())
            if "chunked" in length:
                connection.sendall(b"4e20\r\n" + b" " * 20_000 + b"\r\n")
            answer = connection.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 413 "), answer


# ---------------------------------------------------------------------------------------------
# The rules of the feeds
# ---------------------------------------------------------------------------------------------

ODD_VALUES: list[object] = [
    *("", " ", "a", "A", "é", "main", "true", "T", "1", "0", "-0", "+5", "007", "2147483648", "1.5", "1e3", "½", "٣"),
    *("email", "sms", "webhook", "e_mail", "Email", "subscribe", "cancel", "app", "cart", "bounce", "unsubscribe"),
    *("a@b.co", "a@b", "a b@c.de", "ä@ö.example", "a@b..co", "a@[127.0.0.1]", "x" * 249 + "@b.co", '"a"@b.co'),
    *("+41 44 668 18 00", "12", "+1", "1" * 30, "1" * 31, "http://x.example/a?b", "HTTPS://x", "ftp://x", "http://"),
    *("de", "de-CH", "deutsch", "d", "zh_Hant_TW", "Europe/Berlin", "utc", "UTC", "EST5EDT", "posixrules", "Mars/X"),
    *("2026-03-01T09:30:00Z", "2026-03-01 09:30+01", "2026-3-1T09:30:00Z", "2026-02-29T00:00:00Z", "20260301T093000Z"),
    *("2026-03-01T24:00:00Z", "2026-03-01T23:59:60Z", "2026-03-01T09:30:00.123456789+01:00", "2026-03-01T09:30:00"),
    *("1999-12-31T23:59:59Z", "2999-01-01T00:00:00Z", "2026-03-01T09:30:00+15:59", "2026-03-01T09:30:00+16:00"),
    *("2026-03-01t09:30:00z", "2026-03-01T09:30:00-0330", "2026-03-01T09:30+00:00:30", "2026-W10-1T09:30:00Z"),
    *("a\nb", "a\x7f", "a\u2028b", "\u202e", "a\tb", "\ta\t", "\\", "\\N", '"', "\\u0000", "x" * 200, "x" * 201),
    *(True, False, None),
]


def odd_record(feed: Feed, rng: random.Random) -> dict[str, object]:
    good = {
        "request_id": f"r-{rng.random()}",
        "user_id": f"u-{rng.random()}",
        "product_id": "p",
        "requested_at": "2026-03-01T09:30:00Z",
        "snapshot_at": "2026-03-01T09:30:00Z",
        "available_quantity": "3",
        "channel": rng.choice(["email", "sms", "webhook", "chat"]),
        "contact": rng.choice(["a@b.co", "+41 44 668 18 00", "http://x.example"]),
        "reason": "bounce",
    }
    record: dict[str, object] = {column.name: good[column.name] for column in feed.columns if column.name in good}
    for column in rng.sample(feed.columns, rng.randint(0, 3)):
        record[column.name] = rng.choice(ODD_VALUES)
    return record


def time_zones(rows: psycopg.Connection) -> frozenset[str]:
    names = {name for (name,) in rows.execute("select name from pg_timezone_names")}
    return frozenset(names & available_timezones())


@pytest.mark.parametrize("feed", [REQUESTS, INVENTORY, SUPPRESSIONS], ids=lambda feed: feed.name)
def test_what_passes_the_door_loads(rows: psycopg.Connection, feed: Feed):
    zones = time_zones(rows)
    rng = random.Random(feed.name)
    records = [odd_record(feed, rng) for _ in range(3_000)]
    read = [read_record(feed, record, zones, NOW) for record in records]
    passed = [to_line(values) for values, errors in read if not errors]
    assert 500 < len(passed) < 2_900
    rows.execute(
        "insert into restock.inbox (feed, line, client) select %s, unnest(%s::text[]), 'test'", [feed.name, passed]
    )
    load_waiting(rows, "run", NOW)
    broken = rows.execute(
        "select raw_text, detail from restock.rejected_row where reason_code <> 'reused_id'"
    ).fetchall()
    assert broken == []


@pytest.mark.parametrize("feed", [REQUESTS, INVENTORY, SUPPRESSIONS], ids=lambda feed: feed.name)
def test_what_is_refused_at_the_door_would_not_load(rows: psycopg.Connection, feed: Feed):
    zones = time_zones(rows)
    rng = random.Random(f"refused {feed.name}")
    refused = [
        record
        for record in (odd_record(feed, rng) for _ in range(2_000))
        if {error.code for error in read_record(feed, record, zones, NOW)[1]} - {"not_a_time"}
    ]
    assert len(refused) > 300
    rows.execute("truncate restock.rejected_row")
    lines = [json.dumps(record) for record in refused]
    rows.execute(
        "insert into restock.inbox (feed, line, client) select %s, unnest(%s::text[]), 'test'", [feed.name, lines]
    )
    load_waiting(rows, "run", NOW)
    counted = rows.execute("select count(*) from restock.rejected_row").fetchone()
    assert counted == (len(refused),)


# ---------------------------------------------------------------------------------------------
# Batches
# ---------------------------------------------------------------------------------------------


def test_stock_is_accepted_and_wakes_the_pipeline(service: IntakeService, rows: psycopg.Connection):
    rows.execute("listen restock_inbox")
    answer = service.post(
        "/v1/stock",
        {"items": [stock(store_id="bonn"), stock("chair", 9, store_id="bonn", orderable=False)]},
        "warehouse",
    )
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2})
    assert [notice.payload for notice in rows.notifies(timeout=60, stop_after=1)] == ["inventory"]
    load_waiting(rows, "run")
    found = rows.execute("select product_id, quantity from restock.availability where store_id = 'bonn'").fetchall()
    assert sorted(found) == [("chair", 0), ("lamp", 5)]


def test_bounces_and_complaints_suppress_addresses(service: IntakeService, rows: psycopg.Connection):
    items = [{"channel": "email", "contact": "Ada@example.com", "reason": "bounce"}]
    assert service.post("/v1/suppressions", {"items": items}, "warehouse").json() == {"accepted": 1}
    load_waiting(rows, "run")
    found = rows.execute(
        "select reason from restock.suppression where contact_hash = restock.hash_contact('ada@example.com')"
    ).fetchall()
    assert found == [("bounce",)]


def test_a_batch_is_taken_whole_or_not_at_all(service: IntakeService, rows: psycopg.Connection):
    items = [stock(f"p-{n}") for n in range(MAX_ITEMS)]
    items[4_321] = stock("p", "many", when="now")
    answer = service.post("/v1/stock", {"items": items}, "warehouse")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("items[4321].when", "unknown_name"),
        ("items[4321].available_quantity", "not_a_whole_number"),
    ]
    assert in_inbox(rows) == 0
    items[4_321] = stock("p")
    assert service.post("/v1/stock", {"items": items}, "warehouse", Idempotency_Key="all").status_code == 202
    assert service.post("/v1/stock", {"items": items}, "warehouse", Idempotency_Key="all").status_code == 202
    assert in_inbox(rows) == MAX_ITEMS


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": "lamp"}, {"items": [1]}, {"items": [{}], "more": 1}])
def test_what_is_no_batch_is_refused(service: IntakeService, body: object):
    assert service.post("/v1/stock", body, "warehouse").status_code == 422


@pytest.mark.parametrize("key", ["shop", "page"])
def test_stock_and_suppressions_need_an_operators_key(service: IntakeService, key: str):
    for path in ("/v1/stock", "/v1/suppressions"):
        assert service.post(path, {"items": [stock()]}, key).status_code == 403


# ---------------------------------------------------------------------------------------------
# The role
# ---------------------------------------------------------------------------------------------


def test_the_role_of_the_service_may_add_to_the_inbox_and_little_else(service: IntakeService, rows: psycopg.Connection):
    granted = rows.execute(
        "select c.relnamespace::regnamespace || '.' || c.relname, string_agg(p.name, ' ' order by p.name)"
        " from pg_class as c"
        " cross join unnest(array['delete', 'insert', 'select', 'truncate', 'update']) as p (name)"
        " where c.relnamespace in ('restock'::regnamespace, 'staging'::regnamespace, 'mart'::regnamespace)"
        " and c.relkind in ('r', 'v', 'p', 'm') and has_table_privilege('restock_intake', c.oid, p.name) group by 1"
    ).fetchall()
    assert dict(granted) == {"restock.idempotency_key": "insert select"}
    with psycopg.connect(service.database_url, autocommit=True) as login:
        login.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'test')")
        for statement in (
            "select * from restock.inbox",
            "insert into restock.inbox (feed, line, client, received_at) values ('requests', '{}', 'test', now())",
            "insert into restock.inbox_pending (inbox_id, feed) values (1, 'requests')",
            "select restock.release_episodes()",
            "create table restock.mine ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(statement)
