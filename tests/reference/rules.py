"""Rules 3 to 8 of the schedule, one request after the other, then one shopper after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal

from restock.policy import Settings
from tests.reference.wall_clock import Quiet, after_quiet, day_of, first_of_next_day


@dataclass(frozen=True)
class Wish:
    """One open request with its open episode, and what is known of both. Times are UTC."""

    request_key: int
    request_id: str
    user_id: str
    store_id: str
    product_id: str
    channel: str
    contact: str | None
    timezone: str | None
    requested_at: datetime
    episode_id: int
    opened_at: datetime
    quantity: int
    last_position: int = 0
    tier: int = 0
    suppressed: bool = False
    purchased: bool = False
    last_told_at: datetime | None = None
    holdout_draw: float = 99.0
    notify_per_unit: float | None = None
    variant: int = 0


@dataclass
class Message:
    """One message: of an earlier run (with a key) or of this one (with the request that opened it).

    Its window is that of the settings for the item that opened it, to which `variant` points.
    """

    user_id: str
    store_id: str
    channel: str
    contact: str
    local_day: date
    first_due_at: datetime
    due_at: datetime
    key: int | None = None
    joinable: bool = True
    opener: str | None = None
    product_id: str = ""
    variant: int = 0

    @property
    def name(self) -> str:
        return self.opener if self.key is None else f"message {self.key}"


@dataclass(frozen=True)
class Decision:
    """What becomes of one wish; `message` names the message it stands in."""

    outcome: str
    rule: str
    position: int | None = None
    wave: int | None = None
    due_at: datetime | None = None
    scheduled_at: datetime | None = None
    message: str | None = None


@dataclass
class Schedule:
    """What becomes of each wish, by request_id, and the messages of this run and those of earlier ones."""

    decisions: dict[str, Decision]
    messages: list[Message] = field(default_factory=list)


def build_schedule(
    wishes: Sequence[Wish],
    earlier: Sequence[Message],
    policies: Sequence[Settings],
    channels: set[str],
    clock: datetime,
) -> Schedule:
    """Rules 3 to 8. A wish is judged by the settings that its `variant` points to."""
    decisions: dict[str, Decision] = {}
    queue: dict[int, list[Wish]] = {}
    for wish in wishes:
        verdict = judge(wish, policies[wish.variant], channels, clock)
        if verdict:
            decisions[wish.request_id] = verdict
        else:
            queue.setdefault(wish.episode_id, []).append(wish)
    placed: list[tuple[Wish, Decision]] = []
    for of_episode in queue.values():
        placed += place(of_episode, policies[of_episode[0].variant], clock)
    schedule = Schedule(decisions)
    for user_id in sorted({wish.user_id for wish in wishes} | {message.user_id for message in earlier}):
        of_user = [(wish, decision) for wish, decision in placed if wish.user_id == user_id]
        messages = [replace(message) for message in earlier if message.user_id == user_id]
        decisions |= digest(of_user, messages, policies)
        schedule.messages += messages
    return schedule


def judge(wish: Wish, policy: Settings, channels: set[str], clock: datetime) -> Decision | None:
    """Rules 3 and 4: why the wish gets no place now, or None if it gets one."""
    cooldown = timedelta(hours=policy.cooldown_hours)
    reasons = [
        (clock > wish.requested_at + timedelta(days=policy.request_ttl_days), "closed", "expired"),
        (wish.suppressed, "closed", "suppressed"),
        (wish.purchased, "closed", "purchased"),
        (wish.channel not in channels, "skipped", "no_channel"),
        (wish.contact is None, "skipped", "no_address"),
        (wish.last_told_at is not None and clock < wish.last_told_at + cooldown, "skipped", "cooldown"),
        (wish.holdout_draw < policy.holdout_percent, "held", "holdout"),
    ]
    return next((Decision(outcome, rule) for holds, outcome, rule in reasons if holds), None)


def place(wishes: list[Wish], policy: Settings, clock: datetime) -> list[tuple[Wish, Decision]]:
    """Rules 5 and 6 for the wishes of one episode."""

    def turn(wish: Wish) -> tuple:
        fifo = (wish.requested_at, wish.request_id)
        return (-wish.tier, *fifo) if policy.priority == "tier" else fifo

    result = []
    for position, wish in enumerate(sorted(wishes, key=turn), start=wishes[0].last_position + 1):
        wave = 0
        per_unit = policy.notify_per_unit if wish.notify_per_unit is None else wish.notify_per_unit
        if per_unit:
            size = (wish.quantity * Decimal(str(per_unit))).to_integral_value(ROUND_CEILING)
            wave = (position - 1) // max(int(size), 1)
        due_at = max(wish.opened_at + timedelta(minutes=wave * policy.wave_interval_minutes), clock)
        result.append((wish, Decision("told", "queue", position, wave, due_at)))
    return result


def quiet_hours(policy: Settings) -> Quiet:
    if not policy.quiet_hours:
        return None
    start, end = policy.quiet_hours.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def digest(
    placed: list[tuple[Wish, Decision]], messages: list[Message], policies: Sequence[Settings]
) -> dict[str, Decision]:
    """Rules 7 and 8 for one shopper; the messages opened are added to `messages`, which starts with the earlier ones.

    Where an item could join several messages, those of earlier runs come first, then the one that is due first.
    """
    messages.sort(key=lambda message: (message.first_due_at, message.key))
    decisions: dict[str, Decision] = {}
    waiting = []
    for wish, decision in placed:
        policy = policies[wish.variant]
        awake_at = after_quiet(decision.due_at, wish.timezone or policy.default_timezone, quiet_hours(policy))
        delayed = replace(decision, outcome="delayed", rule="quiet_hours") if awake_at > decision.due_at else decision
        waiting.append((awake_at, wish.request_id, awake_at, wish, delayed))
    while waiting:
        waiting.sort(key=lambda entry: entry[:2])
        due_at, request_id, awake_at, wish, decision = waiting.pop(0)
        policy = policies[wish.variant]
        zone = wish.timezone or policy.default_timezone
        day = day_of(due_at, zone)
        message = next(
            (message for message in messages if takes(message, wish, due_at, day, policies[message.variant])), None
        )
        if message:
            message.first_due_at = min(message.first_due_at, due_at)
            message.due_at = max(message.due_at, due_at)
            decision = replace(decision, outcome="merged", rule="digest")
        elif policy.daily_cap and sum(message.local_day == day for message in messages) >= policy.daily_cap:
            later = first_of_next_day(day, zone, quiet_hours(policy))
            if later <= awake_at + timedelta(hours=policy.max_delay_hours):
                delayed = replace(decision, outcome="delayed", rule="daily_cap")
                waiting.append((later, request_id, awake_at, wish, delayed))
            else:
                decisions[request_id] = replace(decision, outcome="capped", rule="daily_cap", scheduled_at=later)
            continue
        else:
            who = (wish.user_id, wish.store_id, wish.channel, wish.contact)
            message = Message(*who, day, due_at, due_at, None, True, request_id, wish.product_id, wish.variant)
            messages.append(message)
        decisions[request_id] = replace(decision, scheduled_at=due_at, message=message.name)
    return decisions


def takes(message: Message, wish: Wish, due_at: datetime, day: date, policy: Settings) -> bool:
    """Whether an item due then may join: the message still spans at most the window, from its first item to its last.

    An item due before the first one becomes the first: that happens with messages of earlier runs only.
    """
    same = (message.store_id, message.channel, message.contact) == (wish.store_id, wish.channel, wish.contact)
    span = max(message.due_at, due_at) - min(message.first_due_at, due_at)
    return (
        message.joinable
        and same
        and message.local_day == day
        and span <= timedelta(minutes=policy.digest_window_minutes)
    )
