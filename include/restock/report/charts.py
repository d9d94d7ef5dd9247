"""Charts as inline SVG. Widths are shares of the page's, so that a chart is as sharp on a phone as on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10

from markupsafe import Markup, escape

# Colours that style.css has for series.
_COLOURS = 6
_TOP, _BOTTOM, _HEIGHT = 22, 196, 220
_ROW = 40
# Below so many columns there is a gap between them.
_FEW = 60
_GRID_LINES = 4

Tick = tuple[float, str]


@dataclass(frozen=True)
class Strip:
    """One row of a chart of ranges.

    Attributes:
        label: What it is of.
        said: Its figures, in words.
        marks: Three places from 0 to 1, from left to right.
        dot: Which of them is the one to look at.
        colour: Number of the series.
    """

    label: str
    said: str
    marks: tuple[float, float, float]
    dot: int = 1
    colour: int = 1


def draw_columns(
    name: str,
    described: str,
    series: Mapping[str, Sequence[int]],
    labels: Sequence[str],
    ticks: Sequence[Tick],
    *,
    shades: Sequence[tuple[float, float]] = (),
    rules: Sequence[float] = (),
) -> Markup:
    """Counts over time, the series on top of each other.

    Args:
        name: Title.
        described: What it shows, for those who do not see it.
        series: The counts by name, all of the same length.
        labels: What a column is called.
        ticks: Labels of the axis, at shares of its width.
        shades: Stretches of the axis to shade, as shares of its width.
        rules: Where to draw a line from top to bottom, as shares of its width.
    """
    count = len(labels)
    top, lines = _grid(max(map(sum, zip(*series.values(), strict=True)), default=0))
    width = 100 / count
    # Many columns overlap a little, so that no seams are seen between them.
    gap = width * 0.12 if count <= _FEW else -0.05
    parts = [
        Markup('<rect class="shade" x="{}%" y="{}" width="{}%" height="{}"/>').format(
            _round(100 * begin), _TOP, _round(100 * (end - begin)), _BOTTOM - _TOP
        )
        for begin, end in shades
    ]
    parts += [
        Markup('<line class="grid" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>').format(_round(100 * share), _TOP, _BOTTOM)
        for share in rules
    ]
    for value in lines:
        y = _height(value, top)
        parts.append(Markup('<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(y))
    below = [0] * count
    for number, (title, values) in enumerate(series.items()):
        for at, value in enumerate(values):
            if value:
                y, foot = _height(below[at] + value, top), _height(below[at], top)
                parts.append(
                    Markup('<rect class="s{}" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>').format(
                        number % _COLOURS + 1,
                        _round(width * at + gap / 2),
                        y,
                        _round(width - gap),
                        _round(max(foot - y, 0.5)),
                        f"{labels[at]}: {value:,} {title}",
                    )
                )
                below[at] += value
    # Above the columns, which may reach as far to the left.
    parts += [
        Markup('<text class="axis level" x="0" y="{}">{}</text>').format(_round(_height(value, top) - 4), f"{value:,}")
        for value in lines
    ]
    parts.append(Markup('<line class="base" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(_BOTTOM))
    return _svg(name, described, _HEIGHT, [*parts, *_axis(ticks, _HEIGHT - 6)])


def draw_funnel(name: str, described: str, steps: Sequence[tuple[str, int, str]]) -> Markup:
    """Bars of label, count and what to say of it, each as wide as its share of the first."""
    most = max(steps[0][1], 1)
    parts = []
    for number, (label, count, said) in enumerate(steps):
        y = number * _ROW
        parts.append(Markup('<rect class="track" x="0" y="{}" width="100%" height="14" rx="3"/>').format(y + 20))
        parts.append(
            Markup('<rect class="s1" x="0" y="{}" width="{}%" height="14" rx="3"/>').format(
                y + 20, _round(100 * count / most)
            )
        )
        parts += _captions(y + 13, label, said)
    return _svg(name, described, len(steps) * _ROW, parts)


def draw_strips(name: str, described: str, strips: Sequence[Strip], ticks: Sequence[Tick]) -> Markup:
    """Ranges below each other on one axis; the first tick may stand for zero."""
    bottom = len(strips) * _ROW
    parts = [
        Markup('<line class="grid" x1="{0}%" x2="{0}%" y1="0" y2="{1}"/>').format(_round(100 * share), bottom)
        for share, _ in ticks
    ]
    for number, strip in enumerate(strips):
        y = number * _ROW + 27
        low, middle, high = (_round(100 * mark) for mark in strip.marks)
        parts += _captions(y - 14, strip.label, strip.said)
        parts.append(
            Markup('<line class="range l{0}" x1="{1}%" x2="{2}%" y1="{3}" y2="{3}"/>').format(
                strip.colour, low, high, y
            )
        )
        for place, mark in enumerate((low, middle, high)):
            if place == strip.dot:
                continue
            parts.append(
                Markup('<line class="end l{0}" x1="{1}%" x2="{1}%" y1="{2}" y2="{3}"/>').format(
                    strip.colour, mark, y - 5, y + 5
                )
            )
        parts.append(
            Markup('<circle class="s{}" cx="{}%" cy="{}" r="5"/>').format(
                strip.colour, (low, middle, high)[strip.dot], y
            )
        )
    return _svg(name, described, bottom + 20, [*parts, *_axis(ticks, bottom + 14)])


def draw_range(marks: Sequence[float]) -> Markup:
    """A range for the cell of a table that has its figures: low, expected, and high, from 0 to 1."""
    low, middle, high = (_round(100 * mark) for mark in marks)
    return Markup(
        '<svg class="cell" width="100%" height="14" aria-hidden="true">'
        '<rect class="track" y="5" width="100%" height="4"/>'
        '<line class="range l1" x1="{0}%" x2="{2}%" y1="7" y2="7"/><circle class="s1" cx="{1}%" cy="7" r="4"/></svg>'
    ).format(low, middle, high)


def _svg(name: str, described: str, height: int, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg role="img" width="100%" height="{}"><title>{}</title><desc>{}</desc>{}</svg>').format(
        height, name, described, Markup("").join(parts)
    )


def _captions(y: int, left: str, right: str) -> list[Markup]:
    return [
        Markup('<text class="label" x="0" y="{}">{}</text>').format(y, escape(left)),
        Markup('<text class="said" x="100%" y="{}">{}</text>').format(y, escape(right)),
    ]


def _axis(ticks: Sequence[Tick], y: int) -> list[Markup]:
    return [
        Markup('<text class="axis {}" x="{}%" y="{}">{}</text>').format(
            "first" if share < 0.04 else "last" if share > 0.96 else "mid", _round(100 * share), y, label
        )
        for share, label in ticks
    ]


def _grid(most: int) -> tuple[int, list[int]]:
    """The top of the axis, and the round numbers up to it that get a line."""
    rough = max(most, 1) / _GRID_LINES
    unit = 10 ** max(ceil(log10(rough)) - 1, 0)
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    top = step * ceil(max(most, 1) / step)
    return top, list(range(step, top + 1, step))


def _height(value: int, top: int) -> float:
    """Where a count stands above the base line, in pixels from the top of the chart."""
    return _round(_BOTTOM - (_BOTTOM - _TOP) * value / top)


def _round(number: float) -> float:
    return round(number, 2)
