"""Tune: the settings as fields, and what a change of them must pass before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import psycopg
from psycopg.types.json import Jsonb

from restock.policy import VARIABLE_PREFIX, Settings, as_texts, parse_settings
from restock.policy.settings import Overrides
from restock.warehouse import read_sql

# Texts that are more than texts; how the others are edited follows from their type.
_EDITORS = {
    "quiet_hours": "hours",
    "default_timezone": "timezone",
    "rate_per_minute": "rates",
    "overrides": "overrides",
}
_UNITS = {
    "min_quantity": "units",
    "notify_per_unit": "shoppers a unit",
    "daily_cap": "messages a day",
    "max_restock_share": "share of all products",
}
_ENDINGS = {"_minutes": "minutes", "_hours": "hours", "_days": "days", "_percent": "percent"}


@dataclass(frozen=True)
class Stored:
    """What Airflow has for one setting.

    Attributes:
        text: The value; None where there is none.
        source: `variable`; or, what goes before it and cannot be changed here, the name of the secrets backend.
    """

    text: str | None
    source: str = "variable"


class WrongSettingsError(ValueError):
    """Some values cannot be. `problems` has the sentences, by setting; "" for what concerns several."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(" ".join(sentence for sentences in problems.values() for sentence in sentences))
        self.problems = problems


class ChangedMeanwhileError(RuntimeError):
    """Somebody else changed the same settings. `now` has their texts; None where there is no value any more."""

    def __init__(self, now: dict[str, str | None]) -> None:
        super().__init__("Somebody else changed this meanwhile; nothing was saved.")
        self.now = now


def read_settings(connection: psycopg.Connection, stored: Mapping[str, Stored] | None) -> dict[str, Any]:
    """The page of the settings.

    Args:
        connection: Warehouse.
        stored: What Airflow has, by setting; None for who may not read Variables, and so sees what is in force.

    Returns:
        policy_id and valid_from of the version in force (None before the first run), channels, overridable (by level of
        the overrides what they may set), problems (sentences on all of them together), and settings: for each what
        `_describe` says, and the texts in_force, stored, its source, and problems (sentences on what is stored).
    """
    row = connection.execute(read_sql("console/policy_in_force.sql")).fetchone()
    in_force = as_texts(_in_force(row).model_dump())
    texts = {name: of.text for name, of in (stored or {}).items() if of.text is not None}
    problems = find_problems(texts)
    defaults = as_texts(Settings().model_dump())
    return {
        "policy_id": None if row is None else row[0],
        "valid_from": None if row is None else row[1].isoformat(),
        "channels": [name for (name,) in connection.execute(read_sql("console/channel_names.sql"))],
        "overridable": {
            level: list(get_args(overrides.annotation)[1].model_fields)
            for level, overrides in Overrides.model_fields.items()
        },
        "settings": [
            {
                **field,
                "default": defaults[name],
                "in_force": in_force[name],
                "stored": texts.get(name),
                "source": stored[name].source if stored and name in texts else "default",
                "problems": problems.get(name, []),
            }
            for name, field in _describe().items()
        ],
        "problems": problems.get("", []),
    }


def _in_force(row: tuple[Any, ...] | None) -> Settings:
    return Settings() if row is None else Settings.model_validate(row[2])


def _describe() -> dict[str, dict[str, Any]]:
    """Each setting as a field: name, variable, description, allowed, kind, unit, and by kind what it may be."""
    schema = Settings.model_json_schema()["properties"]
    return {
        name: {
            "name": name,
            "variable": VARIABLE_PREFIX + name,
            "description": field.description,
            "allowed": schema[name]["allowed"],
            "unit": _unit(name),
            **_kind(name, schema[name]),
        }
        for name, field in Settings.model_fields.items()
    }


def _unit(name: str) -> str:
    return _UNITS.get(name) or next((unit for ending, unit in _ENDINGS.items() if name.endswith(ending)), "")


def _kind(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if name in _EDITORS:
        return {"kind": _EDITORS[name]}
    words = [part["const"] for part in schema.get("anyOf", []) if "const" in part]
    number = next((part for part in schema.get("anyOf", [schema]) if part.get("type") in {"integer", "number"}), None)
    if number is not None:
        return {
            "kind": "number",
            "whole": number["type"] == "integer",
            "least": number.get("minimum"),
            "most": number.get("maximum"),
            # A word that may stand instead of a number.
            "word": words[0] if words else None,
        }
    if schema.get("type") == "boolean":
        return {"kind": "switch"}
    return {"kind": "choice", "choices": schema["enum"]} if "enum" in schema else {"kind": "text"}


def find_problems(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """The sentences on wrong values, by setting; what concerns several of them under ""."""
    problems = {
        name: [f"There is no setting {name}; the settings are {', '.join(Settings.model_fields)}."]
        for name in texts
        if name not in Settings.model_fields
    }
    known = {name: text for name, text in texts.items() if name in Settings.model_fields}
    _, sentences = parse_settings(known)
    if not sentences:
        return problems
    problems |= {name: found for name, text in known.items() if (found := parse_settings({name: text})[1])}
    alone = {sentence for of_one in problems.values() for sentence in of_one}
    rest = [sentence for sentence in sentences if sentence not in alone]
    return problems | ({"": rest} if rest else {})


def settings_with(stored: Mapping[str, str], changes: Mapping[str, str]) -> Settings:
    """All settings as they would be with some of them changed.

    Args:
        stored: Texts of those that are set.
        changes: New texts.

    Raises:
        WrongSettingsError: A value is wrong, be it a changed one or one that stood before: no policy follows from it.
    """
    texts = {**stored, **changes}
    if problems := find_problems(texts):
        raise WrongSettingsError(problems)
    settings, _ = parse_settings(texts)
    assert settings is not None
    return settings


def changes_from_policy(connection: psycopg.Connection, wanted: Settings) -> dict[str, Any]:
    """The settings that differ from those in force, by name: what a preview is asked."""
    row = connection.execute(read_sql("console/policy_in_force.sql")).fetchone()
    in_force = _in_force(row).model_dump()
    return {name: value for name, value in wanted.model_dump().items() if value != in_force[name]}


def refuse_if_changed(now: Mapping[str, str | None], seen: Mapping[str, str | None]) -> None:
    """Hold what is stored against what the page saw.

    Args:
        now: Texts of the settings about to be changed; None where there is none.
        seen: The same when the page was read.

    Raises:
        ChangedMeanwhileError: Some differ.
    """
    differing = {name: text for name, text in now.items() if text != seen.get(name)}
    if differing:
        raise ChangedMeanwhileError(differing)


def record_changes(
    connection: psycopg.Connection,
    user: str,
    changes: Mapping[str, tuple[str | None, str]],
    back_to: int | None,
    at: datetime,
) -> None:
    """Write down who changed which settings.

    Args:
        connection: Warehouse.
        user: Login in Airflow.
        changes: Old and new text by setting.
        back_to: The version of the policy that was set back to; None where the change was made by hand.
        at: A moment before the change could be seen: the version that comes of it must not be older than this.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            read_sql("console/record_change.sql"),
            [
                {
                    "user_name": user,
                    "name": name,
                    "detail": Jsonb({"from": old, "to": new, "back_to": back_to}),
                    "done_at": at,
                }
                for name, (old, new) in changes.items()
            ],
        )
