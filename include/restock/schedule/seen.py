"""What planning saw that can change later, kept with each decision so that a past run can be replayed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from restock.policy import Settings
from restock.schedule.codes import number_together, to_micros
from restock.schedule.trace import stamps

COLUMNS = ["seen_tier", "seen_timezone", "seen_address", "seen_told_at", "seen_category"]


def address_hashes(contacts: pd.Series) -> pd.Series:
    """A number for each address, the same for the same one; missing where there is none."""
    (numbers,), distinct = number_together(contacts)
    # They are distinct: told so, pandas does not look for repetitions.
    hashes = pd.util.hash_array(distinct.to_numpy(dtype=object), categorize=False).astype(np.uint32).view(np.int32)
    # One more, which -1 for a missing address finds.
    of_row = np.append(hashes, np.int32(0))[numbers]
    return pd.Series(pd.arrays.IntegerArray(of_row, numbers < 0), index=contacts.index)


def facts(candidates: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """COLUMNS of restock.decision for candidates with tier, timezone, contact, last_told_at, category."""
    tier = candidates["tier"].to_numpy(np.int32)
    return pd.DataFrame(
        {
            "seen_tier": pd.arrays.IntegerArray(tier, tier == 0),
            "seen_timezone": candidates["timezone"],
            "seen_address": address_hashes(candidates["contact"]),
            "seen_told_at": candidates["last_told_at"],
            "seen_category": candidates["category"] if settings.has_category_overrides() else None,
        },
        index=candidates.index,
    )


def messages(items: pd.DataFrame, earlier: pd.DataFrame) -> pd.Series:
    """restock.decision.seen_messages for items with user_id: on the first item of a shopper, missing on the others."""
    seen = pd.Series(None, index=items.index, dtype="str")
    if earlier.empty:
        return seen
    order = earlier.sort_values("notification_key")
    fields = [
        pa.array(order["notification_key"]).cast(pa.string()),
        pa.array(order["local_day"].dt.strftime("%Y-%m-%d"), pa.string()),
        stamps(to_micros(order["first_due_at"])),
        stamps(to_micros(order["due_at"])),
    ]
    joinable = pc.if_else(pa.array(order["joinable"].to_numpy(bool)), "+", "")
    texts = pc.binary_join_element_wise(pc.binary_join_element_wise(*fields, "/"), joinable, "")
    by_user = pa.table({"user": pa.array(order["user_id"], pa.string()), "text": texts})
    by_user = by_user.group_by("user", use_threads=False).aggregate([("text", "list")])
    joined = pd.Series(
        pc.binary_join(by_user["text_list"].combine_chunks(), " ").to_pandas().array,
        index=pd.Index(by_user["user"].to_pandas()),
    )
    first = items["user_id"].drop_duplicates()
    seen[first.index] = joined.reindex(pd.Index(first)).array
    return seen
