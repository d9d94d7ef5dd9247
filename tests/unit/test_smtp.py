"""E-mail over real SMTP servers: encryption, login, pipelining, refusals, what breaks off."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from restock.channels import ChannelUnreachableError, CodeMeaning, OutgoingMessage, ProviderCodes, Result
from restock.channels.email import EmailChannel
from restock.channels.smtp import SmtpServer
from tests.conftest import free_port

CODES = ProviderCodes(
    {
        "4": CodeMeaning("retryable", False, ""),
        "421": CodeMeaning("unavailable", False, ""),
        "5": CodeMeaning("permanent", False, ""),
        "550": CodeMeaning("permanent", True, ""),
        "550 5.7": CodeMeaning("permanent", False, ""),
    }
)


class Server:
    """What it offers, what it answers, and the mails it took."""

    def __init__(self, *extensions: str) -> None:
        self.extensions = extensions
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self.content_answers: dict[str, str] = {}
        self.logins: list[str] = []
        self.port = free_port()

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses[:-1] + [f"250-{name}" for name in self.extensions] + responses[-1:]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.content_answers.get(envelope.rcpt_tos[0], "250 taken")
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(mechanism)
        return AuthResult(success=data == LoginPassword(b"shop", b"pw"), handled=False)

    def taken(self) -> list[str]:
        return sorted(envelope.rcpt_tos[0] for envelope in self.envelopes)


@pytest.fixture(params=[("PIPELINING",), ()], ids=["pipelining", "in lock-step"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(*request.param)
    with running(server):
        yield server


class running:  # noqa: N801 (reads as a word)
    def __init__(self, server: Server, controller: type[Controller] = Controller, **options: object) -> None:
        self._controller = controller(server, hostname="127.0.0.1", port=server.port, **options)

    def __enter__(self) -> None:
        self._controller.start()

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def mail(number: int, recipient: str, payload: bytes = b"Subject: hello\r\n\r\nhello\r\n") -> OutgoingMessage:
    return OutgoingMessage(number, f"id-{number}", recipient, payload)


def send(server: Server, *mails: OutgoingMessage, connections: int = 1, **how: object) -> dict[int, Result]:
    async def run() -> list[Result]:
        async with EmailChannel(SmtpServer("127.0.0.1", server.port, **how), connections, CODES) as channel:
            return await channel.send_batch(mails, 60)

    return {result.notification_key: result for result in asyncio.run(run())}


def test_many_mails_go_down_one_connection_and_each_arrives_once(server: Server) -> None:
    results = send(server, *(mail(number, f"u{number}@example.com") for number in range(50)))
    assert {result.outcome for result in results.values()} == {"accepted"}
    assert server.taken() == sorted(f"u{number}@example.com" for number in range(50))


def test_a_refused_recipient_takes_no_other_mail_with_it(server: Server) -> None:
    server.answers = {
        "gone@example.com": "550 5.1.1 no such user",
        "relay@example.com": "550 5.7.1 no relaying",
        "busy@example.com": "451 later",
    }
    names = ["a", "gone", "b", "relay", "busy", "c"]
    results = send(server, *(mail(number, f"{name}@example.com") for number, name in enumerate(names)))
    assert [results[number].outcome for number in range(6)] == [
        "accepted", "permanent", "accepted", "permanent", "retryable", "accepted"
    ]  # fmt: skip
    assert [number for number, result in results.items() if result.suppress] == [1]
    assert server.taken() == ["a@example.com", "b@example.com", "c@example.com"]


class PlainServer:
    """Takes what a client writes in one go, and answers DATA with 354 whatever was refused before."""

    def __init__(self, *extensions: str, refused: str = "") -> None:
        self._extensions = extensions
        self._refused = refused.encode()
        self.contents: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 plain\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b".\r\n") if self._is_refused else await reader.readuntil(b"\r\n.\r\n")
                self.contents += [] if self._is_refused else [content]
                writer.write(b"554 no valid recipients\r\n" if self._is_refused else b"250 taken\r\n")
            elif verb == b"EHLO":
                writer.write(b"".join(b"250-%b\r\n" % name.encode() for name in self._extensions) + b"250 HELP\r\n")
            elif verb == b"RCPT":
                self._is_refused = bool(self._refused) and self._refused in line
                writer.write(b"550 5.1.1 no such user\r\n" if self._is_refused else b"250 yes\r\n")
            else:
                writer.write(b"250 yes\r\n")
        writer.close()

    def send(self, *mails: OutgoingMessage) -> dict[int, Result]:
        async def run() -> list[Result]:
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server, EmailChannel(SmtpServer("127.0.0.1", port, encryption="none"), 1, CODES) as channel:
                return await channel.send_batch(mails, 60)

        return {result.notification_key: result for result in asyncio.run(run())}


class CountingServer:
    """Counts the mails of each connection. While it `gathers`, it answers none before it has so many."""

    def __init__(self) -> None:
        self.mails: list[int] = []
        self.gathers = 0
        self._gathered = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.mails)
        self.mails.append(0)
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.mails[number] += 1
                if sum(self.mails) >= self.gathers:
                    self._gathered.set()
                await self._gathered.wait()
            writer.write(b"250-here\r\n250 PIPELINING\r\n" if line.startswith(b"EHLO") else b"250 yes\r\n")
        writer.close()


@pytest.mark.parametrize(("gathers", "used"), [(0, 2), (14, 14)])
def test_a_quick_server_gets_several_mails_down_each_connection_unless_that_holds_them_up(
    gathers: int, used: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restock.channels.email._QUICK_ANSWER_SECONDS", 10.0)
    monkeypatch.setattr("restock.channels.email._JOIN_IN_SECONDS", 0.1 if gathers else 10.0)
    counting = CountingServer()

    async def run() -> list[Result]:
        server = await asyncio.start_server(counting.serve, "127.0.0.1", 0)
        at = SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1], encryption="none")
        async with server, EmailChannel(at, 16, CODES) as channel:
            await channel.send_batch([mail(number, "a@example.com") for number in range(64)], 60)
            while channel._connecting:
                await asyncio.sleep(0.01)
            counting.mails, counting.gathers = [0] * len(counting.mails), gathers
            counting._gathered.clear()
            return await channel.send_batch([mail(number, "a@example.com") for number in range(16)], 60)

    assert [result.outcome for result in asyncio.run(run())] == ["accepted"] * 16
    # Two mails were already promised to the first two connections when the others joined in.
    assert len([count for count in counting.mails if count]) == used


def test_a_server_that_asks_for_the_content_though_it_refused_the_recipient_gets_an_empty_one() -> None:
    server = PlainServer("PIPELINING", "8BITMIME", refused="gone@example.com")
    names = ["a", "gone", "b"]
    results = server.send(*(mail(number, f"{name}@example.com") for number, name in enumerate(names)))
    assert [results[number].outcome for number in range(3)] == ["accepted", "permanent", "accepted"]
    assert results[1].suppress
    assert len(server.contents) == 2, "nobody got the mail of the refused recipient"


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "in lock-step"])
def test_a_server_that_takes_seven_bits_only_gets_the_same_text_in_seven_bits(extensions: tuple[str, ...]) -> None:
    head = b"Subject: hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    payload = head + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "Grüße, 안녕하세요\r\n".encode()
    server = PlainServer(*extensions)
    assert server.send(mail(0, "a@example.com", payload))[0].outcome == "accepted"
    [content] = server.contents
    assert content.isascii()
    taken = message_from_bytes(content.removesuffix(b".\r\n"), policy=default)
    assert (taken["Subject"], taken.get_content().strip()) == ("hello", "Grüße, 안녕하세요")


def test_a_refused_content_does_not_suppress_the_address(server: Server) -> None:
    server.content_answers = {"a@example.com": "550 this looks like spam"}
    results = send(server, mail(0, "a@example.com"), mail(1, "b@example.com"))
    assert (results[0].outcome, results[0].suppress) == ("permanent", False)
    assert results[1].outcome == "accepted"


def test_dots_at_the_start_of_lines_and_bare_line_feeds_arrive_as_lines(server: Server) -> None:
    body = b"Subject: x\r\n\r\n.\r\n..two\nbare\n.\r\nend"
    send(server, mail(0, "a@example.com", body))
    assert server.envelopes[0].original_content == b"Subject: x\r\n\r\n.\r\n..two\r\nbare\r\n.\r\nend\r\n"


def test_a_large_mail_arrives_whole(server: Server) -> None:
    body = b"Subject: x\r\n\r\n" + b"line of a large mail\r\n" * 20_000
    assert send(server, mail(0, "a@example.com", body), mail(1, "b@example.com"))[0].outcome == "accepted"
    assert server.envelopes[0].original_content == body


def test_a_mail_larger_than_the_server_takes_is_refused_here() -> None:
    server = Server("PIPELINING")
    with running(server, data_size_limit=1_000):
        results = send(server, mail(0, "a@example.com", b"x" * 2_000), mail(1, "b@example.com"))
    assert (results[0].outcome, results[0].text) == ("permanent", "the mail has 2002 bytes, the server takes 1000")
    assert server.taken() == ["b@example.com"]


@pytest.mark.parametrize(
    "address", ["a b@example.com", "a@example.com>\r\nRCPT TO:<all@example.com", "nobody", "<@x.example>"]
)
def test_an_address_that_could_break_a_command_is_never_written(server: Server, address: str) -> None:
    assert send(server, mail(0, address), mail(1, "b@example.com"))[0].outcome == "permanent"
    assert server.taken() == ["b@example.com"]


@pytest.mark.parametrize(("offers_utf8", "outcome"), [(True, "accepted"), (False, "permanent")])
def test_an_address_beyond_ascii_travels_where_the_server_takes_it(offers_utf8: bool, outcome: str) -> None:
    body = "Subject: é\r\n\r\né\r\n".encode()
    with running(server := Server("PIPELINING"), enable_SMTPUTF8=offers_utf8):
        results = send(server, mail(0, "é@example.com", body), mail(1, "b@example.com"))
    assert (results[0].outcome, results[1].outcome) == (outcome, "accepted")
    assert [envelope.original_content for envelope in server.envelopes if envelope.smtp_utf8] == [body] * offers_utf8


def test_a_server_that_ends_the_connection_blames_no_mail() -> None:
    server = Server("PIPELINING")
    server.answers = {"b@example.com": "421 too many mails"}
    with running(server):
        results = send(server, *(mail(number, f"{name}@example.com") for number, name in enumerate("abc")))
    assert [results[number].outcome for number in range(3)] == ["accepted", "unavailable", "accepted"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the key and the certificate of 127.0.0.1, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


class TlsController(Controller):
    def __init__(self, handler: Server, certificate: Path, **options: object) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        super().__init__(handler, ssl_context=context, **options)


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_login_and_mails_go_over_tls(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, encryption: str, mechanism: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Server("PIPELINING")
    others = {"PLAIN", "LOGIN"} - {mechanism}
    options: dict[str, object] = {
        "authenticator": server.authenticate, "auth_required": True, "auth_exclude_mechanism": others,
    }  # fmt: skip
    if encryption == "starttls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        start = running(server, tls_context=context, require_starttls=True, **options)
    else:
        start = running(server, TlsController, certificate=certificate, auth_require_tls=False, **options)
    with start:
        login = {"username": "shop", "password": "pw", "encryption": encryption}
        results = send(
            server, *(mail(number, f"u{number}@example.com") for number in range(20)), connections=2, **login
        )
        with pytest.raises(ChannelUnreachableError, match="535"):
            send(server, mail(0, "a@example.com"), **(login | {"password": "wrong"}))
    assert {result.outcome for result in results.values()} == {"accepted"}
    assert set(server.logins) == {mechanism}


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(certificate: Path) -> None:
    server = Server()
    with (
        running(server, TlsController, certificate=certificate),
        pytest.raises(ChannelUnreachableError, match="certificate"),
    ):
        send(server, mail(0, "a@example.com"), encryption="tls")
    assert server.envelopes == []
