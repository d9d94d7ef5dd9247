"""What fits into a text message, a push notice or a field of JSON."""

from collections.abc import Sequence
from functools import lru_cache

from restock.delivery.message.clean import clean_text
from restock.delivery.message.content import make_subject
from restock.delivery.message.language import Language, find_language
from restock.delivery.message.links import Links
from restock.delivery.message.rows import BatchRow, Letterhead
from restock.delivery.message.templates import Templates

_HARMLESS = str.maketrans({"<": "\u2039", ">": "\u203a", "@": "@\u200b"})


class ShortWriter:
    """Writes short texts. One for many messages."""

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self.links = Links(letterhead)
        self._templates = templates or Templates.from_environment()
        self._subject = lru_cache(maxsize=4_096)(self._make_subject)

    def subject(self, rows: Sequence[BatchRow]) -> str:
        """One line that names the first product of a message, and says how many more there are."""
        language = find_language(rows[0].locale)
        return self._subject(language, rows[0].store_id, rows[0].product.name, len(rows))

    def _make_subject(self, language: Language, store_id: str, name: str, count: int) -> str:
        return make_subject(self._templates, store_id, language, clean_text(name) or "?", count)

    def text(self, rows: Sequence[BatchRow]) -> str:
        """The subject, the first product that has a page, and how to stop it."""
        head = rows[0]
        token = self.links.token(head)
        links = filter(None, (self.links.product(token, row) for row in rows))
        text = self._templates.render(
            head.store_id,
            find_language(head.locale),
            "short.txt",
            # Chat services take some signs of a name for mentions and links.
            subject=self.subject(rows).translate(_HARMLESS),
            link=next(links, None),
            unsubscribe_url=self.links.unsubscribe(token),
        )
        return text.strip()
