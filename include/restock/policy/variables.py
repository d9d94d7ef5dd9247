"""The settings as texts of Airflow Variables: what is missing, what they say, and the sentence for what is wrong."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from restock.policy.settings import Overrides, ProductSettings, Settings, StoreSettings

VARIABLE_PREFIX = "restock_"


def describe(name: str) -> str:
    """What a setting does and what it may be, in words: the description of its Airflow Variable."""
    return f"{Settings.model_fields[name].description} Allowed: {_allowed(name)}."


def _allowed(name: str) -> str:
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) else ""


def missing_settings(values: Mapping[str, str | None]) -> dict[str, tuple[str, str]]:
    """The settings that have no value yet: text of the default and the description, by name without prefix."""
    defaults = as_texts(Settings().model_dump())
    return {name: (text, describe(name)) for name, text in defaults.items() if values.get(name) is None}


def as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Values of settings, as a policy keeps them, as the texts of their Variables."""
    return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> str:  # noqa: ANN401 (any setting)
    if isinstance(value, str):
        return value
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


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
        return None, list(dict.fromkeys(_sentence(problem, values) for problem in error.errors()))


def _sentence(problem: ErrorDetails, values: Mapping[str, str]) -> str:
    name, *inside = (str(part) for part in problem["loc"])
    variable = f"The Variable {VARIABLE_PREFIX}{name}"
    if problem["type"] == "json":
        return f"{variable} is not valid JSON, {problem['msg']}: it must be {_allowed(name)}."
    if name == "overrides" and inside:
        return f"{variable} is wrong at {_where(inside)}: {_override_problem(inside, problem)}."
    if name == "rate_per_minute" and inside:
        wrong = _json(problem["input"])
        return f"{variable} is wrong at {_where(inside)}: {wrong} must be a whole number from 1 to 10000000."
    return f"{variable} is {values.get(name)!r}, but must be {_allowed(name)}."


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _where(inside: list[str]) -> str:
    """The way to a place in the JSON: level, what is overridden there, setting."""
    return " → ".join(_json(part) for part in inside[:3] if part != "[key]")


def _override_problem(inside: list[str], problem: ErrorDetails) -> str:
    if len(inside) == 1:
        levels = ", ".join(Overrides.model_fields)
        return (
            f"there is no such level, only {levels}"
            if problem["type"] == "extra_forbidden"
            else f'it must be JSON such as {{"berlin": {{"daily_cap": 1}}}}, not {_json(problem["input"])}'
        )
    if problem["type"] == "product_key":
        return 'a product is named as store/product, such as "main/p-1"'
    if len(inside) == 2:
        return f'it must be JSON such as {{"daily_cap": 1}}, not {_json(problem["input"])}'
    level, setting = inside[0], inside[2]
    known = StoreSettings if level == "store" else ProductSettings
    if setting in known.model_fields:
        return f"{_json(problem['input'])} must be {_allowed(setting)}"
    if setting in Settings.model_fields:
        of_store = setting in StoreSettings.model_fields
        return (
            f"this setting can be overridden for a store, not for a {level}"
            if of_store
            else "this setting is for the whole system and cannot be overridden"
        )
    return f"there is no such setting, only {', '.join(known.model_fields)}"
