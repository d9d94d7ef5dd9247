"""Header fields, encoded and folded (RFC 5322, RFC 2047)."""

import re
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from textwrap import wrap

# Lines should have at most 78 characters (RFC 5322). An encoded word may have 75, of which =?utf-8?b?…?= takes 12;
# 45 bytes become 60 characters.
_LINE_LENGTH = 76
_BYTES_PER_WORD = 45
_READABLE = re.compile(r"[!-~]+(?: [!-~]+)*")


def encode_unstructured(name: str, text: str) -> bytes:
    """One field of free text, such as Subject, with its line end.

    Raises:
        ValueError: The text is more than one line.
    """
    if re.search(r"[\r\n\0]", text):
        raise ValueError(f"the header {name} must be one line and is {text[:100]!r}")
    readable = _READABLE.fullmatch(text) and "=?" not in text
    lines = wrap(f"{name}: {text}", _LINE_LENGTH, break_long_words=False, break_on_hyphens=False) if readable else []
    # A name and a first word that do not fit on one line would leave the first line empty.
    if not lines or max(map(len, lines)) > _LINE_LENGTH or lines[0] == f"{name}:":
        lines = [f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in _chunks(text)]
        lines[0] = f"{name}: {lines[0]}"
    return "\r\n ".join(lines).encode() + b"\r\n"


def _chunks(text: str) -> Iterator[bytes]:
    """The text in UTF-8, cut between characters; at least one piece."""
    chunk = b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _BYTES_PER_WORD:
            yield chunk
            chunk = b""
        chunk += encoded
    yield chunk


def encode_sender(sender: str) -> bytes:
    """The From field with its line end. Written once for all mails, so Python's own slow and careful way serves."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    return mail.as_bytes().removesuffix(b"\r\n")
