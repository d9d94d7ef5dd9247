"""The pages of the shop, and the button that lets a delivery arrive."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Self
from urllib.parse import quote

import httpx
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from restock.delivery.message.language import Language, find_language
from restock.local.environment import SHOP_PATH
from restock.local.shop.products import PAGE_SIZE, STORE, Product, find_product, list_products

DELIVERED = 12
# A delivery that takes longer to arrive is not waited for: something is wrong.
PATIENCE = timedelta(minutes=2)
LAST_PAGE = 100_000
# Colours of the pictures, which tell the products of one aisle apart.
TINTS = 6

_FOLDER = Path(__file__).parent
# What the pages say, by language. {} stands for what a page fills in.
_WORDS: dict[str, dict[str, str]] = json.loads((_FOLDER / "words.json").read_text(encoding="utf-8"))
_LANGUAGE_COOKIE = "shop_language"


@dataclass(frozen=True)
class Surroundings:
    """What the shop has to know.

    Attributes:
        warehouse_url: URL of the warehouse it shows.
        intake_url: URL of the intake service, without a slash at its end.
        widget_key: Its key for the pages.
        operator_key: Its key for deliveries; never on a page.
        airflow_url: Where the runs can be seen.
    """

    warehouse_url: str
    intake_url: str
    widget_key: str
    operator_key: str
    airflow_url: str

    @classmethod
    def from_environment(cls) -> Self:
        """As the stack sets its variables."""
        return cls(
            warehouse_url=os.environ["RESTOCK_WAREHOUSE_URL"],
            intake_url=os.environ["RESTOCK_INTAKE_URL"],
            widget_key=os.environ["RESTOCK_WIDGET_KEY"],
            operator_key=os.environ["RESTOCK_OPERATOR_KEY"],
            airflow_url=os.environ["AIRFLOW_UI_URL"],
        )


class Shop:
    """The endpoints; all of them plain functions, which Starlette runs in threads."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._policy = (
            f"default-src 'none'; style-src 'self'; img-src 'self' data:; script-src {surroundings.intake_url}/; "
            f"connect-src {surroundings.intake_url}/; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )

    def routes(self) -> list[Mount]:
        """What serves the shop, below `SHOP_PATH`."""
        routes = [
            Route("/", self.show_list),
            Route("/p/{product_id:path}", self.show_product, methods=["GET"]),
            Route("/p/{product_id:path}", self.let_delivery_arrive, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_FOLDER / "static")),
        ]
        return [Mount(SHOP_PATH, routes=routes)]

    def show_list(self, request: Request) -> Response:
        """A page of products."""
        query, page = request.query_params.get("query", "")[:100], _page_number(request)
        products, count = list_products(self._around.warehouse_url, query.replace("\0", ""), page)
        return self._render(
            request, "list.html", products=products, count=count, query=query, page=page, pages=ceil(count / PAGE_SIZE)
        )

    def show_product(self, request: Request) -> Response:
        """One product: sold out with the widget, or in stock."""
        since = _delivery_time(request)
        product, has_arrived = self._find(request, since)
        delivery = None
        if since is not None:
            # A page that was left open looks again only for a while.
            is_late = datetime.now(UTC) - since > PATIENCE
            delivery = "arrived" if has_arrived else "late" if is_late else "awaited"
        return self._render(
            request,
            "product.html",
            product=product,
            delivery=delivery,
            delivered=DELIVERED,
            around=self._around,
        )

    def let_delivery_arrive(self, request: Request) -> Response:
        """Tell the intake service of new stock, as a shop's warehouse would, and show the product again."""
        # Only the shop's own page may: browsers say with each POST where it comes from.
        if request.headers.get("Origin") != f"{request.url.scheme}://{request.url.netloc}":
            raise HTTPException(403, "Only the page of the product lets a delivery arrive.")
        product, _ = self._find(request, None)
        now = datetime.now(UTC)
        item = {
            "product_id": product.product_id,
            "store_id": STORE,
            "available_quantity": DELIVERED,
            "snapshot_at": now.isoformat(),
        }
        try:
            httpx.post(
                f"{self._around.intake_url}/v1/stock",
                json={"items": [item]},
                headers={"Authorization": f"Bearer {self._around.operator_key}"},
                timeout=10,
                trust_env=False,
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise HTTPException(502, f"The intake service did not take the delivery: {error}") from error
        since = quote(now.isoformat())
        return RedirectResponse(f"{_path(product)}?since={since}", status_code=303)

    def _find(self, request: Request, since: datetime | None) -> tuple[Product, bool]:
        product_id = request.path_params["product_id"]
        found = None if "\0" in product_id else find_product(self._around.warehouse_url, product_id, since)
        if found is None:
            raise HTTPException(404, "The shop has no such product.")
        return found

    def _render(self, request: Request, name: str, **values: object) -> Response:
        language = _language(request)
        chosen = request.query_params.get("lang")
        page = self._templates.get_template(name).render(
            words=_WORDS[language.name],
            lang=language.tag,
            languages={code: words["name"] for code, words in _WORDS.items()},
            prefix=SHOP_PATH,
            path=_path,
            price=lambda product: language.price(product.price, product.currency),
            number=lambda number: format_decimal(number, locale=language.locale),
            tint=_tint,
            here=request.url.path,
            **values,
        )
        answer = HTMLResponse(page, headers={"Content-Security-Policy": self._policy, "Cache-Control": "no-store"})
        if chosen in _WORDS:
            answer.set_cookie(_LANGUAGE_COOKIE, chosen, path=SHOP_PATH, samesite="lax", httponly=True)
        return answer


def _language(request: Request) -> Language:
    """As chosen on the page, now or before, else as the browser prefers."""
    chosen = request.query_params.get("lang") or request.cookies.get(_LANGUAGE_COOKIE)
    preferred = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip()
    return find_language(chosen if chosen in _WORDS else preferred)


def _page_number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    if not re.fullmatch("[0-9]{1,6}", text) or not 1 <= int(text) <= LAST_PAGE:
        raise HTTPException(400, f"page is a whole number from 1 to {LAST_PAGE}.")
    return int(text)


def _delivery_time(request: Request) -> datetime | None:
    text = request.query_params.get("since", "")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise HTTPException(400, "since is an ISO 8601 time.") from error


def _path(product: Product) -> str:
    return f"{SHOP_PATH}/p/{quote(product.product_id, safe='')}"


def _tint(product: Product) -> int:
    return hashlib.sha256(product.product_id.encode()).digest()[0] % TINTS
