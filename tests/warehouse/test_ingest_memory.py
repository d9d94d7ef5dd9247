"""A load holds about the same in memory whatever the size of the file, in every format."""

from tests.bench.memory import BOUND_MB, FORMATS, measure_peaks, write_file
from tests.warehouse.landing import Landing

# Enough that everything that is held is as large as it gets; and several times that.
SMALL_MB, LARGE_MB = 8, 40


def test_memory_does_not_grow_with_the_file(landing: Landing):
    paths = {size: [f"products/{size}.{suffix}" for suffix in FORMATS] for size in (SMALL_MB, LARGE_MB)}
    rows = {path: write_file(landing.folder / path, size) for size in paths for path in paths[size]}
    peaks = measure_peaks(landing.url, landing.folder, paths[SMALL_MB] + paths[LARGE_MB])
    assert {path: landing.counts(path)["read"] for path in rows} == rows
    growth = max(peaks[path] for path in paths[LARGE_MB]) - max(peaks[path] for path in paths[SMALL_MB])
    assert growth < (LARGE_MB - SMALL_MB) / 2, peaks
    assert max(peaks.values()) < BOUND_MB, peaks
