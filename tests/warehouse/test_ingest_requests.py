"""The requests feed: joining, withdrawing, whatever the order of arrival; what planning is told."""

from itertools import permutations

import pytest

from tests.warehouse.landing import Landing, cancel, subscribe


@pytest.fixture
def open_ids(landing: Landing):
    return lambda: [
        request_id
        for (request_id,) in landing.rows(
            "select request_id from restock.open_request join restock.request using (request_key) order by request_id"
        )
    ]


def test_a_request_is_written_and_opened_with_its_defaults(landing: Landing):
    counts = landing.send("requests", [subscribe("r1", 5)])
    assert counts == {"read": 1, "loaded": 1}
    (row,) = landing.records("select * from restock.request")
    assert (row["store_id"], row["channel"], row["quantity"], row["contact"]) == ("main", "email", 1, None)
    assert row["requested_at"].isoformat() == "2026-06-01T00:05:00+00:00"
    assert landing.rows("select store_id, product_id, user_id, channel, request_key from restock.open_request") == [
        ("main", "lamp", "ada", "email", row["request_key"])
    ]
    assert landing.states() == {"r1": "waiting"}


def test_every_column_of_a_request_is_kept(landing: Landing):
    said = {
        "channel": "sms",
        "contact": "+41 44 668 18 00",
        "surface": "mobile_web",
        "locale": "de-CH",
        "timezone": "Europe/Zurich",
        "store_id": "zurich",
    }
    landing.send("requests", [subscribe("r1", quantity=3, **said)], "all.jsonl")
    (row,) = landing.records("select * from restock.request")
    assert {name: row[name] for name in said} == said
    assert row["quantity"] == 3


def test_the_channel_is_the_preferred_one_of_a_known_customer_unless_the_request_names_one(landing: Landing):
    landing.send("customers", [{"user_id": "ada", "preferred_channel": "sms"}])
    landing.send(
        "requests", [subscribe("r1"), subscribe("r2", product="mug", channel="email"), subscribe("r3", user="bob")]
    )
    assert landing.rows("select request_id, channel from restock.request order by 1") == [
        ("r1", "sms"),
        ("r2", "email"),
        ("r3", "email"),
    ]


def test_the_customers_of_a_drop_are_loaded_before_its_requests(landing: Landing):
    landing.put("requests", [subscribe("r1")])
    landing.put("customers", [{"user_id": "ada", "preferred_channel": "sms"}])
    landing.load()
    assert landing.rows("select channel from restock.request") == [("sms",)]


def test_a_known_request_id_is_a_duplicate_whether_it_was_opened_or_joined(landing: Landing):
    landing.send("requests", [subscribe("r1", 1), subscribe("r2", 2)])
    counts = landing.send("requests", [subscribe("r1", 7), subscribe("r2", 8), subscribe("r3", 9, user="bob")])
    assert counts == {"read": 3, "loaded": 1, "duplicate": 2}
    assert landing.rows("select count(*) from restock.request") == [(2,)]


def test_an_id_twice_in_a_file_counts_once_with_its_earliest_time(landing: Landing):
    counts = landing.send("requests", [subscribe("r1", 9), subscribe("r1", 4), subscribe("r1", 6)])
    assert counts == {"read": 3, "loaded": 1, "duplicate": 2}
    assert landing.rows("select extract(minute from requested_at)::int from restock.request") == [(4,)]


def test_an_id_that_belongs_to_something_else_is_rejected_not_swallowed(landing: Landing):
    landing.send("requests", [subscribe("r1"), subscribe("r2", 1)])
    rows = [
        subscribe("r1", user="bob"),
        subscribe("r2", product="mug"),
        subscribe("r5", user="cem"),
        subscribe("r5", 1, user="dee"),
    ]
    counts = landing.send("requests", rows)
    assert counts == {"read": 4, "loaded": 1, "rejected": 3}
    assert [(line, reason) for line, reason, _ in landing.rejected()] == [
        (2, "reused_id"),
        (3, "reused_id"),
        (5, "reused_id"),
    ]
    assert landing.rejected()[0][2] == "r1,bob,lamp,2026-06-01T00:00:00Z"


def test_a_second_request_for_the_same_thing_joins_the_open_one(landing: Landing, open_ids):
    landing.send("requests", [subscribe("r1", 1, surface="app")])
    counts = landing.send("requests", [subscribe("r2", 5, surface="web", contact="ada@home.example", quantity=2)])
    assert counts == {"read": 1, "duplicate": 1}
    assert open_ids() == ["r1"]
    assert landing.rows(
        "select j.request_id, r.request_id, j.surface, restock.joined_contact(r, j.request_id), j.quantity"
        " from restock.joined_request as j join restock.request as r using (request_key)"
    ) == [("r2", "r1", "web", "ada@home.example", 2)]
    assert landing.states() == {"r1": "waiting", "r2": "waiting"}


@pytest.mark.parametrize("others", [0, 1000])
def test_what_is_open_is_found_however_much_is_open(landing: Landing, others: int):
    """By a join where that is little, else one by one: nothing is asked for twice, nor joins what is another's."""
    landing.send(
        "requests", [subscribe("r1"), *(subscribe(f"o{number}", user=f"u{number}") for number in range(others))]
    )
    [(is_small,)] = landing.rows("select pg_relation_size('restock.open_request') <= 8192")
    assert is_small == (others == 0)
    rows = [
        subscribe("r2"),
        subscribe("r3", channel="sms"),
        subscribe("r4", product="chair"),
        subscribe("r5", user="bo"),
    ]
    assert landing.send("requests", rows) == {"read": 4, "loaded": 3, "duplicate": 1}
    assert landing.rows("select request_id, request_key from restock.joined_request") == [
        ("r2", landing.rows("select request_key from restock.request where request_id = 'r1'")[0][0])
    ]


def test_of_several_in_one_file_the_earliest_opens_and_then_the_lowest_id(landing: Landing, open_ids):
    counts = landing.send("requests", [subscribe("r3", 2), subscribe("r9", 1), subscribe("r2", 1), subscribe("r1", 5)])
    assert counts == {"read": 4, "loaded": 1, "duplicate": 3}
    assert open_ids() == ["r2"]
    assert landing.rows("select request_id from restock.joined_request order by 1") == [("r1",), ("r3",), ("r9",)]


def test_another_store_product_shopper_or_channel_is_another_request(landing: Landing):
    rows = [
        subscribe("r1"),
        subscribe("r2", store_id="berlin"),
        subscribe("r3", product="mug"),
        subscribe("r4", user="bob"),
        subscribe("r5", channel="sms"),
    ]
    assert landing.send("requests", rows) == {"read": 5, "loaded": 5}
    assert landing.rows("select count(*) from restock.open_request") == [(5,)]


def test_a_request_after_the_answer_is_a_new_one(landing: Landing, open_ids):
    landing.send("requests", [subscribe("r1", 1)])
    landing.warehouse.execute("delete from restock.open_request")
    landing.warehouse.execute(
        "insert into restock.request_outcome select request_key, 'notified', 'sent', null, now() from restock.request"
    )
    assert landing.send("requests", [subscribe("r2", 5)]) == {"read": 1, "loaded": 1}
    assert open_ids() == ["r2"]
    assert landing.states() == {"r1": "notified", "r2": "waiting"}


def test_a_cancel_closes_what_was_asked_up_to_its_time(landing: Landing, open_ids):
    landing.send("requests", [subscribe("r1", 1), subscribe("r2", 1, product="mug"), subscribe("r3", 9, user="bob")])
    counts = landing.send("requests", [cancel("c1", 5), cancel("c2", 5, user="bob")])
    assert counts == {"read": 2, "loaded": 2}
    assert landing.states() == {"r1": "cancelled", "r2": "waiting", "r3": "waiting"}
    assert open_ids() == ["r2", "r3"]
    assert landing.rows("select reason, closed_at::text from restock.request_outcome") == [
        ("cancelled", "2026-06-01 00:05:00+00")
    ]


def test_a_cancel_of_one_channel_leaves_the_others(landing: Landing, open_ids):
    landing.send("requests", [subscribe("r1"), subscribe("r2", channel="sms")])
    landing.send("requests", [cancel("c1", 5, channel="sms")])
    assert open_ids() == ["r1"]
    landing.send("requests", [subscribe("r3", 6, channel="sms")])
    landing.send("requests", [cancel("c2", 7)])
    assert open_ids() == []


def test_a_cancel_with_the_id_of_a_request_finds_it_in_any_store_but_not_that_of_another_shopper(
    landing: Landing, open_ids
):
    landing.send("requests", [subscribe("r1", store_id="berlin"), subscribe("r2", user="bob", store_id="berlin")])
    landing.send("requests", [cancel("r1", 5), cancel("r2", 5)])
    assert open_ids() == ["r2"]


def test_a_cancel_seen_before_is_a_duplicate_but_one_id_may_withdraw_several_products(landing: Landing, open_ids):
    landing.send("requests", [subscribe("r1"), subscribe("r2", product="mug")])
    assert landing.send("requests", [cancel("ada", 5), cancel("ada", 5, product="mug")]) == {"read": 2, "loaded": 2}
    assert open_ids() == []
    assert landing.send("requests", [cancel("ada", 5), cancel("ada", 5)], "again.csv") == {"read": 2, "duplicate": 2}


def test_a_request_that_arrives_after_its_cancel_is_written_as_cancelled(landing: Landing, open_ids):
    landing.send("requests", [cancel("c1", 5)])
    counts = landing.send("requests", [subscribe("r1", 4), subscribe("r2", 6)])
    assert counts == {"read": 2, "loaded": 2}
    assert landing.states() == {"r1": "cancelled", "r2": "waiting"}
    assert open_ids() == ["r2"]


EVENTS = {
    "asked again after the cancel": [
        subscribe("app", 1),
        cancel("off", 2),
        subscribe("web", 3, surface="web", contact="ada@home.example"),
    ],
    "asked twice, cancelled once by the id of the second": [
        subscribe("app", 1, store_id="berlin"),
        subscribe("web", 2, store_id="berlin"),
        cancel("web", 3),
    ],
    "asked twice, cancelled by the id of the first, asked again": [
        subscribe("app", 1, store_id="berlin"),
        subscribe("web", 2, store_id="berlin"),
        cancel("app", 3),
        subscribe("cart", 4, store_id="berlin"),
    ],
    "cancelled twice": [subscribe("app", 1), cancel("off", 2), subscribe("web", 3), cancel("off", 4)],
    "one channel cancelled": [
        subscribe("app", 1),
        subscribe("sms", 1, channel="sms"),
        cancel("off", 2, channel="sms"),
        subscribe("web", 3, channel="sms"),
    ],
}
EXPECTED = {
    "asked again after the cancel": {"app": "cancelled", "web": "waiting"},
    "asked twice, cancelled once by the id of the second": {"app": "waiting", "web": "cancelled"},
    "asked twice, cancelled by the id of the first, asked again": {
        "app": "cancelled",
        "web": "waiting",
        "cart": "waiting",
    },
    "cancelled twice": {"app": "cancelled", "web": "cancelled"},
    "one channel cancelled": {"app": "waiting", "sms": "cancelled", "web": "waiting"},
}


@pytest.mark.parametrize("case", EVENTS)
def test_the_end_is_the_same_in_whatever_order_and_files_requests_and_cancels_arrive(landing: Landing, case: str):
    def of_shopper(event: dict, user: str) -> dict:
        return event | {"user_id": user, "request_id": f"{user}/{event['request_id']}"}

    orders = list(permutations(EVENTS[case]))
    shoppers = [f"u{number:02}" for number in range(len(orders))]
    # File n holds the nth event of each shopper, and each shopper's events come in another order.
    for position in range(len(EVENTS[case])):
        landing.put(
            "requests",
            [of_shopper(order[position], user) for user, order in zip(shoppers, orders, strict=True)],
            f"{position}.jsonl",
        )
    everything_at_once = [of_shopper(event, "all") for event in EVENTS[case]]
    landing.put("requests", everything_at_once, "all.jsonl")
    landing.load()

    states = landing.states()
    for user in [*shoppers, "all"]:
        own = {request_id.split("/")[1]: state for request_id, state in states.items() if request_id.startswith(user)}
        assert own == EXPECTED[case], (user, landing.files())
    waiting = sum(state == "waiting" for state in EXPECTED[case].values())
    per_shopper = landing.rows("select user_id, count(*) from restock.open_request group by user_id")
    assert {count for _, count in per_shopper} <= set(range(1, waiting + 1))
    assert len(per_shopper) == len(shoppers) + 1 if waiting else not per_shopper


def test_requests_that_joined_keep_each_its_own_address(landing: Landing):
    own = {"r2": "ada@old.example", "r3": "", "r4": "Ada@New.example", "r5": "ada@old.example"}
    landing.send("requests", [subscribe("r1", 1, contact="ada@old.example"), subscribe("r2", 5, contact=own["r2"])])
    landing.send("requests", [subscribe(f"r{n}", n + 3, contact=own[f"r{n}"]) for n in (3, 4, 5)])
    noted = "select joined_contacts from restock.request where request_id = %s"
    # What is the address of the request itself is not noted again.
    assert landing.rows(noted, "r1") == [({"r3": None, "r4": "Ada@New.example"},)]
    known = (
        "select j.request_id, coalesce(restock.joined_contact(r, j.request_id), '') from restock.joined_request as j"
        " join restock.request as r using (request_key)"
    )
    assert dict(landing.rows(known)) == own
    # The first two are withdrawn: the next one leads, and the others join it.
    landing.send("requests", [cancel("c", 5)])
    assert landing.rows("select request_id, contact from restock.request order by 1")[:2] == [
        ("r1", "ada@old.example"), ("r3", None),
    ]  # fmt: skip
    assert landing.rows(noted, "r3") == [({"r4": "Ada@New.example", "r5": "ada@old.example"},)]
    # r2 stayed with what it joined.
    assert landing.rows(noted, "r1") == [(None,)]
    assert dict(landing.rows(known)) == {name: address for name, address in own.items() if name != "r3"}


def test_a_request_that_stands_alone_again_keeps_what_it_said(landing: Landing):
    landing.send("requests", [subscribe("r1", 1, contact="ada@old.example")])
    landing.send("requests", [subscribe("r2", 5, contact="ada@new.example", locale="fr", quantity=4)])
    landing.send("requests", [cancel("c1", 3)])
    assert landing.rows(
        "select request_id, contact, locale, quantity"
        " from restock.open_request join restock.request using (request_key)"
    ) == [("r2", "ada@new.example", "fr", 4)]
    file = landing.rows("select path from restock.request join restock.feed_file using (feed_file_id) order by 1")
    assert file == [("requests/001.csv",), ("requests/002.csv",)]


def test_an_answered_request_is_not_cancelled_afterwards(landing: Landing):
    landing.send("requests", [subscribe("r1", 1), subscribe("r2", 5)])
    landing.warehouse.execute(
        "insert into restock.request_outcome select request_key, 'notified', 'sent', null, now() from restock.request"
    )
    landing.warehouse.execute("delete from restock.open_request")
    landing.send("requests", [cancel("c1", 3)])
    assert landing.states() == {"r1": "notified", "r2": "notified"}


def test_planning_hears_of_each_newly_opened_product_and_of_no_other(landing: Landing):
    landing.send(
        "requests", [subscribe("r1"), subscribe("r2", product="mug", store_id="berlin"), cancel("c", product="cup")]
    )
    queued = "select store_id, product_id, plan_after from restock.plan_queue order by 1, 2"
    assert [row[:2] for row in landing.rows(queued)] == [("berlin", "mug"), ("main", "lamp")]
    landing.warehouse.execute("truncate restock.plan_queue")
    landing.send("requests", [subscribe("r1"), subscribe("r4", 9, product="cup"), cancel("r4", 10, product="cup")])
    assert landing.rows(queued) == []


def test_a_pause_of_a_queued_product_ends_when_somebody_new_asks_and_never_begins_with_it(landing: Landing):
    landing.warehouse.execute(
        "insert into restock.plan_queue values ('main', 'lamp', 'infinity'), ('main', 'mug', '-infinity')"
    )
    landing.send("requests", [subscribe("r1"), subscribe("r2", product="mug")])
    assert landing.rows("select product_id, plan_after::text from restock.plan_queue order by 1") == [
        ("lamp", "2026-06-01 12:00:00+00"),
        ("mug", "-infinity"),
    ]
