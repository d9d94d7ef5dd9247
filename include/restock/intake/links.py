"""The links of messages: /c/ leads to a product, /u/ stops messages, /r/ confirms a request. docs/links.md says how.

GET never changes anything but the count of clicks: programs open links too. Who has the token of one message can act on
that message and nothing else; the database's own functions see to that.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from restock.delivery.message.clean import clean_text, clean_url
from restock.delivery.message.links import (
    CLICK_LIFE,
    CONFIRM_LIFE,
    UNSUBSCRIBE_LIFE,
    Token,
    confirmation_tokens,
    message_tokens,
    read_first_token,
)
from restock.intake.database import rows
from restock.intake.pages import HEADERS, render
from restock.intake.problem import Problem

# What browsers say when they fetch a page that nobody asked for yet.
_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-moz", "x-purpose")
_UNSUBSCRIBE_LINK = 0
_SCOPES = ("product", "store", "everything")
_MOST_PRODUCTS_SHOWN = 10


class _Message(NamedTuple):
    """What is known of a message: its language, and name and URL of each item by its number in links.

    Of a message whose requests were removed there are no products.
    """

    locale: str | None
    products: Mapping[str, tuple[str | None, str | None]]
    names: list[str]


async def follow(request: Request) -> Response:
    """Lead to the page of a product: to the URL of the catalogue and nowhere else."""
    token = _token(request, message_tokens)
    message = await _find_message(request, token)
    if token is None or message is None:
        return render(request, "gone.html", 404, what="unknown")
    number = request.path_params["number"]
    name, found = message.products.get(number, (None, None))
    url = clean_url(found)
    if token.is_older_than(CLICK_LIFE):
        return render(request, "gone.html", 410, message.locale, what="old", product=name, url=url)
    if url is None:
        return render(request, "gone.html", 404, message.locale, what="product", product=name)
    if _is_person(request):
        await _record(request, token.id, int(number))
    return RedirectResponse(url, 302, HEADERS)


async def ask_to_unsubscribe(request: Request) -> Response:
    """Ask what is to stop. Nothing stops yet."""
    token = _message_token(request)
    message = await _find_message(request, token)
    if refusal := _refusal(request, token, message, UNSUBSCRIBE_LIFE):
        return refusal
    assert token is not None
    assert message is not None
    if _is_person(request):
        await _record(request, token.id, _UNSUBSCRIBE_LINK)
    return _ask_scope(request, message, 200)


async def unsubscribe(request: Request) -> Response:
    """Stop what was chosen; everything, at once, where a mail program asks for it (RFC 8058)."""
    token = _message_token(request)
    message = await _find_message(request, token)
    if refusal := _refusal(request, token, message, UNSUBSCRIBE_LIFE):
        return refusal
    assert token is not None
    assert message is not None
    scope = _read_scope(await request.body())
    if scope is None:
        return _ask_scope(request, message, 400)
    async with request.app.state.database.connection() as connection:
        [(done,)] = await rows(connection, "links/unsubscribe.sql", {"notification_id": token.id, "scope": scope})
    if not done:
        # Never say that it is done where nothing stops.
        return render(request, "gone.html", 404, message.locale, what="unknown")
    return render(request, "unsubscribed.html", 200, message.locale, names=message.names, scope=scope)


async def ask_to_confirm(request: Request) -> Response:
    """Ask whether the requests are the shopper's own. Nothing is confirmed yet."""
    return await _show_confirmation(request, confirm=False)


async def confirm(request: Request) -> Response:
    """Let the requests into the inbox."""
    return await _show_confirmation(request, confirm=True)


async def _show_confirmation(request: Request, *, confirm: bool) -> Response:
    token = _token(request, confirmation_tokens)
    if token is None:
        return render(request, "gone.html", 404, what="unknown")
    binds = {"confirmation_id": token.id}
    async with request.app.state.database.connection() as connection:
        found = await rows(connection, "links/show_confirmation.sql", binds)
        locale = found[0][0] if found else None
        # What is confirmed stays so, also for who opens the link again later.
        confirmed = bool(found) and found[0][1] == "confirmed"
        if not found or (token.is_older_than(CONFIRM_LIFE) and not confirmed):
            return render(request, "gone.html", 410, locale, what="confirmation")
        names = [clean_text(name) for _, _, name in found if name][:_MOST_PRODUCTS_SHOWN]
        if confirm and not confirmed:
            [(confirmed,)] = await rows(connection, "links/confirm.sql", binds)
            if not confirmed:
                return render(request, "gone.html", 410, locale, what="confirmation")
    return render(request, "confirmed.html" if confirmed else "confirm.html", 200, locale, names=names)


def _ask_scope(request: Request, message: _Message, status: int) -> Response:
    has_products = bool(message.products)
    return render(request, "unsubscribe.html", status, message.locale, names=message.names, has_products=has_products)


def _token(request: Request, signer: Callable[[str], Any]) -> Token | None:
    token: Token | None = signer(request.app.state.settings.link_secret).read(request.path_params["token"])
    return token


def _message_token(request: Request) -> Token | None:
    if request.url.path.rsplit("/", 2)[-2] == "unsubscribe":
        return read_first_token(request.app.state.settings.link_secret, request.path_params["token"])
    return _token(request, message_tokens)


def _refusal(request: Request, token: Token | None, message: _Message | None, life: timedelta) -> Response | None:
    """The answer to a token that opens nothing."""
    if token is None or message is None:
        return render(request, "gone.html", 404, what="unknown")
    if token.is_older_than(life):
        return render(request, "gone.html", 410, message.locale, what="old", url=None)
    return None


async def _find_message(request: Request, token: Token | None) -> _Message | None:
    if token is None:
        return None
    async with request.app.state.database.connection() as connection:
        found = await rows(connection, "links/show_message.sql", {"notification_id": token.id})
    if not found:
        return None
    names = [clean_text(name) for _, _, name, _, dropped in found if name and not dropped]
    return _Message(
        found[0][0],
        {str(number): (clean_text(name) if name else None, url) for _, number, name, url, _ in found if number},
        list(dict.fromkeys(names))[:_MOST_PRODUCTS_SHOWN],
    )


async def _record(request: Request, notification_id: UUID, link: int) -> None:
    """Count a visit. Where that fails the shopper is led on all the same."""
    try:
        async with request.app.state.database.connection() as connection:
            await rows(connection, "links/record_visit.sql", {"notification_id": notification_id, "link": link})
    except Problem:
        return


def _read_scope(body: bytes) -> str | None:
    """What is to stop. Mail programs send one click as a form of either kind (RFC 8058, section 3.1)."""
    if b"List-Unsubscribe" in body and b"One-Click" in body:
        return "everything"
    scope = parse_qs(body.decode("ascii", "replace")).get("scope", [""])[0]
    return scope if scope in _SCOPES else None


def _is_person(request: Request) -> bool:
    """Whether a person opened the link, as far as a request tells."""
    agent = request.headers.get("user-agent", "").lower()
    return (
        request.method == "GET"
        and agent.startswith(("mozilla/", "opera/"))
        and not any(word in agent for word in _read_scanners())
        and not any(name in request.headers for name in _PREFETCH_HEADERS)
    )


@cache
def _read_scanners() -> tuple[str, ...]:
    lines = (Path(__file__).parent / "scanners.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _page(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A page also where the database is away: a person looks at it."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Problem as problem:
            page = render(request, "gone.html", problem.status_code, what="later")
            page.headers.update(problem.headers or {})
            return page

    return answer


def _read_or_act(read: Callable[..., Awaitable[Response]], act: Callable[..., Awaitable[Response]]) -> list[Any]:
    return [(_page(read), ["GET", "HEAD"]), (_page(act), ["POST"])]


# No part of the API: people open these.
router = APIRouter(
    routes=[
        Route(path, endpoint, methods=methods)
        for path, endpoints in {
            "/c/{token:str}/{number:str}": [(_page(follow), ["GET", "HEAD"])],
            "/u/{token:str}": _read_or_act(ask_to_unsubscribe, unsubscribe),
            # Of the first messages; see read_first_token.
            "/unsubscribe/{token:str}": _read_or_act(ask_to_unsubscribe, unsubscribe),
            "/r/{token:str}": _read_or_act(ask_to_confirm, confirm),
        }.items()
        for endpoint, methods in endpoints
    ]
)
