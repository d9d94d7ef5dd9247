"""The policy: the settings that business teams tune, validated together and kept as versions."""

from restock.policy.settings import QuietHours, Settings
from restock.policy.store import ResolvedPolicy, load_policy, resolve_policy
from restock.policy.variables import VARIABLE_PREFIX, as_texts, describe, missing_settings, parse_settings

__all__ = [
    "VARIABLE_PREFIX",
    "QuietHours",
    "ResolvedPolicy",
    "Settings",
    "as_texts",
    "describe",
    "load_policy",
    "missing_settings",
    "parse_settings",
    "resolve_policy",
]
