"""Texts that are kept for long, or by others, without the addresses of shoppers: logs, what providers said."""

import re

# E-mail addresses, URLs, telephone numbers: what the feeds take for a contact. An e-mail address is looked for from the
# beginning of a word only: from each letter on it would take hours in a word of a megabyte.
_EMAIL = re.compile(r"""(?<![^\s,;<>"'])[^\s,;<>"']+@[^\s,;<>"']+""")
_PHONE = re.compile(r"""\+[0-9][-0-9 ().]{6,}[0-9]""")
_OTHER = re.compile(rf"""https?://[^\s,;<>"']+|{_PHONE.pattern}""", re.IGNORECASE)
# A shorter address may be anything in a text.
_SHORTEST = 5
_MASK = "(an address)"


def mask_addresses(text: str) -> str:
    """The text, with `(an address)` for whatever looks like one."""
    return _OTHER.sub(_MASK, _EMAIL.sub(_MASK, text))


def mask_recipient(text: str, contact: str | None) -> str:
    """What a provider said of a message: without its address, and without anybody's e-mail address or telephone number.

    URLs that are not the address stay: providers name pages that say what to do.
    """
    if contact and len(contact) >= _SHORTEST and contact.lower() in text.lower():
        text = re.sub(re.escape(contact), _MASK, text, flags=re.IGNORECASE)
    # Most say neither, and there are millions.
    if "@" in text:
        text = _EMAIL.sub(_MASK, text)
    return _PHONE.sub(_MASK, text) if "+" in text else text
