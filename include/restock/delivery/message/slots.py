"""What is the same in many messages is rendered and encoded once, with slots for what is not.

The templates see a slot as a piece of text. It is a noncharacter of Unicode, which no feed can bring in (clean.py), and
which neither escaping nor translation touches. What comes out of a template is cut at the slots and encoded as
quoted-printable (RFC 2045), each piece on lines of its own: a soft line break, which means nothing, ends each. So
pieces can be put together in any order, and none has to be encoded again. No line begins with a dot, which SMTP would
want doubled.

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
    NAME = "\ufdd6"
    BRAND = "\ufdd7"
    PRICE = "\ufdd8"
    IMAGE_URL = "\ufdd9"


class Body(StrEnum):
    """The bodies of a message."""

    TEXT = "TEXT"
    HTML = "HTML"


# What slots are called in templates (`encode_template`).
SLOT_NAMES = {(slot, body): f"{slot.name}_{body}".encode() for slot in Slot for body in Body}

# Of quoted-printable, its soft line break included, the line end not.
_LINE_LENGTH = 76

_SLOTS = re.compile(f"([{''.join(Slot)}])")
_LEADING_DOT = re.compile(rb"(?m)^\.([^\r\n]*)")


def encode_chunk(text: str) -> bytes:
    """A piece of a body as quoted-printable; it begins and ends at the beginning of a line.

    Args:
        text: With line feeds as line ends.
    """
    encoded = b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")
    if encoded and not encoded.endswith(b"\r\n"):
        if len(encoded) - encoded.rfind(b"\n") - 1 == _LINE_LENGTH:
            # The = must fit on the line too.
            last = 3 if encoded[-3:-2] == b"=" else 1
            encoded = encoded[:-last] + b"=\r\n" + encoded[-last:]
        encoded += b"=\r\n"
    # What is pushed to a line of its own may begin with a dot again.
    while encoded.startswith(b".") or b"\n." in encoded:
        encoded = _LEADING_DOT.sub(_encode_dot, encoded)
    return encoded


def _encode_dot(line: re.Match[bytes]) -> bytes:
    return (b"=2E%b" if len(line[1]) + 3 <= _LINE_LENGTH else b"=2E=\r\n%b") % line[1]


def as_template(chunk: bytes) -> bytes:
    """Encoded text as a template: `%` fills the slots of a template, and a percent sign is doubled in it."""
    return chunk.replace(b"%", b"%%")


def encode_template(text: str, body: Body) -> bytes:
    """What came out of a template, encoded, with slots that `%` fills with chunks (`encode_chunk`).

    Args:
        text: With slots.
        body: Where it stands: a slot is filled with other bytes in each.
    """
    cut = _SLOTS.split(text)
    pieces = [as_template(encode_chunk(piece)) for piece in cut]
    for number in range(1, len(cut), 2):
        pieces[number] = b"%%(%b)b" % SLOT_NAMES[Slot(cut[number]), body]
    return b"".join(pieces)
