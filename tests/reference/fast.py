"""The schedule of the pipeline in the words of the reference, so that the two can be compared."""

from dataclasses import asdict

import pandas as pd

from restock.policy import Settings
from restock.policy.settings import ProductSettings
from restock.schedule.arrange import arrange
from restock.schedule.queue import rank
from restock.schedule.rules import Schedule as Built
from restock.schedule.rules import build
from tests.reference.cases import CHANNELS, Case
from tests.reference.rules import Decision, Message, Schedule, Wish

INSTANT = "datetime64[us, UTC]"
TYPES = {
    str: "str",
    str | None: "str",
    int: "int64",
    float: "float64",
    float | None: "float64",
    bool: "bool",
}
OWN_TYPES = {
    "requested_at": INSTANT,
    "opened_at": INSTANT,
    "last_told_at": INSTANT,
    "first_due_at": INSTANT,
    "due_at": INSTANT,
    "local_day": "datetime64[us]",
    "key": "int64",
}


def frame(rows: list[Wish] | list[Message], kind: type) -> pd.DataFrame:
    fields = kind.__dataclass_fields__
    types = {name: OWN_TYPES.get(name) or TYPES[field.type] for name, field in fields.items()}
    return pd.DataFrame([asdict(row) for row in rows], columns=list(fields)).astype(types)


def policy_of(case: Case) -> Settings:
    """The policies of a case in one: the first, with the others as overrides of their products."""
    products = {(row.store_id, row.product_id, row.variant) for row in [*case.wishes, *case.earlier] if row.variant}
    own = {
        f"{store}/{product}": case.policies[variant].model_dump(include=set(ProductSettings.model_fields))
        for store, product, variant in products
    }
    return Settings.model_validate({**case.policies[0].model_dump(), "overrides": {"product": own}})


def build_schedule(case: Case) -> Schedule:
    """Rules 3 to 8 at once."""
    return in_words(case, build(*frames(case), policy_of(case), CHANNELS, case.clock))


def frames(case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The candidates, numbered as the wishes are, and the earlier messages."""
    candidates = frame(case.wishes, Wish).assign(category=None, locale=None, looks=None)
    earlier = frame(case.earlier, Message).rename(columns={"key": "notification_key"}).assign(category=None)
    return candidates, earlier


def decide_in_shards(case: Case, shards: int) -> dict[str, tuple]:
    """Rules 3 to 6 for all, then rules 7 and 8 shard by shard: what each request is told, and with whom.

    A shopper is in a shard by the number in the name.
    """
    candidates, earlier = frames(case)
    policy = policy_of(case)
    places = rank(candidates, policy, CHANNELS, case.clock).placed
    placed = candidates.loc[places.index].assign(**dict(places.items()))
    result = {}
    for shard in range(shards):
        mine, theirs = (rows[rows["user_id"].str[1:].astype(int) % shards == shard] for rows in (placed, earlier))
        arrangement = arrange(mine, theirs.reset_index(drop=True), policy, case.clock)
        for row, decision in arrangement.decisions.join(mine["request_id"]).iterrows():
            message = None
            if decision["message"] >= 0:
                message = tuple(arrangement.messages.loc[decision["message"], ["opening_item", "notification_key"]])
            result[decision["request_id"]] = (
                places.loc[row, "position"],
                decision["rule"],
                decision["scheduled_at"],
                message,
                decision["trace"],
            )
    return result


def in_words(case: Case, built: Built) -> Schedule:
    names, schedule = [], Schedule({})
    for row in built.messages.itertuples():
        earlier = row.notification_key >= 0
        opener = None if earlier else case.wishes[row.opening_item]
        message = Message(
            row.user_id,
            row.store_id,
            row.channel,
            "",
            row.local_day.date(),
            row.first_due_at,
            row.due_at,
            key=row.notification_key if earlier else None,
            opener=opener and opener.request_id,
        )
        names.append(message.name)
        schedule.messages.append(message)
    for wish, row in zip(case.wishes, built.decisions.itertuples(), strict=True):
        if row.rule in ("expired", "suppressed", "purchased"):
            decision = Decision("closed", row.rule)
        elif pd.isna(row.position):
            decision = Decision(row.outcome, row.rule)
        else:
            name = names[row.message] if row.message >= 0 else None
            decision = Decision(
                row.outcome, row.rule, int(row.position), int(row.wave), row.due_at, row.scheduled_at, name
            )
        schedule.decisions[wish.request_id] = decision
    return schedule
