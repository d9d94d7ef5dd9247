"""`python -m restock.feeds.document`: write docs/feeds.md out of the contract of the feeds."""

from pathlib import Path
from string import Template

from restock.feeds.contract import EARLIEST_TIME, FEEDS, REASONS, TIMESTAMP, Column, Feed, Reason
from restock.feeds.landing import MAX_FILES_A_RUN
from restock.feeds.parquet import MAX_BATCH_ROWS
from restock.feeds.rows import MAX_LINES_OF_A_ROW, SUFFIXES

TEMPLATE = Path(__file__).with_name("document.md")
DOCUMENT = Path(__file__).parents[3] / "docs" / "feeds.md"


def render() -> str:
    """The documentation of every feed, in Markdown."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        suffixes=", ".join(f"`{suffix}`" for suffix in SUFFIXES),
        max_files=f"{MAX_FILES_A_RUN:,}",
        max_lines=f"{MAX_LINES_OF_A_ROW:,}",
        batch_rows=f"{MAX_BATCH_ROWS:,}",
        earliest=EARLIEST_TIME,
        feeds="\n\n".join(map(_feed, FEEDS.values())),
        reasons="\n".join(f"| `{code}` | {sentence} |" for code, sentence in REASONS.items()),
    )


def _feed(feed: Feed) -> str:
    rows = "\n".join(map(_column, feed.columns))
    head = "| column | meaning | value | when missing | otherwise |\n|---|---|---|---|---|"
    return f"## `{feed.name}`\n\n{feed.meaning}\n\n{head}\n{rows}"


def _column(column: Column) -> str:
    """A line of the table of a feed."""
    value = column.kind.meaning
    reasons = [column.kind.reason] if column.kind.reason else []
    if column.choices:
        value = " or ".join(f"`{choice}`" for choice in column.choices)
    if column.kind == TIMESTAMP:
        reasons += [Reason.NO_OFFSET, Reason.TIME_OUT_OF_RANGE]
    if column.minimum is not None and column.maximum is not None:
        value += f", {column.minimum:,} to {column.maximum:,}"
        reasons.append(Reason.OUT_OF_RANGE)
    missing = f"`{Reason.MISSING_VALUE}`" if column.required else f"`{column.default}`" if column.default else ""
    cells = [
        f"**{column.name}**" if column.required else column.name,
        column.meaning,
        f"{value} ({column.kind.max_length:,})",
        missing,
        ", ".join(f"`{reason}`" for reason in reasons),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(render(), encoding="utf-8")
    print(f"Wrote {DOCUMENT}")


if __name__ == "__main__":
    main()
