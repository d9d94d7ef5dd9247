"""Hypothesis strategy of whole cases for rules 3 to 8: a few shoppers' wishes around a change of their clocks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from restock.policy import Settings
from tests.reference.moments import changes, moments_around, quiet_hours, zones
from tests.reference.rules import Decision, Message, Wish
from tests.reference.wall_clock import Quiet, day_of

CHANNELS = {"email", "sms"}
STORES = ["main", "outlet"]
seldom = st.sampled_from([False] * 7 + [True])


@dataclass(frozen=True)
class Case:
    """What the rules are given. Wishes name their settings by `variant`."""

    wishes: list[Wish]
    earlier: list[Message]
    policies: list[Settings]
    clock: datetime


def written(quiet: Quiet) -> str:
    return "-".join(f"{end:%H:%M}" for end in quiet) if quiet else ""


policies = st.builds(
    Settings,
    notify_per_unit=st.sampled_from([0, 0, 0.07, 0.5, 1, 1.1, 2.5]),
    wave_interval_minutes=st.sampled_from([1, 30, 45, 700]),
    quiet_hours=quiet_hours.map(written),
    default_timezone=zones,
    digest_window_minutes=st.sampled_from([0, 15, 60, 600, 1440]),
    daily_cap=st.sampled_from([0, 1, 1, 2, 3]),
    max_delay_hours=st.sampled_from([0, 10, 24, 72]),
    priority=st.sampled_from(["fifo", "tier"]),
    request_ttl_days=st.sampled_from([1, 90]),
    cooldown_hours=st.sampled_from([0, 24]),
    holdout_percent=st.sampled_from([0, 0, 50]),
)


@st.composite
def episodes(draw: st.DrawFn, number: int, clock: datetime, variants: int) -> dict[str, object]:
    return {
        "episode_id": number,
        "store_id": draw(st.sampled_from(STORES)),
        "product_id": f"p{number}",
        "opened_at": draw(moments_around(clock - timedelta(hours=12), 12)),
        "quantity": draw(st.sampled_from([0, 1, 1, 2, 3, 100])),
        "last_position": draw(st.sampled_from([0, 0, 1, 5])),
        "notify_per_unit": draw(st.sampled_from([None, None, 0.0, 1.1])),
        "variant": draw(st.integers(0, variants - 1)),
    }


def zones_of(user: int, here: list[str]) -> list[str]:
    """Where a shopper asks from: two live in one place, one moves about, and one does not say."""
    return [[here[0]], here, [None], [here[1]]][user]


@st.composite
def wishes(draw: st.DrawFn, number: int, clock: datetime, of_episodes: list[dict], here: list[str]) -> Wish:
    ages = [timedelta(hours=1)] * 3 + [timedelta(hours=1, minutes=1)] * 3 + [timedelta(days=1), timedelta(days=30)]
    user = draw(st.integers(0, 3))
    return Wish(
        **draw(st.sampled_from(of_episodes)),
        request_key=1000 - number,
        request_id=f"r{number:03}",
        user_id=f"u{user}",
        channel=draw(st.sampled_from(["email"] * 9 + ["sms"] * 2 + ["pigeon"])),
        contact=draw(st.sampled_from([f"{user}@home"] * 8 + [f"{user}@work"] * 2 + [None])),
        timezone=draw(st.sampled_from(zones_of(user, here))),
        requested_at=clock - draw(st.sampled_from(ages)) - timedelta(seconds=draw(st.sampled_from([0, 0, 1]))),
        tier=draw(st.integers(0, 2)),
        suppressed=draw(seldom) and draw(seldom),
        purchased=draw(seldom) and draw(seldom),
        last_told_at=clock - timedelta(hours=24 - draw(st.integers(0, 1))) if draw(seldom) else None,
        holdout_draw=draw(st.sampled_from([0.0, 49.99, 50.0, 99.99, 99.99, 99.99])),
    )


@st.composite
def messages(draw: st.DrawFn, number: int, clock: datetime, of_episodes: list[dict], here: list[str]) -> Message:
    user = draw(st.integers(0, 3))
    episode = draw(st.sampled_from(of_episodes))
    first = draw(moments_around(clock + timedelta(hours=12), 24))
    span = draw(st.sampled_from([0, 0, 15, 60]))
    return Message(
        user_id=f"u{user}",
        store_id=episode["store_id"],
        product_id=episode["product_id"],
        variant=episode["variant"],
        channel=draw(st.sampled_from(["email", "email", "sms"])),
        contact=f"{user}@home",
        local_day=day_of(first, draw(st.sampled_from(zones_of(user, here))) or "UTC"),
        first_due_at=first,
        due_at=first + timedelta(minutes=span),
        key=number,
        joinable=not draw(seldom),
    )


def unique(asked: list[Wish]) -> list[Wish]:
    """At most one request is open per product, shopper and channel."""
    return list({(wish.episode_id, wish.user_id, wish.channel): wish for wish in asked}.values())


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone = draw(zones)
    here = [zone, draw(zones), draw(zones)]
    clock = draw(moments_around(draw(st.sampled_from(changes(zone))), 36))
    in_force = draw(st.lists(policies, min_size=1, max_size=2))
    of_episodes = [draw(episodes(number, clock, len(in_force))) for number in range(1, 6)]
    count = draw(st.sampled_from([0, 1, 5, 20, 30, 30, 30]))
    asked = unique([draw(wishes(number, clock, of_episodes, here)) for number in range(count)])
    scheduled = [draw(messages(number, clock, of_episodes, here)) for number in range(draw(st.integers(0, 4)))]
    return Case(asked, scheduled, in_force, clock)


@st.composite
def next_runs(draw: st.DrawFn, case: Case, decisions: dict[str, Decision], scheduled: list[Message]) -> Case:
    """A later run under another policy: some of the wishes are new to it, the messages of the first run stand."""
    clock = case.clock + timedelta(minutes=draw(st.sampled_from([1, 30, 300, 1500])))
    earlier = [
        replace(message, key=key, opener=None, joinable=message.joinable and message.due_at > clock)
        for key, message in enumerate(scheduled)
    ]
    places = [decisions[wish.request_id].position or 0 for wish in case.wishes]
    last = {
        wish.episode_id: max(
            wish.last_position,
            *(place for other, place in zip(case.wishes, places, strict=True) if other.episode_id == wish.episode_id),
        )
        for wish in case.wishes
    }
    asked = [
        replace(
            wish,
            request_id=f"s{number:03}",
            request_key=2000 + number,
            last_position=last[wish.episode_id],
            requested_at=clock - timedelta(minutes=draw(st.integers(0, 3))),
        )
        for number, wish in enumerate(case.wishes)
        if draw(st.booleans())
    ]
    return Case(asked, earlier, [draw(policies) for _ in case.policies], clock)
