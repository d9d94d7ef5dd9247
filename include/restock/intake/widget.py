"""The "Notify me" widget: one file, /widget.js, that any page of a shop may include. docs/widget.md says how."""

import hashlib
import re
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

# A page in a browser's cache asks again after an hour: what is mended here is mended in the shops soon.
_HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": "public, max-age=3600",
    "X-Content-Type-Options": "nosniff",
    # It is public: pages of any origin may load it, with an integrity hash or under cross-origin isolation as well.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Lines that are a comment, and the blanks that lines begin with: an eighth of the file.
_COMMENT_OR_INDENT = re.compile(rb"^\s*//.*\n|^\s+", re.MULTILINE)

router = APIRouter()


@router.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
def get_widget(request: Request) -> Response:
    """The widget's script; 304 for a cache that has it."""
    script, tag = read_widget()
    # Proxies that compress mark the tag as weak.
    known = {each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers={**_HEADERS, "ETag": tag})
    return Response(script, headers={**_HEADERS, "ETag": tag})


@cache
def read_widget() -> tuple[bytes, str]:
    """The script, without its comments and indentation, and its ETag."""
    source = (Path(__file__).parent / "static" / "widget.js").read_bytes()
    script = _COMMENT_OR_INDENT.sub(b"", source)
    return script, f'"{hashlib.sha256(script).hexdigest()[:32]}"'
