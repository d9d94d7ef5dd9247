"""Looking at a warehouse by a clock that is moved, with a real mail server for what arrives."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.conninfo import make_conninfo

from restock.channels import ConnectionDetails
from restock.delivery import Letterhead, send_channel
from restock.policy import Settings, resolve_policy
from restock.warehouse import connect
from restock.watch.catalogue import BY_NAME
from restock.watch.deliver import AlertConnection
from restock.watch.look import look
from tests.mail import MailServer
from tests.warehouse.shop import Shop

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
PLAIN = {"disable_ssl": True, "disable_tls": True}


class Watch:
    """Looks at a warehouse as the pipeline's role may, by a clock that is moved, and says what arrives."""

    def __init__(self, url: str, warehouse: psycopg.Connection, oncall: MailServer) -> None:
        self.clock = datetime.now(UTC)
        self.url = url
        self.warehouse_url = make_conninfo(warehouse.info.dsn, password=warehouse.info.password)
        self.warehouse = warehouse
        self.mailbox = oncall
        self.connection: AlertConnection | None = mail_connection(oncall.port)

    def pass_time(self, **amount: float) -> None:
        """Time goes by; somebody looks meanwhile, and each DAG comes to its end."""
        end = self.clock + timedelta(**amount)
        self.warehouse.execute("update restock.watch set looked_at = %s", [end])
        for name in ("restock_ingest", "restock_notify", "restock_maintenance"):
            self.warehouse.execute(
                "insert into restock.heartbeat values (%s, %s)"
                " on conflict (name) do update set beat_at = excluded.beat_at",
                [name, end],
            )
        self.clock = end

    def look(self) -> list[str]:
        """Look once; the subjects of the mails that arrived."""
        before = len(self.mailbox.mails)
        with connect(self.url) as connection:
            look(connection, lambda: self.connection, self.clock, "test")
        return [mail["Subject"] for mail in self.mailbox.mails[before:]]

    def text(self) -> str:
        """The newest mail."""
        return str(self.mailbox.mails[-1].get_content())


def mail_connection(port: int, **extra: object) -> AlertConnection:
    details = ConnectionDetails("127.0.0.1", port, extra=PLAIN | {"to": "oncall@shop.example"} | extra)
    return AlertConnection("smtp", details)


def title(name: str, subject: str, label: str | None = None) -> str:
    alert = BY_NAME[name]
    return f"[{label or alert.severity}] Restock: {alert.title} ({subject})"


def tell_lamp(shop: Shop, watch: Watch, *users: str) -> None:
    """Messages that are due now."""
    shop.clock = watch.clock - timedelta(seconds=1)
    shop.settings["quiet_hours"] = ""
    for user in users or ("ada",):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    shop.plan()


def send(watch: Watch, port: int) -> None:
    policy = resolve_policy(watch.warehouse, Settings(quiet_hours="").model_dump(mode="json", include={"quiet_hours"}))
    connection = ConnectionDetails("127.0.0.1", port, extra=PLAIN | {"from_email": LETTERHEAD.sender})
    send_channel(watch.url, "email", connection, LETTERHEAD, policy.policy_id, "test")
