"""The checks of a feed, set-based, and the view on what passed them: SQL made from the contract."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import available_timezones

import psycopg
from psycopg import sql

from restock.feeds.contract import (
    CHOICE,
    CONTACT,
    CONTACT_KINDS,
    EARLIEST_TIME,
    FUTURE_TOLERANCE_SECONDS,
    TIME_ZONE,
    TIMESTAMP,
    Column,
    Feed,
    Kind,
    Reason,
)
from restock.feeds.staging import raw_text

# C0, delete, C1, and the line and paragraph separators that some mail programs break lines at.
CONTROL_CHARACTERS = r"[\u0001-\u001f\u007f-\u009f\u2028\u2029]"
TIME_WITHOUT_OFFSET = "^[0-9]+-[0-9]+-[0-9]+([Tt ][0-9:.]+)?$"
ALWAYS = sql.SQL("true")


@dataclass(frozen=True)
class Rule:
    """One way to break the contract: where `broken` holds, the row is rejected with this reason and detail.

    Rules that follow each other and share a `gate` are looked at only where the gate holds, which costs one test for
    them all.
    """

    reason: Reason
    detail: str
    broken: sql.Composable
    gate: sql.Composable | None = None


def reject_broken_rows(
    connection: psycopg.Connection,
    table: sql.Identifier,
    feed: Feed,
    columns: Sequence[str],
    feed_file_id: int,
    clock: datetime,
    *,
    is_printable: bool = False,
) -> int:
    """Move the rows that break the contract from the staging table to `restock.rejected_row`. Returns how many.

    A row that breaks several rules is kept with the first.

    Args:
        connection: In a transaction.
        table: Staging table of the file.
        feed: Its feed.
        columns: Columns of the reader, in their order.
        feed_file_id: The file.
        clock: The time now, for times in the future.
        is_printable: It is known that no value holds a control character.
    """
    rules = [
        rule
        for rule in _rules(feed, _known_time_zones(connection, feed), clock)
        if not (is_printable and rule.reason == Reason.CONTROL_CHARACTER)
    ]
    # A statement of its own, because PostgreSQL plans no parallel scan for one that inserts into a table that stands.
    connection.execute(
        sql.SQL(
            "create temporary table broken_row on commit drop as"
            " select line_number, rule from"
            " (select line_number, case when reason_code is not null then 0 else {} end as rule from {}) as judged"
            " where rule is not null"
        ).format(_first_broken(rules), table)
    )
    rejected = connection.execute(
        sql.SQL(
            "with broken as (delete from {} as s using broken_row as b where s.line_number = b.line_number"
            " returning s.line_number, {} as raw_text, s.reason_code, s.detail, b.rule)"
            " insert into restock.rejected_row (feed_file_id, line_number, raw_text, reason_code, detail)"
            " select %(feed_file_id)s, line_number, raw_text, coalesce(reason_code, (%(reasons)s::text[])[rule]),"
            " coalesce(detail, (%(details)s::text[])[rule]) from broken order by line_number"
        ).format(table, raw_text(columns)),
        {
            "feed_file_id": feed_file_id,
            "reasons": [rule.reason for rule in rules],
            "details": [rule.detail for rule in rules],
        },
    ).rowcount
    connection.execute("drop table broken_row")
    return rejected


def _first_broken(rules: Sequence[Rule]) -> sql.Composable:
    """Expression for the place, from 1, of the first rule that a row breaks; null where it breaks none."""
    parts: list[sql.Composable] = []
    for gate, group in groupby(enumerate(rules, 1), key=lambda numbered: numbered[1].gate):
        cases = [sql.SQL("when {} then {}").format(rule.broken, sql.Literal(place)) for place, rule in group]
        parts.append(sql.SQL("case when {} then case {} end end").format(gate or ALWAYS, sql.SQL(" ").join(cases)))
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join(parts))


def create_incoming(connection: psycopg.Connection, table: sql.Identifier, feed: Feed, columns: Sequence[str]) -> None:
    """Make the temporary view `incoming`: line_number, raw_text, and the columns of the feed, typed, with defaults."""
    values = [
        sql.SQL("{} as {}").format(
            sql.SQL("coalesce({}, {})").format(_typed(column), _literal(column)) if column.default else _typed(column),
            sql.Identifier(column.name),
        )
        for column in feed.columns
    ]
    connection.execute(
        sql.SQL("create temporary view incoming as select line_number, {} as raw_text, {} from {}").format(
            raw_text(columns), sql.SQL(", ").join(values), table
        )
    )


def _typed(column: Column) -> sql.Composable:
    return sql.SQL("{}::" + column.kind.sql_type).format(sql.Identifier(column.name))


def _literal(column: Column) -> sql.Composable:
    return sql.SQL("{}::" + column.kind.sql_type).format(sql.Literal(column.default))


def _known_time_zones(connection: psycopg.Connection, feed: Feed) -> list[str]:
    """Names that both Python, which plans, and PostgreSQL, which looks at the clock, understand."""
    if not any(column.kind == TIME_ZONE for column in feed.columns):
        return []
    names = {name for (name,) in connection.execute("select name from pg_timezone_names")}
    return sorted(names & available_timezones())


def _rules(feed: Feed, time_zones: list[str], clock: datetime) -> Iterator[Rule]:
    for column in feed.columns:
        if column.required:
            yield Rule(
                Reason.MISSING_VALUE,
                f"{column.name} is empty: each row of {feed.name} needs it.",
                sql.SQL("{} is null").format(sql.Identifier(column.name)),
            )
    yield from _control_character_rules(feed)
    for column in feed.columns:
        name = sql.Identifier(column.name)
        yield Rule(
            Reason.TOO_LONG,
            f"{column.name} is longer than {column.kind.max_length} characters.",
            sql.SQL("length({}) > {}").format(name, sql.Literal(column.kind.max_length)),
        )
        yield from _kind_rules(column, name, time_zones, clock)


def _control_character_rules(feed: Feed) -> Iterator[Rule]:
    """One look at all columns together comes first: hardly a row has such a character anywhere."""
    names = [sql.Identifier(column.name) for column in feed.columns]
    anywhere = sql.SQL("concat({}) ~ {}").format(sql.SQL(", ").join(names), sql.Literal(CONTROL_CHARACTERS))
    for column, name in zip(feed.columns, names, strict=True):
        yield Rule(
            Reason.CONTROL_CHARACTER,
            f"{column.name} holds a line break or another control character: take it out.",
            sql.SQL("{} ~ {}").format(name, sql.Literal(CONTROL_CHARACTERS)),
            gate=anywhere,
        )


def _kind_rules(column: Column, name: sql.Identifier, time_zones: list[str], clock: datetime) -> Iterator[Rule]:
    kind = column.kind
    if kind == CHOICE:
        yield _one_of(column, name, column.choices, f"one of {', '.join(column.choices)}")
    elif kind == TIME_ZONE:
        yield _one_of(column, name, time_zones, kind.meaning)
    elif kind == CONTACT:
        yield from _contact_rules(column, name)
    elif kind == TIMESTAMP:
        yield from _time_rules(column, name, clock)
    elif kind.pattern is not None:
        yield _matches(column, name, kind)
    if column.minimum is not None:
        yield Rule(
            Reason.OUT_OF_RANGE,
            f"{column.name} must lie between {column.minimum} and {column.maximum}.",
            sql.SQL("{}::numeric not between {} and {}").format(
                name, sql.Literal(column.minimum), sql.Literal(column.maximum)
            ),
        )


def _one_of(column: Column, name: sql.Identifier, values: Sequence[str], meaning: str) -> Rule:
    return Rule(
        _reason(column.kind),
        f"{column.name} is not {meaning}.",
        sql.SQL("{} <> all ({}::text[])").format(name, sql.Literal(list(values))),
    )


def _matches(column: Column, name: sql.Identifier, kind: Kind) -> Rule:
    broken = sql.SQL("{} !~ {}").format(name, sql.Literal(kind.pattern))
    if kind.usual:
        broken = sql.SQL("not ({}) and {}").format(sql.SQL(kind.usual).format(name=name), broken)
    return Rule(_reason(kind), f"{column.name} is not {kind.meaning}.", broken)


def _contact_rules(column: Column, name: sql.Identifier) -> Iterator[Rule]:
    """Without a channel it may be that of any: which one it is will follow from the shopper's preferred channel."""
    for channel, kind in CONTACT_KINDS.items():
        yield Rule(
            _reason(kind),
            f"{column.name} is not {kind.meaning}, as the channel {channel} needs it.",
            sql.SQL("channel = {} and {} !~ {}").format(sql.Literal(channel), name, sql.Literal(kind.pattern)),
        )
    any_pattern = "|".join(f"({kind.pattern})" for kind in CONTACT_KINDS.values())
    yield Rule(
        _reason(column.kind),
        f"{column.name} is not an e-mail address, a telephone number or a URL.",
        sql.SQL("channel is null and {} !~ {}").format(name, sql.Literal(any_pattern)),
    )


def _time_rules(column: Column, name: sql.Identifier, clock: datetime) -> Iterator[Rule]:
    """Shape, then offset, then whether there is such a time: each presupposes the one before."""
    misshapen = sql.SQL("{name} not like '____-__-__%%' or {name} !~ {pattern}").format(
        name=name, pattern=sql.Literal(column.kind.pattern)
    )
    yield Rule(
        Reason.NO_OFFSET,
        f"{column.name} has no offset from UTC: add Z, or +01:00 or the like.",
        sql.SQL("{} ~ {}").format(name, sql.Literal(TIME_WITHOUT_OFFSET)),
        gate=misshapen,
    )
    not_a_time = f"{column.name} is not {column.kind.meaning}."
    yield Rule(Reason.NOT_A_TIME, not_a_time, ALWAYS, gate=misshapen)
    yield Rule(Reason.NOT_A_TIME, not_a_time, sql.SQL("not pg_input_is_valid({}, 'timestamptz')").format(name))
    latest = clock + timedelta(seconds=FUTURE_TOLERANCE_SECONDS)
    # Times in UTC of this length stand in the order of their texts, which compare in a fraction of the time.
    in_range = sql.SQL('{name} like {form} and {name} collate "C" between {earliest} and {latest}').format(
        name=name,
        form=sql.Literal("____-__-__T__:__:__Z"),
        earliest=sql.Literal(EARLIEST_TIME),
        latest=sql.Literal(f"{latest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
    )
    yield Rule(
        Reason.TIME_OUT_OF_RANGE,
        f"{column.name} is before 2000 or more than an hour in the future.",
        sql.SQL("not ({}) and {}::timestamptz not between {}::timestamptz and {}").format(
            in_range, name, sql.Literal(EARLIEST_TIME), sql.Literal(latest)
        ),
    )


def _reason(kind: Kind) -> Reason:
    if kind.reason is None:
        raise ValueError(f"Values that are {kind.meaning} are not checked.")
    return kind.reason
