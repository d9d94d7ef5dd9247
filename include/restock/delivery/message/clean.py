"""Text and URLs from feeds, made harmless before they reach a message."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

import idna

# The longest name or brand that a message shows, and the longest link, in characters.
NAME_LENGTH = 160
_URL_LENGTH = 2_000

# Overrides, embeddings and isolates can make a name swallow or reverse the text around it. The marks U+200E, U+200F
# and U+061C cannot, and right-to-left names need them.
_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
# Never characters of a text; the templates use some of them for their slots (slots.py).
_NONCHARACTERS = "\ufdd0-\ufdef\ufffe\uffff"
_UNWANTED = re.compile(f"[{_BIDI_CONTROLS}{_NONCHARACTERS}\ufeff\ufff9-\ufffb\ud800-\udfff]")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# What mail programs turn into a link by themselves.
_LINK_LIKE = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*://|www\.|[\w-]+(?:\.[\w-]+)+/|[^\s@]+@[^\s@]+\.)\S*")
_JOINTS = re.compile(r"[.:@]")

_URL = re.compile(
    r"(?i)(?P<scheme>https?)://(?P<host>[^\s/?#@\\\[\]:<>\"'%]{1,253}|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?"
    r"(?P<rest>[/?#].*)?"
)
# What stays in a URL as it is. Nearly all have nothing else, and a pattern sees that sooner than quoting does.
_KEPT = "/?#[]@!$&'()*+,;=:%~"
_PLAIN_REST = re.compile(rf"[\w.\-{re.escape(_KEPT)}]*", re.ASCII)
_HOST = re.compile(r"(?i)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")


def clean_text(text: str, limit: int = NAME_LENGTH) -> str:
    """One line of text that can break nothing: no control characters, nothing that a mail program makes a link of.

    Args:
        text: From a feed.
        limit: Characters; what is longer ends with an ellipsis.
    """
    # In what is printable nothing is unwanted, and no blank is other than a space.
    line = " ".join(text.split()) if text.isprintable() else _UNWANTED.sub("", _BLANK.sub(" ", text)).strip()
    line = shorten(line, limit)
    return _LINK_LIKE.sub(_unlink, line) if _may_have_link(line) else line


def _may_have_link(line: str) -> bool:
    """Quicker than to look for `_LINK_LIKE`, whose every form has one of these."""
    return "/" in line or "@" in line or "www." in line.lower()


def _unlink(match: re.Match[str]) -> str:
    # An invisible break behind each joint: it reads the same, and is no address any more.
    return _JOINTS.sub("\\g<0>\u200b", match[0])


def shorten(text: str, limit: int) -> str:
    """At most so many characters, the last an ellipsis where some are gone."""
    if len(text) <= limit:
        return text
    end = limit - 1
    # Not between a letter and its accents, nor inside an emoji.
    while end > limit // 2 and (_joins(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + "…"


def _joins(letter: str) -> bool:
    return letter == "\u200d" or "\U0001f3fb" <= letter <= "\U0001f3ff" or unicodedata.category(letter) in {"Mn", "Me"}


@lru_cache(maxsize=8_192)
def clean_url(url: str | None) -> str | None:
    """The URL in ASCII if a shopper can be sent there, else None.

    Only http and https: no script, no data. No user name before the host: it is there to look like another host.
    """
    if not url or len(url) > _URL_LENGTH:
        return None
    match = _URL.fullmatch(url.strip(" "))
    if match is None:
        return None
    host = match["host"] if match["host"].startswith("[") else ascii_host(match["host"])
    rest = match["rest"] or ""
    path = rest if _PLAIN_REST.fullmatch(rest) else _quote_rest(rest)
    if host is None or path is None:
        return None
    return f"{match['scheme'].lower()}://{host}{match['port'] or ''}{path}"


def _quote_rest(rest: str) -> str | None:
    if any(ord(letter) < 32 or letter in "\x7f\u2028\u2029" for letter in rest):
        return None
    try:
        return quote(rest, safe=_KEPT)
    except UnicodeEncodeError:
        return None


def ascii_host(host: str) -> str | None:
    """The name of a host as the DNS knows it, or None if it is none."""
    if not host.isascii():
        # Python's own codec follows the rules of 2003, and would send mail for straße to strasse.
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    return host.lower() if _HOST.fullmatch(host) and len(host) <= 253 else None
