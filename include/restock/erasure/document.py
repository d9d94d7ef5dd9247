"""An export as one JSON document, piece by piece."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

# In this order, also those that have no items.
PARTS = (
    *("addresses", "customer", "requests", "joined_requests", "cancellations", "purchases", "messages", "decisions"),
    *("attempts", "clicks", "suppressions", "store_suppressions", "confirmations", "unconfirmed_requests"),
    *("received_lines", "rejected_rows"),
)


class Item(NamedTuple):
    """One thing that is known of a person, under the name of its part of the document."""

    part: str
    item: object


def document_parts(items: Iterable[Item], clock: datetime) -> Iterator[str]:
    """The text of the document: an object with `exported_at` and a list for each of PARTS.

    Args:
        items: Those of a part stand together, the parts in any order.
        clock: The time now.
    """
    yield "{" + f'"exported_at": {json.dumps(clock.isoformat())}'
    missing = list(PARTS)
    for part, group in groupby(items, key=attrgetter("part")):
        missing.remove(part)
        for number, each in enumerate(group):
            text = json.dumps(each.item, ensure_ascii=False)
            yield f',\n"{part}": [\n{text}' if number == 0 else f",\n{text}"
        yield "\n]"
    yield "".join(f',\n"{part}": []' for part in missing)
    yield "\n}\n"
