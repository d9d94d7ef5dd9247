"""The policy: the settings that business teams tune, validated together and kept as versions."""

from restock.policy.settings import VARIABLE_PREFIX, QuietHours, Settings, describe, missing_settings, parse_settings
from restock.policy.store import ResolvedPolicy, load_policy, resolve_policy

__all__ = [
    "VARIABLE_PREFIX",
    "QuietHours",
    "ResolvedPolicy",
    "Settings",
    "describe",
    "load_policy",
    "missing_settings",
    "parse_settings",
    "resolve_policy",
]
