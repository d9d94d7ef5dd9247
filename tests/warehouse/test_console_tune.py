"""The console's section Tune: settings as fields, changes, and who made each version of the policy."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.console.history import LoggedChange, read_history, read_version
from restock.console.tune import (
    ChangedMeanwhileError,
    Stored,
    WrongSettingsError,
    changes_from_policy,
    read_settings,
    record_changes,
    refuse_if_changed,
    settings_with,
)
from restock.policy import Settings, as_texts, resolve_policy


def never_logged(_since: datetime, _until: datetime) -> list[LoggedChange]:
    return []


def field(connection: psycopg.Connection, name: str, stored: dict[str, Stored] | None = None) -> dict:
    page = read_settings(connection, stored)
    return next(setting for setting in page["settings"] if setting["name"] == name)


def test_every_setting_is_a_field_with_its_description_and_what_it_may_be(warehouse: psycopg.Connection) -> None:
    page = read_settings(warehouse, None)
    assert [setting["name"] for setting in page["settings"]] == list(Settings.model_fields)
    for setting in page["settings"]:
        assert setting["description"]
        assert setting["allowed"]
        assert setting["kind"] != "text", f"{setting['name']} has no editor of its own"
    assert "daily_cap" in page["overridable"]["product"]
    assert "rate_per_minute" not in page["overridable"]["store"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "daily_cap",
            {"kind": "number", "whole": True, "least": 0, "most": 1000, "word": None, "unit": "messages a day"},
        ),
        ("notify_per_unit", {"kind": "number", "whole": False, "least": 0, "word": "auto"}),
        ("quiet_hours", {"kind": "hours"}),
        ("paused", {"kind": "switch"}),
        ("priority", {"kind": "choice", "choices": ["fifo", "tier"]}),
        ("overrides", {"kind": "overrides"}),
        ("cooldown_hours", {"unit": "hours"}),
    ],
)
def test_a_field_is_as_its_type_asks(warehouse: psycopg.Connection, name: str, expected: dict) -> None:
    assert field(warehouse, name).items() >= expected.items()


def test_a_field_shows_default_value_in_force_and_what_airflow_has(warehouse: psycopg.Connection) -> None:
    resolve_policy(warehouse, {"daily_cap": "2"})
    stored = {"daily_cap": Stored("5"), "priority": Stored("tier", "environment")}
    shown = field(warehouse, "daily_cap", stored)
    assert (shown["default"], shown["in_force"], shown["stored"], shown["source"]) == ("3", "2", "5", "variable")
    assert field(warehouse, "priority", stored)["source"] == "environment"
    assert field(warehouse, "paused", stored)["source"] == "default"


def test_who_may_not_read_variables_sees_what_is_in_force(warehouse: psycopg.Connection) -> None:
    resolve_policy(warehouse, {"daily_cap": "2"})
    shown = field(warehouse, "daily_cap")
    assert (shown["in_force"], shown["stored"]) == ("2", None)


def test_a_wrong_variable_is_explained_at_its_field(warehouse: psycopg.Connection) -> None:
    stored = {"daily_cap": Stored("many"), "priority": Stored("fifo")}
    (sentence,) = field(warehouse, "daily_cap", stored)["problems"]
    assert "restock_daily_cap is 'many', but must be a whole number" in sentence
    assert field(warehouse, "priority", stored)["problems"] == []


def test_a_wrong_change_and_a_wrong_value_from_before_are_refused_each_at_its_field() -> None:
    with pytest.raises(WrongSettingsError) as refused:
        settings_with({"request_ttl_days": "soon"}, {"quiet_hours": "9-5", "no_such": "1"})
    assert set(refused.value.problems) == {"request_ttl_days", "quiet_hours", "no_such"}
    assert "two times of day" in refused.value.problems["quiet_hours"][0]


def test_a_preview_is_asked_what_differs_from_the_policy_in_force(warehouse: psycopg.Connection) -> None:
    resolve_policy(warehouse, {"daily_cap": "2"})
    # The Variable was changed since the last run, and one more is about to be.
    wanted = settings_with({"daily_cap": "4", "priority": "fifo"}, {"quiet_hours": ""})
    assert changes_from_policy(warehouse, wanted) == {"daily_cap": 4, "quiet_hours": ""}


def test_a_change_made_by_somebody_else_meanwhile_is_told_and_refused() -> None:
    refuse_if_changed({"daily_cap": "3", "priority": None}, {"daily_cap": "3", "priority": None})
    with pytest.raises(ChangedMeanwhileError) as refused:
        refuse_if_changed({"daily_cap": "4", "priority": "fifo"}, {"daily_cap": "3", "priority": "fifo"})
    assert refused.value.now == {"daily_cap": "4"}


def test_history_says_who_changed_what_from_what_to_what(warehouse: psycopg.Connection) -> None:
    resolve_policy(warehouse, {})
    before = datetime.now(UTC)
    record_changes(warehouse, "ada", {"daily_cap": ("3", "1")}, None, before)
    resolve_policy(warehouse, {"daily_cap": "1", "holdout_percent": "5"})
    versions = read_history(warehouse, None, 10, never_logged)["versions"]
    assert [version["policy_id"] for version in versions] == [2, 1]
    assert sorted(versions[0]["changes"], key=lambda change: change["name"]) == [
        {"name": "daily_cap", "from": "3", "to": "1", "user": "ada"},
        {"name": "holdout_percent", "from": "0", "to": "5", "user": None},
    ]
    assert versions[1]["changes"] == []


def test_what_was_done_in_airflows_own_pages_is_found_in_its_event_log(warehouse: psycopg.Connection) -> None:
    resolve_policy(warehouse, {})
    changed = datetime.now(UTC)
    resolve_policy(warehouse, {"daily_cap": "1"})
    asked = []

    def logged(since: datetime, until: datetime) -> list[LoggedChange]:
        asked.append((since, until))
        return [
            LoggedChange("daily_cap", "too early", changed - timedelta(days=1)),
            LoggedChange("daily_cap", "bob", changed),
            LoggedChange("priority", "somebody else", changed),
            LoggedChange("daily_cap", "too late", changed + timedelta(days=1)),
        ]

    (newest, _) = read_history(warehouse, None, 10, logged)["versions"]
    assert newest["changes"][0]["user"] == "bob"
    assert len(asked) == 1
    assert asked[0][0] < changed < asked[0][1]


def test_a_change_made_elsewhere_right_after_one_in_the_console_is_not_put_down_to_it(
    warehouse: psycopg.Connection,
) -> None:
    resolve_policy(warehouse, {})
    record_changes(warehouse, "ada", {"daily_cap": ("3", "1")}, None, datetime.now(UTC))
    resolve_policy(warehouse, {"daily_cap": "2"})
    (newest, _) = read_history(warehouse, None, 10, never_logged)["versions"]
    assert newest["changes"] == [{"name": "daily_cap", "from": "3", "to": "2", "user": None}]


def test_a_version_can_be_read_and_set_back_to(warehouse: psycopg.Connection) -> None:
    resolve_policy(
        warehouse, {"overrides": '{"store": {"berlin": {"daily_cap": 1}}}', "rate_per_minute": '{"email": 9}'}
    )
    old = read_version(warehouse, 1)
    resolve_policy(warehouse, {"quiet_hours": ""})
    assert old == as_texts(Settings().model_dump()) | {
        "overrides": '{"store": {"berlin": {"daily_cap": 1}}}',
        "rate_per_minute": '{"email": 9}',
    }
    record_changes(warehouse, "ada", {"quiet_hours": ("", old["quiet_hours"])}, 1, datetime.now(UTC))
    assert resolve_policy(warehouse, old).policy_id == 3
    (newest, *_) = read_history(warehouse, None, 1, never_logged)["versions"]
    assert newest["back_to"] == 1
    with pytest.raises(LookupError, match="no version 99"):
        read_version(warehouse, 99)


def test_a_long_history_is_paged(warehouse: psycopg.Connection) -> None:
    for cap in range(1, 6):
        resolve_policy(warehouse, {"daily_cap": str(cap)})
    newest = read_history(warehouse, None, 2, never_logged)
    assert ([version["policy_id"] for version in newest["versions"]], newest["more"]) == ([5, 4], True)
    oldest = read_history(warehouse, 3, 2, never_logged)
    assert ([version["policy_id"] for version in oldest["versions"]], oldest["more"]) == ([2, 1], False)
