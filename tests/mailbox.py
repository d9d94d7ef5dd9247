"""The mailbox of the embedded stack, run as the stack runs it."""

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx

from tests.conftest import free_port


@dataclass
class Mailbox:
    process: subprocess.Popen[bytes]
    smtp_port: int
    url: str
    database: Path

    def send(self, *messages: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as server:
            for message in messages:
                server.send_message(message)

    def messages(self, **params: str | int) -> dict:
        return httpx.get(f"{self.url}/api/messages", params=params).raise_for_status().json()


@contextmanager
def run_mailbox(database: Path) -> Iterator[Mailbox]:
    """A mailbox on free ports of the loopback interface."""
    smtp_port, http_port = free_port(), free_port()
    command = [sys.executable, "-m", "restock.local.mailbox", str(database)]
    process = subprocess.Popen(
        [*command, "--smtp-port", str(smtp_port), "--http-port", str(http_port)],
        env={**os.environ, "PYTHONPATH": "include"},
        cwd=Path(__file__).parents[1],
    )
    mailbox = Mailbox(process, smtp_port, f"http://127.0.0.1:{http_port}", database)
    try:
        for port in (smtp_port, http_port):
            _wait_for_listener(process, port)
        yield mailbox
    finally:
        process.kill()
        process.wait()


def _wait_for_listener(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
