"""E-mail addresses from feeds."""

import re
import unicodedata

from restock.delivery.message.clean import ascii_host

# Nearly every address: a dot-atom at a host in ASCII (RFC 5322, section 3.4.1).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_USUAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
# Before the @: the same with any letters (RFC 6531), or in quotes.
_WIDE_ATOM = r"""[^\s\x00-\x1f\x7f"(),.:;<>@\[\]\\]+"""
_LOCAL_PART = re.compile(rf'{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])+"')
# Of the envelope (RFC 5321, section 4.5.3.1), in bytes.
_MOST_BEFORE_AT = 64
_MOST = 254


def parse_address(contact: str) -> str:
    """The address as it stands in the envelope and the To header.

    Letters beyond ASCII in the host become IDNA; before the @ they stay, and the mail server must offer SMTPUTF8.

    Raises:
        ValueError: It is no e-mail address.
    """
    address = contact if _USUAL.fullmatch(contact) else _unusual_address(contact.strip(" "))
    if address is None or len(address.encode()) > _MOST or address.rindex("@") > _MOST_BEFORE_AT:
        raise ValueError(f"{contact[:100]!r} is no e-mail address: correct it in the feed of customers or requests")
    return address


def _unusual_address(contact: str) -> str | None:
    local_part, _, domain = contact.rpartition("@")
    host = ascii_host(domain)
    # No control or invisible characters (C…), no unusual blanks (Z…).
    invisible = any(unicodedata.category(letter)[0] in "CZ" for letter in local_part if not letter.isascii())
    if host is None or invisible or not _LOCAL_PART.fullmatch(local_part):
        return None
    return f"{local_part}@{host}"
