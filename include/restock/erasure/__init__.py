"""Erasure and export of what is known of one person; the work is done by functions in the warehouse."""

from restock.erasure.document import Item, document_parts
from restock.erasure.person import Person, confirmation_hashes, erase_person, export_person
from restock.erasure.run import PersonError, carry_out

__all__ = [
    "Item",
    "Person",
    "PersonError",
    "carry_out",
    "confirmation_hashes",
    "document_parts",
    "erase_person",
    "export_person",
]
