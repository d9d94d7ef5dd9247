"""From the bytes of a file to its lines: hashing, gunzip, UTF-8. Memory is bounded whatever the file holds."""

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from restock.feeds.contract import Reason

BLOCK_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 20
# Of a line that is too long, so much is kept as its raw text.
KEPT_OF_LONG_LINE = 10_000
# The control characters of UTF-8, save the line break: C0 and delete, C1, the line and paragraph separators.
_CONTROL_BYTES = bytes([*range(1, 10), *range(11, 32), 127])
_CONTROL_SEQUENCES = (re.compile(rb"\xc2[\x80-\x9f]"), re.compile(rb"\xe2\x80[\xa8\xa9]"))


class FileUnreadableError(Exception):
    """The file as a whole cannot be read; the message says why, in words, and what to do."""


class ByteStream(Protocol):
    """What an opened file must offer."""

    def read(self, size: int, /) -> bytes: ...


class Line(NamedTuple):
    """One line without its line break; `reason` is set where its bytes are not text (and `text` shows them escaped)."""

    number: int
    text: str
    reason: Reason | None


class HashingStream:
    """Passes bytes on and hashes them on the way, so that the hash is that of exactly what was loaded."""

    def __init__(self, source: ByteStream) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        block = self._source.read(size)
        self._hash.update(block)
        return block

    def hexdigest(self) -> str:
        """SHA-256 of the whole file: reads what nobody asked for yet."""
        while self.read():
            pass
        return self._hash.hexdigest()


class Block(NamedTuple):
    """Lines that follow each other from `first_number`; `reasons` by line number, as in `Line`.

    `is_printable` says that no line holds a control character.
    """

    first_number: int
    texts: list[str]
    reasons: dict[int, Reason]
    is_printable: bool = False


def read_lines(stream: ByteStream, *, compressed: bool) -> Iterator[Line]:
    """Lines of a UTF-8 file, one by one; else as `read_blocks`."""
    for first_number, texts, reasons, _ in read_blocks(stream, compressed=compressed):
        for number, text in enumerate(texts, first_number):
            yield Line(number, text, reasons.get(number) if reasons else None)


def read_blocks(stream: ByteStream, *, compressed: bool) -> Iterator[Block]:
    """Lines of a UTF-8 file, with or without a byte order mark, as many at once as a block of it holds.

    Raises:
        FileUnreadableError: The file is compressed and breaks off or is not gzip.
    """
    number = 1
    blocks = _unzipped_blocks(stream) if compressed else _blocks(stream)
    for data, is_fragment in _whole_lines(blocks):
        if number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901
        if is_fragment:
            text = data.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
            block = Block(number, [text], {number: Reason.LINE_TOO_LONG})
        else:
            block = _decoded(data, number)
        yield block
        number += len(block.texts)


def _blocks(stream: ByteStream) -> Iterator[bytes]:
    while block := stream.read(BLOCK_BYTES):
        yield block


def _unzipped_blocks(stream: ByteStream) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as unzipped:  # type: ignore[call-overload]
            yield from _blocks(unzipped)
    except EOFError:
        raise FileUnreadableError(
            "The file breaks off in the middle of its gzip data: deliver it again, whole."
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileUnreadableError(
            f"The file cannot be unzipped ({error}): deliver it again as gzip, or without .gz in its name."
        ) from None


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Runs of whole lines without the last line break; and, marked so, the beginnings of lines that are too long."""
    rest = b""
    skipping = False
    for block in blocks:
        end = block.find(b"\n")
        if skipping:
            if end < 0:
                continue
            skipping, block = False, block[end + 1 :]  # noqa: PLW2901
        elif len(rest) + (len(block) if end < 0 else end) > MAX_LINE_BYTES:
            # Only a line that began in an earlier block can be so long: a block is no longer than a line may be.
            yield (rest + block[:KEPT_OF_LONG_LINE])[:KEPT_OF_LONG_LINE], True
            rest = b""
            if end < 0:
                skipping = True
                continue
            block = block[end + 1 :]  # noqa: PLW2901
        lines, line_break, rest = (rest + block).rpartition(b"\n")
        if line_break:
            yield lines, False
    if rest:
        yield rest, False


def _is_printable(lines: bytes) -> bool:
    """Whether lines of UTF-8 are without control characters but their line breaks. A pass over a block costs next to
    nothing; a look at each row does not."""
    if b"\r" in lines:
        lines = lines.replace(b"\r\n", b"\n").removesuffix(b"\r")
    if len(lines.translate(None, _CONTROL_BYTES)) < len(lines):
        return False
    return lines.isascii() or not any(pattern.search(lines) for pattern in _CONTROL_SEQUENCES)


def _decoded(data: bytes, first_number: int) -> Block:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        texts = text.replace("\r\n", "\n").removesuffix("\r").split("\n")
        return Block(first_number, texts, {}, is_printable=_is_printable(data))
    texts = []
    reasons: dict[int, Reason] = {}
    for number, raw in enumerate(data.split(b"\n"), first_number):
        line = raw.removesuffix(b"\r").decode("utf-8", "backslashreplace")
        if "\0" in line:
            reasons[number] = Reason.NUL_CHARACTER
        try:
            raw.decode()
        except UnicodeDecodeError:
            reasons[number] = Reason.INVALID_UTF8
        texts.append(line.replace("\0", "\\x00"))
    return Block(first_number, texts, reasons)
