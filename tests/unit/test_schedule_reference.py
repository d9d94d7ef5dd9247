"""Rules 3 to 8 against the rules read literally, and against themselves: what must not change them."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from restock.policy import Settings
from tests.reference import fast, rules
from tests.reference.cases import CHANNELS, Case, cases, next_runs
from tests.reference.examples import examples
from tests.reference.rules import Decision, Message, Schedule, Wish

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def read_literally(case: Case) -> Schedule:
    return rules.build_schedule(case.wishes, case.earlier, case.policies, CHANNELS, case.clock)


def times(messages: list[Message]) -> list[tuple]:
    return sorted((message.name, message.local_day, message.first_due_at, message.due_at) for message in messages)


def assert_same(built: Schedule, expected: Schedule) -> None:
    differences = {
        request: (built.decisions.get(request), decision)
        for request, decision in expected.decisions.items()
        if built.decisions.get(request) != decision
    }
    assert not differences
    assert times(built.messages) == times(expected.messages)


@examples(150)
@given(cases())
def test_the_schedule_is_the_one_that_the_rules_read_literally_give(case: Case) -> None:
    assert_same(fast.build_schedule(case), read_literally(case))


@examples(40)
@given(cases(), st.data())
def test_a_later_run_under_another_policy_is_as_the_rules_read_literally(case: Case, data: st.DataObject) -> None:
    first = read_literally(case)
    later = data.draw(next_runs(case, first.decisions, first.messages))
    assert_same(fast.build_schedule(later), read_literally(later))


@examples(30)
@given(cases(), st.integers(0, 9))
def test_the_order_of_the_rows_changes_nothing(case: Case, seed: int) -> None:
    wishes, earlier = list(case.wishes), list(case.earlier)
    random.Random(seed).shuffle(wishes)
    random.Random(seed).shuffle(earlier)
    assert_same(fast.build_schedule(replace(case, wishes=wishes, earlier=earlier)), fast.build_schedule(case))


@examples(30)
@given(cases(), st.integers(2, 4))
def test_the_cut_into_shards_changes_nothing(case: Case, shards: int) -> None:
    assert fast.decide_in_shards(case, shards) == fast.decide_in_shards(case, 1)


@examples(30)
@given(cases(), st.sampled_from([1, 7, 400]))
def test_where_clocks_never_change_a_shifted_clock_shifts_all_times_and_nothing_else(case: Case, days: int) -> None:
    still = [policy.model_copy(update={"default_timezone": "Asia/Kathmandu"}) for policy in case.policies]
    case = replace(case, policies=still, wishes=[replace(wish, timezone=None) for wish in case.wishes])
    shift = timedelta(days=days)

    def later(row: object, *names: str) -> object:
        return replace(row, **{name: value + shift for name in names if (value := getattr(row, name))})

    shifted = Case(
        [later(wish, "requested_at", "opened_at", "last_told_at") for wish in case.wishes],
        [later(message, "local_day", "first_due_at", "due_at") for message in case.earlier],
        case.policies,
        case.clock + shift,
    )
    expected = fast.build_schedule(case)
    expected.decisions = {key: later(row, "due_at", "scheduled_at") for key, row in expected.decisions.items()}
    expected.messages = [later(message, "local_day", "first_due_at", "due_at") for message in expected.messages]
    assert_same(fast.build_schedule(shifted), expected)


@examples(30)
@given(cases(), st.integers(0, 6))
def test_a_queue_cut_into_two_runs_gives_the_same_places_times_and_messages(case: Case, first_ones: int) -> None:
    # Caps and windows look at the items in the order of their times, whatever their places.
    free = [policy.model_copy(update={"daily_cap": 0, "digest_window_minutes": 0}) for policy in case.policies]
    case = replace(case, policies=free)
    whole = fast.build_schedule(case)
    place = {wish: (whole.decisions[wish.request_id].position or 0) - wish.last_position for wish in case.wishes}

    one = fast.build_schedule(replace(case, wishes=[wish for wish in case.wishes if place[wish] <= first_ones]))
    contacts = {wish.request_id: wish.contact for wish in case.wishes} | {m.name: m.contact for m in case.earlier}
    joinable = {message.name: message.joinable for message in case.earlier}
    stand = [
        replace(
            message, key=key, opener=None, contact=contacts[message.name], joinable=joinable.get(message.name, True)
        )
        for key, message in enumerate(one.messages)
    ]
    rest = [
        replace(wish, last_position=wish.last_position + first_ones) for wish in case.wishes if place[wish] > first_ones
    ]
    two = fast.build_schedule(replace(case, wishes=rest, earlier=stand))
    names = {f"message {key}": message.name for key, message in enumerate(one.messages)}

    assert together(one.decisions | two.decisions, names) == together(whole.decisions, {})


def together(decisions: dict[str, Decision], names: dict[str, str]) -> tuple[dict, set]:
    """Place and time of each request, and which requests stand in one message."""
    messages: dict[str, set[str]] = {}
    for request, decision in decisions.items():
        messages.setdefault(names.get(decision.message, decision.message) or request, set()).add(request)
    times = {request: (decision.position, decision.scheduled_at) for request, decision in decisions.items()}
    return times, {frozenset(requests) for requests in messages.values()}


def test_a_wave_holds_the_exact_product_of_quantity_and_shoppers_per_unit() -> None:
    # In floating point 100 x 0.07 is a little more than 7.
    wishes = [
        Wish(number, f"r{number}", f"u{number}", "main", "p", "email", "a@b", "UTC", NOON, 1, NOON, quantity=100)
        for number in range(8)
    ]
    case = Case(wishes, [], [Settings(notify_per_unit=0.07, quiet_hours="")], NOON)
    assert [decision.wave for decision in fast.build_schedule(case).decisions.values()] == [0] * 7 + [1]
