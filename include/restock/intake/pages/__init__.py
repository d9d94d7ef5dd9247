"""The pages behind the links of messages: no script, nothing from elsewhere, in the language of the message."""

import hashlib
from base64 import b64encode
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from restock.delivery.message.language import Language, find_language, list_languages

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


def render(request: Request, name: str, status: int, locale: str | None = None, **context: object) -> HTMLResponse:
    """A page.

    Args:
        request: What it answers.
        name: Of the template.
        status: Of the answer.
        locale: Of the message; where it is not known, the browser's languages count.
        context: What the template may use.
    """
    language = find_language(locale) if locale else _browser_language(request.headers.get("accept-language", ""))
    page = _environment(language).get_template(name).render(context)
    return HTMLResponse(page, status, {**HEADERS, "Content-Language": language.tag})


def _browser_language(accepted: str) -> Language:
    """The first of the browser's languages that there is a catalogue for."""
    tags = (part.partition(";")[0].strip() for part in accepted[:200].split(","))
    known = (find_language(tag) for tag in tags if tag.replace("_", "-").split("-")[0].lower() in list_languages())
    return next(known, find_language(None))


@lru_cache(maxsize=64)
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(language.catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(lang=language.tag, dir=language.direction, style=Markup(_STYLE))  # noqa: S704 (our own file)
    return environment
