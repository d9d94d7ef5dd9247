"""Lands the stretch in the landing area, drop by drop, compressed in time.

The moments of a drop are mapped evenly into the time between the landing before it and its own (drop 0: into the hour
before it lands). So who asked first stays first, and each drop ends with a snapshot of all shelves that is true at
the moment it lands.

The times of landing are remembered in a file under the state folder, before anything is landed. From them the same
drop comes out again byte for byte: landing it a second time, after a crash or in a second demo, brings nothing new.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from restock.demo.clock import Clock
from restock.demo.drop_files import build_files
from restock.demo.stretch import DROPS, Stretch, derive_stretch

LEAD = timedelta(hours=1)
# A drop squeezed into less would put moments that differ on the same microsecond.
MIN_INTERVAL = timedelta(seconds=1)


@dataclass(frozen=True)
class Drop:
    """One drop as it lies in the landing area.

    Attributes:
        k: Number, from 0.
        files: The files, in the order written.
        rows: Rows by feed, those that must be rejected among them.
        broken: Rows by feed that break a rule of the feed and must be rejected.
        first: Start of the part of the source's year that the drop stands for (UTC).
        last: End of that part.
    """

    k: int
    files: tuple[Path, ...]
    rows: dict[str, int]
    broken: dict[str, int]
    first: datetime
    last: datetime


class Replay:
    """The replay of one stack: one landing area, one state folder.

    Attributes:
        drops: Number of drops.
    """

    drops: int = DROPS

    def __init__(self, landing: Path, state: Path, shop_url: str) -> None:
        """Set up the replay; nothing is read or written yet.

        Args:
            landing: Folder of the landing area.
            state: Folder that keeps replay.json; made if missing.
            shop_url: Where the pages of the products are.
        """
        self._landing = landing
        self._memory = state / "replay.json"
        self._shop_url = shop_url

    @cached_property
    def stretch(self) -> Stretch:
        """What is landed; derived at first use, which takes some seconds."""
        return derive_stretch(self._shop_url)

    @property
    def landed(self) -> tuple[datetime, ...]:
        """When each drop so far landed first (UTC).

        Raises:
            ValueError: The file that remembers it is damaged.
        """
        if not self._memory.exists():
            return ()
        try:
            return tuple(datetime.fromisoformat(text) for text in json.loads(self._memory.read_text())["landed"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{self._memory} cannot be read ({error}): delete it to start the replay from the beginning."
            ) from error

    def land(self, k: int, now: datetime) -> Drop:
        """Land drop k as of `now`, or again as it was, whatever `now` is, if it landed before.

        Raises:
            ValueError: There is no such drop, it is not its turn, or `now` has no zone or is less than a second after
                the drop before.
        """
        landed = self.landed
        if not 0 <= k < self.drops:
            raise ValueError(f"There is no drop {k}: the drops are 0 to {self.drops - 1}.")
        if k > len(landed):
            raise ValueError(f"Drop {k} cannot land yet: land drop {len(landed)} first.")
        if k == len(landed):
            landed = self._remember(landed, now)
        since = landed[k - 1] if k else landed[0] - LEAD
        return self._write(k, since, landed[k])

    def _remember(self, landed: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
        if now.tzinfo is None:
            raise ValueError(f"The time of landing {now} has no time zone: pass it with one.")
        now = now.astimezone(UTC)
        if landed and now - landed[-1] < MIN_INTERVAL:
            raise ValueError(
                f"Drop {len(landed)} cannot land at {now}: the drop before landed at {landed[-1]}, and there must be "
                "at least a second between them."
            )
        landed = (*landed, now)
        text = json.dumps({"landed": [moment.isoformat() for moment in landed]}, indent=2)
        _write_atomically(self._memory, text.encode())
        return landed

    def _write(self, k: int, since: datetime, until: datetime) -> Drop:
        first, last = self.stretch.edges[k], self.stretch.edges[k + 1]
        paths: list[Path] = []
        rows: Counter[str] = Counter()
        broken: Counter[str] = Counter()
        for file in build_files(self.stretch, k, Clock(first, last, since, until)):
            paths.append(self._landing / file.feed / file.name)
            _write_atomically(paths[-1], file.content)
            rows[file.feed] += file.rows
            broken[file.feed] += file.broken
        return Drop(k, tuple(paths), dict(rows), dict(+broken), first.to_pydatetime(), last.to_pydatetime())


def _write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see all of it or none: names that end in .part are left alone until renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
