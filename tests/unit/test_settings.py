"""The settings: defaults, what may be written in a Variable, and the sentence for what may not."""

import json

import pandas as pd
import pytest

from restock.policy import QuietHours, Settings, describe, missing_settings, parse_settings
from restock.policy.overrides import settings_by_row
from restock.policy.settings import StoreSettings


def test_the_defaults_are_those_of_the_variables_created_for_them() -> None:
    texts = {name: default for name, (default, _) in missing_settings({}).items()}
    assert parse_settings(texts) == (Settings(), [])


def test_every_setting_says_what_it_does_and_what_it_may_be() -> None:
    for name, (_, description) in missing_settings({}).items():
        assert "Allowed: " in description, name
        assert len(description) > 60, name


def test_the_sentence_of_a_refused_number_names_the_largest_that_is_allowed() -> None:
    numbers = 0
    for name, schema in Settings.model_json_schema()["properties"].items():
        for part in schema.get("anyOf", [schema]):
            if part.get("type") in {"integer", "number"}:
                _, [sentence] = parse_settings({name: str(part["maximum"] + 1)})
                assert f"from {part['minimum']:.0f} to {part['maximum']:.0f}" in sentence
                numbers += 1
    assert numbers == 11


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("daily_cap", " 5 ", 5),
        ("notify_per_unit", "1.5", 1.5),
        ("notify_per_unit", " auto ", "auto"),
        ("rate_per_minute", '{"email": 600}', {"email": 600}),
        ("rate_per_minute", "", {}),
        ("max_restock_share", "0.25", 0.25),
        ("paused", "True", True),
        ("double_opt_in", " true ", True),
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
        ("double_opt_in", "maybe"),
        ("in_doubt", "panic"),
        ("notify_per_unit", "some"),
        ("max_restock_share", "50"),
        ("max_snapshot_age_hours", "0"),
        ("rate_per_minute", "600"),
        ("overrides", "[]"),
    ],
)
def test_a_wrong_value_has_one_sentence_that_names_the_variable_and_what_is_allowed(name: str, text: str) -> None:
    settings, [problem] = parse_settings({name: text})
    assert settings is None
    assert problem.startswith(f"The Variable restock_{name} is {text!r}, but must be ")


def test_quiet_hours_are_minutes_after_midnight() -> None:
    assert Settings(quiet_hours="21:30-08:05").parsed_quiet_hours() == QuietHours(21 * 60 + 30, 8 * 60 + 5)


def test_a_channel_without_a_rate_has_no_limit() -> None:
    settings = Settings(rate_per_minute={"email": 600})
    assert (settings.rate_for("email"), settings.rate_for("sms")) == (600, None)


def test_a_policy_from_before_a_setting_existed_takes_its_default() -> None:
    settings = Settings.model_validate({"daily_cap": 5, "notify_per_unit": 0})
    assert (settings.daily_cap, settings.max_restock_share, settings_by_row(settings, products())[1]) == (
        5,
        0.5,
        [settings],
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"store": ', "is not valid JSON, Expecting value in line 1 at column 10: it must be JSON such as {"),
        ('{"store": {"b": {}, "b": {}}}', 'is not valid JSON, it names "b" twice: it must be JSON such as {'),
        ('{"shop": {}}', 'is wrong at "shop": there is no such level, only store, category, product.'),
        ('{"store": 1}', 'is wrong at "store": it must be JSON such as {"berlin": {"daily_cap": 1}}, not 1.'),
        ('{"store": {"b": 1}}', 'is wrong at "store" → "b": it must be JSON such as {"daily_cap": 1}, not 1.'),
        (
            '{"product": {"p-1": {}}}',
            'is wrong at "product" → "p-1": a product is named as store/product, such as "main/p-1".',
        ),
        (
            '{"category": {"shoes": {"quiet_hours": "25:00-08:00"}}}',
            'is wrong at "category" → "shoes" → "quiet_hours": "25:00-08:00" must be two times of day such as '
            "21:00-08:00, or empty for none.",
        ),
        (
            '{"store": {"b": {"daily_cap": true}}}',
            'is wrong at "store" → "b" → "daily_cap": true must be a whole number from 0 to 1000 (0 means no cap).',
        ),
        (
            '{"store": {"b": {"notify_per_unit": null}}}',
            'is wrong at "store" → "b" → "notify_per_unit": null must be a number from 0 to 10000, such as 2 or 1.5 '
            "(0 tells everyone at once), or auto.",
        ),
        (
            '{"store": {"b": {"paused": true}}}',
            'is wrong at "store" → "b" → "paused": this setting is for the whole system and cannot be overridden.',
        ),
        (
            '{"store": {"b": {"dayly_cap": 1}}}',
            'is wrong at "store" → "b" → "dayly_cap": there is no such setting, only min_quantity, notify_per_unit, ',
        ),
    ],
)
def test_a_wrong_override_has_one_sentence_that_says_where_it_stands(text: str, problem: str) -> None:
    settings, [sentence] = parse_settings({"overrides": text})
    assert settings is None
    assert sentence.startswith(f"The Variable restock_overrides {problem}")


def test_each_wrong_override_has_its_own_sentence() -> None:
    text = '{"store": {"b": {"daily_cap": -1, "priority": "lifo"}}, "product": {"b/x": {"daily_cap": 1.5}}}'
    problems = parse_settings({"overrides": text})[1]
    assert [problem.split(": ")[0].split(" at ")[1] for problem in problems] == [
        '"store" → "b" → "daily_cap"',
        '"store" → "b" → "priority"',
        '"product" → "b/x" → "daily_cap"',
    ]


def test_a_wrong_rate_says_of_which_channel() -> None:
    assert parse_settings({"rate_per_minute": '{"email": 60, "sms": 0}'})[1] == [
        'The Variable restock_rate_per_minute is wrong at "sms": 0 must be a whole number from 1 to 10000000.'
    ]


def test_the_example_in_the_description_of_the_overrides_is_valid() -> None:
    example = describe("overrides").split("Allowed: JSON such as ")[1].split(", or {} for none")[0]
    settings, problems = parse_settings({"overrides": example})
    assert problems == []
    assert settings is not None
    assert settings.overrides.model_dump() == json.loads(example)


def products() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("main", "shoes", "boot"),
            ("main", None, "lamp"),
            ("berlin", "shoes", "boot"),
            ("berlin", "lights", "lamp"),
            ("berlin", "shoes", "clog"),
        ],
        columns=["store_id", "category", "product_id"],
    )


def test_a_product_goes_before_its_category_and_that_before_its_store_setting_by_setting() -> None:
    settings, _ = parse_settings(
        {
            "min_quantity": "2",
            "overrides": json.dumps(
                {
                    "store": {"berlin": {"min_quantity": 3, "quiet_hours": "20:00-09:00", "daily_cap": 1}},
                    "category": {"shoes": {"min_quantity": 4, "daily_cap": 2}},
                    "product": {"berlin/boot": {"min_quantity": 5}},
                }
            ),
        }
    )
    assert settings is not None
    number, variants = settings_by_row(settings, products())
    found = [(variants[n].min_quantity, variants[n].quiet_hours, variants[n].daily_cap) for n in number]
    assert found == [
        (4, "21:00-08:00", 2),
        (2, "21:00-08:00", 3),
        (5, "20:00-09:00", 2),
        (3, "20:00-09:00", 1),
        (4, "20:00-09:00", 2),
    ]
    assert variants[0] == settings
    assert number[1] == 0


def test_without_rows_there_are_still_the_general_settings() -> None:
    settings = Settings.model_validate({"overrides": {"store": {"berlin": {"daily_cap": 1}}}})
    number, variants = settings_by_row(settings, products().head(0))
    assert (len(number), variants) == (0, [settings])


def test_a_store_may_want_confirmations_and_a_product_not() -> None:
    settings, problems = parse_settings({"overrides": '{"store": {"berlin": {"double_opt_in": true}}}'})
    assert problems == []
    assert settings is not None
    assert settings.overrides.model_dump() == {"store": {"berlin": {"double_opt_in": True}}}
    _, problems = parse_settings({"overrides": '{"product": {"main/p": {"double_opt_in": true}}}'})
    assert problems == [
        'The Variable restock_overrides is wrong at "product" → "main/p" → "double_opt_in": this setting can be '
        "overridden for a store, not for a product."
    ]


def test_what_is_overridden_keeps_the_rules_of_its_setting() -> None:
    for name in StoreSettings.model_fields:
        _, problems = parse_settings({"overrides": json.dumps({"store": {"b": {name: {}}}})})
        assert len(problems) == 1, name
        assert problems[0].startswith(f'The Variable restock_overrides is wrong at "store" → "b" → "{name}": {{}} must')
