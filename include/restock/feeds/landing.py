"""The landing area: which files lie there, and how they are shared out among tasks."""

import heapq
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Literal, NamedTuple, Protocol, Self

from restock.feeds.contract import FEEDS
from restock.feeds.lines import ByteStream

UNFINISHED_PREFIXES = (".", "_")
UNFINISHED_SUFFIXES = (".tmp", ".part")
# The rest waits for the next run: what one run hands from task to task stays small.
MAX_FILES_A_RUN = 5_000
MAX_BATCHES = 8
# A task costs about a second of its own: what loads in less than that is not worth another one.
MIN_BATCH_BYTES = 8_000_000
# What opening, recording and merging any file costs, in bytes that load in the same time.
FILE_OVERHEAD_BYTES = 200_000


class LandingMissingError(RuntimeError):
    """The landing area is not there; the message says where it was looked for and what to do."""


class FileStatus(Protocol):
    """What is needed of the status of a file."""

    @property
    def st_size(self) -> int: ...
    @property
    def st_mtime(self) -> float: ...


class LandingPath(Protocol):
    """What is needed of a path: ObjectStoragePath and pathlib.Path both have it."""

    @property
    def name(self) -> str: ...
    def __truediv__(self, name: str, /) -> Self: ...
    def exists(self) -> bool: ...
    def is_dir(self) -> bool: ...
    def iterdir(self) -> Iterable[Self]: ...
    def open(self, mode: Literal["rb"], /) -> AbstractContextManager[ByteStream]: ...
    def stat(self) -> FileStatus: ...


class LandingFile(NamedTuple):
    """One version of a file: `path` is below the landing area. A tuple of plain values, small between tasks."""

    feed: str
    path: str
    byte_size: int
    modified_seconds: float

    @property
    def modified_at(self) -> datetime:
        """When it was last written."""
        return datetime.fromtimestamp(self.modified_seconds, UTC)


class Listing(NamedTuple):
    """What lies in the landing area: files of feeds, and names of folders that no feed has."""

    files: list[LandingFile]
    unknown_folders: list[str]


def list_landing(landing: LandingPath) -> Listing:
    """List the files that lie ready. A feed without a folder has none.

    Raises:
        LandingMissingError: The landing area is not there.
    """
    if not landing.exists():
        raise LandingMissingError(
            f"The landing area {landing}, where RESTOCK_LANDING points, is not there: create it, or set "
            "RESTOCK_LANDING to the URL of the folder in which feed files arrive."
        )
    files: list[LandingFile] = []
    unknown_folders: list[str] = []
    for folder in landing.iterdir():
        if folder.name.startswith(UNFINISHED_PREFIXES) or not folder.is_dir():
            continue
        if folder.name not in FEEDS:
            unknown_folders.append(folder.name)
            continue
        files.extend(_list_feed(folder))
    return Listing(files, sorted(unknown_folders))


def _list_feed(folder: LandingPath) -> Iterable[LandingFile]:
    for path in folder.iterdir():
        if path.name.startswith(UNFINISHED_PREFIXES) or path.name.endswith(UNFINISHED_SUFFIXES) or path.is_dir():
            continue
        try:
            status = path.stat()
        except FileNotFoundError:
            # Taken away since the folder was listed.
            continue
        yield LandingFile(folder.name, f"{folder.name}/{path.name}", status.st_size, status.st_mtime)


def plan_batches(files: Sequence[LandingFile]) -> list[list[LandingFile]]:
    """Share files out into a handful of batches of about equal work, each in the order in which to load it.

    A small drop is one batch, so that its customers are loaded before its requests. Of more than `MAX_FILES_A_RUN`
    files the first are taken.
    """
    files = files[:MAX_FILES_A_RUN]
    order = {feed: position for position, feed in enumerate(FEEDS)}
    total = sum(file.byte_size + FILE_OVERHEAD_BYTES for file in files)
    count = min(MAX_BATCHES, len(files), 1 + total // MIN_BATCH_BYTES)
    batches: list[list[LandingFile]] = [[] for _ in range(count)]
    loads = [(0, position) for position in range(count)]
    for file in sorted(files, key=lambda file: file.byte_size, reverse=True):
        load, position = loads[0]
        batches[position].append(file)
        heapq.heapreplace(loads, (load + file.byte_size + FILE_OVERHEAD_BYTES, position))
    for batch in batches:
        batch.sort(key=lambda file: (order[file.feed], file.modified_seconds, file.path))
    return batches
