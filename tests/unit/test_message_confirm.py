"""The message that asks whether a request is the shopper's own, in each of its forms."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from restock.channels import ChannelConfig, ConnectionDetails, OutgoingMessage, apprise, email, webhook
from restock.delivery.message.confirm import Confirmation, ConfirmationWriter
from restock.delivery.message.links import confirmation_tokens
from restock.delivery.message.templates import Templates
from tests.unit.messages import LETTERHEAD, Page, body, parse

ID = UUID("849b58d3-9cba-4b27-989a-89b8cfb6263e")
ASKED = datetime(2026, 5, 9, 8, tzinfo=UTC)


def a_confirmation(*names: str, **changes: object) -> Confirmation:
    values = Confirmation(3, ID, "ann@example.com", "main", "en", ASKED, 0, 1, names or ("Kettle",))
    return values._replace(**changes)  # type: ignore[arg-type]


def write(kind, contact: str, **changes: object) -> OutgoingMessage:
    config = ChannelConfig("any", kind.__name__, "any", 1, {})
    connection = ConnectionDetails("127.0.0.1", extra={"from_email": LETTERHEAD.sender})
    return kind.make_confirmation_writer(config, connection, LETTERHEAD)(a_confirmation(contact=contact, **changes))


def link_in(words: list[str]) -> str:
    [link] = [word for word in words if word.startswith("https://shop.example/r/")]
    token = confirmation_tokens("secret").read(link.rpartition("/")[2])
    assert (token.id, token.signed_at) == (ID, ASKED)
    return link


def test_a_mail_asks_with_one_link_in_both_bodies():
    mail = parse(write(email, "ann@example.com").payload)
    assert mail["Subject"] == "Please confirm: Kettle"
    assert (mail["To"], mail["From"]) == ("ann@example.com", "Shop <hello@shop.example>")
    assert mail["Message-ID"] == f"<{ID}.0@shop.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    page = Page(body(mail, "html"))
    assert page.values("a", "href") == [link_in(body(mail, "plain").split())]
    assert page.unclosed == []
    for said in ("Kettle", "Somebody, probably you", "7 days", "do nothing"):
        assert said in page.text
        assert said in body(mail, "plain")


@pytest.mark.parametrize(("locale", "said"), [("de-AT", "Bitte bestätigen: Kettle"), ("ko", "확인해 주세요: Kettle")])
def test_it_is_in_the_shoppers_language(locale, said):
    assert parse(write(email, "ann@example.com", locale=locale).payload)["Subject"] == said


def test_what_the_catalogue_does_not_know_has_no_name():
    mail = parse(write(email, "ann@example.com", product_names=[]).payload)
    for kind in ("plain", "html"):
        content = mail.get_body((kind,)).get_content()
        assert "once a product is back in stock." in content
        assert "back in stock:" not in content
    assert mail["Subject"] == "Please confirm your request"
    assert "*" not in body(mail, "plain")


def test_a_hostile_name_stays_a_name():
    name = "<b>Win</b>\r\nBcc: eve@example.com https://evil.example/"
    mail = parse(write(email, "ann@example.com", product_names=[name]).payload)
    assert mail["Bcc"] is None
    page = Page(body(mail, "html"))
    assert "b" not in page.names()
    assert len(page.values("a", "href")) == 1
    assert "https://evil" not in body(mail, "plain")


@pytest.mark.parametrize("contact", ["ann@example.com\r\nBcc: x@y.example", "ann", "a@b.example, c@d.example"])
def test_a_contact_that_is_no_address_is_refused(contact):
    with pytest.raises(ValueError, match="no e-mail address"):
        write(email, contact)


def test_letters_beyond_ascii_before_the_at_stay():
    assert parse(write(email, "jörg@example.com").payload)["To"] == "jörg@example.com"


def test_a_short_text_asks_as_well():
    message = write(apprise, "+49 170 1234567", locale="de")
    assert message.recipient == "+491701234567"
    text = message.payload.decode()
    assert text.startswith("Benachrichtigen, wenn es wieder verfügbar ist?")
    link_in(text.split())


def test_a_webhook_gets_what_it_needs_to_ask():
    message = write(webhook, "https://hooks.example/ann", sent_count=2)
    said = json.loads(message.payload)
    assert said["type"] == "restock.confirm_request"
    assert said["data"]["notification_id"] == message.notification_id == f"{ID}.2"
    assert said["data"]["products"] == ["Kettle"]
    link_in([said["data"]["confirm_url"]])


def test_a_store_may_ask_in_its_own_words_if_it_shows_the_link(tmp_path):
    (tmp_path / "outlet").mkdir()
    (tmp_path / "outlet" / "confirm.txt").write_text("Hey {{ names[0] }}! {{ confirm_url }}")
    (tmp_path / "outlet" / "confirm_short.txt").write_text("Hey!")
    templates = Templates(tmp_path)
    writer = ConfirmationWriter(LETTERHEAD, templates)
    asked = a_confirmation(store_id="outlet")
    assert body(parse(writer.mail(asked).payload), "plain").startswith("Hey Kettle! https://shop.example/r/")
    assert "https://shop.example/r/" in writer.text(asked)
    [problem] = templates.problems.values()
    assert "does not show {{ confirm_url }}" in problem
