"""Header fields, encoded and folded (RFC 5322, RFC 2047)."""

import re
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from textwrap import wrap

# Lines with encoded words may have 76 characters. =?utf-8?b?…?= takes 12 of them, and the name of the field 9 of the
# first; 39 bytes become 52 characters.
_LINE_LENGTH = 76
_NAME = "Subject: "
_BYTES_PER_WORD = 39
_READABLE = re.compile(r"[!-~]+(?: [!-~]+)*")


def encode_subject(text: str) -> bytes:
    """The Subject field with its line end.

    Raises:
        ValueError: The text is more than one line.
    """
    if re.search(r"[\r\n\0]", text):
        raise ValueError(f"the subject must be one line and is {text[:100]!r}")
    readable = _READABLE.fullmatch(text) and "=?" not in text
    if readable and len(_NAME) + len(text) <= _LINE_LENGTH:
        return f"{_NAME}{text}\r\n".encode()
    lines = wrap(f"{_NAME}{text}", _LINE_LENGTH, break_long_words=False, break_on_hyphens=False) if readable else []
    # A name and a first word that do not fit on one line would leave the first line empty.
    if not lines or max(map(len, lines)) > _LINE_LENGTH or lines[0] == _NAME.strip():
        lines = [f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in _chunks(text)]
        lines[0] = f"{_NAME}{lines[0]}"
    return "\r\n ".join(lines).encode() + b"\r\n"


def _chunks(text: str) -> Iterator[bytes]:
    """The text in UTF-8, cut between characters; at least one piece."""
    encoded = text.encode()
    start, end = 0, _BYTES_PER_WORD
    while end < len(encoded):
        # In UTF-8 the bytes of a character after its first are 10xxxxxx.
        while encoded[end] & 0xC0 == 0x80:
            end -= 1
        yield encoded[start:end]
        start, end = end, end + _BYTES_PER_WORD
    yield encoded[start:]


def encode_sender(sender: str) -> bytes:
    """The From field with its line end. Written once for all mails, so Python's own slow and careful way serves."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    return mail.as_bytes().removesuffix(b"\r\n")
