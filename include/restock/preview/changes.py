"""The changed settings of a preview: given by name, checked as the Variables are."""

import json
from collections.abc import Mapping

from restock.policy import Settings, parse_settings


class WrongChangeError(ValueError):
    """A changed setting does not exist or has a wrong value; the message says which and what it may be."""


def apply_changes(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The settings with some of them changed.

    Args:
        settings: What is in force.
        changes: New values by name without prefix, as text or as JSON gives them.

    Raises:
        WrongChangeError: There is no such setting, or its value is wrong.
    """
    unknown = [name for name in changes if name not in Settings.model_fields]
    if unknown:
        raise WrongChangeError(
            f"There is no setting {', '.join(unknown)}; the settings are {', '.join(Settings.model_fields)}."
        )
    values = {**settings.model_dump(), **changes}
    changed, problems = parse_settings(
        {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    )
    if changed is None:
        raise WrongChangeError(" ".join(problems))
    return changed


def parse_change(text: str) -> tuple[str, str]:
    """Name and value of `name=value`; the name with or without the prefix of the Variables.

    Raises:
        WrongChangeError: There is no `=`.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise WrongChangeError(f"{text!r} is no change of a setting: write it as name=value, such as daily_cap=2.")
    return name.strip().removeprefix("restock_"), value
