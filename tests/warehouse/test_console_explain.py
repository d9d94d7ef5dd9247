"""The console's section Explain: who is found by what, and the timeline of a request."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.console import explain
from restock.console.explain import find, read_timeline
from restock.explain import explain_request
from tests.warehouse.shop import Shop


def timeline(connection: psycopg.Connection, request_id: str) -> list[dict]:
    (request,) = find(connection, request_id)["requests"]
    return read_timeline(connection, request["request_key"])


def test_a_request_a_shopper_and_a_product_are_found(sample: psycopg.Connection) -> None:
    def found(name: str) -> tuple:
        answer = find(sample, name)
        return answer["kind"], [request["request_id"] for request in answer["requests"]]

    assert found("bob-chair") == ("request", ["bob-chair"])
    assert found("bob") == ("shopper", ["bob-desk", "bob-chair"])
    assert found("lamp") == ("product", ["ann-lamp", "cid-lamp"])
    assert found("main/lamp") == found("lamp")
    assert found("other/lamp") == (None, [])
    assert found("nobody") == (None, [])


def test_the_sentences_are_those_of_every_other_place(sample: psycopg.Connection) -> None:
    (request,) = find(sample, "ann-chair")["requests"]
    assert request["sentences"] == explain_request(sample, "ann-chair")
    assert request["status"] == "notified"
    assert request["product_name"] == "Oak chair"


def test_a_request_that_joined_another_is_found_by_its_own_id(sample: psycopg.Connection) -> None:
    sample.execute(
        "insert into restock.joined_request (request_id, request_key, requested_at) values ('again', 6, '2026-08-26')"
    )
    (request,) = find(sample, "again")["requests"]
    assert (request["request_id"], request["joined_id"], request["request_key"]) == ("again", "ann-lamp", 6)
    assert request["requested_at"].startswith("2026-08-26")
    assert any(event["kind"] == "asked_again" for event in read_timeline(sample, 6))


def test_many_requests_are_paged_without_a_gap_or_a_repeat(shop: Shop) -> None:
    ids = [shop.request(f"u{number}", "lamp") for number in range(7)]
    seen: list[str] = []
    place = None
    while True:
        page = find(shop.warehouse, "lamp", place, most=3)
        seen += [request["request_id"] for request in page["requests"]]
        if page["next"] is None:
            break
        at, key = page["next"]
        place = datetime.fromisoformat(at), key
    # All were asked for at the same instant.
    assert seen == ids[::-1]


def test_the_timeline_goes_from_the_question_to_the_purchase(sample: psycopg.Connection) -> None:
    sample.execute(
        "insert into restock.click (notification_key, store_id, product_id, clicked_at)"
        " values (1, 'main', 'chair', '2026-09-01T09:00Z')"
    )
    sample.execute(
        "insert into restock.purchase (order_id, user_id, store_id, product_id, ordered_at)"
        " values ('o1', 'ann', 'main', 'chair', '2026-09-01T09:05Z')"
    )
    events = timeline(sample, "ann-chair")
    assert [event["kind"] for event in events] == [
        "asked",
        "back",
        "decided",
        "scheduled",
        "attempt",
        "sent",
        "clicked",
        "bought",
    ]
    assert events[0]["text"] == "Asked for 1 unit in the app, to be told by email"
    assert events[0]["at"] == "2026-08-20T10:00:00+00:00"


@pytest.mark.parametrize(("code", "said"), [("451", " (code 451)"), ("ann@example.com", "")])
def test_the_timeline_says_no_code_that_is_an_address(sample: psycopg.Connection, code: str, said: str) -> None:
    sample.execute(
        "update restock.delivery_attempt set outcome = 'retryable', provider_code = %s where attempt_number = 1", [code]
    )
    (attempt,) = [event for event in timeline(sample, "ann-chair") if event["kind"] == "attempt"]
    assert attempt["text"] == f"Not taken by the provider for now{said}"


def test_the_timeline_names_the_rules_that_touched_a_decision(shop: Shop) -> None:
    shop.clock = datetime(2026, 6, 10, 22, 0, tzinfo=UTC)
    shop.customer("ada")
    request_id = shop.request("ada", "lamp")
    shop.stock("lamp", 4)
    shop.plan()
    (decided,) = [event for event in timeline(shop.warehouse, request_id) if event["kind"] == "decided"]
    assert decided["text"] == "To be told later (policy 1)"
    # Rules look at it in this order.
    assert [step["text"] for step in decided["steps"]] == [
        "place 1 in the queue",
        "quiet hours: moved to their end",
    ]
    assert datetime.fromisoformat(decided["steps"][1]["until"]) == shop.clock + timedelta(hours=10)


def test_a_request_that_ended_unanswered_says_how(sample: psycopg.Connection) -> None:
    assert timeline(sample, "cid-chair")[-1]["text"] in {
        "Withdrawn by the shopper",
        "Passed over in this restock (policy 1)",
    }
    dropped = [event for event in timeline(sample, "cid-lamp") if event["kind"] == "dropped"]
    assert dropped[0]["text"] == "Taken out of its message: sold out before it left"


def test_every_rule_and_outcome_that_the_warehouse_knows_has_words(warehouse: psycopg.Connection) -> None:
    (outcomes, rules) = warehouse.execute(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'restock.decision'::regclass"
        " and conname in ('decision_outcome_check', 'decision_rule_check') order by conname"
    ).fetchall()
    for word in outcomes[0].split("'")[1::2]:
        assert word in explain._OUTCOMES
    for word in rules[0].split("'")[1::2]:
        assert word in explain._RULES or word == "queue"
