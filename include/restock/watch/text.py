"""The words of a notice: what happened, what it means for shoppers, what to do."""

from datetime import datetime, timedelta

from restock.watch.catalogue import REMIND_AFTER, Alert
from restock.watch.deliver import Notice


def write_notice(
    alert: Alert,
    stretch: str,
    subject: str,
    detail: str,
    *,
    place: str,
    since: datetime,
    clock: datetime,
    sent_count: int,
) -> Notice:
    """The notice of an alert that stands.

    Args:
        alert: From the catalogue.
        stretch: Tells this stretch of the alert from all others.
        subject: What it is about.
        detail: What was found.
        place: Which warehouse it is about.
        since: Since when it has been so.
        clock: Now.
        sent_count: How often it was sent before.
    """
    label = alert.severity + (", again" if sent_count else "")
    body = "\n".join(
        [
            "What happened",
            f"  {_sentence(detail)}",
            f"  This has lasted for {say_duration(clock - since)}, since {say_time(since)}.",
            f"  Warehouse: {place}",
            "",
            "What it means for shoppers",
            f"  {alert.meaning}",
            "",
            "What to do",
            f"  {alert.action}",
            f"  Runbook: {alert.runbook}",
            "",
            f"You will be reminded in {say_duration(REMIND_AFTER[alert.severity])} while it lasts, and told when it is "
            "over.",
            "",
        ]
    )
    kind = "raised" if alert.severity == "page" else "told"
    return Notice(kind, _title(label, alert, subject), body, f"alert-{stretch}-{sent_count}", f"alert-{stretch}-0")


def write_end(alert: Alert, stretch: str, subject: str, *, since: datetime, ended_at: datetime) -> Notice:
    """The notice that an alert is over. Arguments as for `write_notice`."""
    body = (
        f"It is over since {say_time(ended_at)}, after {say_duration(ended_at - since)}. Nothing has to be done now; "
        f"the runbook {alert.runbook} says how to be sure.\n"
    )
    return Notice("over", _title("over", alert, subject), body, f"alert-{stretch}-over", f"alert-{stretch}-0")


def write_trial(clock: datetime) -> Notice:
    """The notice that tries the connection out."""
    number = f"trial-{clock:%Y%m%d%H%M%S%f}"
    body = f"Somebody tried at {say_time(clock)} whether alerts of Restock arrive here. They do.\n"
    return Notice("told", "[trial] Restock: alerts arrive here", body, number, number)


def _title(label: str, alert: Alert, subject: str) -> str:
    # One line, whatever a file or a gate is called.
    return " ".join(f"[{label}] Restock: {alert.title} ({subject})".split())


def _sentence(detail: str) -> str:
    text = " ".join(detail.split()).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def say_time(moment: datetime) -> str:
    """A moment for people, in UTC to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def say_duration(duration: timedelta) -> str:
    """A stretch of time for people: its largest unit, and nothing below a minute but seconds."""
    seconds = max(0, int(duration.total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
