"""Channels as rows, retries, the rate and the breaker: on a channel that the tests bring along."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.channels import ConnectionDetails
from restock.delivery import Delivery, Letterhead, find_due, list_channels, replay_dead, send_channel
from restock.delivery.breaker import WAITS
from restock.delivery.outbox import Claim, claim_batch, recover_leases
from restock.delivery.settle import MOST_TRIES, note_part
from restock.policy import Settings, resolve_policy
from tests.warehouse import parcel_channel
from tests.warehouse.shop import Shop

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")


@pytest.fixture
def shop(shop: Shop) -> Iterator[Shop]:
    """A shop with a channel called parcel. The clock is the real one: delivery reads it."""
    shop.clock = datetime.now(UTC) - timedelta(seconds=1)
    shop.settings["quiet_hours"] = ""
    shop.channels = {"parcel"}
    shop.run(
        "insert into restock.channel (name, kind, connection_id, connections, options)"
        """ values ('parcel', 'tests.warehouse.parcel_channel', 'parcel_service', 4, '{"colour": "blue"}')"""
    )
    shop.run(
        "insert into restock.provider_code (kind, code, outcome, suppress, meaning) values"
        " ('tests.warehouse.parcel_channel', 'ok', 'accepted', false, 'taken'),"
        " ('tests.warehouse.parcel_channel', 'later', 'retryable', false, 'come back'),"
        " ('tests.warehouse.parcel_channel', 'no', 'permanent', false, 'never'),"
        " ('tests.warehouse.parcel_channel', 'no such street', 'permanent', true, 'bad address'),"
        " ('tests.warehouse.parcel_channel', 'strike', 'unavailable', false, 'nobody works')"
    )
    yield shop
    parcel_channel.PARCELS.clear()
    parcel_channel.ANSWERS.clear()


@pytest.fixture
def send(shop: Shop, warehouse_url: str) -> Callable[..., Delivery]:
    def send(host: str = "parcels.example", **settings: object) -> Delivery:
        values = {"quiet_hours": ""} | {name: json.dumps(value) for name, value in settings.items()}
        policy_id = resolve_policy(shop.warehouse, values).policy_id
        return send_channel(warehouse_url, "parcel", ConnectionDetails(host), LETTERHEAD, policy_id, "test")

    return send


def schedule(shop: Shop, *users: str) -> None:
    for user in users:
        shop.request(user, "lamp", channel="parcel", contact=f"{user} street")
    shop.stock("lamp", 99)
    shop.plan()


def make_due(shop: Shop) -> None:
    shop.run("update restock.outbox set due_at = now()")


def statuses(shop: Shop) -> dict[str, str]:
    return dict(shop.rows("select user_id, status from restock.notification order by user_id"))


def test_a_channel_is_one_module_and_one_row(shop: Shop, send) -> None:
    schedule(shop, "ada")
    assert send() == Delivery({"accepted": 1})
    assert parcel_channel.PARCELS == [("ada street", b"blue paper: lamp")]
    assert shop.rows("select outcome, provider_code, provider_message from restock.delivery_attempt") == [
        ("accepted", "ok", "taken")
    ]


def test_the_longest_code_that_fits_says_what_an_answer_means(shop: Shop, send) -> None:
    schedule(shop, "ada", "bob")
    parcel_channel.ANSWERS |= {"ada street": ("no such street", None), "bob street": ("no, and that is that", None)}
    assert send().figures == {"permanent": 2}
    assert shop.suppressions("ada street") == [("parcel", "bounce")]
    assert sorted(shop.states().values()) == ["scheduled", "suppressed"]
    codes = list_channels(shop.warehouse)["parcel"].codes
    assert codes.look_up("what?").outcome == "retryable"


def test_what_a_provider_answers_is_kept_letter_by_letter(shop: Shop, send) -> None:
    schedule(shop, "ada", "bob")
    answers = {"ada street": r'ok, "{taken}" \N, \"', "bob street": "ok\nNULL, é {,} ' "}
    parcel_channel.ANSWERS |= {street: (answer, None) for street, answer in answers.items()}
    assert send().figures == {"accepted": 2}
    kept = shop.rows("select provider_code from restock.delivery_attempt")
    assert {code for (code,) in kept} == set(answers.values())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "kind = 'no.such.module'",
            "The channel parcel is of kind 'no.such.module' in restock.channel, but the module",
        ),
        ("kind = 'tests.warehouse.shop'", "The module tests.warehouse.shop of the channel parcel has no open_channel"),
        ("options = '{}'", "The channel parcel needs the option colour in restock.channel."),
    ],
)
def test_a_channel_that_is_set_up_wrong_says_so_and_touches_no_message(
    shop: Shop, send, change: str, sentence: str
) -> None:
    schedule(shop, "ada")
    shop.run(f"update restock.channel set {change} where name = 'parcel'")
    assert send().warning.startswith(sentence)
    assert statuses(shop) == {"ada": "scheduled"}


def test_a_message_is_tried_again_ever_later_and_is_dead_after_the_last_try(shop: Shop, send) -> None:
    schedule(shop, "ada")
    parcel_channel.ANSWERS["ada street"] = ("later", None)
    for number in range(1, MOST_TRIES):
        before = datetime.now(UTC)
        assert send().figures == {"retryable": 1}
        [(due_at,)] = shop.rows("select due_at from restock.outbox")
        longest = min(timedelta(minutes=3 ** (number - 1)), timedelta(hours=4))
        assert before < due_at < datetime.now(UTC) + longest
        assert statuses(shop) == {"ada": "failed"}
        make_due(shop)
    assert send().figures == {"retryable": 1}
    assert statuses(shop) == {"ada": "dead"}
    assert shop.rows("select last_error from restock.notification") == [("later come back",)]
    assert shop.rows("select channel, attempt_count, last_outcome, provider_code from mart.dead_message") == [
        ("parcel", MOST_TRIES, "retryable", "later")
    ]


def test_what_the_provider_asks_us_to_wait_is_waited(shop: Shop, send) -> None:
    schedule(shop, "ada")
    parcel_channel.ANSWERS["ada street"] = ("later", timedelta(hours=7))
    send()
    [(due_at,)] = shop.rows("select due_at from restock.outbox")
    assert due_at > datetime.now(UTC) + timedelta(hours=6, minutes=59)


def test_replayed_messages_have_all_their_tries_again(shop: Shop, send) -> None:
    schedule(shop, "ada", "bob", "kim")
    parcel_channel.ANSWERS |= {"ada street": ("no", None), "bob street": ("no thanks", None)}
    send()
    now = datetime.now(UTC)
    assert replay_dead(shop.warehouse, now, channel="email") == 0
    assert replay_dead(shop.warehouse, now, error="later") == 0
    assert replay_dead(shop.warehouse, now, channel="parcel", error="no thanks") == 1
    assert statuses(shop) == {"ada": "dead", "bob": "failed", "kim": "sent"}
    parcel_channel.ANSWERS["bob street"] = ("later", None)
    for _ in range(MOST_TRIES - 1):
        make_due(shop)
        assert send().figures == {"retryable": 1}
    assert statuses(shop)["bob"] == "failed"
    [(ada,)] = shop.rows("select notification_id from restock.notification where user_id = 'ada'")
    parcel_channel.ANSWERS.clear()
    assert replay_dead(shop.warehouse, now, ids=[ada]) == 1
    make_due(shop)
    assert send().figures == {"accepted": 2}


def test_a_message_that_the_provider_may_have_is_replayed_only_by_name(shop: Shop, warehouse_url: str) -> None:
    schedule(shop, "ada")
    claim(warehouse_url, Settings(quiet_hours=""))
    shop.run(
        "insert into restock.departure select leased_by, array_agg(notification_key), now()"
        " from restock.outbox group by leased_by"
    )
    later = datetime.now(UTC) + timedelta(hours=1)
    assert len(recover_leases(shop.warehouse, Settings(in_doubt="drop"), later)) == 1
    assert statuses(shop) == {"ada": "dead"}
    assert replay_dead(shop.warehouse, later) == 0
    [(ada,)] = shop.rows("select notification_id from restock.notification")
    assert replay_dead(shop.warehouse, later, ids=[ada]) == 1


def claim(warehouse_url: str, settings: Settings, size: int = 100) -> Claim | None:
    async def run() -> Claim | None:
        async with await psycopg.AsyncConnection.connect(warehouse_url, autocommit=True) as connection:
            return await claim_batch(connection, "parcel", settings, datetime.now(UTC), size=size, leased_by="somebody")

    return asyncio.run(run())


def test_a_provider_that_is_down_uses_up_no_try_and_is_asked_ever_more_rarely(shop: Shop, send) -> None:
    schedule(shop, "ada")
    for number, wait in enumerate(WAITS, start=1):
        before = datetime.now(UTC)
        assert send("nowhere") == Delivery({}, "The parcel service does not answer.")
        [(count, probe_at)] = shop.rows("select trip_count, probe_at from restock.breaker")
        assert count == number
        assert before + wait < probe_at < datetime.now(UTC) + wait
        assert send("nowhere") == Delivery({})
        shop.run("update restock.breaker set probe_at = now()")
    assert shop.rows("select status, attempt_count from restock.notification") == [("scheduled", 0)]
    assert send() == Delivery({"accepted": 1})
    assert shop.rows("select * from restock.breaker") == []


def test_failures_in_a_row_trip_the_breaker_and_count_for_no_message(shop: Shop, send) -> None:
    users = [f"u{number:02}" for number in range(40)]
    schedule(shop, *users)
    parcel_channel.ANSWERS |= {f"{user} street": ("later", None) for user in users}
    delivery = send()
    assert re.match(r"\d+ messages in a row failed, the last with: later come back", delivery.warning)
    [(tries,)] = shop.rows("select sum(attempt_count - forgiven_count) from restock.notification")
    # Of the batches that were settled before it was clear.
    assert tries < 20
    make_due(shop)
    policy_id = resolve_policy(shop.warehouse, {"quiet_hours": ""}).policy_id
    assert find_due(shop.warehouse, policy_id, datetime.now(UTC)).senders == []

    # Five of them try; they fail, and it stays open for longer.
    shop.run("update restock.breaker set probe_at = now()")
    assert send().figures == {"retryable": 5}
    assert shop.rows("select trip_count from restock.breaker") == [(2,)]
    shop.run("update restock.breaker set probe_at = now()")
    make_due(shop)
    parcel_channel.ANSWERS.clear()
    assert send() == Delivery({"accepted": 40})


def test_a_provider_that_takes_nothing_from_anybody_blames_no_message(shop: Shop, send) -> None:
    schedule(shop, "ada")
    parcel_channel.ANSWERS["ada street"] = ("strike", None)
    for _ in range(MOST_TRIES + 2):
        send()
        make_due(shop)
    assert shop.rows("select status, attempt_count - forgiven_count from restock.notification") == [("failed", 0)]


def test_in_no_minute_more_leave_than_the_rate_allows_whoever_claims(shop: Shop, warehouse_url: str) -> None:
    schedule(shop, *(f"u{number:03}" for number in range(150)))
    settings = Settings(quiet_hours="", rate_per_minute={"parcel": 120})
    left = 0
    for second in range(60):
        for _ in range(2):
            claimed = claim(warehouse_url, settings)
            left += len(claimed.messages) if claimed else 0
        if second < 59:
            shop.run("update restock.rate_bucket set filled_at = filled_at - interval '1 second'")
    # What the real clock added meanwhile is little.
    assert 110 <= left <= 121
    claimed = claim(warehouse_url, settings)
    assert claimed is not None
    assert 0 < claimed.wait_seconds <= 5


def test_what_does_not_leave_takes_no_token(shop: Shop, warehouse_url: str) -> None:
    schedule(shop, "ada", "bob", "kim")
    shop.run("insert into restock.suppression values ('parcel', restock.hash_contact('ada street'), 'unsubscribe')")
    settings = Settings(quiet_hours="", rate_per_minute={"parcel": 180})
    assert len(claim(warehouse_url, settings).messages) == 2
    [(tokens,)] = shop.rows("select tokens from restock.rate_bucket")
    assert 0.9 <= tokens < 1.1


def test_another_channel_is_not_slowed_down(shop: Shop, send) -> None:
    schedule(shop, "ada", "bob", "kim")
    assert send(rate_per_minute={"email": 1}).figures == {"accepted": 3}


def test_a_sender_that_slept_past_its_lease_changes_nothing_of_what_is_anothers_now(
    shop: Shop, send, warehouse_url: str
) -> None:
    schedule(shop, "ada")
    settings = Settings(quiet_hours="")
    claimed = claim(warehouse_url, settings)
    recover_leases(shop.warehouse, settings, datetime.now(UTC) + timedelta(hours=1))
    assert send() == Delivery({"accepted": 1})
    before = shop.rows("select * from restock.notification")

    async def wake_up() -> None:
        async with await psycopg.AsyncConnection.connect(warehouse_url, autocommit=True) as connection:
            now = datetime.now(UTC)
            await note_part(
                connection, "parcel", claimed, [], settings,
                claimed_at=now, settled_at=now, sender="somebody", forgiving=False, part_number=0,
                untouched=claimed.messages.keys(),
            )  # fmt: skip

    asyncio.run(wake_up())
    assert shop.rows("select * from restock.notification") == before
    assert shop.rows("select * from restock.outbox") == []


def depart(connection: psycopg.AsyncConnection, claimed: Claim) -> Awaitable[set[int]]:
    """Write down that a claim leaves."""
    now = datetime.now(UTC)
    return note_part(
        connection, "parcel", claimed, [], Settings(),
        claimed_at=now, settled_at=now, sender="somebody", forgiving=False, part_number=0,
        departing=claimed.messages.keys(),
    )  # fmt: skip


def test_a_sender_whose_lease_was_taken_over_lets_nothing_more_leave(shop: Shop, warehouse_url: str) -> None:
    schedule(shop, "ada", "bob")
    claimed = claim(warehouse_url, Settings(quiet_hours=""))

    async def depart_twice() -> tuple[set[int], set[int]]:
        async with await psycopg.AsyncConnection.connect(warehouse_url, autocommit=True) as connection:
            before = await depart(connection, claimed)
            # As who finds the sender's lock gone does it, be it only the network that is.
            shop.run("update restock.outbox set lease_until = now() - interval '1 second'")
            return before, await depart(connection, claimed)

    before, after = asyncio.run(depart_twice())
    assert before == claimed.messages.keys()
    assert after == set()


def test_who_takes_a_lease_over_sees_what_leaves_at_that_moment(shop: Shop, warehouse_url: str) -> None:
    schedule(shop, "ada")
    settings = Settings(quiet_hours="")
    claimed = claim(warehouse_url, settings)
    later = datetime.now(UTC) + timedelta(hours=1)

    async def be_overtaken() -> list[str]:
        connection = await psycopg.AsyncConnection.connect(warehouse_url, autocommit=True)
        async with connection, connection.transaction():
            assert len(await depart(connection, claimed)) == 1
            return recover_leases(shop.warehouse, settings, later)

    assert asyncio.run(be_overtaken()) == []
    assert len(recover_leases(shop.warehouse, settings, later)) == 1
