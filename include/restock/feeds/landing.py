"""The landing area: which files lie there, and how they are shared out among tasks."""

import heapq
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, Self, cast

from restock.feeds.contract import FEEDS
from restock.feeds.lines import ByteStream, FileUnreadableError
from restock.feeds.store import Entry, StorePath, list_store, open_store

UNFINISHED_PREFIXES = (".", "_")
UNFINISHED_SUFFIXES = (".tmp", ".part")
LOCAL_PROTOCOLS = ("", "file", "local")
# How a byte that is not UTF-8 shows in a listed name.
UNREADABLE_NAME = "\\udc"
# The rest waits for the next run: what one run hands from task to task stays small.
MAX_FILES_A_RUN = 5_000
MAX_BATCHES = 8
# A task costs about a second of its own: what loads in less than that is not worth another one.
MIN_BATCH_BYTES = 8_000_000
# What opening, recording and merging any file costs, in bytes that load in the same time.
FILE_OVERHEAD_BYTES = 200_000


class LandingMissingError(RuntimeError):
    """The landing area is not there; the message says where it was looked for and what to do."""


class LandingPath(Protocol):
    """What is needed of the landing area: ObjectStoragePath and pathlib.Path both have it."""

    def __truediv__(self, name: str, /) -> Self: ...
    def open(self, mode: Literal["rb"], /) -> AbstractContextManager[ByteStream]: ...


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
        StoreUnreachableError: It is an object store, which does not answer or refuses.
    """
    files: list[LandingFile] = []
    unknown_folders: list[str] = []
    for feed in _entries(landing):
        if feed.name.startswith(UNFINISHED_PREFIXES) or not feed.is_folder:
            continue
        if feed.name not in FEEDS:
            unknown_folders.append(feed.name)
            continue
        files.extend(
            LandingFile(feed.name, f"{feed.name}/{entry.name}", entry.byte_size, entry.seconds)
            for entry in _entries(landing, feed.name)
            if not entry.is_folder and _is_finished(entry.name)
        )
    return Listing(files, sorted(unknown_folders))


@contextmanager
def open_file(landing: LandingPath, file: LandingFile) -> Iterator[ByteStream]:
    """The bytes of a file.

    Raises:
        FileUnreadableError: Its name cannot be recorded.
        OSError: It cannot be opened; in an object store also: it cannot be read on.
    """
    if UNREADABLE_NAME in file.path:
        raise FileUnreadableError("The name of the file is not UTF-8: rename it.")
    store = _as_store(landing)
    opened = (landing / file.path).open("rb") if store is None else open_store(store / file.path)
    with opened as source:
        yield source


def _as_store(landing: LandingPath) -> StorePath | None:
    """The landing area as an object store; None where it is a folder of this machine."""
    is_local = getattr(landing, "protocol", "file") in LOCAL_PROTOCOLS
    return None if is_local else cast(StorePath, landing)


def _entries(landing: LandingPath, feed: str = "") -> Iterable[Entry]:
    store = _as_store(landing)
    entries: Iterable[Entry] | None
    if store is not None:
        entries = list_store(store / feed if feed else store)
    else:
        folder = Path(getattr(landing, "path", str(landing))) / feed
        entries = _list_folder(folder) if folder.exists() else None
    if entries is None:
        raise LandingMissingError(
            f"The landing area {landing}, where RESTOCK_LANDING points, is not there: create it, or set "
            "RESTOCK_LANDING to the URL of the folder in which feed files arrive."
        )
    return entries


def _list_folder(folder: Path) -> Iterator[Entry]:
    for path in folder.iterdir():
        try:
            status = path.stat()
        except FileNotFoundError:
            # Taken away since the folder was listed.
            continue
        name = path.name.encode("utf-8", "backslashreplace").decode()
        yield Entry(name, stat.S_ISDIR(status.st_mode), status.st_size, status.st_mtime)


def _is_finished(name: str) -> bool:
    return not name.startswith(UNFINISHED_PREFIXES) and not name.endswith(UNFINISHED_SUFFIXES)


def plan_batches(files: Sequence[LandingFile]) -> list[list[LandingFile]]:
    """Share files out into a handful of batches of about equal work, each in the order in which to load it.

    A small drop is one batch, so that its customers are loaded before its requests. Of more than `MAX_FILES_A_RUN`
    files the first are taken.
    """
    files = files[:MAX_FILES_A_RUN]
    order = {feed: position for position, feed in enumerate(FEEDS)}
    total = sum(file.byte_size + FILE_OVERHEAD_BYTES for file in files)
    wanted = min(MAX_BATCHES, 1 + total // MIN_BATCH_BYTES)
    # 1, 2, 4 or 8: of three batches two workers would take two, and one of them the third alone.
    count = min(len(files), 1 << (wanted - 1).bit_length())
    batches: list[list[LandingFile]] = [[] for _ in range(count)]
    loads = [(0, position) for position in range(count)]
    for file in sorted(files, key=lambda file: file.byte_size, reverse=True):
        load, position = loads[0]
        batches[position].append(file)
        heapq.heapreplace(loads, (load + file.byte_size + FILE_OVERHEAD_BYTES, position))
    # Tasks begin in this order. Two files of a feed merge one after the other, so that files of different feeds are to
    # lie side by side; those of the last feeds take longest, and come first.
    largest = [batch[0].feed for batch in batches]
    turns = [(largest[:place].count(feed), -order[feed], place) for place, feed in enumerate(largest)]
    for batch in batches:
        batch.sort(key=lambda file: (order[file.feed], file.modified_seconds, file.path))
    return [batches[place] for _, _, place in sorted(turns)]
