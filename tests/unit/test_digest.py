"""Rule 8 against the rule as it is written: one shopper's items one after the other."""

import numpy as np
import pandas as pd
import pytest

from restock.policy import Settings
from restock.schedule.digest import build_digests
from restock.schedule.wall_clock import first_time_of_next_day, local_day

NO_EARLIER = pd.DataFrame(
    {
        "notification_key": pd.Series(dtype="int64"),
        "user_id": pd.Series(dtype="str"),
        "store_id": pd.Series(dtype="str"),
        "channel": pd.Series(dtype="str"),
        "contact": pd.Series(dtype="str"),
        "local_day": pd.Series(dtype="datetime64[us]"),
        "first_due_at": pd.Series(dtype="datetime64[us, UTC]"),
        "due_at": pd.Series(dtype="datetime64[us, UTC]"),
        "joinable": pd.Series(dtype=bool),
    }
)


def one_after_the_other(items: pd.DataFrame, settings: Settings) -> dict[str, tuple[str, pd.Timestamp] | None]:
    """The rule read literally: for each request the opener of its message and its own time, None where capped."""
    window = pd.Timedelta(minutes=settings.digest_window_minutes)
    latest = pd.Timedelta(hours=settings.max_delay_hours)
    result: dict[str, tuple[str, pd.Timestamp] | None] = {}
    for _, of_user in items.groupby("user_id"):
        queue = sorted((row.due_at, row.request_id, row) for row in of_user.itertuples())
        messages: list[dict] = []
        while queue:
            due, request_id, row = queue.pop(0)
            zone = pd.Series([row.timezone])
            day = local_day(pd.Series([due]).astype("datetime64[us, UTC]"), zone)[0]
            group = (row.store_id, row.channel, row.contact)
            joined = next(
                (m for m in messages if m["group"] == group and m["day"] == day and due - m["first"] <= window), None
            )
            if joined:
                result[request_id] = (joined["opener"], due)
            elif settings.daily_cap and sum(m["day"] == day for m in messages) >= settings.daily_cap:
                day_series = pd.Series([day]).astype("datetime64[us]")
                later = first_time_of_next_day(day_series, zone, settings.parsed_quiet_hours())[0]
                if later > row.due_at + latest:
                    result[request_id] = None
                else:
                    queue.append((later, request_id, row))
                    queue.sort(key=lambda entry: entry[:2])
            else:
                messages.append({"group": group, "day": day, "first": due, "opener": request_id})
                result[request_id] = (request_id, due)
    return result


def random_items(seed: int, count: int, shoppers: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    zones = np.array(["UTC", "Asia/Seoul", "America/New_York", "Asia/Kathmandu"])
    user = random.integers(0, shoppers, count)
    minutes = random.integers(0, 60 * 30, count) // 10 * 10
    due = pd.Timestamp("2026-06-10 09:00", tz="UTC") + pd.to_timedelta(minutes, unit="min")
    return pd.DataFrame(
        {
            "user_id": [f"u{number}" for number in user],
            "store_id": random.choice(["main", "outlet"], count),
            "channel": random.choice(["email", "sms"], count, p=[0.8, 0.2]),
            "contact": "somewhere",
            "timezone": zones[user % len(zones)],
            "request_id": [f"r{number:05}" for number in random.permutation(count)],
            "due_at": pd.Series(due).astype("datetime64[us, UTC]"),
        }
    )


@pytest.mark.parametrize("cap", [0, 1, 2, 3])
@pytest.mark.parametrize("window", [0, 60, 600])
@pytest.mark.parametrize("most_delay", [10, 72])
def test_all_shoppers_together_is_the_same_as_one_after_the_other(cap: int, window: int, most_delay: int) -> None:
    settings = Settings(daily_cap=cap, digest_window_minutes=window, max_delay_hours=most_delay)
    items = random_items(seed=cap * 1000 + window + most_delay, count=200, shoppers=15)
    digest = build_digests(items, NO_EARLIER, settings)

    opener = digest.messages["opening_item"]
    result = {
        items.loc[row.Index, "request_id"]: None
        if row.message < 0
        else (items.loc[opener[row.message], "request_id"], row.scheduled_at)
        for row in digest.items.itertuples()
    }
    assert result == one_after_the_other(items, settings)


def test_the_order_of_the_rows_changes_nothing() -> None:
    settings = Settings(daily_cap=1, digest_window_minutes=30)
    items = random_items(seed=5, count=200, shoppers=20)
    shuffled = items.sample(frac=1, random_state=1)

    def outcome(frame: pd.DataFrame) -> pd.DataFrame:
        digest = build_digests(frame, NO_EARLIER, settings)
        opener = digest.items["message"].map(digest.messages["opening_item"])
        return digest.items[["scheduled_at", "moved"]].assign(opener=opener).sort_index()

    pd.testing.assert_frame_equal(outcome(items), outcome(shuffled))


def earlier_message(first: str, due: str, *, joinable: bool, day: str = "2026-06-10") -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "notification_key": [7],
            "user_id": "u",
            "store_id": "main",
            "channel": "email",
            "contact": "u@example.com",
            "local_day": pd.to_datetime([day]),
            "first_due_at": pd.to_datetime([first], utc=True),
            "due_at": pd.to_datetime([due], utc=True),
            "joinable": joinable,
        }
    )
    return frame.astype(NO_EARLIER.dtypes.to_dict())


def items_due(*due: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": "u",
            "store_id": "main",
            "channel": "email",
            "contact": "u@example.com",
            "timezone": "UTC",
            "request_id": [f"r{number}" for number in range(len(due))],
            "due_at": pd.Series(pd.to_datetime(list(due), utc=True)).astype("datetime64[us, UTC]"),
        }
    )


def test_items_join_an_earlier_message_within_its_window_and_move_its_due_time() -> None:
    items = items_due("2026-06-10 10:30", "2026-06-10 11:00", "2026-06-10 11:01")
    earlier = earlier_message("2026-06-10 10:00", "2026-06-10 10:00", joinable=True)
    digest = build_digests(items, earlier, Settings())

    assert digest.items["message"].tolist() == [0, 0, 1]
    assert digest.messages.loc[0, "due_at"] == pd.Timestamp("2026-06-10 11:00", tz="UTC")
    assert digest.messages.loc[0, "changed"]
    assert digest.messages.loc[1, "opening_item"] == 2


def test_an_item_before_an_earlier_message_becomes_its_first_while_the_last_stays_in_the_window() -> None:
    items = items_due("2026-06-10 09:29", "2026-06-10 09:30", "2026-06-10 10:45")
    earlier = earlier_message("2026-06-10 10:00", "2026-06-10 10:30", joinable=True)
    digest = build_digests(items, earlier, Settings())

    assert digest.items["message"].tolist() == [1, 0, 2]
    assert digest.messages.loc[0, "first_due_at"] == pd.Timestamp("2026-06-10 09:30", tz="UTC")


def test_a_claimed_message_takes_no_items_and_counts_for_the_cap() -> None:
    items = items_due("2026-06-10 10:30")
    earlier = earlier_message("2026-06-10 10:00", "2026-06-10 10:00", joinable=False)
    digest = build_digests(items, earlier, Settings(daily_cap=1))

    assert digest.items["scheduled_at"].tolist() == [pd.Timestamp("2026-06-11 08:00", tz="UTC")]
    assert digest.items["moved"].tolist() == [True]


def test_what_the_cap_moves_joins_the_message_that_stands_there() -> None:
    items = items_due("2026-06-10 10:30", "2026-06-10 12:30")
    earlier = earlier_message("2026-06-11 08:00", "2026-06-11 08:00", joinable=True, day="2026-06-11")
    digest = build_digests(items, earlier, Settings(daily_cap=1))

    assert digest.items["message"].tolist() == [1, 0]


def test_no_items_make_no_messages() -> None:
    digest = build_digests(items_due("2026-06-10 10:30").iloc[:0], NO_EARLIER, Settings())
    assert digest.items.empty
    assert digest.messages.empty
