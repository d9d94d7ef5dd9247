"""What a webhook receiver's answer means.

The status code speaks for the whole call, as `restock.provider_code` says. A receiver may also settle each message by
itself, by an answer 2xx with this body:

    {"results": [{"id": "<notification_id>", "status": 200}, {"id": "…", "status": 429, "retry_after": 60}]}

A message that it does not name has the status of the call. Any other body of an answer 2xx means nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from restock.channels.base import OutgoingMessage, ProviderCodes, Result

# Sent by the one receiver of all messages, they say that its URL is wrong, and nothing of the message or the shopper.
_WRONG_URL = {404, 405, 410}
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """Status code, Retry-After header and body."""

    status: int
    retry_after: str | None
    body: bytes


def settle(
    answer: Answer, messages: Sequence[OutgoingMessage], codes: ProviderCodes, *, is_own_receiver: bool
) -> list[Result]:
    """The result of each message of a call.

    Args:
        answer: To the call.
        messages: That it carried.
        codes: What status codes mean.
        is_own_receiver: It went to the receiver of all messages, not to a shopper's own URL.
    """
    now = datetime.now(UTC)
    single = _read_single(answer) if answer.status // 100 == 2 else {}
    for_all = (answer.status, _read_wait(answer.retry_after, now))
    results = []
    for message in messages:
        status, wait = single.get(message.notification_id, for_all)
        meaning = codes.look_up(str(status))
        outcome, suppress = meaning.outcome, meaning.suppress
        if is_own_receiver and status in _WRONG_URL and message.notification_id not in single:
            outcome, suppress = "unavailable", False
        text = meaning.meaning if outcome == "accepted" else _excerpt(answer.body) or meaning.meaning
        results.append(Result(message.notification_key, outcome, str(status), text, now, wait, suppress))
    return results


def _read_single(answer: Answer) -> dict[str, tuple[int, timedelta | None]]:
    """Status and wait of each message that the body names."""
    if b'"results"' not in answer.body:
        return {}
    try:
        results = json.loads(answer.body)["results"]
        return {str(entry["id"]): (int(entry["status"]), _seconds(entry.get("retry_after"))) for entry in results}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return {}


def _seconds(value: object) -> timedelta | None:
    return min(timedelta(seconds=max(0.0, float(str(value)))), _LONGEST_WAIT) if value is not None else None


def _read_wait(header: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait: seconds or a date (RFC 9110)."""
    if header is None:
        return None
    try:
        if header.isdigit():
            return _seconds(header[:9])
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(timedelta(0), moment - now), _LONGEST_WAIT)


def _excerpt(body: bytes) -> str:
    return " ".join(body[:1_000].decode("utf-8", "replace").replace("\0", "").split())[:500]
