"""The replay: drops land whole, in order, on the wall clock, and the same every time."""

import csv
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from restock.demo import replay as replay_module
from restock.demo.replay import LEAD, Drop, Replay
from restock.demo.stretch import Stretch, derive_stretch

NOW = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
PAUSE = timedelta(seconds=45)


@pytest.fixture(scope="module")
def stretch() -> Stretch:
    return derive_stretch()


@pytest.fixture
def replay(stretch: Stretch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Replay:
    monkeypatch.setattr(replay_module, "derive_stretch", lambda shop_url: stretch)
    return _again(tmp_path)


def _again(folder: Path) -> Replay:
    """The replay of the same stack in a new process."""
    return Replay(folder / "landing", folder / "state", "https://shop.example")


def _land_all(replay: Replay, now: datetime = NOW) -> list[Drop]:
    return [replay.land(k, now + k * PAUSE) for k in range(replay.drops)]


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _rows(drop: Drop, feed: str) -> list[dict[str, object]]:
    """Rows of a feed in a drop, without the lines that are no rows at all."""
    rows: list[dict[str, object]] = []
    for path in drop.files:
        if path.parent.name != feed:
            continue
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        if ".jsonl" in path.name:
            rows += [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        else:
            rows += csv.DictReader(io.StringIO(text))
    return rows


def _is_broken(row: dict[str, object]) -> bool:
    quantity = row.get("quantity", row.get("available_quantity", 1))
    return row["product_id"] == "" or row.get("timezone") == "Mars/Olympus_Mons" or int(str(quantity)) < 0


def _times(rows: list[dict[str, object]], column: str) -> list[datetime]:
    return [datetime.fromisoformat(str(row[column])) for row in rows if not _is_broken(row)]


def test_landing_again_later_writes_the_same_bytes(replay: Replay, tmp_path: Path) -> None:
    first = _land_all(replay)
    before = _contents(tmp_path)
    again = _land_all(_again(tmp_path), NOW + timedelta(days=2))
    assert again == first
    assert _contents(tmp_path) == before
    # gzip writes the time of packing into its header unless told not to; within one second that does not show.
    packed = [content for name, content in before.items() if name.endswith(".gz")]
    assert [content[4:8] for content in packed] == [bytes(4)]


def test_drops_hold_what_they_say(replay: Replay) -> None:
    for drop in _land_all(replay):
        for feed in ("requests", "inventory"):
            rows = _rows(drop, feed)
            cut_lines = 1 if feed == "requests" else 0
            assert len(rows) + cut_lines == drop.rows[feed]
            assert sum(map(_is_broken, rows)) + cut_lines == drop.broken[feed]
        assert len(_rows(drop, "products")) == drop.rows.get("products", 0)
        assert len({path.name for path in drop.files if path.parent.name == "requests"}) == 2
        assert all(path.is_file() for path in drop.files)
    assert set(drop.broken) == {"requests", "inventory"}


def test_all_requests_of_the_stretch_land_once_and_in_their_order(replay: Replay, stretch: Stretch) -> None:
    rows = [row for drop in _land_all(replay) for row in _rows(drop, "requests") if not _is_broken(row)]
    landed = sorted((str(row["requested_at"]), str(row["request_id"])) for row in rows)
    order = stretch.requests.sort_values(["moment", "request_id"])["request_id"]
    assert [request_id for _, request_id in landed] == order.tolist()
    assert len({when for when, _ in landed}) == stretch.requests["moment"].nunique()


def test_moments_lie_between_the_landing_before_and_their_own(replay: Replay) -> None:
    since = NOW - LEAD
    for k, drop in enumerate(_land_all(replay)):
        now = NOW + k * PAUSE
        requested = _times(_rows(drop, "requests"), "requested_at")
        counted = _times(_rows(drop, "inventory"), "snapshot_at")
        assert since <= min(requested) <= max(requested) <= now
        assert since <= min(counted)
        assert max(counted) == now
        since = now


def test_each_drop_ends_with_the_stock_of_every_product_at_its_landing(replay: Replay, stretch: Stretch) -> None:
    for k, drop in enumerate(_land_all(replay)):
        rows = [row for row in _rows(drop, "inventory") if not _is_broken(row)]
        last = [row for row in rows if datetime.fromisoformat(str(row["snapshot_at"])) == NOW + k * PAUSE]
        if k > 0:
            # Nothing may turn out after the fact to have been sold out when a message left.
            assert last == rows
        counted = stretch.stock[stretch.stock["moment"] == stretch.edges[k + 1]]
        expected = dict(zip(counted["product_id"].astype(str), counted["quantity"], strict=True))
        assert {row["product_id"]: int(str(row["available_quantity"])) for row in last} == expected
        assert 0 in expected.values()


def test_the_drops_follow_on_in_the_year(replay: Replay) -> None:
    drops = _land_all(replay)
    assert [drop.k for drop in drops] == list(range(replay.drops))
    assert [drop.last for drop in drops[:-1]] == [drop.first for drop in drops[1:]]
    assert all(drop.first < drop.last for drop in drops)


def test_an_interrupted_replay_continues_with_the_next_drop(replay: Replay, tmp_path: Path) -> None:
    replay.land(0, NOW)
    later = _again(tmp_path)
    assert later.landed == (NOW,)
    drop = later.land(1, NOW + timedelta(days=1))
    assert min(_times(_rows(drop, "requests"), "requested_at")) >= NOW
    assert max(_times(_rows(drop, "inventory"), "snapshot_at")) == NOW + timedelta(days=1)


def test_a_crash_while_landing_leaves_whole_files_and_the_drop_comes_out_the_same(
    replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_replace, left = Path.replace, 4

    def crash_at_the_fourth(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return real_replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash_at_the_fourth)
        with pytest.raises(KeyboardInterrupt):
            replay.land(0, NOW)
    half = _contents(tmp_path / "landing")
    assert sum(name.endswith(".part") for name in half) == 1

    drop = _again(tmp_path).land(0, NOW + timedelta(hours=3))
    whole = _contents(tmp_path / "landing")
    assert len(whole) == len(drop.files)
    assert not any(name.endswith(".part") for name in whole)
    assert all(whole[name.removesuffix(".part")] == content for name, content in half.items())
    assert max(_times(_rows(drop, "inventory"), "snapshot_at")) == NOW


def test_a_time_of_another_zone_lands_the_same_instant(replay: Replay) -> None:
    drop = replay.land(0, NOW.astimezone(pd.Timestamp("2026-03-01", tz="Asia/Tokyo").tzinfo))
    assert max(_times(_rows(drop, "inventory"), "snapshot_at")) == NOW


@pytest.mark.parametrize(
    ("k", "now", "message"),
    [
        (-1, NOW, "There is no drop -1"),
        (8, NOW, "the drops are 0 to 7"),
        (2, NOW + PAUSE, "land drop 1 first"),
        (1, NOW + timedelta(milliseconds=900), "at least a second"),
        (1, NOW - timedelta(hours=1), "at least a second"),
        (1, datetime(2026, 3, 2), "no time zone"),  # noqa: DTZ001
    ],
)
def test_a_drop_that_cannot_land_is_refused_and_nothing_is_remembered(
    replay: Replay, k: int, now: datetime, message: str
) -> None:
    replay.land(0, NOW)
    with pytest.raises(ValueError, match=message):
        replay.land(k, now)
    assert replay.landed == (NOW,)


def test_a_damaged_memory_says_which_file_and_what_to_do(replay: Replay, tmp_path: Path) -> None:
    replay.land(0, NOW)
    (tmp_path / "state" / "replay.json").write_text("{")
    with pytest.raises(ValueError, match=r"replay\.json cannot be read .* delete it"):
        replay.land(1, NOW + PAUSE)
