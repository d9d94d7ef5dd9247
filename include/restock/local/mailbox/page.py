"""The mailbox in a browser, and its JSON API."""

import re
from dataclasses import asdict
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from restock.local.environment import SHOP_PATH
from restock.local.mailbox.store import MailStore
from restock.local.shop.page import Shop

PAGE_SIZE = 50
LARGEST_PAGE = 1000
LARGEST_NUMBER = 2**63 - 1
VIEWS = ("html", "text", "headers")
_DOCTYPE = re.compile(r"\A\s*(<!doctype[^>]*>)?", re.IGNORECASE)

# Nothing on the pages is a script.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# What stands in a mail is a stranger's: it may show pictures and open links in new tabs, nothing else.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data: http: https:; "
    "style-src 'unsafe-inline'; font-src data:; form-action 'none'; frame-ancestors 'self'"
)


def make_app(store: MailStore, shop: Shop | None) -> Starlette:
    """The web application. It answers to local names only, so that no web page elsewhere can read mails through it.

    Args:
        store: The mails.
        shop: The demo's shop, which is served beside them.
    """
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
    templates.globals["shop"] = f"{SHOP_PATH}/" if shop else None

    def render(name: str, **values: object) -> Response:
        return HTMLResponse(
            templates.get_template(name).render(**values), headers={"Content-Security-Policy": _PAGE_POLICY}
        )

    def show_list(request: Request) -> Response:
        query, offset = request.query_params.get("query", ""), _number(request, "offset", 0, LARGEST_NUMBER)
        total = store.count(query)
        entries = store.page(PAGE_SIZE, offset, query)
        return render("list.html", entries=entries, total=total, query=query, offset=offset, size=PAGE_SIZE)

    def show_message(request: Request) -> Response:
        message = _message(store, request)
        texts = {"html": _part(message, "html"), "text": _part(message, "plain")}
        given = [view for view in VIEWS if view == "headers" or texts[view] is not None]
        view = request.query_params.get("view", "")
        return render(
            "message.html",
            number=request.path_params["number"],
            message=message,
            text=texts["text"],
            views=given,
            view=view if view in given else given[0],
        )

    def show_html_part(request: Request) -> Response:
        html = _part(_message(store, request), "html")
        if html is None:
            raise HTTPException(404, "This mail has no HTML part.")
        # Links open in a new tab. What comes before a doctype would change how browsers lay the page out.
        linked = _DOCTYPE.sub(r'\g<0><base target="_blank">', html, count=1)
        return HTMLResponse(linked, headers={"Content-Security-Policy": _MAIL_POLICY})

    def list_messages(request: Request) -> Response:
        query = request.query_params.get("query", "")
        limit = _number(request, "limit", PAGE_SIZE, LARGEST_PAGE)
        entries = store.page(limit, _number(request, "offset", 0, LARGEST_NUMBER), query)
        return JSONResponse({"total": store.count(query), "messages": [asdict(entry) for entry in entries]})

    def get_message(request: Request) -> Response:
        message = _message(store, request)
        return JSONResponse(
            {
                "id": request.path_params["number"],
                "headers": [[name, str(value)] for name, value in message.items()],
                "text": _part(message, "plain"),
                "html": _part(message, "html"),
            }
        )

    return Starlette(
        routes=[
            Route("/", show_list),
            Route("/messages/{number:int}", show_message),
            Route("/messages/{number:int}/html", show_html_part),
            Route("/api/messages", list_messages),
            Route("/api/messages/{number:int}", get_message),
            *(shop.routes() if shop else ()),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def _message(store: MailStore, request: Request) -> EmailMessage:
    number = request.path_params["number"]
    raw = store.raw(number) if number <= LARGEST_NUMBER else None
    if raw is None:
        raise HTTPException(404, "There is no such mail.")
    return message_from_bytes(raw, EmailMessage, policy=policy.default)


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except LookupError:
        # A charset that nobody knows.
        return bytes(part.get_payload(decode=True)).decode("utf-8", "replace")


def _number(request: Request, name: str, default: int, largest: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) > largest:
        raise HTTPException(400, f"{name} is a whole number from 0 to {largest}.")
    return int(text)
