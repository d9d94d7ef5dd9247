"""Texts for logs, which are kept for long and by others: without the addresses of shoppers."""

import re

# E-mail addresses, URLs, telephone numbers: what the feeds take for a contact. An e-mail address is looked for from the
# beginning of a word only: from each letter on it would take hours in a word of a megabyte.
_EMAIL = re.compile(r"""(?<![^\s,;<>"'])[^\s,;<>"']+@[^\s,;<>"']+""")
_OTHER = re.compile(r"""https?://[^\s,;<>"']+|\+[0-9][-0-9 ().]{6,}[0-9]""", re.IGNORECASE)


def mask_addresses(text: str) -> str:
    """The text, with `(an address)` for whatever looks like one."""
    return _OTHER.sub("(an address)", _EMAIL.sub("(an address)", text))
