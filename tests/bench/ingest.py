"""Ingestion beside COPY."""

from pathlib import Path

from restock.feeds.landing import list_landing
from restock.feeds.load import load_files
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.shop_feeds import write_feeds


def measure(folder: Path, shoppers: int) -> list[Measurement]:
    """Load requests, beside a bare COPY of the same file."""
    landing = folder / "landing"
    write_feeds(landing, shoppers)
    with scratch_warehouse(folder) as url:
        return [_load_requests(url, landing, shoppers)]


def _load_requests(url: str, landing: Path, shoppers: int) -> Measurement:
    def copy() -> None:
        with connect(url) as connection:
            connection.execute("create unlogged table bare (a text, b text, c text, d text, e text)")
            with (
                (landing / "requests" / "all.csv").open("rb") as source,
                connection.cursor().copy("copy bare from stdin with (format csv, header)") as target,
            ):
                while block := source.read(1 << 18):
                    target.write(block)
            connection.execute("drop table bare")

    limit = timed(copy)
    files = {file.feed: file for file in list_landing(landing).files}
    load_files(url, landing, [files["customers"], files["inventory"]], "bench")
    seconds = timed(lambda: load_files(url, landing, [files["requests"]], "bench"))
    return Measurement("ingest requests", shoppers, seconds, "COPY into an unlogged table", limit)
