"""The settings: defaults, what may be written in a Variable, and the sentence for what may not."""

import pytest

from restock.policy import QuietHours, Settings, missing_settings, parse_settings


def test_the_defaults_are_those_of_the_variables_created_for_them() -> None:
    texts = {name: default for name, (default, _) in missing_settings({}).items()}
    assert parse_settings(texts) == (Settings(), [])


def test_every_setting_says_what_it_does_and_what_it_may_be() -> None:
    for name, (_, description) in missing_settings({}).items():
        assert "Allowed: " in description, name
        assert len(description) > 60, name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("daily_cap", " 5 ", 5),
        ("notify_per_unit", "1.5", 1.5),
        ("paused", "True", True),
        ("priority", "tier", "tier"),
        ("quiet_hours", "", ""),
        ("default_timezone", "Asia/Seoul", "Asia/Seoul"),
    ],
)
def test_a_value_is_read_from_its_text(name: str, text: str, value: object) -> None:
    settings, problems = parse_settings({name: text})
    assert problems == []
    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("min_quantity", "0"),
        ("min_quantity", "1.5"),
        ("daily_cap", "-1"),
        ("daily_cap", ""),
        ("quiet_hours", "9-17"),
        ("quiet_hours", "24:00-08:00"),
        ("quiet_hours", "08:00-08:00"),
        ("default_timezone", "Mars/Olympus"),
        ("priority", "lifo"),
        ("holdout_percent", "51"),
        ("notify_per_unit", "nan"),
        ("paused", "perhaps"),
        ("in_doubt", "panic"),
    ],
)
def test_a_wrong_value_has_one_sentence_that_names_the_variable_and_what_is_allowed(name: str, text: str) -> None:
    settings, [problem] = parse_settings({name: text})
    assert settings is None
    assert problem.startswith(f"The Variable restock_{name} is {text!r}, but must be ")


def test_quiet_hours_are_minutes_after_midnight() -> None:
    assert Settings(quiet_hours="21:30-08:05").parsed_quiet_hours() == QuietHours(21 * 60 + 30, 8 * 60 + 5)
