"""The contract of the feeds once more, slow and obvious: what must become of each row, one at a time.

Written from the design's words, on purpose without a look at the package: what both get wrong alike is all that can
slip through.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import available_timezones

Values = dict[str, str]
Verdict = set[str]

CONTROL = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]")
LARGEST = 2**31 - 1


def _is(pattern: str, reason: str) -> Callable[[str], str | None]:
    return lambda text: None if re.fullmatch(pattern, text) else reason


def _whole(low: int, high: int) -> Callable[[str], str | None]:
    def judge(text: str) -> str | None:
        if not re.fullmatch("[+-]?[0-9]+", text):
            return "not_a_whole_number"
        return None if low <= int(text) <= high else "out_of_range"

    return judge


def _money(text: str) -> str | None:
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        return "not_a_number"
    return None if 0 <= Decimal(text) <= 999_999_999_999 else "out_of_range"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _time(clock: datetime) -> Callable[[str], str | None]:
    def judge(text: str) -> str | None:
        try:
            time = datetime.fromisoformat(text.upper())
        except ValueError:
            return "not_a_time"
        if time.tzinfo is None:
            return "no_offset"
        earliest = datetime(2000, 1, 1, tzinfo=UTC)
        return None if earliest <= time <= clock + timedelta(hours=1) else "time_out_of_range"

    return judge


EMAIL = r'[^ @<>(),;:"\\]+@([^ @<>(),;:"\\.]+\.)+[^ @<>(),;:"\\.]+'
PHONE = r"\+?[0-9][-0-9 ().]+"
URL = r"(?i:https?)://[^ /?#]+[^ ]*"
ANY_ADDRESS = f"({EMAIL})|({PHONE})|({URL})"

_zone = lambda text: None if text in available_timezones() else "unknown_time_zone"  # noqa: E731
_locale = _is("[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*", "not_a_locale")
_channel = _is("[a-z][a-z0-9_]*", "not_a_channel")
_yes_or_no = _is("(?i:true|false|t|f)|1|0", "not_a_boolean")
_free = lambda _: None  # noqa: E731

# Column: characters at most, and what is wrong with a value. `contact` is judged with its channel.
Columns = dict[str, tuple[int, Callable[[str], str | None]]]


def columns_of(feed: str, clock: datetime) -> Columns:
    some_id, text, time = (200, _free), (500, _free), (40, _time(clock))
    return {
        "suppressions": {
            "channel": (40, _channel),
            "contact": (2000, _free),
            "reason": (200, _is("unsubscribe|bounce|complaint", "not_a_choice")),
            "suppressed_at": time,
        },
        "customers": {
            "user_id": some_id,
            "email": (254, _is(EMAIL, "not_an_email")),
            "phone": (30, _is(PHONE, "not_a_phone")),
            "webhook_url": (2000, _is(URL, "not_a_url")),
            "locale": (35, _locale),
            "timezone": (200, _zone),
            "preferred_channel": (40, _channel),
            "tier": (40, _whole(-LARGEST, LARGEST)),
            "consent": (200, _yes_or_no),
        },
        "products": {
            "product_id": some_id,
            "name": text,
            "store_id": some_id,
            "url": (2000, _is(URL, "not_a_url")),
            "image_url": (2000, _is(URL, "not_a_url")),
            "price": (40, _money),
            "currency": (200, _is("[A-Z]{3}", "not_a_currency")),
            "category": text,
            "brand": text,
            "parent_id": some_id,
        },
        "orders": {
            "order_id": some_id,
            "user_id": some_id,
            "product_id": some_id,
            "ordered_at": time,
            "store_id": some_id,
            "quantity": (40, _whole(1, LARGEST)),
            "amount": (40, _money),
        },
        "inventory": {
            "product_id": some_id,
            "available_quantity": (40, _whole(0, LARGEST)),
            "snapshot_at": time,
            "store_id": some_id,
            "location_id": some_id,
            "orderable": (200, _yes_or_no),
        },
        "requests": {
            "request_id": some_id,
            "user_id": some_id,
            "product_id": some_id,
            "requested_at": time,
            "action": (200, _is("subscribe|cancel", "not_a_choice")),
            "store_id": some_id,
            "channel": (40, _channel),
            "contact": (2000, _free),
            "surface": (200, _is("app|web|mobile_web|cart", "not_a_choice")),
            "locale": (35, _locale),
            "timezone": (200, _zone),
            "quantity": (40, _whole(1, LARGEST)),
        },
    }[feed]


REQUIRED = {
    "suppressions": ("channel", "contact", "reason"),
    "customers": ("user_id",),
    "products": ("product_id", "name"),
    "orders": ("order_id", "user_id", "product_id", "ordered_at"),
    "inventory": ("product_id", "available_quantity", "snapshot_at"),
    "requests": ("request_id", "user_id", "product_id", "requested_at"),
}


def faults(feed: str, values: Values, clock: datetime) -> Verdict:
    """Every rule that a row breaks; it must be rejected for one of them. Values are stripped; missing ones are ''."""
    found = set()
    for name, (longest, judge) in columns_of(feed, clock).items():
        value = values.get(name, "")
        if not value:
            if name in REQUIRED[feed]:
                found.add("missing_value")
            continue
        if CONTROL.search(value):
            found.add("control_character")
        if len(value) > longest:
            found.add("too_long")
        reason = _judge_contact(values.get("channel", ""), value) if name == "contact" else judge(value)
        if reason:
            found.add(reason)
    return found


def _judge_contact(channel: str, contact: str) -> str | None:
    kinds = {
        "email": (EMAIL, "not_an_email"),
        "sms": (PHONE, "not_a_phone"),
        "webhook": (URL, "not_a_url"),
        "": (ANY_ADDRESS, "not_an_address"),
    }
    pattern, reason = kinds.get(channel, (".*", ""))
    return None if re.fullmatch(pattern, contact) else reason


@dataclass
class Request:
    request_id: str
    user: str
    store: str
    product: str
    channel: str
    at: datetime
    cancelled: bool = False

    def thing(self) -> tuple[str, str, str, str]:
        return self.store, self.product, self.user, self.channel


@dataclass(frozen=True)
class Cancel:
    request_id: str
    user: str
    store: str
    product: str
    channel: str
    at: datetime

    def ends(self, request: Request) -> bool:
        named = (self.store, self.product) == (request.store, request.product)
        named = named and self.channel in ("", request.channel)
        return self.user == request.user and request.at <= self.at and (named or self.request_id == request.request_id)


@dataclass
class Shop:
    """What the warehouse must hold after the files so far; `clock` is when they are loaded."""

    clock: datetime
    suppressions: dict[tuple, str] = field(default_factory=dict)
    customers: dict[str, dict] = field(default_factory=dict)
    products: dict[tuple, dict] = field(default_factory=dict)
    orders: dict[tuple, tuple] = field(default_factory=dict)
    inventory: dict[tuple, tuple] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    cancels: set[Cancel] = field(default_factory=set)
    leaders: dict[tuple, str] = field(default_factory=dict)

    def take(self, feed: str, rows: Mapping[int, Values], named: set[str]) -> tuple[Counter, dict[int, str]]:
        """Load the rows of a file that break no rule, by line number; what became of them, and which have an id that
        belongs to another request."""
        if feed == "requests":
            return self._take_requests(rows)
        return getattr(self, f"_take_{feed}")(rows.values(), named), {}

    def _take_suppressions(self, rows: Iterable[Values], named: set[str]) -> Counter:
        counts = Counter()
        of_file = {}
        for row in rows:
            key = row["channel"], row["contact"].lower()
            at = moment(row["suppressed_at"]) if row.get("suppressed_at") else self.clock
            if key not in of_file or at < of_file[key][0]:
                counts["duplicate"] += key in of_file
                of_file[key] = at, row["reason"]
            else:
                counts["duplicate"] += 1
        for key, (_, reason) in of_file.items():
            counts["unchanged" if key in self.suppressions else "loaded"] += 1
            self.suppressions.setdefault(key, reason)
        return counts

    def _take_customers(self, rows: Iterable[Values], named: set[str]) -> Counter:
        plain = ["email", "phone", "webhook_url", "locale", "timezone", "preferred_channel"]
        return self._take_last(
            self.customers,
            {(row["user_id"],): row for row in rows},
            len(list(rows)),
            lambda row, known: (
                {name: (row if name in named else known).get(name) or None for name in plain}
                | {
                    "tier": int(row["tier"]) if row.get("tier") else known.get("tier", 0),
                    "consent": _true(row["consent"]) if row.get("consent") else known.get("consent", True),
                }
            ),
        )

    def _take_products(self, rows: Iterable[Values], named: set[str]) -> Counter:
        plain = ["url", "image_url", "currency", "category", "brand", "parent_id"]
        return self._take_last(
            self.products,
            {(row.get("store_id") or "main", row["product_id"]): row for row in rows},
            len(list(rows)),
            lambda row, known: (
                {name: (row if name in named else known).get(name) or None for name in plain}
                | {"name": row["name"], "price": _cents(row.get("price")) if "price" in named else known.get("price")}
            ),
        )

    @staticmethod
    def _take_last(known: dict, last: dict[tuple, Values], read: int, settle: Callable) -> Counter:
        counts = Counter(duplicate=read - len(last))
        for key, row in last.items():
            wanted = settle(row, known.get(key, {}))
            counts["unchanged" if known.get(key) == wanted else "loaded"] += 1
            known[key] = wanted
        return counts

    def _take_orders(self, rows: Iterable[Values], named: set[str]) -> Counter:
        counts = Counter()
        for row in rows:
            key = row["order_id"], row.get("store_id") or "main", row["product_id"]
            counts["duplicate" if key in self.orders else "loaded"] += 1
            said = row["user_id"], moment(row["ordered_at"]), int(row.get("quantity") or 1), _cents(row.get("amount"))
            self.orders.setdefault(key, said)
        return counts

    def _take_inventory(self, rows: Iterable[Values], named: set[str]) -> Counter:
        counts = Counter()
        of_file: dict[tuple, tuple] = {}
        for row in rows:
            key = row.get("store_id") or "main", row["product_id"], row.get("location_id") or "main"
            # Of the same moment the one with less to sell counts: not orderable, then fewer.
            orderable = _true(row.get("orderable") or "true")
            said = moment(row["snapshot_at"]), not orderable, -int(row["available_quantity"])
            counts["stale"] += key in of_file
            of_file[key] = max(said, of_file.get(key, said))
        for key, said in of_file.items():
            known = self.inventory.get(key)
            counts["loaded" if known is None or said > known else "unchanged" if said == known else "stale"] += 1
            self.inventory[key] = said if known is None else max(said, known)
        return counts

    def _take_requests(self, rows: Mapping[int, Values]) -> tuple[Counter, dict[int, str]]:
        counts: Counter = Counter()
        reused = {}
        arriving: dict[str, Request] = {}
        asked = []
        for line, row in rows.items():
            who = row["request_id"], row["user_id"], row.get("store_id") or "main", row["product_id"]
            channel, at = row.get("channel", ""), moment(row["requested_at"])
            if row.get("action") == "cancel":
                cancel = Cancel(*who, channel, at)
                counts["duplicate" if cancel in self.cancels else "loaded"] += 1
                self.cancels.add(cancel)
            else:
                preferred = self.customers.get((row["user_id"],), {}).get("preferred_channel")
                asked.append((at, line, Request(*who, channel or preferred or "email", at)))
        for _, line, request in sorted(asked, key=lambda each: each[:2]):
            known = self.requests.get(request.request_id) or arriving.get(request.request_id)
            if known is None:
                arriving[request.request_id] = request
            elif known.thing()[:3] == request.thing()[:3]:
                counts["duplicate"] += 1
            else:
                reused[line] = "reused_id"
        self.requests |= arriving
        for request in self.requests.values():
            request.cancelled = any(cancel.ends(request) for cancel in self.cancels)
        waiting = sorted(
            (request for request in self.requests.values() if not request.cancelled),
            key=lambda request: (request.at, request.request_id),
        )
        standing = {thing: leader for thing, leader in self.leaders.items() if not self.requests[leader].cancelled}
        self.leaders = {request.thing(): request.request_id for request in reversed(waiting)} | standing
        for request in arriving.values():
            leads = self.leaders.get(request.thing()) == request.request_id
            counts["loaded" if request.cancelled or leads else "duplicate"] += 1
        return counts, reused


def _true(text: str) -> bool:
    return text.lower() in ("true", "t", "1")


def _cents(text: str | None) -> Decimal | None:
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP) if text else None
