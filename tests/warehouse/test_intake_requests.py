"""The shopper's side over HTTP: asking, withdrawing, and asking where a request stands."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from restock.feeds.inbox import load_waiting
from restock.intake.keys import add_key, revoke_key
from restock.maintenance import forget_calls
from restock.warehouse import connect
from tests.intake import ORIGIN, IntakeService, intake_service
from tests.warehouse.own_warehouse import own_warehouse

SECRET_ADDRESS = "nobody-must-read-this@example.com"


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
    """Connection to the service's warehouse, as its owner. Limits and the inbox start from nothing."""
    with connect(service.warehouse_url) as warehouse:
        warehouse.execute("truncate restock.inbox, restock.inbox_pending, restock.intake_count")
        yield warehouse


def lines(rows: psycopg.Connection) -> list[dict[str, str]]:
    return [json.loads(line) for (line,) in rows.execute("select line from restock.inbox order by inbox_id")]


def ask(service: IntakeService, key: str = "shop", **values: object) -> str:
    answer = service.post("/v1/requests", {"product_id": "lamp", "user_id": "ada", **values}, key)
    assert answer.status_code == 202, answer.text
    request_id: str = answer.json()["request_id"]
    return request_id


def load(rows: psycopg.Connection) -> None:
    load_waiting(rows, "run")
    assert rows.execute("select * from restock.inbox_pending").fetchall() == []


def test_an_accepted_request_is_in_the_inbox_when_the_answer_comes(service: IntakeService, rows: psycopg.Connection):
    answer = service.post("/v1/requests", {"product_id": "lamp", "user_id": "ada", "quantity": 2})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    (line,) = lines(rows)
    asked = datetime.fromisoformat(line.pop("requested_at"))
    assert abs(datetime.now(UTC) - asked) < timedelta(minutes=1)
    expected = {"request_id": answer.json()["request_id"], "user_id": "ada", "product_id": "lamp", "quantity": "2"}
    # The key belongs to the website.
    assert line == expected | {"surface": "web"}
    assert rows.execute("select distinct client from restock.inbox").fetchall() == [("shop",)]


def test_a_request_is_followed_from_the_inbox_through_the_warehouse(service: IntakeService, rows: psycopg.Connection):
    asked = ask(service, user_id="bo", product_id="chair", request_id="first ask/1", timezone="Europe/Berlin")
    assert asked == "first ask/1"
    state = service.get("/v1/requests/first ask/1").json()
    assert (state["status"], state["reason"], state["store_id"]) == ("accepted", "inbox", "main")
    assert state["sentence"].startswith("asked on ")
    load(rows)
    state = service.get("/v1/requests/first ask/1").json()
    assert (state["status"], state["reason"], state["channel"]) == ("waiting", "sold_out", "email")
    assert state["sentence"].endswith("still waits; all times in Europe/Berlin")
    assert service.get("/v1/requests/first ask/2").status_code == 404


def test_a_shopper_without_a_name_is_known_by_the_address(service: IntakeService, rows: psycopg.Connection):
    for contact in ("Cleo@example.com", "cleo@EXAMPLE.com", "dan@example.com"):
        answer = service.post("/v1/requests", {"product_id": "lamp", "contact": contact})
        assert answer.status_code == 202
    first, second, other = (line["user_id"] for line in lines(rows))
    assert first == second != other
    assert "cleo" not in first.lower()
    assert {line["channel"] for line in lines(rows)} == {"email"}


def test_a_call_with_the_same_idempotency_key_gets_the_first_answer_and_does_nothing(
    service: IntakeService, rows: psycopg.Connection
):
    body = {"product_id": "lamp", "user_id": "ada"}
    answers: list[dict[str, str]] = []

    def call() -> None:
        answers.append(service.post("/v1/requests", body, Idempotency_Key="k-1").json())

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer["request_id"] for answer in answers}) == 1
    assert len(lines(rows)) == 1
    other = service.post("/v1/requests", body | {"quantity": 2}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "reused_key")
    # The key is that of one route.
    assert service.post("/v1/cancellations", body, Idempotency_Key="k-1").status_code == 202
    assert len(lines(rows)) == 2


def test_answers_are_forgotten_after_a_day_and_not_before(service: IntakeService, rows: psycopg.Connection):
    rows.execute("truncate restock.idempotency_key")
    service.post("/v1/requests", {"product_id": "lamp", "user_id": "ada"}, Idempotency_Key="k-2")
    service.post("/v1/requests", {"product_id": "lamp", "contact": "ada@example.com"}, "page")
    assert forget_calls(rows, datetime.now(UTC) + timedelta(hours=23)) == 0
    assert rows.execute("select count(*) from restock.intake_count").fetchone() == (3,)
    assert forget_calls(rows, datetime.now(UTC) + timedelta(days=9)) == 1
    assert rows.execute("select count(*) from restock.intake_count").fetchone() == (0,)


def test_each_request_of_many_is_answered_by_itself_in_its_place(service: IntakeService, rows: psycopg.Connection):
    many = [{"product_id": "lamp", "user_id": f"shopper-{n}", "request_id": f"bulk-{n}"} for n in range(300)]
    many[7] = {"product_id": "lamp"}
    many[9]["locale"] = "!"
    answer = service.post("/v1/requests/bulk", {"requests": many}, Idempotency_Key="bulk")
    assert answer.status_code == 202
    results = answer.json()["results"]
    assert (answer.json()["accepted"], answer.json()["refused"]) == (298, 2)
    assert [n for n, result in enumerate(results) if result["status"] == "refused"] == [7, 9]
    assert results[9]["errors"][0]["field"] == "locale"
    assert [result.get("request_id") for result in results[:7]] == [f"bulk-{n}" for n in range(7)]
    assert len(lines(rows)) == 298
    assert service.post("/v1/requests/bulk", {"requests": many}, Idempotency_Key="bulk").json() == answer.json()
    assert len(lines(rows)) == 298


def test_a_request_is_withdrawn_by_its_id_before_and_after_it_is_loaded(
    service: IntakeService, rows: psycopg.Connection
):
    early, late = ask(service, user_id="eve", product_id="sofa"), ask(service, user_id="eve", product_id="desk")
    assert service.post("/v1/cancellations", {"request_id": early}).json() == {"status": "accepted"}
    load(rows)
    assert service.post("/v1/cancellations", {"request_id": late}).json() == {"status": "accepted"}
    load(rows)
    assert [service.get(f"/v1/requests/{each}").json()["status"] for each in (early, late)] == ["cancelled"] * 2
    # What was asked again meanwhile stays.
    again = ask(service, user_id="eve", product_id="desk")
    assert service.post("/v1/cancellations", {"request_id": late}).json() == {"status": "ended"}
    load(rows)
    assert service.get(f"/v1/requests/{again}").json()["status"] == "waiting"
    assert service.post("/v1/cancellations", {"request_id": "unheard of"}).status_code == 404


@pytest.mark.parametrize("who", [{"user_id": "flo"}, {"contact": "Flo@example.com"}])
def test_a_shopper_withdraws_what_was_asked_for_a_product(
    service: IntakeService, rows: psycopg.Connection, who: dict[str, str]
):
    asked = service.post("/v1/requests", {"product_id": "rug", **who}).json()["request_id"]
    assert service.post("/v1/cancellations", {"product_id": "rug", **who}).status_code == 202
    load(rows)
    assert service.get(f"/v1/requests/{asked}").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"product_id": "rug"},
        {"user_id": "flo"},
        {"request_id": "a", "user_id": "flo"},
        {"user_id": "flo", "product_id": "rug", "channel": "E MAIL"},
        {"user_id": ["flo"], "product_id": "rug"},
    ],
)
def test_a_withdrawal_that_does_not_say_what_is_refused(service: IntakeService, rows: psycopg.Connection, body: object):
    answer = service.post("/v1/cancellations", body)
    assert (answer.status_code, lines(rows)) == (422, [])


def test_what_a_shopper_waits_for_is_listed_page_by_page(service: IntakeService, rows: psycopg.Connection):
    ids = [
        ask(service, user_id="gus", product_id=f"p-{n}", requested_at=f"2026-03-0{n}T09:00:00Z") for n in range(1, 6)
    ]
    load(rows)
    ids.append(ask(service, user_id="gus", product_id="p-6", requested_at="2026-03-06T09:00:00Z"))
    found, after = [], {}
    while after is not None:
        page = service.get("/v1/requests", user_id="gus", limit=4, **after).json()
        found += page["requests"]
        after = {"after": page["next"]} if page["next"] else None
    assert [state["request_id"] for state in found] == ids[::-1]
    assert [state["status"] for state in found] == ["accepted"] + ["waiting"] * 5
    assert service.get("/v1/requests", user_id="nobody").json() == {"requests": [], "next": None}


def test_errors_name_the_field_and_what_to_do_and_repeat_no_value(service: IntakeService, rows: psycopg.Connection):
    values = {"product_id": " ", "contact": "someone at home", "channel": "email", "timezone": "Mars", "quantity": 0}
    answer = service.post("/v1/requests", values | {"colour": "red", "requested_at": "2026-03-01T09:00:00"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["type"]) == (422, 422, "urn:problem-type:restock:invalid")
    assert {error["field"]: error["code"] for error in problem["errors"]} == {
        "product_id": "missing_value",
        "contact": "not_an_email",
        "timezone": "unknown_time_zone",
        "quantity": "out_of_range",
        "colour": "unknown_name",
        "requested_at": "no_offset",
    }
    assert "someone at home" not in answer.text
    assert lines(rows) == []


# ---------------------------------------------------------------------------------------------
# Keys that everybody can read
# ---------------------------------------------------------------------------------------------


def test_a_widget_key_opens_nothing_but_asking(service: IntakeService):
    for path, body in (("/v1/requests/bulk", {"requests": []}), ("/v1/cancellations", {}), ("/v1/stock", {})):
        assert service.post(path, body, "page").status_code == 403
    assert service.get("/v1/requests", "page", user_id="ada").status_code == 403
    assert service.get("/v1/requests/x", "page").status_code == 403


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"user_id": "ada"}, "user_id"),
        ({"request_id": "1"}, "request_id"),
        ({"requested_at": "2020-01-01T00:00:00Z"}, "requested_at"),
        ({"action": "cancel"}, "action"),
        ({"channel": "webhook", "contact": "https://victim.example"}, "channel"),
        ({"contact": ""}, "contact"),
        ({"contact": " \t"}, "contact"),
    ],
)
def test_a_widget_speaks_for_an_address_and_nobody_else(service: IntakeService, values: dict[str, str], field: str):
    answer = service.post("/v1/requests", {"product_id": "lamp", "contact": "ada@example.com", **values}, "page")
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_a_widget_key_is_for_the_pages_of_its_origins(service: IntakeService, rows: psycopg.Connection):
    body = {"product_id": "lamp", "contact": "ada@example.com"}
    answer = service.post("/v1/requests", body, "page")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (202, ORIGIN)
    for origin in ("http://shop.example.evil.test", "null"):
        refused = service.post("/v1/requests", body, "page", Origin=origin)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    # A page may read why it was refused.
    invalid = service.post("/v1/requests", {}, "page")
    assert (invalid.status_code, invalid.headers["access-control-allow-origin"]) == (422, ORIGIN)


def test_the_answer_to_a_widget_does_not_tell_whether_an_address_is_known(
    service: IntakeService, rows: psycopg.Connection
):
    suppressed = {"channel": "email", "contact": "suppressed@example.com", "reason": "complaint"}
    service.post("/v1/suppressions", {"items": [suppressed]}, "warehouse")
    waiting = {"product_id": "lamp", "contact": "waiting@example.com"}
    service.post("/v1/requests", waiting, "page")
    load(rows)
    answers = [
        service.post("/v1/requests", {"product_id": "lamp", "contact": f"{name}@example.com"}, "page")
        for name in ("suppressed", "waiting", "unheard-of")
    ]
    assert {(answer.status_code, answer.json().pop("status"), len(answer.content)) for answer in answers} == {
        (202, "accepted", len(answers[0].content))
    }
    assert [set(answer.headers) for answer in answers] == [set(answers[0].headers)] * 3


def asked_often(service: IntakeService, times: int, **different: str) -> list[int]:
    """Statuses of requests of a widget, whose address, client and product are each the same unless told to differ."""
    statuses = []
    for _ in range(times):
        own = uuid4().hex
        values = {
            "product_id": f"p-{own}" if "product" in different else "lamp",
            "contact": f"{own if 'contact' in different else 'same'}@example.com",
        }
        # As the proxy in front tells it.
        client = f"2001:db8:{own[:4]}:{own[4:8]}::{own[8:12]}" if "client" in different else f"2001:db8::{own[:4]}"
        statuses.append(service.post("/v1/requests", values, "page", X_Forwarded_For=client).status_code)
    return statuses


@pytest.mark.parametrize("scope", ["contact", "client", "product"])
def test_widgets_are_limited_by_address_by_client_and_by_product(
    service: IntakeService, rows: psycopg.Connection, scope: str
):
    most = {"contact": 1_000, "client": 1_000, "product": 1_000} | {scope: 3}
    before = rows.execute("select scope, most, per_seconds from restock.intake_limit").fetchall()
    try:
        for name, limit in most.items():
            rows.execute(
                "update restock.intake_limit set most = %s, per_seconds = 604800 where scope = %s", [limit, name]
            )
        others = {name: "" for name in most if name != scope}
        assert asked_often(service, 5, **others) == [202] * 3 + [429] * 2
        # Others go on.
        assert asked_often(service, 2, contact="", client="", product="") == [202] * 2
        refused = service.post("/v1/requests", {"product_id": "lamp", "contact": "same@example.com"}, "page")
        if refused.status_code == 429:
            assert 1 <= int(refused.headers["retry-after"]) <= 604_800
        assert len(lines(rows)) == 5 + (refused.status_code == 202)
        # A shop's own servers are not limited.
        assert ask(service, contact="same@example.com")
    finally:
        for name, limit, seconds in before:
            rows.execute(
                "update restock.intake_limit set most = %s, per_seconds = %s where scope = %s", [limit, seconds, name]
            )


def test_a_client_over_its_limit_uses_up_nothing_that_others_need(service: IntakeService, rows: psycopg.Connection):
    rows.execute("update restock.intake_limit set most = 2, per_seconds = 604800 where scope = 'client'")
    try:
        assert asked_often(service, 5) == [202] * 2 + [429] * 3
    finally:
        rows.execute("update restock.intake_limit set most = 60, per_seconds = 600 where scope = 'client'")
    counted = rows.execute("select scope, sum(request_count) from restock.intake_count group by scope order by scope")
    assert dict(counted.fetchall()) == {"client": 5, "contact": 2, "product": 2}


def test_an_address_counts_as_one_however_it_is_written(service: IntakeService, rows: psycopg.Connection):
    for contact in ("+41 44 668 18 00", "+41446681800", "+41-44.668(18)00"):
        service.post("/v1/requests", {"product_id": "lamp", "contact": contact, "channel": "sms"}, "page")
    for contact in ("ada@example.com", "Ada@Example.com"):
        service.post("/v1/requests", {"product_id": "lamp", "contact": contact}, "page")
    counted = rows.execute(
        "select sum(request_count) from restock.intake_count where scope = 'contact' group by subject order by 1"
    ).fetchall()
    assert counted == [(2,), (3,)]


def test_counts_keep_no_address(service: IntakeService, rows: psycopg.Connection):
    service.post("/v1/requests", {"product_id": "lamp", "contact": "ada@example.com"}, "page")
    counted = rows.execute("select scope, length(subject) from restock.intake_count order by scope").fetchall()
    assert counted == [("client", 16), ("contact", 16), ("product", 16)]


def test_a_key_that_is_revoked_or_unknown_opens_nothing(service: IntakeService, rows: psycopg.Connection):
    key = add_key(rows, "leaving", "surface", None, ())
    assert key
    assert revoke_key(rows, "leaving")
    for each in (key, "rk_guessed", ""):
        answer = service.get("/v1/requests/x", each)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_no_address_stands_in_the_log(service: IntakeService, rows: psycopg.Connection):
    service.post("/v1/requests", {"product_id": "lamp", "contact": SECRET_ADDRESS}, "page")
    service.post("/v1/requests", {"product_id": "lamp", "contact": SECRET_ADDRESS, "quantity": "x"}, "page")
    service.get("/v1/requests", user_id=SECRET_ADDRESS)
    service.get(f"/v1/requests/{SECRET_ADDRESS}")
    assert "running" in (log := service.log.read_text())
    assert "example.com" not in log
    assert "Traceback" not in log
    assert "urn:uuid" not in log
