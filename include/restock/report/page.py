"""Renders the report: one HTML file with its style and charts in it, that loads nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from restock.report import pictures, words
from restock.report.figures import ENDINGS, Period

_FOLDER = Path(__file__).parent


def render(period: Period, figures: Mapping[str, Any], clock: datetime) -> str:
    """The report as HTML, well-formed as XML too.

    Args:
        period: Which days.
        figures: As read_figures gives them.
        clock: The time now, in UTC.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=words.say_number,
        duration=words.say_duration,
        moment=words.say_time,
        day=words.say_day,
        points=words.say_points,
        wave=pictures.say_wave,
    )
    environment.globals.update(percent=words.say_percent, money=words.say_money, wait=words.say_wait)
    style = Markup((_FOLDER / "style.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)
    return environment.get_template("template.html").render(
        figures,
        period=period,
        clock=clock,
        today=period.end_at > clock,
        endings_said=ENDINGS,
        durations=pictures.DURATIONS,
        steps=pictures.list_steps(figures["funnel"]),
        style=style,
        by_hour=period.step < timedelta(days=1),
        ranges=pictures.draw_ranges(figures["demand"]),
        pictures=pictures.draw_all(period, figures),
    )
