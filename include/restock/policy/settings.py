"""The settings and what each may be. Each is an Airflow Variable `restock_<name>`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

VARIABLE_PREFIX = "restock_"

_QUIET_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class QuietHours:
    """Hours in which nobody is told, in minutes after midnight on the shopper's wall clock.

    The start is inside, the end outside. With start > end they cross midnight.
    """

    start: int
    end: int


def _check_quiet_hours(value: str) -> str:
    if value == "":
        return value
    match = _QUIET_HOURS.fullmatch(value)
    if not match:
        raise ValueError("not hours")
    if match.group(1, 2) == match.group(3, 4):
        raise ValueError("start and end are the same")
    return value


def _check_timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("unknown time zone")
    return value


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _setting(default: object, allowed: str, description: str, ge: float | None = None, le: float | None = None) -> Any:  # noqa: ANN401 (the type of Field's own result)
    """A field whose description is written for business users and whose allowed values can be read out."""
    return Field(default=default, description=description, json_schema_extra={"allowed": allowed}, ge=ge, le=le)


class Settings(BaseModel):
    """All settings of one policy. Times are in the unit that the name ends in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_quantity: Annotated[int, BeforeValidator(_strip)] = _setting(
        1,
        "a whole number of 1 or more",
        "A product counts as back in stock once a store has at least this many units.",
        ge=1,
        le=1_000_000,
    )
    notify_per_unit: Annotated[float, BeforeValidator(_strip)] = _setting(
        0,
        "a number of 0 or more, such as 2 or 1.5 (0 tells everyone at once)",
        "How many shoppers to tell in one wave for each unit that came back.",
        ge=0,
        le=10_000,
    )
    wave_interval_minutes: Annotated[int, BeforeValidator(_strip)] = _setting(
        30, "a whole number of minutes from 1 to 10080", "Minutes between one wave and the next.", ge=1, le=10_080
    )
    quiet_hours: Annotated[str, BeforeValidator(_strip), AfterValidator(_check_quiet_hours)] = _setting(
        "21:00-08:00",
        "two times of day such as 21:00-08:00, or empty for none",
        "Hours in which no shopper is written to, on the shopper's own clock.",
    )
    default_timezone: Annotated[str, BeforeValidator(_strip), AfterValidator(_check_timezone)] = _setting(
        "UTC",
        "an IANA time zone such as Europe/Berlin",
        "Time zone of shoppers whose own is not known.",
    )
    digest_window_minutes: Annotated[int, BeforeValidator(_strip)] = _setting(
        60,
        "a whole number of minutes from 0 to 1440 (0 merges only what is due at the same instant)",
        "Products that come back for one shopper within this many minutes go into one message.",
        ge=0,
        le=1_440,
    )
    daily_cap: Annotated[int, BeforeValidator(_strip)] = _setting(
        3,
        "a whole number of 0 or more (0 means no cap)",
        "The most messages one shopper gets on one day, all channels and stores together.",
        ge=0,
        le=1_000,
    )
    max_delay_hours: Annotated[int, BeforeValidator(_strip)] = _setting(
        72,
        "a whole number of hours from 0 to 720",
        "A message that the daily cap would delay longer than this is not sent for this restock.",
        ge=0,
        le=720,
    )
    priority: Annotated[Literal["fifo", "tier"], BeforeValidator(_strip)] = _setting(
        "fifo",
        "fifo (first come, first served) or tier (higher customer tiers first)",
        "Who is told first.",
    )
    request_ttl_days: Annotated[int, BeforeValidator(_strip)] = _setting(
        90, "a whole number of days from 1 to 3650", "A request expires after this many days.", ge=1, le=3_650
    )
    cooldown_hours: Annotated[int, BeforeValidator(_strip)] = _setting(
        24,
        "a whole number of hours from 0 to 2160 (0 means none)",
        "Hours after a message in which a shopper is not told about the same product again.",
        ge=0,
        le=2_160,
    )
    holdout_percent: Annotated[float, BeforeValidator(_strip)] = _setting(
        0,
        "a number from 0 to 50",
        "Share of shoppers who are left out of each restock, so that the effect of the messages can be measured.",
        ge=0,
        le=50,
    )
    paused: Annotated[bool, BeforeValidator(_strip)] = _setting(
        False, "true or false", "While true nothing is planned and nothing is sent."
    )
    in_doubt: Annotated[Literal["resend", "drop"], BeforeValidator(_strip)] = _setting(
        "resend",
        "resend or drop",
        "What to do with a message when a crash leaves it unknown whether the provider has it.",
    )

    def parsed_quiet_hours(self) -> QuietHours | None:
        """The quiet hours as minutes after midnight, or None where there are none."""
        if not self.quiet_hours:
            return None
        start_hour, start_minute, end_hour, end_minute = map(int, re.findall(r"\d+", self.quiet_hours))
        return QuietHours(start_hour * 60 + start_minute, end_hour * 60 + end_minute)


def describe(name: str) -> str:
    """What a setting does and what it may be, in words: the description of its Airflow Variable."""
    field = Settings.model_fields[name]
    return f"{field.description} Allowed: {_allowed(name)}."


def _allowed(name: str) -> str:
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) else ""


def parse_settings(values: Mapping[str, str]) -> tuple[Settings | None, list[str]]:
    """Validate all values together.

    Args:
        values: Text of each setting that is set, by name without prefix. What is missing takes its default.

    Returns:
        The settings and no problems, or None and one sentence for each wrong value.
    """
    try:
        return Settings.model_validate(dict(values)), []
    except ValidationError as error:
        names = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
        return None, [
            f"The Variable {VARIABLE_PREFIX}{name} is {values.get(name)!r}, but must be {_allowed(name)}."
            for name in names
        ]


def missing_settings(values: Mapping[str, str | None]) -> dict[str, tuple[str, str]]:
    """The settings that have no value yet: text of the default and the description, by name without prefix."""
    return {
        name: (str(field.default).lower() if isinstance(field.default, bool) else str(field.default), describe(name))
        for name, field in Settings.model_fields.items()
        if values.get(name) is None
    }
