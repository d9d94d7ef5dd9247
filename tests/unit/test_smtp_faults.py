"""Mail servers that break off, refuse or hang while several mails are under way on each connection."""

import asyncio

import pytest

from restock.channels import Result
from restock.channels.email import EmailChannel
from restock.channels.smtp import SmtpServer
from tests.unit.test_smtp import CODES, mail


class FaultyServer:
    """What it does with the content of every third mail: `drops` it or `keeps` it, and closes without an answer; or
    answers 421 (`leaves`), or 451 (`refuses`)."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.seen = 0
        self.taken: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            answer = b"250-here\r\n250 PIPELINING\r\n" if line.startswith(b"EHLO") else b"250 yes\r\n"
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.seen += 1
                is_hit = self.seen % 3 == 0
                if not is_hit or self.fault == "keeps":
                    self.taken.append(content)
                if is_hit and self.fault in {"drops", "keeps"}:
                    break
                if is_hit:
                    answer = b"421 good bye\r\n" if self.fault == "leaves" else b"451 not now\r\n"
            writer.write(answer)
            if answer.startswith(b"421"):
                break
        writer.close()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("drops", "in_doubt"), ("keeps", "in_doubt"), ("leaves", "unavailable"), ("refuses", "retryable")],
)
@pytest.mark.parametrize("connections", [1, 3])
def test_only_the_mail_whose_answer_is_missing_is_in_doubt_and_none_goes_twice(
    fault: str, outcome: str, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Several mails go down each connection.
    monkeypatch.setattr("restock.channels.email._QUICK_ANSWER_SECONDS", 10.0)
    faulty = FaultyServer(fault)

    async def run() -> list[Result]:
        server = await asyncio.start_server(faulty.serve, "127.0.0.1", 0)
        at = SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1], encryption="none")
        async with server, EmailChannel(at, connections, CODES) as channel:
            mails = [mail(number, f"u{number}@example.com", b"%d\r\n" % number) for number in range(30)]
            results = await channel.send_batch(mails[:15], 60)
            return results + await channel.send_batch(mails[15:], 60)

    results = {result.notification_key: result.outcome for result in asyncio.run(run())}
    assert len(results) == 30
    accepted = {number for number, found in results.items() if found == "accepted"}
    taken = [int(content.split(b"\r")[0]) for content in faulty.taken]
    assert len(taken) == len(set(taken))
    assert accepted <= set(taken)
    blamed = [found for found in results.values() if found != "accepted"]
    # A mail whose envelope was lost with the connection twice is tried again later.
    assert set(blamed) - {"retryable"} <= {outcome}
    assert blamed.count(outcome) == faulty.seen // 3
    untouched = {number for number, found in results.items() if found in {"retryable", "unavailable"}}
    assert not untouched & set(taken)


class StuckServer:
    """Takes one mail and never answers; what comes over other connections it takes."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.is_stuck = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if not self.is_stuck:
                    self.is_stuck = True
                    await reader.read()
                    break
                self.taken.append(content)
            writer.write(b"250-here\r\n250 PIPELINING\r\n" if line.startswith(b"EHLO") else b"250 yes\r\n")
        writer.close()


def test_nothing_of_a_batch_leaves_any_more_once_its_time_is_over() -> None:
    stuck = StuckServer()

    async def run() -> tuple[list[Result], list[Result]]:
        server = await asyncio.start_server(stuck.serve, "127.0.0.1", 0)
        at = SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1], encryption="none")
        async with server, EmailChannel(at, 1, CODES) as channel:
            # The second waits on the connection behind the first, which is never answered.
            late = asyncio.create_task(
                channel.send_batch([mail(0, "a@example.com"), mail(1, "b@example.com", b"late\r\n")], 3)
            )
            while not stuck.is_stuck:
                await asyncio.sleep(0.01)
            channel._limit = 2
            await channel.send_batch([mail(2, "c@example.com")], 60)
            # What is under way on the other connection is answered in the same order.
            return await late, await channel.send_batch([mail(3, "d@example.com")], 60)

    late, later = asyncio.run(run())
    assert [(result.notification_key, result.outcome) for result in late] == [(0, "in_doubt")]
    assert [result.outcome for result in later] == ["accepted"]
    assert not any(content.startswith(b"late") for content in stuck.taken)


def test_a_connection_that_is_not_needed_any_more_before_it_is_ready_is_closed() -> None:
    heard: list[bytes] = []

    async def run() -> None:
        left = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 here\r\n")
            # The answer to this never comes.
            heard.append(await reader.readline())
            connecting.cancel()
            heard.append(await reader.read())
            left.set()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        at = SmtpServer("127.0.0.1", server.sockets[0].getsockname()[1], encryption="none")
        async with server:
            connecting = asyncio.create_task(EmailChannel(at, 1, CODES).__aenter__())
            await asyncio.wait_for(left.wait(), 60)

    asyncio.run(run())
    assert heard[0].startswith(b"EHLO")
    assert heard[1] == b""
