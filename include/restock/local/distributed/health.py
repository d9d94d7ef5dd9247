"""Whether a service is well, by the health check that docker-compose.yaml gives it."""

import subprocess
from collections.abc import Mapping

import httpx

from restock.local.distributed.compose import Service
from restock.local.distributed.places import Places

CHECK_SECONDS = 30


def is_well(places: Places, service: Service, environment: Mapping[str, str]) -> bool:
    """Run the check once.

    Args:
        places: Where the parts are.
        service: Whose check.
        environment: Of the process that is checked.
    """
    kind, *words = (places.translate(word) for word in service.health)
    if service.name == "mailpit":
        return _answers(f"{places.url('mailbox')}/api/messages?limit=1")
    if words[0] == "curl":
        return _answers(words[-1])
    command = ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words
    own = {"PGPORT": str(places.ports["postgres"])} if service.name == "postgres" else {}
    if service.name == "redis":
        command = [word.replace("redis-cli ", f"redis-cli -p {places.ports['redis']} ") for word in command]
    try:
        outcome = subprocess.run(
            command,
            env={**environment, **own},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return outcome.returncode == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
