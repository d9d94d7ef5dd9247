"""The landing area: which files count, and how they are shared out."""

from pathlib import Path

import pytest

from restock.feeds.landing import (
    MAX_BATCHES,
    MAX_FILES_A_RUN,
    LandingFile,
    LandingMissingError,
    list_landing,
    plan_batches,
)


def put(landing: Path, *paths: str) -> None:
    for path in paths:
        (landing / path).parent.mkdir(parents=True, exist_ok=True)
        (landing / path).write_text("x")


def file(name: str = "a.csv", feed: str = "requests", size: int = 100, at: float = 0.0) -> LandingFile:
    return LandingFile(feed, f"{feed}/{name}", size, at)


def test_files_of_every_feed_are_listed_with_size_and_time(tmp_path: Path):
    put(tmp_path, "requests/a.csv", "inventory/b.jsonl.gz", "suppressions/strange.xlsx")
    files = list_landing(tmp_path).files
    assert {(file.feed, file.path, file.byte_size) for file in files} == {
        ("requests", "requests/a.csv", 1),
        ("inventory", "inventory/b.jsonl.gz", 1),
        ("suppressions", "suppressions/strange.xlsx", 1),
    }
    assert all(file.modified_seconds == (tmp_path / file.path).stat().st_mtime for file in files)


def test_files_still_being_written_and_folders_are_left_alone(tmp_path: Path):
    put(
        tmp_path,
        "requests/.a.csv",
        "requests/_a.csv",
        "requests/a.csv.tmp",
        "requests/a.csv.part",
        "requests/old/a.csv",
    )
    put(tmp_path, ".requests/a.csv", "_done/a.csv", "readme.csv")
    assert list_landing(tmp_path) == ([], [])


def test_folders_of_no_feed_are_named(tmp_path: Path):
    put(tmp_path, "stocks/a.csv", "Requests/a.csv", "customers/a.csv")
    listing = list_landing(tmp_path)
    assert listing.unknown_folders == ["Requests", "stocks"]
    assert [file.path for file in listing.files] == ["customers/a.csv"]


def test_a_missing_landing_area_is_one_sentence_with_its_place_and_what_to_do(tmp_path: Path):
    with pytest.raises(LandingMissingError, match=f"The landing area {tmp_path}/nowhere, where RESTOCK_LANDING points"):
        list_landing(tmp_path / "nowhere")


def test_a_file_taken_away_while_listing_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put(tmp_path, "requests/a.csv", "requests/b.csv")
    stat = Path.stat

    def vanish(path: Path, **options: bool):
        if path.name == "a.csv" and not options:
            path.unlink(missing_ok=True)
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", vanish)
    monkeypatch.setattr(Path, "is_dir", lambda path: path.suffix == "")
    assert [file.path for file in list_landing(tmp_path).files] == ["requests/b.csv"]


def test_a_small_drop_is_one_batch_with_customers_before_requests_and_old_before_new():
    files = [
        file("b.csv", at=2),
        file("c.csv", "customers", at=9),
        file("a.csv", at=5),
        file("p.csv", "products", at=3),
    ]
    assert [[f.path for f in batch] for batch in plan_batches(files)] == [
        ["customers/c.csv", "products/p.csv", "requests/b.csv", "requests/a.csv"]
    ]


def test_nothing_new_is_no_batch():
    assert plan_batches([]) == []


def test_large_drops_become_a_handful_of_batches_of_about_equal_size():
    sizes = [50_000_000, 30_000_000, *[1_000_000] * 200, *[5_000] * 1000]
    files = [file(f"{number}.csv", size=size) for number, size in enumerate(sizes)]
    batches = plan_batches(files)
    assert len(batches) == MAX_BATCHES
    assert sorted(f for batch in batches for f in batch) == sorted(files)
    loads = [sum(f.byte_size + 200_000 for f in batch) for batch in batches]
    assert max(loads) < 1.1 * min(loads)


def test_large_files_of_two_feeds_take_turns_so_that_neither_waits_for_its_own():
    sizes = {"customers": 20_000_000, "requests": 30_000_000}
    files = [file(f"{number}.csv", feed, size) for feed, size in sizes.items() for number in range(4)]
    assert [batch[0].feed for batch in plan_batches(files)] == ["requests", "customers"] * 4


def test_one_huge_file_is_one_batch():
    assert len(plan_batches([file(size=5_000_000_000)])) == 1


def test_more_files_than_a_run_takes_leave_the_last_for_the_next():
    files = [file(f"{number}.csv") for number in range(MAX_FILES_A_RUN + 10)]
    assert sum(map(len, plan_batches(files))) == MAX_FILES_A_RUN
    assert files[-1] not in plan_batches(files)[0]
