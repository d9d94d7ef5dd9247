"""Feed files as they come at 3 a.m.: every format, any dressing, and rows spoiled in known ways."""

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.warehouse.feed_model import REQUIRED, Values

FORMATS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "parquet")
PIECES = [*'"",,;\\\t \n\r\'{}[]:|%$.-0aÄß😀', "\x1b", "\x85", "\u2028", "\\N", "\\."]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
LONG = st.sampled_from(["x" * 201, "é" * 501, "9" * 41])

WHOLE_NUMBERS = [
    "0",
    "1",
    "+7",
    "12",
    "2147483647",
    "-1",
    "-0",
    "2147483648",
    "9" * 30,
    "1.0",
    "1e3",
    "0x1",
    "1_0",
    "\u0661",
]
MONEY = ["0", "12.50", "1.005", "999999999999", "-0.01", "1000000000000", "12,5", "$1", ".5", "1.", "NaN", "1e2"]
BOOLEANS = ["true", "FALSE", "t", "F", "1", "0", "yes", "on", "2", "truth"]
TIMES = [
    "2026-06-01T10:00:00Z",
    "2026-06-01t12:00:00.5+02:00",
    "2026-06-01 12:01+0200",
    "2026-06-01T10:02:00.000000-00:00",
    "2026-06-01T12:59:59Z",
    "2000-01-01T00:00:00Z",
    "2026-06-01T10:00:00",
    "2026-06-01 10:00",
    "2026-06-01",
    "2026-06-01T13:00:01Z",
    "1999-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "2026-02-30T10:00:00Z",
    "2026-06-01T25:00:00Z",
    "2026-06-01T10:00:00+25:00",
    "01.06.2026 10:00",
    "1780000000",
    "yesterday",
    "infinity",
]
ADDRESSES = [
    "ada@example.com",
    "ADA@Example.com",
    "bob.b+x@mail.example.org",
    "+41 44 668-18.00",
    "https://example.com/hook?a=b",
    "ada",
    "ada@localhost",
    "a@b@example.com",
    "Ada <ada@example.com>",
    "ftp://example.com",
    "https://",
    "call me",
]
CHANNELS = ["email", "sms", "webhook", "pager", "E-Mail", "e mail", "1st"]
VALUES = {
    "quantity": WHOLE_NUMBERS,
    "available_quantity": WHOLE_NUMBERS,
    "tier": WHOLE_NUMBERS,
    "price": MONEY,
    "amount": MONEY,
    "orderable": BOOLEANS,
    "consent": BOOLEANS,
    "requested_at": TIMES,
    "snapshot_at": TIMES,
    "ordered_at": TIMES,
    "suppressed_at": TIMES,
    "contact": ADDRESSES,
    "email": ADDRESSES,
    "phone": ADDRESSES,
    "webhook_url": ADDRESSES,
    "url": ADDRESSES,
    "image_url": ADDRESSES,
    "channel": CHANNELS,
    "preferred_channel": CHANNELS,
    "timezone": ["Europe/Berlin", "UTC", "Asia/Kathmandu", "Europe/Atlantis", "UTC+2", "europe/berlin", "CET-1"],
    "locale": ["de", "de-CH", "zh_Hant_TW", "german", "d", "de CH", "de-"],
    "currency": ["EUR", "CHF", "eur", "EURO", "€"],
    "reason": ["unsubscribe", "bounce", "complaint", "dislike", "Bounce"],
    "action": ["subscribe", "cancel", "cancel", "buy"],
    "surface": ["app", "web", "mobile_web", "cart", "shop"],
}
OPTIONAL = {
    "suppressions": ("suppressed_at",),
    "customers": ("email", "phone", "webhook_url", "locale", "timezone", "preferred_channel", "tier", "consent"),
    "products": ("store_id", "url", "image_url", "price", "currency", "category", "brand", "parent_id"),
    "orders": ("store_id", "quantity", "amount"),
    "inventory": ("store_id", "location_id", "orderable"),
    "requests": ("action", "store_id", "channel", "contact", "surface", "locale", "timezone", "quantity"),
}
# Good in any row: the address suits every channel that stands here.
GOOD = {
    "quantity": ["1", "12", "+7", "2147483647"],
    "available_quantity": ["0", "1", "12", "2147483647"],
    "tier": ["0", "-1", "3"],
    "price": ["0", "12.50", "1.005", "999999999999"],
    "amount": ["0", "12.5", "-0"],
    "orderable": ["true", "FALSE", "t", "0"],
    "consent": ["true", "FALSE", "1", "f"],
    "contact": ["ada@example.com", "ADA@Example.com", "bob.b+x@mail.example.org"],
    "email": ["ada@example.com", "bob.b+x@mail.example.org"],
    "phone": ["+41 44 668-18.00", "0446681800"],
    "webhook_url": ["https://example.com/hook?a=b", "HTTP://x"],
    "url": ["https://example.com/lamp"],
    "image_url": ["https://example.com/lamp.png"],
    "channel": ["email", "email", "pager"],
    "preferred_channel": ["email", "sms", "pager"],
    "timezone": ["Europe/Berlin", "UTC", "Asia/Kathmandu"],
    "locale": ["de", "de-CH", "zh_Hant_TW"],
    "currency": ["EUR", "CHF"],
    "reason": ["unsubscribe", "bounce", "complaint"],
    "action": ["subscribe", "subscribe", "cancel"],
    "surface": ["app", "web", "mobile_web", "cart"],
    "user_id": ["ada", "bob"],
    "product_id": ["lamp", "mug"],
    "store_id": ["main", "main", "berlin"],
    "location_id": ["main", "cellar"],
    "request_id": ["r1", "r2", "r3", "r4", "r5", "r6"],
    "order_id": ["o1", "o2"],
    "name": ["Lamp", "Mug", 'Lämp, 24"'],
    "category": ["light"],
    "brand": ["L\\N", "M"],
    "parent_id": ["p"],
} | dict.fromkeys(("requested_at", "snapshot_at", "ordered_at", "suppressed_at"), TIMES[:5])

# How a row can be spoiled beyond reading, by format, and the reason it must be rejected for.
SPOILS = {
    "csv": {
        "too few": "wrong_field_count",
        "too many": "wrong_field_count",
        "open quote": "broken_quoting",
        "text after a quote": "broken_quoting",
        "not utf-8": "invalid_utf8",
        "nul": "nul_character",
    },
    "jsonl": {
        "cut": "broken_json",
        "list": "broken_json",
        "not a number": "broken_json",
        "two objects": "broken_json",
        "nested": "nested_value",
        "not utf-8": "invalid_utf8",
        "half a character": "invalid_utf8",
        "nul": "nul_character",
        "escaped nul": "nul_character",
    },
    "parquet": {"not utf-8": "invalid_utf8", "nul": "nul_character"},
}


@dataclass(frozen=True)
class Dirty:
    """A file, and what it says once it is read.

    Attributes:
        rows: Values by line number, of the rows that can be read.
        spoiled: Reason by line number, of those that cannot.
        named: Columns that the file names.
        raw: Text by line number, where it is known.
    """

    feed: str
    suffix: str
    content: bytes
    rows: dict[int, Values]
    spoiled: dict[int, str]
    named: set[str]
    raw: dict[int, str]


@cache
def _good(feed: str, name: str) -> st.SearchStrategy[str]:
    known = GOOD[name] if name != "note" else [""]
    known = known if name in REQUIRED[feed] else [*known, ""]
    values = st.sampled_from(known)
    return st.one_of(values, HOSTILE) if name == "note" else values


@cache
def _any(name: str) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(VALUES.get(name, [""])), st.just(""), LONG, HOSTILE)


@st.composite
def _rows(draw: st.DrawFn, feed: str, columns: list[str], spoils: list[str]) -> tuple[Values, str | None]:
    """A row: mostly a good one, for of rows that are all bad nothing is learnt about merging."""
    values = {name: draw(_good(feed, name)) for name in columns}
    fate = draw(st.integers(0, 9))
    if fate >= 7:
        name = draw(st.sampled_from(columns))
        values[name] = draw(_any(name))
    elif fate == 6:
        name = draw(st.sampled_from(columns))
        values[name] = draw(st.sampled_from([" ", "\t "])) + values[name] + " "
    return values, draw(st.sampled_from(spoils)) if fate == 5 else None


@st.composite
def dirty_files(draw: st.DrawFn, feeds: tuple[str, ...] = tuple(REQUIRED)) -> Dirty:
    """Any file of any feed."""
    feed = draw(st.sampled_from(feeds))
    suffix = draw(st.sampled_from(FORMATS))
    kind = suffix.removesuffix(".gz")
    columns = [*REQUIRED[feed], *(name for name in OPTIONAL[feed] if draw(st.booleans())), "note"]
    columns = draw(st.permutations(columns))
    fewest = 1 if kind == "jsonl" else 0
    rows = draw(st.lists(_rows(feed, columns, sorted(SPOILS[kind])), min_size=fewest, max_size=10))
    if any(spoil == "open quote" for _, spoil in rows):
        # A quote further on would end the one that was left open, and nobody could say which of them is wrong.
        rows = [({name: _tame(value) for name, value in values.items()}, spoil) for values, spoil in rows]
    write = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[kind]
    dirty = write(draw, feed, columns, rows)
    content = gzip.compress(dirty.content, 1, mtime=0) if suffix.endswith(".gz") else dirty.content
    return Dirty(feed, suffix, content, dirty.rows, dirty.spoiled, dirty.named, dirty.raw)


def _tame(value: str) -> str:
    return value.translate({ord(each): "." for each in '",\r\n'})


def _stripped(values: Values) -> Values:
    return {name: value.strip(" \t") for name, value in values.items() if name != "note"}


def _lines(
    draw: st.DrawFn, feed: str, records: Iterator[tuple[bytes, Values | None, str | None]], first_line: bytes
) -> Dirty:
    """A file of lines: each record is its bytes, its values, and the reason if it is spoiled."""
    line_break = draw(st.sampled_from([b"\n", b"\r\n"]))
    content = bytearray(draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + first_line)
    if first_line:
        content += line_break
    rows, spoiled, raw = {}, {}, {}
    for data, values, reason in records:
        if draw(st.integers(0, 9)) == 0:
            content += draw(st.sampled_from([b"", b"  "])) + line_break
        number = content.count(b"\n") + 1
        content += data + line_break
        if reason:
            spoiled[number] = reason
        else:
            rows[number] = values
            raw[number] = data.decode().replace("\r\n", "\n")
    if rows and draw(st.booleans()):
        del content[-len(line_break) :]
    return Dirty(feed, "", bytes(content), rows, spoiled, set(), raw)


def _csv(draw: st.DrawFn, feed: str, columns: list[str], rows: list[tuple[Values, str | None]]) -> Dirty:
    quote_all = draw(st.booleans())

    def field(value: str) -> str:
        quoted = '"' + value.replace('"', '""') + '"'
        return quoted if quote_all or set(value) & set('",\r\n') else value

    def record(values: Values, spoil: str | None) -> tuple[bytes, Values | None, str | None]:
        if spoil:
            values = {name: _tame(value) for name, value in values.items()}
        fields = [field(values[name]) for name in columns]
        if spoil == "too few":
            fields = ["x", *fields[2:]]
        elif spoil == "too many":
            fields.append("x")
        elif spoil == "open quote":
            fields = ['"x', *(values[name] for name in columns[1:])]
        elif spoil == "text after a quote":
            fields[0] = '"x"y'
        elif spoil in ("not utf-8", "nul"):
            fields[0] = "\udcffx" if spoil == "not utf-8" else "\0x"
        data = ",".join(fields).encode("utf-8", "surrogateescape")
        return data, _stripped(values), SPOILS["csv"].get(spoil)

    header = ",".join(field(name) for name in columns).encode()
    dirty = _lines(draw, feed, (record(*row) for row in rows), header)
    return Dirty(feed, "", dirty.content, dirty.rows, dirty.spoiled, set(columns), dirty.raw)


def _jsonl(draw: st.DrawFn, feed: str, columns: list[str], rows: list[tuple[Values, str | None]]) -> Dirty:
    ascii_only, typed, named = draw(st.booleans()), draw(st.booleans()), set()

    def plain(value: str) -> object:
        if typed and value in ("true", "false"):
            return value == "true"
        if typed and value in ("0", "1", "12", "2147483647", "-1", "2147483648"):
            return int(value)
        return value or None

    def record(values: Values, spoil: str | None) -> tuple[bytes, Values | None, str | None]:
        said: dict[str, object] = {name: plain(value) for name, value in values.items()}
        name = next(name for name in columns if name != "note")
        if spoil == "nested":
            said[name] = draw(st.sampled_from([[], {}, ["x"], {"a": 1}]))
        elif spoil in ("escaped nul", "half a character", "not a number", "not utf-8", "nul"):
            said[name] = "spoiled"
        text = json.dumps(said, ensure_ascii=ascii_only)
        instead = {"escaped nul": "x\\u0000", "half a character": "\\ud800", "not utf-8": "\udcff", "nul": "\0"}
        text = text.replace("spoiled", instead.get(spoil, "spoiled")).replace(
            '"spoiled"', "NaN" if spoil == "not a number" else '"spoiled"'
        )
        if spoil == "cut":
            text = text[:-1]
        elif spoil == "list":
            text = f"[{text}]"
        elif spoil == "two objects":
            text += text
        reason = SPOILS["jsonl"].get(spoil)
        if reason != "broken_json" and spoil not in ("not utf-8", "nul"):
            named.update(columns)
        return text.encode("utf-8", "surrogateescape"), _stripped(values), reason

    dirty = _lines(draw, feed, (record(*row) for row in rows), b"")
    return Dirty(feed, "", dirty.content, dirty.rows, dirty.spoiled, named, dirty.raw)


def _parquet(draw: st.DrawFn, feed: str, columns: list[str], rows: list[tuple[Values, str | None]]) -> Dirty:
    spoilt = {"not utf-8": b"\xff", "nul": b"\0"}
    name = next(name for name in columns if name != "note")
    cells = {
        column: [
            spoilt[spoil] if spoil and column == name else values[column].encode() or None for values, spoil in rows
        ]
        for column in columns
    }
    arrays = [pa.array(cells[column], pa.binary()).view(pa.string()) for column in columns]
    if draw(st.booleans()):
        arrays = [array.cast(pa.binary()) for array in arrays]
    file = io.BytesIO()
    pq.write_table(pa.table(arrays, columns), file, row_group_size=draw(st.integers(1, 5)))
    rows_read = {number: _stripped(values) for number, (values, spoil) in enumerate(rows, 1) if not spoil}
    spoiled = {number: SPOILS["parquet"][spoil] for number, (_, spoil) in enumerate(rows, 1) if spoil}
    return Dirty(feed, "", file.getvalue(), rows_read, spoiled, set(columns), {})
