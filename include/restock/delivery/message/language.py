"""The language of a message: its catalogue, and how it writes prices and dates.

The catalogues are `delivery/locales/<language>/LC_MESSAGES/restock.po`. They are read as they are; nothing is compiled
ahead that could go stale. English is what the templates say, and has none.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency

LOCALES = Path(__file__).parent.parent / "locales"
DOMAIN = "restock"
SOURCE_LANGUAGE = "en"
_CODE_MEETS_NUMBER = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


@dataclass(frozen=True, eq=False)
class Language:
    """One way to write messages.

    Attributes:
        tag: For the attribute lang, such as de-AT.
        direction: For the attribute dir: ltr or rtl.
        name: Of the catalogue.
        locale: How it writes prices and dates.
        catalogue: Its sentences.
    """

    tag: str
    direction: str
    name: str
    locale: Locale
    catalogue: NullTranslations

    def price(self, amount: Decimal | None, currency: str | None) -> str | None:
        """A price such as 12,50 €; None where either is missing."""
        if amount is None or currency is None:
            return None
        return _format_price(amount, currency, self.locale)

    def day(self, day: date) -> str:
        """A date such as 3 May 2026."""
        return format_date(day, "long", locale=self.locale)


# Shops ask the same few prices for many products, and Babel takes as long for one as the rest of a mail takes.
@lru_cache(maxsize=4_096)
def _format_price(amount: Decimal, currency: str, locale: Locale) -> str:
    # Babel leaves no space between a code and the number, as Unicode's rules want it: CHF 12.50.
    return _CODE_MEETS_NUMBER.sub("\xa0", format_currency(amount, currency, locale=locale))


@lru_cache(maxsize=1)
def list_languages() -> list[str]:
    """The languages that messages can be written in."""
    return sorted({SOURCE_LANGUAGE, *(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))})


@lru_cache(maxsize=512)
def find_language(tag: str | None) -> Language:
    """The language for a BCP 47 tag: ko-KR is Korean; what there is no catalogue for is English, prices included."""
    languages = list_languages()
    for locale in _candidates(tag):
        name = locale.language
        if name in languages:
            direction = locale.text_direction
            return Language(str(locale).replace("_", "-"), direction, name, locale, _read_catalogue(name))
    return find_language(SOURCE_LANGUAGE)


def _candidates(tag: str | None) -> list[Locale]:
    """The locale of a tag as it is, then without its region and script, as far as Babel knows them."""
    parts = (tag or "").replace("_", "-").split("-")
    found = []
    for length in range(len(parts), 0, -1):
        try:
            found.append(Locale.parse("-".join(parts[:length]), sep="-"))
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return found


@lru_cache
def _read_catalogue(name: str) -> NullTranslations:
    if name == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    with (LOCALES / name / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=name, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)
