"""Shoppers who got messages, and the links in them: what the tests of links share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from restock.channels import ConnectionDetails
from restock.delivery.run import find_due, run_sender
from restock.policy import resolve_policy
from restock.warehouse import connect
from tests.intake import SECRET, IntakeService, intake_service
from tests.mail import MailServer, serve_mail
from tests.warehouse.own_warehouse import own_warehouse
from tests.warehouse.shop import Shop

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Accept": "*/*"}


@dataclass
class Told:
    """A shop whose messages leave for a real mailbox, and whose links lead to a real intake service."""

    shop: Shop
    service: IntakeService
    mailbox: MailServer

    def product(self, product_id: str, name: str, url: str | None = None) -> None:
        self.shop.run(
            "insert into restock.product (store_id, product_id, name, url) values ('main', %s, %s, %s)",
            product_id, name, url or f"https://shop.example/p/{product_id}",
        )  # fmt: skip

    def ask(self, user: str, *products: str, **columns: object) -> list[str]:
        """Request products that are back, and plan the messages."""
        self.shop.clock = datetime.now(UTC) - timedelta(seconds=1)
        asked = [
            self.shop.request(user, product, **{"contact": f"{user}@example.com"} | columns) for product in products
        ]
        for product in products:
            self.shop.stock(product, 99)
        self.shop.clock = datetime.now(UTC)
        self.shop.plan()
        return asked

    def send(self) -> list[str]:
        """Do what a run of restock_notify does when it sends, and return whom mails reached by now."""
        policy_id = resolve_policy(self.shop.warehouse, self.shop.settings).policy_id
        for channel in find_due(self.shop.warehouse, policy_id, datetime.now(UTC), {"email"}).senders:
            run_sender(self.service.warehouse_url, channel, self._find_connection, policy_id, "test")
        return self.mailbox.recipients()

    def links(self, contact: str) -> list[str]:
        """The links in the last mail to an address, each once, in their order."""
        [*_, mail] = [mail for mail in self.mailbox.mails if mail["To"] == contact]
        text = mail.get_body(("plain",)).get_content()
        return [word for word in text.split() if word.startswith(self.service.url)]

    def clicks(self, user: str) -> list[str]:
        rows = self.shop.warehouse.execute(
            "select c.product_id from restock.click as c inner join restock.notification as n using (notification_key)"
            " where n.user_id = %s order by click_id",
            (user,),
        )
        return [product for (product,) in rows]

    def _find_connection(self, connection_id: str) -> tuple[object, ...] | None:
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "Shop <hello@shop.example>"}
        details = ConnectionDetails("127.0.0.1", self.mailbox.port, extra=extra)
        return (details.host, details.port, None, None, None, extra) if connection_id == "restock_smtp" else None


@contextmanager
def told_shoppers(postgres_url: str, template: str, folder: Path) -> Iterator[Told]:
    """Everything running, on a warehouse of its own. RESTOCK_PUBLIC_URL and RESTOCK_LINK_SECRET are for the caller."""
    with (
        own_warehouse(postgres_url, template) as url,
        intake_service(url, folder) as service,
        serve_mail() as mailbox,
        connect(url) as warehouse,
    ):
        yield Told(
            Shop(warehouse, settings={"quiet_hours": "", "daily_cap": "0", "cooldown_hours": "0"}), service, mailbox
        )


def visit(url: str, method: str = "GET", **options: object) -> httpx.Response:
    """Open a link as a browser does, without going on where it leads; `headers` replaces what the browser says."""
    options.setdefault("headers", BROWSER)
    return httpx.request(method, url, follow_redirects=False, timeout=30, trust_env=False, **options)


__all__ = ["BROWSER", "SECRET", "Told", "told_shoppers", "visit"]
