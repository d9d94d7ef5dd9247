"""Versions of the policy in `restock.policy`."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from restock.policy.settings import Settings
from restock.policy.variables import parse_settings
from restock.warehouse import read_sql


@dataclass(frozen=True)
class ResolvedPolicy:
    """The policy in force and, where it is not what the Variables say, why."""

    policy_id: int
    settings: Settings
    problems: list[str]


def resolve_policy(connection: psycopg.Connection, values: Mapping[str, str]) -> ResolvedPolicy:
    """Put what the Variables say in force; where one is wrong, leave the last valid policy in force.

    A policy that differs from the one in force becomes a new version. Commits.

    Args:
        connection: Warehouse.
        values: Text of each setting that is set, by name without prefix.
    """
    settings, problems = parse_settings(values)
    with connection.transaction():
        # Two runs that see a change at the same moment make one version of it.
        connection.execute("lock table restock.policy in share row exclusive mode")
        latest = connection.execute(read_sql("notify/latest_policy.sql")).fetchone()
        if latest is not None:
            in_force = Settings.model_validate(latest[1])
            if settings is None or settings == in_force:
                return ResolvedPolicy(latest[0], in_force, problems)
        else:
            in_force = None
        accepted = settings or Settings()
        changed = [
            name
            for name in Settings.model_fields
            if in_force is None or getattr(accepted, name) != getattr(in_force, name)
        ]
        row = connection.execute(
            read_sql("notify/insert_policy.sql"),
            {
                "settings": Jsonb(accepted.model_dump()),
                "changed": changed,
                "previous": Jsonb({} if in_force is None else in_force.model_dump(include=set(changed))),
            },
        ).fetchone()
        assert row is not None
    return ResolvedPolicy(row[0], accepted, problems)


def settings_in_force(connection: psycopg.Connection) -> Settings:
    """Settings of the newest version of the policy; the defaults before the first one."""
    latest = connection.execute(read_sql("notify/latest_policy.sql")).fetchone()
    return Settings() if latest is None else Settings.model_validate(latest[1])


def load_policy(connection: psycopg.Connection, policy_id: int) -> Settings:
    """The settings of one version."""
    row = connection.execute(read_sql("notify/read_policy.sql"), {"policy_id": policy_id}).fetchone()
    if row is None:
        raise LookupError(f"restock.policy has no version {policy_id}; start a new run of restock_notify.")
    return Settings.model_validate(row[0])
