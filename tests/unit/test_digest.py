"""Rule 8 where messages of earlier runs stand: what joins them, what they take from the cap."""

from datetime import UTC, date, datetime
from datetime import time as clock_time

import pytest

from restock.policy import Settings
from tests.reference import fast
from tests.reference.cases import Case
from tests.reference.rules import Message, Schedule, Wish

DAY = date(2026, 6, 10)


def at(time: str, day: date = DAY) -> datetime:
    return datetime.combine(day, clock_time.fromisoformat(time), tzinfo=UTC)


def item(due: str) -> Wish:
    """A wish named for its due time: the episode opens then."""
    number = int(due.replace(":", ""))
    return Wish(
        number,
        due,
        "u",
        "main",
        f"p{number}",
        "email",
        "u@example.com",
        "UTC",
        at("00:00"),
        number,
        at(due),
        quantity=9,
    )


def earlier(first: str, due: str, *, joinable: bool = True, day: date = DAY) -> Message:
    who = ("u", "main", "email", "u@example.com")
    return Message(*who, day, at(first, day), at(due, day), key=7, joinable=joinable)


def build(items: list[str], messages: list[Message], **settings: object) -> Schedule:
    return fast.build_schedule(Case([item(due) for due in items], messages, [Settings(**settings)], at("00:00")))


def messages_of(schedule: Schedule) -> dict[str, str | None]:
    return {request: decision.message for request, decision in schedule.decisions.items()}


def test_items_join_an_earlier_message_within_its_window_and_move_its_due_time() -> None:
    schedule = build(["10:30", "11:00", "11:01"], [earlier("10:00", "10:00")])
    assert messages_of(schedule) == {"10:30": "message 7", "11:00": "message 7", "11:01": "11:01"}
    assert schedule.messages[0].due_at == at("11:00")


def test_an_item_before_an_earlier_message_becomes_its_first_while_the_last_stays_in_the_window() -> None:
    schedule = build(["09:29", "09:30", "10:45"], [earlier("10:00", "10:30")], digest_window_minutes=60)
    assert messages_of(schedule)["09:30"] == "message 7"
    assert messages_of(schedule)["10:45"] == "10:45"
    assert schedule.messages[0].first_due_at == at("09:30")


def test_a_claimed_message_takes_no_items_and_counts_for_the_cap() -> None:
    schedule = build(["10:30"], [earlier("10:00", "10:00", joinable=False)], daily_cap=1)
    decision = schedule.decisions["10:30"]
    assert (decision.rule, decision.scheduled_at) == ("daily_cap", at("08:00", date(2026, 6, 11)))


def test_what_the_cap_moves_joins_the_message_that_stands_there() -> None:
    tomorrow = earlier("08:00", "08:00", day=date(2026, 6, 11))
    schedule = build(["10:30", "12:30"], [tomorrow], daily_cap=1)
    assert messages_of(schedule) == {"10:30": "10:30", "12:30": "message 7"}


@pytest.mark.parametrize("messages", [[], [earlier("10:00", "10:00")]])
def test_no_items_make_no_messages(messages: list[Message]) -> None:
    schedule = build([], messages)
    assert schedule.decisions == {}
    assert [message.name for message in schedule.messages] == [message.name for message in messages]
