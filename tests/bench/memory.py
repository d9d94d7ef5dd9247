"""What one load may hold in memory: `python -m tests.bench.memory [MB]` loads a file of that size in each format.

Each load has a process of its own; what is told is the most memory that it had (its resident set), the server's not
counted. Exit status 1 where that is more than the bound.
"""

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.common import scratch_warehouse

BOUND_MB = 300
FORMATS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "parquet", "long.jsonl")
BATCH = 1_000

LOAD = """
import sys
from pathlib import Path
from restock.feeds.landing import list_landing
from restock.feeds.load import load_files

landing = Path(sys.argv[2])
files = {file.path: file for file in list_landing(landing).files}
for path in sys.argv[3:]:
    load_files(sys.argv[1], landing, [files[path]], "memory")
    (peak,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(path, int(peak.split()[1]) // 1024, flush=True)
"""


def write_file(path: Path, megabytes: int) -> int:
    """Write a products file of about that size once unpacked, no two rows alike; how many rows it has.

    In a `.long.jsonl` each line is of the greatest length that is read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    padding = 900_000 if path.name.endswith(".long.jsonl") else 0
    rows = max(2, megabytes * 1_000_000 // (padding or 620))
    batches = (
        [_row(number, padding) for number in range(start, min(start + BATCH, rows))] for start in range(0, rows, BATCH)
    )
    if path.suffix == ".parquet":
        _write_parquet(path, batches)
    else:
        with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as file:
            is_csv = ".csv" in path.suffixes
            if is_csv:
                file.write(b"product_id,name,url,brand,note\n")
            for batch in batches:
                lines = (",".join(row.values()) if is_csv else json.dumps(row) for row in batch)
                file.write("".join(f"{line}\n" for line in lines).encode())
    return rows


def _row(number: int, padding: int) -> dict[str, str]:
    key = f"{number * 2654435761 % 2**32:08x}"
    return {
        "product_id": f"p{number}",
        "name": f"Lamp {key * 4}",
        "url": f"https://shop.example/{key * 40}",
        "brand": key * 5,
        "note": "x" * padding or key * 20,
    }


def _write_parquet(path: Path, batches: Iterator[list[dict[str, str]]]) -> None:
    """One row group, so that it is as large as the file."""
    tables = [pa.Table.from_pylist(batch) for batch in batches]
    table = pa.concat_tables(tables)
    pq.write_table(table, path, row_group_size=len(table), compression="snappy", use_dictionary=False)


def measure_peaks(url: str, landing: Path, paths: list[str]) -> dict[str, int]:
    """Load files one after the other in one new process: the most memory in MB that it had by the end of each."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, url, str(landing), *paths], check=True, capture_output=True, text=True
    )
    return {path: int(peak) for path, peak in (line.split() for line in done.stdout.splitlines())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megabytes", nargs="?", type=int, default=400, help="size of each file, unpacked (400)")
    megabytes = parser.parse_args().megabytes
    folder = Path(tempfile.mkdtemp(prefix="restock-memory-"))
    # As root the server runs as another user, who must be able to get there.
    folder.chmod(0o755)
    peaks = []
    print(f"{'format':12}{'MB on disk':>12}{'rows':>12}{'seconds':>10}{'peak MB':>10}")
    try:
        for suffix in FORMATS:
            path = folder / "landing" / "products" / f"big.{suffix}"
            rows = write_file(path, megabytes)
            with scratch_warehouse(folder / suffix) as url:
                started = time.perf_counter()
                (peak,) = measure_peaks(url, folder / "landing", [f"products/{path.name}"]).values()
            seconds = time.perf_counter() - started
            print(f"{suffix:12}{path.stat().st_size >> 20:>12}{rows:>12,}{seconds:>10.1f}{peak:>10}", flush=True)
            peaks.append(peak)
            path.unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"The bound is {BOUND_MB} MB.")
    return int(max(peaks) > BOUND_MB)


if __name__ == "__main__":
    sys.exit(main())
