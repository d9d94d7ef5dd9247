"""What each feed may hold: the one place from which the checks, the merge and the documentation are derived."""

from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString


class Reason(StrEnum):
    """Why a row was rejected: the code in `restock.rejected_row.reason_code`. `REASONS` says each in words."""

    WRONG_FIELD_COUNT = "wrong_field_count"
    BROKEN_QUOTING = "broken_quoting"
    BROKEN_JSON = "broken_json"
    NESTED_VALUE = "nested_value"
    INVALID_UTF8 = "invalid_utf8"
    NUL_CHARACTER = "nul_character"
    LINE_TOO_LONG = "line_too_long"
    MISSING_VALUE = "missing_value"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_BOOLEAN = "not_a_boolean"
    NOT_A_TIME = "not_a_time"
    NO_OFFSET = "no_offset"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    NOT_A_LOCALE = "not_a_locale"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_CHANNEL = "not_a_channel"
    NOT_A_CURRENCY = "not_a_currency"
    NOT_AN_EMAIL = "not_an_email"
    NOT_A_PHONE = "not_a_phone"
    NOT_A_URL = "not_a_url"
    NOT_AN_ADDRESS = "not_an_address"
    REUSED_ID = "reused_id"


REASONS = {
    Reason.WRONG_FIELD_COUNT: "The row has more or fewer fields than the header line.",
    Reason.BROKEN_QUOTING: "A quote is never closed, or something other than a comma follows a closing quote.",
    Reason.BROKEN_JSON: "The line is not one JSON object.",
    Reason.NESTED_VALUE: "The value is a JSON object or list; only text, numbers, true, false and null are read.",
    Reason.INVALID_UTF8: "The row holds bytes that are not UTF-8.",
    Reason.NUL_CHARACTER: "The row holds a NUL character.",
    Reason.LINE_TOO_LONG: "The row is longer than 1 MiB, or one of its fields longer than 128 KiB.",
    Reason.MISSING_VALUE: "A required value is missing or empty.",
    Reason.CONTROL_CHARACTER: "A value holds a line break or another control character.",
    Reason.TOO_LONG: "A value is longer than its column allows.",
    Reason.NOT_A_WHOLE_NUMBER: "The value is not a whole number in digits.",
    Reason.NOT_A_NUMBER: "The value is not a number in digits with a decimal point.",
    Reason.OUT_OF_RANGE: "The number is smaller or larger than its column allows.",
    Reason.NOT_A_BOOLEAN: "The value is not true or false.",
    Reason.NOT_A_TIME: "The value is not an ISO 8601 date and time, or no such time exists.",
    Reason.NO_OFFSET: "The time has no offset from UTC.",
    Reason.TIME_OUT_OF_RANGE: "The time is before 2000 or more than an hour in the future.",
    Reason.UNKNOWN_TIME_ZONE: "The value is not the name of an IANA time zone.",
    Reason.NOT_A_LOCALE: "The value is not a BCP 47 language tag.",
    Reason.NOT_A_CHOICE: "The value is not one of those that the column knows.",
    Reason.NOT_A_CHANNEL: "The value cannot be the name of a channel.",
    Reason.NOT_A_CURRENCY: "The value is not a currency code.",
    Reason.NOT_AN_EMAIL: "The value cannot be an e-mail address.",
    Reason.NOT_A_PHONE: "The value cannot be a telephone number.",
    Reason.NOT_A_URL: "The value is not an http or https URL.",
    Reason.NOT_AN_ADDRESS: "The value cannot be an address on the channel that the row names.",
    Reason.REUSED_ID: "The request_id belongs to a request of another shopper or for another product.",
}

EARLIEST_TIME = "2000-01-01T00:00:00Z"
# Clocks differ a little. A snapshot from further in the future would lock its product until then.
FUTURE_TOLERANCE_SECONDS = 3600


@dataclass(frozen=True)
class Kind:
    """What the values of a column look like.

    Attributes:
        meaning: What a value is, to follow "is not" in a message.
        reason: Code of a value that does not match `pattern` (or, without one, breaks this kind's own rule).
        pattern: POSIX regular expression of PostgreSQL. Counted repetition, {1,64}, is ten times slower than +.
        usual: Condition on {name}, cheaper than the pattern, under which the pattern matches; false proves nothing.
        sql_type: Type of the loaded value.
        max_length: Characters at most.
    """

    meaning: str
    reason: Reason | None = None
    pattern: str | None = None
    sql_type: str = "text"
    max_length: int = 200
    usual: LiteralString | None = None


ID = Kind("an id")
TEXT = Kind("a text", max_length=500)
INTEGER = Kind("a whole number such as 12", Reason.NOT_A_WHOLE_NUMBER, "^[-+]?[0-9]+$", "integer", 40)
DECIMAL = Kind("a number such as 12.50", Reason.NOT_A_NUMBER, r"^[-+]?[0-9]+(\.[0-9]+)?$", "numeric(14, 2)", 40)
BOOLEAN = Kind(
    "true or false", Reason.NOT_A_BOOLEAN, "^([Tt]|[Ff]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|1|0)$", "boolean"
)
TIMESTAMP = Kind(
    "an ISO 8601 time with an offset such as 2026-03-01T09:30:00+01:00",
    Reason.NOT_A_TIME,
    r"^[0-9]+-[0-9]+-[0-9]+[Tt ][0-9]+:[0-9]+:?[0-9.]*([Zz]|[-+][0-9:]+)$",
    "timestamptz",
    40,
)
TIME_ZONE = Kind("an IANA time zone such as Europe/Berlin", Reason.UNKNOWN_TIME_ZONE)
LOCALE = Kind(
    "a language tag such as de-CH",
    Reason.NOT_A_LOCALE,
    "^[A-Za-z][A-Za-z][A-Za-z]?([-_][A-Za-z0-9]+)*$",
    max_length=35,
)
CHOICE = Kind("one of the known values", Reason.NOT_A_CHOICE)
CHANNEL = Kind(
    "the name of a channel in lower case such as email",
    Reason.NOT_A_CHANNEL,
    "^[a-z][a-z0-9_]*$",
    max_length=40,
    usual="{name} in ('email', 'sms', 'webhook')",
)
CURRENCY = Kind("an ISO 4217 code such as EUR", Reason.NOT_A_CURRENCY, "^[A-Z][A-Z][A-Z]$")
EMAIL = Kind(
    "an e-mail address",
    Reason.NOT_AN_EMAIL,
    r'^[^ @<>(),;:"\\]+@([^ @<>(),;:"\\.]+\.)+[^ @<>(),;:"\\.]+$',
    max_length=254,
)
PHONE = Kind("a telephone number such as +41 44 668 18 00", Reason.NOT_A_PHONE, r"^\+?[0-9][-0-9 ().]+$", max_length=30)
URL = Kind(
    "an http or https URL",
    Reason.NOT_A_URL,
    r"^[Hh][Tt][Tt][Pp][Ss]?://[^ /?#]+[^ ]*$",
    max_length=2000,
    # The ninth character is the first of the host.
    usual="{name} like 'https://_%' and substr({name}, 9, 1) not in ('/', '?', '#') and strpos({name}, ' ') = 0",
)
# Which pattern it must match follows from the channel of the same row.
CONTACT = Kind("an address on the channel of this row", Reason.NOT_AN_ADDRESS, max_length=2000)
CONTACT_KINDS = {"email": EMAIL, "sms": PHONE, "webhook": URL}


@dataclass(frozen=True)
class Column:
    """One column of a feed. `default` stands in for a missing or empty value, as text."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    default: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """One feed.

    Attributes:
        name: Folder in the landing area.
        meaning: What a row is, and which rows count, in sentences.
        columns: What a row may hold, in the order of the staging table.
        merge: Files below sql/ingest, run in this order on the view `incoming`.
        prepare: Those that are run before them. They write nothing but temporary tables, so that a load may run them
            while another of the feed is merging.
        tables: Tables of the schema restock that a large file fills, to be analyzed after it.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    merge: tuple[str, ...]
    tables: tuple[str, ...]
    prepare: tuple[str, ...] = ()


MAX_INTEGER = 2_147_483_647
MAX_AMOUNT = 999_999_999_999

_STORE = Column("store_id", ID, "Store.", default="main")
_PRODUCT = Column("product_id", ID, "Product, or variant where products have variants.", required=True)
_USER = Column("user_id", ID, "Shopper.", required=True)
_CHANNELS = "email, sms, webhook, or the name of a channel that was set up."

SUPPRESSIONS = Feed(
    "suppressions",
    "A row is an address that must not be written to on a channel. The first suppression of an address stays.",
    (
        Column("channel", CHANNEL, _CHANNELS, required=True),
        Column("contact", CONTACT, "Address that must not be written to; its case does not matter.", required=True),
        Column("reason", CHOICE, "Why.", required=True, choices=("unsubscribe", "bounce", "complaint")),
        Column("suppressed_at", TIMESTAMP, "Since when; the time of loading when empty."),
    ),
    merge=("merge_suppressions.sql",),
    tables=("suppression",),
)
CUSTOMERS = Feed(
    "customers",
    "A row is a shopper; the last row of a shopper counts. A column that the file does not have leaves "
    "what is known as it is, and an empty value clears it.",
    (
        _USER,
        Column("email", EMAIL, "E-mail address."),
        Column("phone", PHONE, "Telephone number."),
        Column("webhook_url", URL, "URL for the webhook channel."),
        Column("locale", LOCALE, "Language of messages."),
        Column("timezone", TIME_ZONE, "Time zone whose wall clock quiet hours follow."),
        Column("preferred_channel", CHANNEL, f"Channel of requests that name none: {_CHANNELS}"),
        Column(
            "tier",
            INTEGER,
            "Rank; a higher number is served first when priority is tier. Kept as known when empty, 0 at first.",
            minimum=-MAX_INTEGER,
            maximum=MAX_INTEGER,
        ),
        Column("consent", BOOLEAN, "False once the shopper withdrew it. Kept as known when empty, true at first."),
    ),
    merge=("customers_make_reached_anew.sql", "merge_customers.sql", "customers_queue_products.sql"),
    tables=("customer",),
)
PRODUCTS = Feed(
    "products",
    "A row is a product of a store; the last row of a product counts. A column that the file does not "
    "have leaves what is known as it is, and an empty value clears it.",
    (
        _PRODUCT,
        Column("name", TEXT, "Name that shoppers read.", required=True),
        _STORE,
        Column("url", URL, "Product page."),
        Column("image_url", URL, "Picture."),
        Column("price", DECIMAL, "Price in currency.", minimum=0, maximum=MAX_AMOUNT),
        Column("currency", CURRENCY, "Currency of the price."),
        Column("category", TEXT, "Category."),
        Column("brand", TEXT, "Brand."),
        Column("parent_id", ID, "The product that this is a variant of."),
    ),
    merge=("merge_products.sql",),
    tables=("product",),
)
ORDERS = Feed(
    "orders",
    "A row is a product of an order. The first row of a product of an order stays; it ends what the "
    "shopper asked for before.",
    (
        Column("order_id", ID, "Order.", required=True),
        _USER,
        _PRODUCT,
        Column("ordered_at", TIMESTAMP, "When it was bought.", required=True),
        _STORE,
        Column("quantity", INTEGER, "Units.", default="1", minimum=1, maximum=MAX_INTEGER),
        Column("amount", DECIMAL, "Price paid for all units.", minimum=0, maximum=MAX_AMOUNT),
    ),
    merge=("merge_orders.sql",),
    tables=("purchase",),
)
INVENTORY = Feed(
    "inventory",
    "A row is the stock of a product at a location of a store at a moment; the newest counts, whatever "
    "the order in which rows arrive. Of two of the same moment the one with less to sell counts. A "
    "product that no row names is unchanged.",
    (
        _PRODUCT,
        Column(
            "available_quantity",
            INTEGER,
            "Units that can be sold now (available to promise).",
            required=True,
            minimum=0,
            maximum=MAX_INTEGER,
        ),
        Column("snapshot_at", TIMESTAMP, "When the stock was so.", required=True),
        _STORE,
        Column("location_id", ID, "Warehouse, shop or other place within the store.", default="main"),
        Column("orderable", BOOLEAN, "False while the location must not sell; it then counts as 0.", default="true"),
    ),
    merge=("merge_inventory.sql",),
    tables=("inventory", "availability"),
)
REQUESTS = Feed(
    "requests",
    "A row is a shopper's wish to be told, or its withdrawal. Of the rows with one request_id the first "
    "stays; a request for what the shopper waits for already, on the same channel, joins it. A withdrawal "
    "ends what was asked up to its time, whichever of the two arrives first.",
    (
        Column("request_id", ID, "Id given by the surface; one id is one request.", required=True),
        _USER,
        _PRODUCT,
        Column("requested_at", TIMESTAMP, "When the shopper asked, or withdrew.", required=True),
        Column(
            "action",
            CHOICE,
            "subscribe asks; cancel withdraws what the shopper asked for this product up to then.",
            default="subscribe",
            choices=("subscribe", "cancel"),
        ),
        _STORE,
        Column("channel", CHANNEL, f"Channel; the shopper's preferred one and else email when empty: {_CHANNELS}"),
        Column("contact", CONTACT, "Address for this request; the shopper's own when empty."),
        Column("surface", CHOICE, "Where it was asked.", choices=("app", "web", "mobile_web", "cart")),
        Column("locale", LOCALE, "Language at the time of asking."),
        Column("timezone", TIME_ZONE, "Time zone at the time of asking."),
        Column("quantity", INTEGER, "Units wanted.", default="1", minimum=1, maximum=MAX_INTEGER),
    ),
    merge=(
        "requests_keep_cancellations.sql",
        "requests_reject_reused_ids.sql",
        "requests_release_joined.sql",
        "requests_mark_withdrawn.sql",
        "requests_find_standing.sql",
        "requests_queue_products.sql",
        "requests_close_withdrawn.sql",
        "requests_place.sql",
        "requests_count_outdated.sql",
        "requests_write.sql",
        "requests_open.sql",
        "requests_join.sql",
        "requests_write_withdrawn.sql",
        "requests_queue_products_last.sql",
    ),
    tables=("request", "open_request"),
    prepare=(
        "requests_find_withdrawals.sql",
        "requests_find_known.sql",
        "requests_analyze_known.sql",
        "requests_find_arriving.sql",
        "requests_analyze_arriving.sql",
    ),
)

# In the order in which one batch loads them: a request takes its channel from a customer of the same drop.
FEEDS = {feed.name: feed for feed in (SUPPRESSIONS, CUSTOMERS, PRODUCTS, ORDERS, INVENTORY, REQUESTS)}
