"""Candidates for the benchmark of the rules: shoppers in 30 time zones who wait for several products each."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from restock.policy import Settings

CLOCK = datetime(2026, 6, 10, 12, 0, 0, 123456, tzinfo=UTC)
PRODUCTS = 2_000

ZONES = [
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Helsinki", "Europe/Istanbul",
    "Africa/Lagos", "Africa/Cairo", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Bangkok", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul",
    "Australia/Perth", "Australia/Adelaide", "Australia/Sydney", "Pacific/Auckland", "Pacific/Honolulu",
    "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York",
    "America/Sao_Paulo", "America/St_Johns",
]  # fmt: skip

# Every rule has something to do.
ALL_RULES = {
    "quiet_hours": "21:00-08:00",
    "notify_per_unit": "2",
    "wave_interval_minutes": "60",
    "digest_window_minutes": "60",
    "daily_cap": "3",
    "holdout_percent": "5",
    "priority": "tier",
    # Everything comes back at once here.
    "max_restock_share": "1",
}
# Of the categories c0 to c9, two go by settings of their own, and one product too.
OVERRIDES = {
    "category": {"c0": {"digest_window_minutes": 0}, "c1": {"quiet_hours": "22:00-07:00", "daily_cap": 2}},
    "product": {"main/p7": {"cooldown_hours": 48}},
}


def make_candidates(count: int, shoppers: int) -> pd.DataFrame:
    """As `restock.schedule.rules.build` takes them; every shopper asks for count / shoppers products."""
    random = np.random.default_rng(1)
    number = np.arange(count)
    user = number % shoppers
    product = (user * 7 + number // shoppers * 31) % PRODUCTS
    zone = np.array(ZONES)[user % len(ZONES)]
    asked = pd.Timestamp(CLOCK) - pd.to_timedelta(random.integers(3_600, 60 * 86_400, count), unit="s")
    text = pd.Series(user).astype("str")
    return pd.DataFrame(
        {
            "request_key": random.permutation(count) + 1,
            "request_id": "r" + pd.Series(random.permutation(count)).astype("str"),
            "user_id": "u" + text,
            "store_id": pd.Series(np.full(count, "main")).astype("str"),
            "product_id": "p" + pd.Series(product).astype("str"),
            "category": "c" + pd.Series(product % 10).astype("str"),
            "channel": pd.Series(np.full(count, "email")).astype("str"),
            "contact": "u" + text + "@example.com",
            "requested_at": pd.Series(asked).astype("datetime64[us, UTC]"),
            "timezone": pd.Series(zone).astype("str"),
            "locale": pd.Series(np.full(count, "en")).astype("str"),
            "tier": user % 3,
            "episode_id": product + 1,
            "opened_at": pd.Series(np.full(count, pd.Timestamp(CLOCK))).astype("datetime64[us, UTC]"),
            "quantity": product % 100 + 1,
            "notify_per_unit": 2.0,
            "last_position": 0,
            "suppressed": False,
            "purchased": False,
            "last_told_at": pd.Series(pd.DatetimeIndex(np.full(count, np.datetime64("NaT", "us")), tz="UTC")),
            "holdout_draw": random.integers(0, 10_000, count) / 100.0,
            "looks": pd.Series(np.full(count, None)).astype("str"),
        }
    )


def no_messages() -> pd.DataFrame:
    """No messages of earlier runs."""
    texts = ["user_id", "store_id", "channel", "contact", "product_id", "category"]
    instants = ["first_due_at", "due_at"]
    types = (
        dict.fromkeys(texts, "str")
        | dict.fromkeys(instants, "datetime64[us, UTC]")
        | {"notification_key": "int64", "local_day": "datetime64[us]", "joinable": "bool"}
    )
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def policy(*, overrides: bool) -> Settings:
    """All rules on, with overrides or without."""
    return Settings.model_validate(ALL_RULES | ({"overrides": OVERRIDES} if overrides else {}))
