"""Feeds that the benchmarks of planning and sending start from."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from restock.feeds.landing import list_landing
from restock.feeds.load import load_files

PRODUCTS = 2_000
ZONES = ["UTC", "Europe/Berlin", "Asia/Seoul", "America/New_York"]


def write_feeds(landing: Path, shoppers: int) -> None:
    """Feeds in which each shopper asked for one product an hour ago, and all products are there."""
    now = datetime.now(UTC)
    asked = (now - timedelta(hours=1)).isoformat()
    tables = {
        "customers": (
            ["user_id", "email", "timezone"],
            ([f"u{n}", f"u{n}@example.com", ZONES[n % len(ZONES)]] for n in range(shoppers)),
        ),
        "requests": (
            ["request_id", "user_id", "product_id", "requested_at", "surface"],
            ([f"r{n}", f"u{n}", f"p{n % PRODUCTS}", asked, "web"] for n in range(shoppers)),
        ),
        "inventory": (
            ["product_id", "available_quantity", "snapshot_at"],
            ([f"p{n}", 5, now.isoformat()] for n in range(PRODUCTS)),
        ),
    }
    for feed, (header, rows) in tables.items():
        (landing / feed).mkdir(parents=True)
        with (landing / feed / "all.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)


def load_feeds(url: str, landing: Path, shoppers: int) -> None:
    """Write the feeds and load them into a warehouse."""
    write_feeds(landing, shoppers)
    load_files(url, landing, list_landing(landing).files, "bench")
