"""What sending says in the log: one line an event, as key=value, with batch and notification ids and no address.

Airflow adds the run, the task and its try to each line.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from restock.channels import Result
from restock.delivery.outbox import Claim
from restock.feeds.masking import mask_addresses

log = logging.getLogger(__name__)

# So many ids stand in one line; more take more lines.
_IDS_IN_LINE = 50


def log_batch(channel: str, batch: str, claim: Claim, untouched: Collection[int]) -> None:
    """A batch is done with."""
    count = len(claim.messages)
    log.info("batch settled batch=%s channel=%s messages=%s given_back=%s", batch, channel, count, len(untouched))


def log_refused(
    channel: str, batch: str, claim: Claim, refused: Sequence[Result], retry_at: Sequence[datetime | None]
) -> None:
    """Messages of a batch were not taken, or nobody knows.

    Args:
        channel: Channel.
        batch: Sender and lane.
        claim: The batch.
        refused: Results that are not accepted.
        retry_at: For each, when it is tried again; None for never.
    """
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for result, when in zip(refused, retry_at, strict=True):
        code = mask_addresses(result.code or "none").replace(" ", "/")
        groups[result.outcome, code, "failed" if when else "dead"].append(
            claim.messages[result.notification_key][0].notification_id
        )
    for (outcome, code, status), members in groups.items():
        for some in _lines(members):
            log.warning(
                "messages refused batch=%s channel=%s outcome=%s code=%s status=%s count=%s notification_ids=%s",
                *(batch, channel, outcome, code, status, len(some), ",".join(some)),
            )


def log_in_doubt(notification_ids: Sequence[str], becomes: str) -> None:
    """Nobody knows whether these messages left: their sender died. `becomes` is resend or drop."""
    for some in _lines(notification_ids):
        log.warning("messages in doubt becomes=%s count=%s notification_ids=%s", becomes, len(some), ",".join(some))


def _lines(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _IDS_IN_LINE] for start in range(0, len(ids), _IDS_IN_LINE))
