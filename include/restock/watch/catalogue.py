"""The alerts: when each is raised, what it means for shoppers, what to do.

The condition of an alert is `sql/watch/alerts/<name>.sql`, its runbook `docs/runbooks/<name>.md`. Two have no query:
that the warehouse is unreachable, and that a condition cannot be read, whoever looks finds out by itself.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Severity = Literal["page", "tell"]
Unit = Literal["minutes", "hours", "messages"]

# A page is repeated hourly, until somebody ends its cause; what can wait for the morning daily.
REMIND_AFTER: Mapping[Severity, timedelta] = {"page": timedelta(hours=1), "tell": timedelta(days=1)}
UNREACHABLE = "warehouse_unreachable"
UNREAD = "condition_unread"
_PREFIX = "RESTOCK_ALERT_"


class WrongLimitError(RuntimeError):
    """A variable RESTOCK_ALERT_… is no number that makes sense."""


@dataclass(frozen=True)
class Limit:
    """What an alert waits for, unless the environment variable RESTOCK_ALERT_<NAME> says otherwise."""

    default: float
    unit: Unit


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes:
        name: Of its query and its runbook.
        severity: page: wake somebody; tell: in the morning will do.
        title: What happened, in a few words.
        meaning: What it means for shoppers.
        action: What to do first; the runbook has the rest.
        limit: How long, or how many; None where there is nothing to set.
    """

    name: str
    severity: Severity
    title: str
    meaning: str
    action: str
    limit: Limit | None = None

    @property
    def runbook(self) -> str:
        """Path of its runbook in this repository."""
        return f"docs/runbooks/{self.name}.md"

    @property
    def variable(self) -> str:
        """Environment variable that changes its limit."""
        return _PREFIX + self.name.upper()

    def binds(self) -> dict[str, object]:
        """Its limit as its query takes it.

        Raises:
            WrongLimitError: The environment says what is no limit.
        """
        if self.limit is None:
            return {}
        text = os.environ.get(self.variable, "").strip()
        try:
            amount = float(text) if text else self.limit.default
        except ValueError:
            amount = -1.0
        if not 0 <= amount <= 100_000:
            raise WrongLimitError(f"{self.variable} is {text!r}: set it to a number of {self.limit.unit}, or unset it.")
        if self.limit.unit == "messages":
            return {"least": amount}
        return {"patience": timedelta(**{self.limit.unit: amount})}


ALERTS = (
    Alert(
        "no_notify_run",
        "page",
        "No run of restock_notify comes to its end",
        "Nobody is told that a product is back; who waits may find it sold out again.",
        "See in Airflow whether runs of restock_notify start, hang or fail, and whether the scheduler runs.",
        Limit(15, "minutes"),
    ),
    Alert(
        "messages_overdue",
        "page",
        "Messages are overdue",
        "Shoppers are told late, perhaps after the product sold out again. None is lost: what is due stays due.",
        "Look at the log of send_due and send_messages in the newest run of restock_notify.",
        Limit(15, "minutes"),
    ),
    Alert(
        "provider_down",
        "page",
        "A provider takes no messages",
        "Nobody is told on this channel. Messages wait, without using up their tries, and leave when it is back.",
        "Check the provider and its Airflow connection; the pipeline tries again by itself every 15 minutes at most.",
        Limit(10, "minutes"),
    ),
    Alert(
        "gate_holds",
        "page",
        "A gate holds products back",
        "Nobody is told of these products until the gate clears or somebody releases it.",
        "Compare what the gate found with the shop's stock; release it in the console only if the stock is right.",
        Limit(10, "minutes"),
    ),
    Alert(
        "ingest_stands_still",
        "page",
        "restock_ingest stands still",
        "New stock and new requests are not seen: nobody is told of what came back since.",
        "See in Airflow whether runs of restock_ingest start, hang or fail, and whether the scheduler runs.",
        Limit(30, "minutes"),
    ),
    Alert(
        "inbox_backlog",
        "page",
        "What arrived over HTTP is not loaded",
        "Shoppers who asked on the product page are not in the queue, unsubscribes count late, new stock is not seen.",
        "Look at the log of find_inputs in the newest run of restock_ingest.",
        Limit(15, "minutes"),
    ),
    Alert(
        UNREACHABLE,
        "page",
        "The warehouse cannot be used",
        "Nobody is told anything, and the product page cannot take requests. What was taken is safe.",
        "Check that PostgreSQL runs, takes connections and can write; everything goes on by itself once it does.",
        Limit(2, "minutes"),
    ),
    Alert(
        "task_failed",
        "tell",
        "A task failed after its last try",
        "Usually nothing: the next run takes up what is left. Where it goes on, another alert says so.",
        "Read the end of the task's log in Airflow; clear the task once the cause is mended.",
        Limit(15, "minutes"),
    ),
    Alert(
        "dead_messages",
        "tell",
        "Many messages were given up",
        "These shoppers were not told, and are not tried again by themselves.",
        "See in the console what the provider said; mend it, then replay the dead messages there.",
        Limit(20, "messages"),
    ),
    Alert(
        "feed_looks_wrong",
        "tell",
        "A feed is late or looks wrong",
        "Shoppers may be told too late, or of what is not there, if the shop's data is wrong.",
        "Ask whoever delivers the feed; a right file clears it by itself.",
        Limit(10, "minutes"),
    ),
    Alert(
        "file_failed",
        "tell",
        "A file of a feed could not be read",
        "Nothing of this file counts: its stock or requests are missing until it is delivered again.",
        "Have the file put right and delivered again; its reason says what is wrong.",
        Limit(24, "hours"),
    ),
    Alert(
        "check_failed",
        "tell",
        "The warehouse does not agree with itself",
        "Some shoppers may have been told wrongly, or not at all.",
        "Run the query of the check to see the rows; pause with restock_paused if shoppers are told wrongly.",
    ),
    Alert(
        "default_partition",
        "tell",
        "Rows lie in a default partition",
        "Nothing yet: they are found as before, only slower, and retention passes them over.",
        "Run restock_maintenance, which makes the partitions that are missing.",
    ),
    Alert(
        "paused_long",
        "tell",
        "Everything has been paused for long",
        "Nobody is told anything, on purpose or because somebody forgot to end the pause.",
        "Ask who paused (the console's Tune says so); set restock_paused to false if nobody needs it.",
        Limit(4, "hours"),
    ),
    Alert(
        "maintenance_late",
        "tell",
        "The daily upkeep does not come to its end",
        "Requests that are too old stay open, and the checks do not say whether the warehouse is right.",
        "See in Airflow why the last run of restock_maintenance failed or did not start; trigger it.",
        Limit(26, "hours"),
    ),
    Alert(
        UNREAD,
        "tell",
        "A condition cannot be read",
        "Nothing by itself, but what this alert is for may happen and nobody is told.",
        "The notice says why: usually a lock that somebody holds, or a right that the pipeline's login has lost.",
        Limit(10, "minutes"),
    ),
)
BY_NAME = {alert.name: alert for alert in ALERTS}
PAGES = tuple(alert.name for alert in ALERTS if alert.severity == "page")
