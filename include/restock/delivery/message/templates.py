"""The templates of the messages, and what stores put in their place.

`<RESTOCK_TEMPLATES>/<store_id>/<name>` replaces the template of that name for one store; what is not there is taken
from `delivery/templates`. A template that cannot be used is reported once and not used: that store's messages leave
with the built-in one, and other stores never notice.
"""

import logging
import os
import re
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)
from jinja2.bccache import Bucket

from restock.delivery.message.language import Language

log = logging.getLogger(__name__)

ENVIRONMENT_VARIABLE = "RESTOCK_TEMPLATES"

# What a message must not do without.
_REQUIRED = {
    "message.html": ("items", "unsubscribe_url"),
    "message.txt": ("items", "unsubscribe_url"),
    "confirm.html": ("confirm_url",),
    "confirm.txt": ("confirm_url",),
    "confirm_short.txt": ("confirm_url",),
}
# A store's id comes from feeds and becomes the name of a folder.
_FOLDER_NAME = re.compile(r"\w[\w.-]{0,99}")
_BUILT_IN = PackageLoader("restock.delivery")


class _CompiledOnce(BytecodeCache):
    """What templates were compiled to, for this process: it is the same in each language."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _CompiledOnce()


class Templates:
    """Renders templates. One for many messages: each is compiled once.

    Attributes:
        problems: What is wrong with which store's template, in words.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.problems: dict[Path, str] = {}
        self._environment = lru_cache(maxsize=64)(self._make_environment)
        self._built_in = lru_cache(maxsize=512)(self._render_built_in)

    @classmethod
    def from_environment(cls) -> "Templates":
        """With the stores' own templates in the folder RESTOCK_TEMPLATES, if that is set.

        Raises:
            RuntimeError: It is set and is no folder.
        """
        folder = os.environ.get(ENVIRONMENT_VARIABLE)
        if folder and not Path(folder).is_dir():
            raise RuntimeError(
                f"{ENVIRONMENT_VARIABLE} is {folder!r}, and there is no such folder: correct it, or unset it for the "
                "built-in templates. No message was touched."
            )
        return cls(Path(folder) if folder else None)

    def render(self, store_id: str, language: Language, name: str, **context: object) -> str:
        """Render one template.

        Args:
            store_id: Whose template.
            language: Of the message.
            name: Of the template.
            context: What it may use.
        """
        override = self._override(store_id, name)
        if override is not None:
            try:
                return self._render(store_id, language, name, context)
            except Exception as error:  # A template may fail in any way, and must not keep messages from leaving.
                self.problems[override] = _explain(override, error)
                log.error("%s The built-in template is used instead.", self.problems[override])
        return self._render(None, language, name, context)

    def render_slots(self, store_id: str, language: Language, name: str, **context: Hashable) -> str | None:
        """The same, kept, for what shows every text as it is given, so that slots can stand for texts (slots.py).

        Returns:
            None where the store has a template of its own: nobody knows what that does with a text.
        """
        if self._override(store_id, name) is not None:
            return None
        return self._built_in(language, name, tuple(context.items()))

    def _render_built_in(self, language: Language, name: str, context: tuple[tuple[str, Hashable], ...]) -> str:
        return self._render(None, language, name, dict(context))

    def _override(self, store_id: str, name: str) -> Path | None:
        if self._folder is None or not _FOLDER_NAME.fullmatch(store_id):
            return None
        path = self._folder / store_id / name
        return path if path not in self.problems and path.is_file() else None

    def _render(self, store_id: str | None, language: Language, name: str, context: dict[str, object]) -> str:
        text = self._environment(store_id, language).get_template(name).render(context)
        for required in _REQUIRED.get(name, ()):
            if str(context[required]) not in text:
                raise ValueError(f"it does not show {{{{ {required} }}}}")
        return text

    def _make_environment(self, store_id: str | None, language: Language) -> Environment:
        own = [FileSystemLoader(self._folder / store_id)] if self._folder and store_id else []
        environment = Environment(
            loader=ChoiceLoader([*own, _BUILT_IN]),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_COMPILED,
        )
        environment.install_gettext_translations(language.catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(lang=language.tag, dir=language.direction)
        return environment


def _explain(path: Path, error: Exception) -> str:
    line = getattr(error, "lineno", None)
    what = error.message if isinstance(error, TemplateError) and error.message else str(error) or type(error).__name__
    return f"The template {path}{f', line {line},' if line else ''} cannot be used: {what.rstrip('.')}."
