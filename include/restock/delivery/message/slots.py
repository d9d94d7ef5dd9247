"""What is the same in many messages is rendered and encoded once, with slots for what is not.

The templates see a slot as a piece of text. It is a noncharacter of Unicode, which no feed can bring in (clean.py), and
which neither escaping nor translation touches. What comes out of a template is cut at the slots and encoded as
quoted-printable (RFC 2045), each piece on lines of its own: a soft line break, which means nothing, ends each. So
pieces can be put together in any order, and none has to be encoded again.

Quoted-printable, because every server takes it, and because it is short for HTML in any language: most of it is ASCII.
"""

import re
from binascii import b2a_qp
from enum import StrEnum


class Slot(StrEnum):
    """What differs from message to message."""

    ITEMS = "\ufdd0"
    SUBJECT = "\ufdd1"
    PREHEADER = "\ufdd2"
    REASON = "\ufdd3"
    UNSUBSCRIBE_URL = "\ufdd4"
    LINK = "\ufdd5"


# Of quoted-printable, its soft line break included, the line end not.
_LINE_LENGTH = 76

_SLOTS = re.compile(f"([{''.join(Slot)}])")


def encode_chunk(text: str) -> bytes:
    """A piece of a body as quoted-printable; it begins and ends at the beginning of a line.

    Args:
        text: With line feeds as line ends.
    """
    encoded = b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")
    if not encoded or encoded.endswith(b"\r\n"):
        return encoded
    if len(encoded) - encoded.rfind(b"\n") - 1 == _LINE_LENGTH:
        # The = must fit on the line too.
        last = 3 if encoded[-3:-2] == b"=" else 1
        encoded = encoded[:-last] + b"=\r\n" + encoded[-last:]
    return encoded + b"=\r\n"


def encode_template(text: str) -> bytes:
    """What came out of a template, encoded; `result % {b"LINK": encode_chunk(…)}` fills the slots."""
    pieces = _SLOTS.split(text)
    return b"".join(
        b"%%(%b)b" % Slot(piece).name.encode() if number % 2 else encode_chunk(piece).replace(b"%", b"%%")
        for number, piece in enumerate(pieces)
    )
