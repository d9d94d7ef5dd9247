"""The sentence for each thing that can become of a request, to the letter."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.explain import explain_request, find_requests
from restock.explain.__main__ import main
from restock.policy import resolve_policy
from tests.warehouse.shop import Shop

# 08:10 on 9 May in Seoul
BACK = datetime(2026, 5, 8, 23, 10, tzinfo=UTC)
ASKED = datetime(2026, 5, 3, 3, 0, tzinfo=UTC)
NINE = datetime(2026, 5, 9, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Desk:
    """A warehouse with one shopper in Seoul, and the means to say what became of the requests."""

    def __init__(self, warehouse: psycopg.Connection) -> None:
        self.warehouse = warehouse
        self.policy_id = resolve_policy(warehouse, {}).policy_id
        self._insert("customer", user_id="ada", email="ada@example.com", timezone="Asia/Seoul")

    def request(
        self, request_id: str = "r1", product: str = "lamp", closed: str | None = None, **columns: object
    ) -> int:
        row = {"user_id": "ada", "store_id": "main", "channel": "email", "surface": "app", "requested_at": ASKED}
        key = self._insert(
            "request", "request_key", **row | {"request_id": request_id, "product_id": product} | columns
        )
        if closed:
            self.end(key, closed)
        return key

    def end(self, request: int, status: str, at: datetime = BACK + 40 * MINUTE, message: int | None = None) -> None:
        row = {"status": status, "reason": status, "closed_at": at, "notification_key": message}
        self._insert("request_outcome", request_key=request, **row)

    def episode(self, product: str = "lamp", **columns: object) -> int:
        row = {"store_id": "main", "quantity": 40, "opened_at": BACK, "notify_per_unit": 1.25}
        return self._insert(
            "episode", "episode_id", **row | {"product_id": product, "policy_id": self.policy_id} | columns
        )

    def message(self, episode: int, request: int, **columns: object) -> int:
        row = {
            "user_id": "ada",
            "channel": "email",
            "store_id": "main",
            "timezone": "Asia/Seoul",
            "local_day": "2026-05-09",
            "first_due_at": BACK,
            "due_at": BACK,
            "status_at": BACK,
            "created_at": BACK,
            "attempt_count": 0,
            "opening_episode_id": episode,
            "opening_request_key": request,
            "policy_id": self.policy_id,
        }
        return self._insert("notification", "notification_key", **row | columns)

    def decide(
        self, episode: int, request: int, trace: str | None, message: int | None = None, **columns: object
    ) -> None:
        placed = trace is None or "queue" in trace
        row = {
            "outcome": "told" if message else "skipped",
            "rule": "queue",
            "position": 3 if placed else None,
            "wave": 0 if placed else None,
            "policy_id": self.policy_id,
            "decided_at": BACK,
        }
        self._insert(
            "decision",
            **row
            | {"episode_id": episode, "request_key": request, "trace": trace, "notification_key": message}
            | columns,
        )

    def say(self, request_id: str = "r1") -> list[str]:
        return explain_request(self.warehouse, request_id)

    def run(self, statement: str, *values: object) -> None:
        self.warehouse.execute(statement, values)

    def _insert(self, table: str, returning: str = "1", **row: object) -> int:
        names, values = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        statement = f"insert into restock.{table} ({names}) values ({values}) returning {returning}"
        return self.warehouse.execute(statement, row).fetchone()[0]


@pytest.fixture
def desk(warehouse: psycopg.Connection) -> Desk:
    return Desk(warehouse)


FIRST = "asked on 3 May in the app; back on 9 May 08:10 with 40 units; "
PLACE = FIRST + "place 3, first wave; "
ZONE = "; all times in Asia/Seoul"


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


# ---- Why nothing was sent --------------------------------------------------------------------


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
