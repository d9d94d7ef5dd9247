"""Object stores as landing areas: listed in one call a folder, read block by block, their errors in words."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, Self

from restock.feeds.lines import ByteStream

# What one call fetches. The 50 MiB that s3fs would take are most of what a load may hold in memory.
FETCH_BYTES = 4 << 20


class StoreUnreachableError(OSError):
    """The store does not answer, or refuses; the message says so and what to look at."""


class Entry(NamedTuple):
    """What lies in a folder; `seconds` is when it was last written."""

    name: str
    is_folder: bool
    byte_size: int
    seconds: float


class FileSystem(Protocol):
    """What is needed of a file system of fsspec."""

    def invalidate_cache(self) -> None: ...
    def exists(self, path: str, /) -> bool: ...
    def ls(self, path: str, /, *, detail: Literal[True]) -> Iterable[Mapping[str, Any]]: ...


class StorePath(Protocol):
    """What is needed of an ObjectStoragePath."""

    @property
    def fs(self) -> FileSystem: ...
    @property
    def path(self) -> str: ...
    def __truediv__(self, name: str, /) -> Self: ...
    def open(self, mode: Literal["rb"], /, *, block_size: int) -> AbstractContextManager[ByteStream]: ...


def list_store(folder: StorePath) -> list[Entry] | None:
    """What lies in a folder of the store, as it is now. A store has no empty folders: None says that the bucket is
    not there, or not for us.

    Raises:
        StoreUnreachableError: The store does not answer, or refuses.
    """
    path = folder.path.rstrip("/")
    with _in_words(folder):
        # What this process saw before may have changed.
        folder.fs.invalidate_cache()
        try:
            listed = folder.fs.ls(path, detail=True)
        except FileNotFoundError:
            return [] if folder.fs.exists(path.partition("/")[0]) else None
        # The folder itself may lie in it, as an object of 0 bytes.
        return [_entry(each) for each in listed if each["name"].rstrip("/") != path]


def _entry(listed: Mapping[str, Any]) -> Entry:
    name = listed["name"].rstrip("/").rpartition("/")[2]
    return Entry(name, listed["type"] == "directory", listed.get("size") or 0, _seconds(listed))


def _seconds(listed: Mapping[str, Any]) -> float:
    """When it was written. Where the store tells whole seconds, the fraction is made from its tag of the content:
    of two versions of a file within one second, of the same size, neither may pass for the other."""
    moment = next((listed[key] for key in ("LastModified", "last_modified", "mtime") if listed.get(key)), 0)
    seconds = moment.timestamp() if isinstance(moment, datetime) else float(moment)
    tag = listed.get("ETag") or listed.get("etag")
    if tag and seconds == int(seconds):
        seconds += zlib.crc32(tag.encode()) % 1_000_000 / 1_000_000
    return seconds


class StoreStream:
    """The bytes of a file in the store, its errors in words."""

    def __init__(self, source: ByteStream, path: StorePath) -> None:
        self._source = source
        self._path = path

    def read(self, size: int, /) -> bytes:
        with _in_words(self._path):
            return self._source.read(size)


@contextmanager
def open_store(path: StorePath) -> Iterator[ByteStream]:
    """Open a file of the store.

    Raises:
        OSError: It is not there.
        StoreUnreachableError: The store does not answer, or refuses; also while the file is read.
    """
    with _in_words(path):
        opened = path.open("rb", block_size=FETCH_BYTES)
    with opened as source:
        yield StoreStream(source, path)


@contextmanager
def _in_words(path: StorePath) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    # Each store has errors of its own: botocore's, for one, share nothing but Exception.
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise StoreUnreachableError(
            f"{path} cannot be read ({said}): look at the URL in RESTOCK_LANDING, at the Airflow connection that it "
            "names before the @, and whether the store answers."
        ) from error
