"""The settings and what each may be. Each is an Airflow Variable `restock_<name>`."""

import json
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_serializer
from pydantic_core import PydanticCustomError

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


def _check_product_key(value: str) -> str:
    store_id, slash, product_id = value.partition("/")
    if not (store_id and slash and product_id):
        raise PydanticCustomError("product_key", "not store/product")
    return value


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _number(value: object) -> object:
    # In JSON true is no number, whereas Python takes it for 1.
    if isinstance(value, bool):
        raise ValueError("not a number")
    return _strip(value)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Python keeps the last of two equal names, so that half of what was written would be lost in silence."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError("json", "it names {name} twice", {"name": json.dumps(name, ensure_ascii=False)})
    return dict(pairs)


def _load_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value.strip() or "{}", object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise PydanticCustomError(
            "json",
            "{reason} in line {line} at column {column}",
            {"reason": error.msg, "line": error.lineno, "column": error.colno},
        ) from error


def _setting(default: object, allowed: str, description: str, ge: float | None = None, le: float | None = None) -> Any:  # noqa: ANN401 (the type of Field's own result)
    """A field whose description is written for business users and whose allowed values can be read out."""
    return Field(default=default, description=description, json_schema_extra={"allowed": allowed}, ge=ge, le=le)


class ProductSettings(BaseModel):
    """The settings that can differ from store to store, category to category and product to product."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_quantity: Annotated[int, BeforeValidator(_number)] = _setting(
        1,
        "a whole number from 1 to 1000000",
        "A product counts as back in stock once a store has at least this many units.",
        ge=1,
        le=1_000_000,
    )
    notify_per_unit: Annotated[Literal["auto"] | Annotated[float, Field(ge=0, le=10_000)], BeforeValidator(_number)] = (
        _setting(
            0.0,
            "a number from 0 to 10000, such as 2 or 1.5 (0 tells everyone at once), or auto",
            "How many shoppers to tell in one wave for each unit that came back. With auto it follows from how often "
            "earlier messages about the product, or its category, led to a purchase.",
        )
    )
    wave_interval_minutes: Annotated[int, BeforeValidator(_number)] = _setting(
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
    digest_window_minutes: Annotated[int, BeforeValidator(_number)] = _setting(
        60,
        "a whole number of minutes from 0 to 1440 (0 merges only what is due at the same instant)",
        "Products that come back for one shopper within this many minutes go into one message.",
        ge=0,
        le=1_440,
    )
    daily_cap: Annotated[int, BeforeValidator(_number)] = _setting(
        3,
        "a whole number from 0 to 1000 (0 means no cap)",
        "The most messages one shopper gets on one day, all channels and stores together.",
        ge=0,
        le=1_000,
    )
    max_delay_hours: Annotated[int, BeforeValidator(_number)] = _setting(
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
    request_ttl_days: Annotated[int, BeforeValidator(_number)] = _setting(
        90, "a whole number of days from 1 to 3650", "A request expires after this many days.", ge=1, le=3_650
    )
    cooldown_hours: Annotated[int, BeforeValidator(_number)] = _setting(
        24,
        "a whole number of hours from 0 to 2160 (0 means none)",
        "Hours after a message in which a shopper is not told about the same product again.",
        ge=0,
        le=2_160,
    )
    holdout_percent: Annotated[float, BeforeValidator(_number)] = _setting(
        0.0,
        "a number from 0 to 50",
        "Share of shoppers who are left out of each restock, so that the effect of the messages can be measured.",
        ge=0,
        le=50,
    )
    max_snapshot_age_hours: Annotated[int, BeforeValidator(_number)] = _setting(
        48,
        "a whole number of hours from 1 to 8760",
        "A product that comes back is held, until someone releases it, where its stock was last counted longer ago.",
        ge=1,
        le=8_760,
    )


class StoreSettings(ProductSettings):
    """The settings that can differ from store to store."""

    double_opt_in: Annotated[bool, BeforeValidator(_strip)] = _setting(
        False,
        "true or false",
        "While true an address that comes with a request over HTTP is told only once its owner confirmed the request, "
        "by a link in a message.",
    )


def _override(name: str, settings: type[BaseModel]) -> type[BaseModel]:
    """The same fields, none of them required: what is not written in an override is not overridden."""
    fields = {
        name: (Annotated[field.annotation, *field.metadata], Field(default=None))
        for name, field in settings.model_fields.items()
    }
    return create_model(name, __config__=ConfigDict(frozen=True, extra="forbid"), **fields)  # type: ignore[call-overload, no-any-return]


StoreOverride = _override("StoreOverride", StoreSettings)
Override = _override("Override", ProductSettings)


class Overrides(BaseModel):
    """Settings of their own for a store, a category (in every store) or a product (as store/product)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: dict[str, StoreOverride] = {}  # type: ignore[valid-type]
    category: dict[str, Override] = {}  # type: ignore[valid-type]
    product: dict[Annotated[str, AfterValidator(_check_product_key)], Override] = {}  # type: ignore[valid-type]

    @model_serializer
    def written(self) -> dict[str, dict[str, dict[str, object]]]:
        """Only what was written: the JSON of the Variable, with its values checked."""
        levels: dict[str, dict[str, Any]] = {"store": self.store, "category": self.category, "product": self.product}
        return {
            level: {key: override.model_dump(exclude_unset=True) for key, override in of_level.items()}
            for level, of_level in levels.items()
            if of_level
        }


class Settings(StoreSettings):
    """All settings of one policy. Times are in the unit that the name ends in."""

    rate_per_minute: Annotated[
        dict[str, Annotated[int, BeforeValidator(_number), Field(ge=1, le=10_000_000)]], BeforeValidator(_load_json)
    ] = _setting(
        {},
        'JSON with a whole number from 1 to 10000000 for each channel, such as {"email": 600, "sms": 60}, or {} for no '
        "limit",
        "The most messages that leave in one minute on each channel.",
    )
    max_restock_share: Annotated[float, BeforeValidator(_number)] = _setting(
        0.5,
        "a number from 0 to 1 (1 switches this off)",
        "When more than this share of all products (of 1,000 or more) comes back at once, which rather is a broken "
        "feed, they are held until someone releases them.",
        ge=0,
        le=1,
    )
    paused: Annotated[bool, BeforeValidator(_strip)] = _setting(
        False, "true or false", "While true nothing is planned and nothing is sent."
    )
    in_doubt: Annotated[Literal["resend", "drop"], BeforeValidator(_strip)] = _setting(
        "resend",
        "resend or drop",
        "What to do with a message when a crash leaves it unknown whether the provider has it.",
    )
    overrides: Annotated[Overrides, BeforeValidator(_load_json)] = _setting(
        Overrides(),
        'JSON such as {"store": {"berlin": {"quiet_hours": "20:00-09:00"}}, "category": {"shoes": {"daily_cap": 1}}, '
        '"product": {"main/p-1": {"min_quantity": 5}}}, or {} for none',
        "Settings of their own for a store, a category or a product (named as store/product). Where several of them "
        "say something about a product, the product goes before its category, and the category before the store. "
        f"What can be set there: {', '.join(ProductSettings.model_fields)}; for a store also double_opt_in.",
    )

    def parsed_quiet_hours(self) -> QuietHours | None:
        """The quiet hours as minutes after midnight, or None where there are none."""
        if not self.quiet_hours:
            return None
        start_hour, start_minute, end_hour, end_minute = map(int, re.findall(r"\d+", self.quiet_hours))
        return QuietHours(start_hour * 60 + start_minute, end_hour * 60 + end_minute)

    def rate_for(self, channel: str) -> int | None:
        """The most messages a minute on a channel; None means no limit."""
        return self.rate_per_minute.get(channel)

    def has_category_overrides(self) -> bool:
        """Whether any setting depends on the category of a product."""
        return bool(self.overrides.category)
