"""Texts for logs, which are kept for long and by others: without the addresses of shoppers."""

import re

# E-mail addresses, URLs, telephone numbers: what the feeds take for a contact.
_ADDRESS = re.compile(r"""[^\s,;<>"']+@[^\s,;<>"']+|https?://[^\s,;<>"']+|\+[0-9][-0-9 ().]{6,}[0-9]""", re.IGNORECASE)


def mask_addresses(text: str) -> str:
    """The text, with `(an address)` for whatever looks like one."""
    return _ADDRESS.sub("(an address)", text)
