"""The sentence for each request that has a message, and how requests are found, to the letter."""

from datetime import timedelta

import psycopg
import pytest

from restock.explain import explain_request, find_requests
from restock.explain.__main__ import main
from tests.warehouse.desk import ASKED, BACK, FIRST, MINUTE, NINE, PLACE, ZONE, Desk
from tests.warehouse.shop import Shop


def test_what_a_run_decided_can_be_read_out(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "0.5", "digest_window_minutes": "120"}
    shop.clock = BACK
    for user in ("ada", "bob", "cid"):
        shop.customer(user, timezone="Asia/Seoul")
    requests = [shop.request(user, "lamp", requested_at=ASKED, surface="app") for user in ("ada", "bob", "cid")]
    chair = shop.request("cid", "chair", requested_at=ASKED, surface="cart")
    shop.stock("lamp", 4)
    shop.stock("chair", 1)
    shop.settings["quiet_hours"] = "22:00-08:30"
    shop.plan()
    start = "asked on 3 May in the app; back on 9 May 08:10 with 4 units; place "
    said = [explain_request(shop.warehouse, request) for request in requests]
    assert said == [
        [start + "1, first wave; quiet hours until 08:30 in Asia/Seoul; to be sent 08:30"],
        [start + "2, first wave; quiet hours until 08:30 in Asia/Seoul; to be sent 08:30"],
        [
            start + "3, second wave, 08:40; to be sent 08:40 with one other product; all times in Asia/Seoul",
        ],
    ]
    assert explain_request(shop.warehouse, chair) == [
        "asked on 3 May from the cart; back on 9 May 08:10 with 1 unit; place 1, first wave; quiet hours until 08:30 "
        "in Asia/Seoul; waits until 08:40 to go with other products; to be sent 08:40 with one other product"
    ]
    shop.stock("lamp", 0)
    shop.clock += 5 * MINUTE
    shop.plan()
    assert explain_request(shop.warehouse, requests[2])[0] == (
        start + "3, second wave, 08:40; sold out 08:15 before it was sent, so it waits for the next restock"
        "; all times in Asia/Seoul"
    )


# ---- With a message --------------------------------------------------------------------------


def test_the_example_of_the_support_desk(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode()
    message = desk.message(episode, request, due_at=NINE, status="sent", status_at=NINE, attempt_count=1)
    trace = "queue waves>2026-05-08T23:40Z quiet_hours>2026-05-09T00:00Z digest"
    desk.decide(episode, request, trace, message, outcome="delayed", rule="quiet_hours", position=57, wave=1)
    for product in ("chair", "desk"):
        desk.decide(
            desk.episode(product), desk.request(product, product), trace, message, outcome="merged", rule="digest"
        )
    desk.end(request, "notified", NINE, message)
    assert desk.say() == [
        "asked on 3 May in the app; back on 9 May 08:10 with 40 units; place 57, second wave, 08:40; "
        "quiet hours until 09:00 in Asia/Seoul; sent 09:00 with two other products"
    ]


@pytest.mark.parametrize(
    ("message", "ending"),
    [
        ({"status": "sent", "status_at": BACK + MINUTE, "attempt_count": 1}, "sent 08:11"),
        ({"status": "sent", "status_at": NINE, "attempt_count": 2}, "sent 09:00, at the second attempt"),
        ({"status": "sent", "status_at": NINE + timedelta(days=1), "attempt_count": 1}, "sent 10 May 09:00"),
        ({"status": "scheduled", "due_at": NINE}, "to be sent 09:00"),
        ({"status": "claimed", "status_at": NINE, "attempt_count": 1}, "being sent since 09:00"),
        (
            {"status": "failed", "status_at": NINE, "attempt_count": 1},
            "not taken by the provider 09:00 (code 451), to be sent again",
        ),
        (
            {"status": "dead", "status_at": NINE, "attempt_count": 1},
            "given up 09:00: not taken by the provider (code 451)",
        ),
    ],
)
def test_how_far_a_message_has_come(desk: Desk, message: dict[str, object], ending: str) -> None:
    request, episode = desk.request(), desk.episode()
    key = desk.message(episode, request, **message)
    desk.decide(episode, request, "queue now>2026-05-08T23:10:20Z", key)
    desk.run(
        "insert into restock.delivery_attempt values (%s, 1, 'retryable', '451', 'ada@', now(), now(), 'run')", key
    )
    assert desk.say() == [PLACE + ending + ZONE]


def test_where_everyone_is_told_at_once_there_are_no_waves(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode(notify_per_unit=0, quantity=1)
    desk.decide(episode, request, "queue", desk.message(episode, request, due_at=BACK))
    assert desk.say() == [
        "asked on 3 May in the app; back on 9 May 08:10 with 1 unit; place 3; to be sent 08:10" + ZONE
    ]


def test_what_was_asked_after_the_product_was_back_says_when_it_was_planned(desk: Desk) -> None:
    request, episode = desk.request(surface="mobile_web", requested_at=BACK + 60 * MINUTE), desk.episode()
    message = desk.message(episode, request, due_at=BACK + 61 * MINUTE)
    desk.decide(episode, request, "queue waves>2026-05-08T23:40Z now>2026-05-09T00:11Z", message, wave=1)
    assert desk.say() == [
        "asked on 9 May 09:10 on the mobile website; back since 9 May 08:10 with 40 units; "
        "place 3, second wave, 08:40; planned 09:11; to be sent 09:11" + ZONE
    ]


def test_the_daily_cap_moves_a_message_to_the_next_day(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode()
    due = NINE + timedelta(days=1, hours=-1)
    message = desk.message(episode, request, due_at=due)
    trace = "queue quiet_hours>2026-05-09T00:00Z daily_cap>2026-05-09T23:00Z"
    desk.decide(episode, request, trace, message, outcome="delayed", rule="daily_cap")
    assert desk.say() == [
        PLACE + "quiet hours until 09:00 in Asia/Seoul; daily limit reached on 9 May, so 10 May 08:00; "
        "to be sent 10 May 08:00"
    ]


def test_a_message_that_waits_for_other_products(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode()
    message = desk.message(episode, request, due_at=BACK + 20 * MINUTE)
    desk.decide(episode, request, "queue digest>2026-05-08T23:30Z", message, outcome="merged", rule="digest")
    desk.decide(desk.episode("chair"), desk.request("r2", "chair"), "queue digest", message)
    assert desk.say() == [
        PLACE + "waits until 08:30 to go with other products; to be sent 08:30 with one other product" + ZONE
    ]


def test_a_decision_from_before_traces_were_kept(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode()
    message = desk.message(episode, request, due_at=NINE)
    desk.decide(
        episode,
        request,
        None,
        message,
        outcome="delayed",
        rule="quiet_hours",
        wave=1,
        due_at=BACK + 30 * MINUTE,
        scheduled_at=NINE,
    )
    assert desk.say() == [
        FIRST + "place 3, second wave, 08:40; quiet hours until 09:00 in Asia/Seoul; to be sent 09:00"
    ]


# ---- Several rows ----------------------------------------------------------------------------


def test_each_restock_has_its_sentence(desk: Desk) -> None:
    request = desk.request()
    first = desk.episode(closed_at=BACK + 20 * MINUTE)
    desk.decide(first, request, "holdout", outcome="held", rule="holdout")
    second = desk.episode(opened_at=BACK + timedelta(days=2))
    desk.decide(second, request, "queue", desk.message(second, request, due_at=BACK + timedelta(days=2)))
    assert desk.say() == [
        FIRST + "left out by lot, so that the effect of the messages can be measured; not told this time, and sold out "
        "08:30" + ZONE,
        "asked on 3 May in the app; back on 11 May 08:10 with 40 units; place 3, first wave; to be sent 08:10" + ZONE,
    ]


def test_a_request_that_joined_another_is_answered_with_it(desk: Desk) -> None:
    request = desk.request()
    desk.run(
        "insert into restock.joined_request (request_id, request_key, surface, requested_at)"
        " values ('r2', %s, 'web', %s)",
        request,
        ASKED + timedelta(days=1),
    )
    assert desk.say("r2") == [
        "asked again on 4 May on the website, answered together with request r1; not back since; still waits" + ZONE
    ]


def test_an_unknown_request_has_no_sentence(desk: Desk) -> None:
    assert desk.say("nobody") == []


def test_requests_are_found_by_id_shopper_and_product(desk: Desk) -> None:
    desk.request("r1", "lamp")
    desk.request("r2", "chair", requested_at=ASKED + MINUTE)
    found = {
        name: [request.request_id for request in find_requests(desk.warehouse, name, 9)]
        for name in ("r1", "ada", "chair", "main/lamp", "nobody")
    }
    assert found == {"r1": ["r1"], "ada": ["r2", "r1"], "chair": ["r2"], "main/lamp": ["r1"], "nobody": []}
    assert len(find_requests(desk.warehouse, "ada", 1)) == 1


def test_the_command_says_what_became_of_what_it_finds(
    desk: Desk, warehouse_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.request()
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", warehouse_url)
    monkeypatch.setattr("sys.argv", ["explain", "ada"])
    main()
    assert capsys.readouterr().out == (
        f"r1: ada wants lamp of main\n  asked on 3 May in the app; not back since; still waits{ZONE}\n"
    )
    monkeypatch.setattr("sys.argv", ["explain", "nobody"])
    with pytest.raises(SystemExit, match="No request, shopper or product is called nobody"):
        main()


def test_many_requests_named_by_an_array_are_found_by_the_index_of_their_ids(warehouse: psycopg.Connection) -> None:
    warehouse.execute("set enable_seqscan = off")
    wanted = "array(select request_id from mart.decision_fact where product_id = 'lamp')"
    plan = warehouse.execute(
        f"explain select explanation from mart.decision_explained where request_id = any({wanted})"
    ).fetchall()
    assert any("Index Cond: (request_id = ANY" in line for (line,) in plan), plan
