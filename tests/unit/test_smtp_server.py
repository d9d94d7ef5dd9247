"""What an Airflow connection of type smtp means for the mail server."""

import pytest

from restock.channels.email import SmtpServer


@pytest.mark.parametrize(
    ("extra", "encryption"),
    [
        ({}, "tls"),
        ({"disable_ssl": True}, "starttls"),
        ({"disable_ssl": True, "disable_tls": True}, "none"),
        ({"disable_tls": True}, "tls"),
    ],
)
def test_the_extras_are_read_as_by_airflows_own_smtp_hook(extra: dict[str, object], encryption: str) -> None:
    assert SmtpServer.from_connection("mail.example.com", 587, "shop", "pw", extra).encryption == encryption


def test_an_empty_login_is_no_login_and_the_sender_is_the_connections() -> None:
    server = SmtpServer.from_connection("mail.example.com", None, "", "", {"from_email": "Shop <hello@example.com>"})
    assert (server.username, server.password, server.port) == (None, None, 465)
    assert server.sender == "Shop <hello@example.com>"
