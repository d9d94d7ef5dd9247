"""The catalogues are complete, and shoppers get the language that is nearest to theirs."""

import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import restock.delivery
import restock.intake
from restock.delivery.message.language import LOCALES, find_language, list_languages

TRANSLATED = [language for language in list_languages() if language != "en"]


def read_catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "restock.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def said_in_the_sources() -> set[str | tuple[str, ...]]:
    """What the templates and the code want translated."""
    methods = [("templates/**", "jinja2.ext:babel_extract"), ("message/**.py", "python")]
    options = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
    pages = [("pages/**.html", "jinja2.ext:babel_extract")]
    found = [
        *extract_from_dir(restock.delivery.__path__[0], methods, options),
        *extract_from_dir(restock.intake.__path__[0], pages, {"pages/**.html": options["templates/**"]}),
    ]
    return {message for _, _, message, _, _ in found}


def test_there_are_english_german_and_korean():
    assert {"en", "de", "ko"} <= set(list_languages())


def test_the_sources_have_something_to_say():
    assert "See the product" in said_in_the_sources()
    assert len(said_in_the_sources()) > 10


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_sentence_and_no_other(language):
    catalogue = read_catalogue(language)
    assert {message.id for message in catalogue if message.id} == said_in_the_sources()
    assert not catalogue.obsolete


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s", text))


def translations(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_with_its_placeholders_in_each_plural_form(language):
    catalogue = read_catalogue(language)
    for message in catalogue:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        assert all(translations(message)), message.id
        if isinstance(message.id, tuple):
            assert len(translations(message)) == catalogue.num_plurals, message.id
        original = message.id[-1] if isinstance(message.id, tuple) else message.id
        for translation in translations(message):
            assert placeholders(translation) == placeholders(original), message.id


@pytest.mark.parametrize(
    ("tag", "name", "shown"),
    [
        ("ko-KR", "ko", "ko-KR"),
        ("ko_KR", "ko", "ko-KR"),
        ("KO-kr", "ko", "ko-KR"),
        ("ko-Kore-KR", "ko", "ko-KR"),
        ("de-DE-1996", "de", "de-DE"),
        ("de-XX", "de", "de"),
        ("en-KR", "en", "en"),
        ("fr-FR", "en", "en"),
        ("ar-EG", "en", "en"),
        ("zz", "en", "en"),
        ("", "en", "en"),
        (None, "en", "en"),
        ("../../etc/passwd", "en", "en"),
        ("ko\r\nBcc: x@y.example", "en", "en"),
        ("x" * 5_000, "en", "en"),
    ],
)
def test_a_tag_finds_its_language_or_falls_back(tag, name, shown):
    language = find_language(tag)
    assert (language.name, language.tag, language.direction) == (name, shown, "ltr")
