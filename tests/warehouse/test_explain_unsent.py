"""The sentence for each request that nobody was told of, or not yet: the reason, to the letter."""

from datetime import UTC, datetime

import pytest

from restock.policy import resolve_policy
from tests.warehouse.desk import BACK, FIRST, MINUTE, NINE, PLACE, ZONE, Desk


@pytest.mark.parametrize(
    ("trace", "outcome", "rule", "words"),
    [
        ("no_address", "skipped", "no_address", "no address for email is known; still waits"),
        ("no_channel", "skipped", "no_channel", "no messages leave on email; still waits"),
        (
            "cooldown>2026-05-10T00:00Z",
            "skipped",
            "cooldown",
            "told about this product shortly before, so not again until 10 May 09:00; still waits",
        ),
        (
            "holdout",
            "held",
            "holdout",
            "left out by lot, so that the effect of the messages can be measured; still waits",
        ),
        (
            "queue daily_cap>2026-05-09T23:00Z max_delay",
            "capped",
            "daily_cap",
            "place 3, first wave; daily limit reached on 9 May, so 10 May 08:00; "
            "daily limit reached on 10 May and the next day too late; still waits",
        ),
    ],
)
def test_who_is_passed_over(desk: Desk, trace: str, outcome: str, rule: str, words: str) -> None:
    request, episode = desk.request(), desk.episode()
    desk.decide(episode, request, trace, outcome=outcome, rule=rule)
    assert desk.say() == [FIRST + words + ZONE]


def test_who_was_passed_over_and_told_later_hears_both(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode()
    message = desk.message(episode, request, status="sent", status_at=NINE, attempt_count=1)
    trace = "@2026-05-08T23:11Z no_address; queue now>2026-05-09T00:00Z"
    desk.decide(episode, request, trace, message)
    desk.end(request, "notified", NINE, message)
    assert desk.say() == [
        FIRST + "looked at 08:11: no address for email is known; place 3, first wave; planned 09:00; sent 09:00" + ZONE
    ]


def test_who_was_passed_over_until_it_sold_out_waits_again(desk: Desk) -> None:
    request, episode = desk.request(), desk.episode(closed_at=BACK + 90 * MINUTE)
    desk.decide(episode, request, "no_address", rule="no_address")
    assert desk.say() == [
        FIRST + "no address for email is known; not told this time, and sold out 09:40" + ZONE,
        "asked on 3 May in the app; sold out since 9 May 09:40; still waits" + ZONE,
    ]


@pytest.mark.parametrize("dropped", [True, False])
def test_what_sold_out_before_it_was_sent(desk: Desk, dropped: bool) -> None:
    request, episode = desk.request(), desk.episode(closed_at=BACK + 20 * MINUTE)
    message = desk.message(episode, request, due_at=NINE, status="cancelled" if dropped else "scheduled")
    columns = {"rule": "sold_out", "outcome": "skipped", "dropped_at": NINE} if dropped else {}
    desk.decide(episode, request, "queue", message, **columns)
    assert desk.say() == [
        PLACE + "sold out 08:30 before it was sent, so it waits for the next restock" + ZONE,
        "asked on 3 May in the app; sold out since 9 May 08:30; still waits" + ZONE,
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("cancelled", "withdrawn by the shopper on 9 May 08:50, before it was sent"),
        ("purchased", "ended, because the shopper had bought it, on 9 May 08:50, before it was sent"),
        ("suppressed", "ended, because the address must not be written to, on 9 May 08:50, before it was sent"),
        ("expired", "expired on 9 May 08:50, before it was sent"),
    ],
)
@pytest.mark.parametrize("closed_at", [None, BACK + 10 * MINUTE])
def test_what_ended_before_it_was_sent(desk: Desk, rule: str, words: str, closed_at: datetime | None) -> None:
    request, episode = desk.request(closed=rule), desk.episode(closed_at=closed_at)
    message = desk.message(episode, request, due_at=NINE, status="cancelled")
    desk.decide(episode, request, "queue", message, rule=rule, outcome="skipped", dropped_at=NINE)
    assert desk.say() == [PLACE + words + ZONE]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("cooldown", "answered by another message before this one was sent"),
        ("no_address", "without an address 09:00, when it was to be sent"),
    ],
)
def test_what_else_falls_out_of_a_message(desk: Desk, rule: str, words: str) -> None:
    request, episode = desk.request(), desk.episode()
    message = desk.message(episode, request, due_at=NINE, status="cancelled")
    desk.decide(episode, request, "queue", message, rule=rule, outcome="skipped", dropped_at=NINE)
    assert desk.say() == [PLACE + words + ZONE]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("cancelled", "withdrawn by the shopper on 9 May 08:50"),
        ("expired", "expired on 9 May 08:50"),
        ("purchased", "ended, because the shopper had bought it, on 9 May 08:50"),
        ("suppressed", "ended, because the address must not be written to, on 9 May 08:50"),
    ],
)
def test_what_ended_without_a_decision(desk: Desk, status: str, words: str) -> None:
    desk.request(closed=status)
    assert desk.say() == ["asked on 3 May in the app; " + words + ZONE]
    desk.episode()
    assert desk.say() == [FIRST + words + ZONE]


def test_what_was_passed_over_and_then_withdrawn(desk: Desk) -> None:
    request, episode = desk.request(closed="cancelled"), desk.episode()
    desk.decide(episode, request, "holdout", outcome="held", rule="holdout")
    assert desk.say() == [
        FIRST + "left out by lot, so that the effect of the messages can be measured; "
        "withdrawn by the shopper on 9 May 08:50" + ZONE
    ]


def test_what_never_came_back(desk: Desk) -> None:
    desk.request(surface=None, timezone="UTC")
    assert desk.say() == ["asked on 3 May; not back since; still waits; all times in UTC"]


def test_the_year_is_said_where_it_is_another_one(desk: Desk) -> None:
    desk.request(requested_at=datetime(2025, 12, 24, tzinfo=UTC))
    desk.episode()
    assert desk.say()[0].startswith("asked on 24 December 2025 in the app; back on 9 May 08:10")


def stock(desk: Desk, quantity: int) -> None:
    desk.run("insert into restock.availability values ('main', 'lamp', %s, %s)", quantity, BACK)


def test_too_few_units_are_there(desk: Desk) -> None:
    overrides = '{"category": {"lights": {"min_quantity": 5}}, "store": {"main": {"min_quantity": 2}}}'
    resolve_policy(desk.warehouse, {"min_quantity": "3", "overrides": overrides})
    desk.request()
    stock(desk, 1)
    start = "asked on 3 May in the app; not back since; now 1 unit is there, and it takes "
    assert desk.say() == [start + "2 to count as back; still waits" + ZONE]
    desk.run("insert into restock.product (store_id, product_id, name, category) values ('main','lamp','L','lights')")
    assert desk.say() == [start + "5 to count as back; still waits" + ZONE]


def test_a_gate_of_the_feed_lets_nothing_open(desk: Desk) -> None:
    desk.request()
    stock(desk, 7)
    desk.run(
        "insert into restock.gate (gate, feed, scope, severity, clears, debug_value, since, checked_at)"
        " values ('freshness', 'inventory', 'feed', 'fail', 'by itself', 'no file for 30 hours', %s, %s)",
        BACK,
        BACK,
    )
    assert desk.say() == [
        "asked on 3 May in the app; not back since; now 7 units are there, but the gate freshness has let no product "
        "open since 9 May 08:10: no file for 30 hours; still waits" + ZONE
    ]


def test_everything_is_paused(desk: Desk) -> None:
    resolve_policy(desk.warehouse, {"paused": "true"})
    desk.request()
    stock(desk, 7)
    assert desk.say() == [
        "asked on 3 May in the app; not back since; now 7 units are there, but nothing is planned and sent while "
        "restock_paused is true; still waits" + ZONE
    ]
    desk.episode()
    assert desk.say() == [FIRST + "nothing is planned and sent while restock_paused is true" + ZONE]


def test_what_the_next_run_takes_up(desk: Desk) -> None:
    request = desk.request()
    stock(desk, 7)
    assert desk.say() == [
        "asked on 3 May in the app; not back since; now 7 units are there, and its turn comes with the next run; "
        "still waits" + ZONE
    ]
    episode = desk.episode()
    assert desk.say() == [FIRST + "its turn comes with the next run" + ZONE]
    desk.run(
        "insert into restock.candidate"
        " (bucket, episode_id, request_key, position, wave, due_at, ranked_at, request_id, user_id, channel, tier)"
        " values (hashtext('ada') & 63, %s, %s, 57, 1, %s, %s, 'r1', 'ada', 'email', 0)",
        episode,
        request,
        BACK + 30 * MINUTE,
        BACK,
    )
    assert desk.say() == [FIRST + "place 57, second wave, 08:40; its message is written by the next run" + ZONE]


def test_a_gate_holds_the_restock_until_someone_releases_it(desk: Desk) -> None:
    request = desk.request()
    episode = desk.episode(held_since=BACK, held_reason="600 of 1000 products came back at once")
    assert desk.say() == [FIRST + "held since 08:10, because 600 of 1000 products came back at once" + ZONE]
    desk.run(
        "update restock.episode set held_since = null, held_reason = null, released_at = %s, released_by = 'vera',"
        " released_hold_since = opened_at, opened_at = %s,"
        " released_hold_reason = '600 of 1000 products came back at once'",
        NINE,
        NINE + MINUTE,
    )
    desk.decide(episode, request, "queue now>2026-05-09T00:01Z", desk.message(episode, request, due_at=NINE + MINUTE))
    assert desk.say() == [
        FIRST + "held until 09:00, because 600 of 1000 products came back at once; place 3, first wave; "
        "to be sent 09:01" + ZONE
    ]
