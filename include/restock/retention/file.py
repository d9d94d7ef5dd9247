"""One file of the archive: written as the rows come, then read back."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

# Rows in memory at a time, some tens of megabytes; also those of a row group, which a reader can skip.
BLOCK_ROWS = 100_000
_BYTES_AT_ONCE = 1 << 20


class ArchivePath(Protocol):
    """What is needed of a folder and its files: ObjectStoragePath and pathlib.Path both have it."""

    def __truediv__(self, name: str, /) -> Self: ...
    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None: ...
    def open(self, mode: Literal["rb", "wb"], /) -> AbstractContextManager[Any]: ...
    def rename(self, target: Self, /) -> object: ...
    def unlink(self, *, missing_ok: bool = False) -> None: ...


class FileBrokenError(RuntimeError):
    """A file of the archive does not hold what was written; nothing was removed."""


class Written(NamedTuple):
    """What a file holds, as read back: rows, and the SHA-256 of its bytes."""

    row_count: int
    file_hash: str


def write_file(path: ArchivePath, rows: Iterable[bytes], columns: dict[str, pa.DataType]) -> tuple[int, str]:
    """Write rows as Parquet.

    Args:
        path: The file.
        rows: Lines of CSV without a header, each whole, as COPY sends them.
        columns: Type of each column.

    Returns:
        How many rows, and a digest of their values.
    """
    schema = pa.schema(list(columns.items()))
    digest = hashlib.sha256()
    count = 0
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for block in _blocks(rows):
            table = csv.read_csv(
                pa.BufferReader(block),
                read_options=csv.ReadOptions(column_names=list(columns)),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    column_types=columns,
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            writer.write_table(table)
            digest.update(_as_text(table))
            count += table.num_rows
    return count, digest.hexdigest()


def read_back(path: ArchivePath, count: int, digest: str) -> Written:
    """Read a file from end to end and compare it with what was to be written.

    Raises:
        FileBrokenError: It holds something else.
    """
    found, values = 0, hashlib.sha256()
    with path.open("rb") as file:
        parquet = pq.ParquetFile(file)
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group)
            found += table.num_rows
            values.update(_as_text(table))
    if (found, values.hexdigest()) != (count, digest):
        raise FileBrokenError(
            f"The archive file {path} holds {found} rows with other values than the {count} that were written: check "
            "the disk or object store of the landing area. Nothing was removed; the next run writes it anew."
        )
    return Written(found, hash_file(path))


def sync(path: ArchivePath) -> None:
    """Have a file or folder on the disk for good, as the server has its commits. Object stores see to it themselves."""
    if getattr(path, "protocol", "") in ("", "file"):
        handle = os.open(str(getattr(path, "path", path)), os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def hash_file(path: ArchivePath) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_BYTES_AT_ONCE):
            digest.update(part)
    return digest.hexdigest()


def _blocks(rows: Iterable[bytes]) -> Iterator[bytes]:
    lines: list[bytes] = []
    for row in rows:
        lines.append(row)
        if len(lines) == BLOCK_ROWS:
            yield b"".join(lines)
            lines = []
    if lines:
        yield b"".join(lines)


def _as_text(table: pa.Table) -> pa.Buffer:
    buffer = pa.BufferOutputStream()
    csv.write_csv(table, buffer, csv.WriteOptions(include_header=False))
    return buffer.getvalue()
