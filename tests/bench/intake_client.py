"""Asks at a steady rate, however long the answers take: `python -m tests.bench.intake_client URL KEY SECONDS`.

With a URL of PostgreSQL it puts the same rows into the table `bare` instead. Prints JSON: the seconds that each answer
took, counted from the moment that it was due to be asked for, and how many answers there were of each status.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import aiohttp
import psycopg
import uvloop
from psycopg_pool import AsyncConnectionPool

from restock.intake.database import POOL_SIZE

RATE = 200
ASK = Callable[[dict[str, object]], Awaitable[int]]


def body(number: int) -> dict[str, object]:
    """One in twenty asks for what the same shopper asked for already."""
    shopper = number - (number % 20 == 19)
    return {
        "request_id": f"bench-{number}",
        "product_id": f"p-{shopper % 500}",
        "contact": f"shopper-{shopper}@example.com",
        "channel": "email",
        "locale": "de-CH",
        "timezone": "Europe/Zurich",
        "quantity": 1,
    }


async def ask_steadily(ask: ASK, seconds: float) -> dict[str, object]:
    """Ask RATE times a second."""
    took: list[float] = []
    statuses: Counter[str] = Counter()
    start = time.perf_counter() + 0.1

    async def one(number: int, due: float) -> None:
        try:
            status = str(await ask(body(number)))
        except (aiohttp.ClientError, psycopg.Error, OSError) as error:
            status = type(error).__name__
        took.append(time.perf_counter() - due)
        statuses[status] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * RATE)):
            due = start + number / RATE
            await asyncio.sleep(due - time.perf_counter())
            group.create_task(one(number, due))
    return {"seconds": took, "statuses": statuses}


async def over_http(url: str, key: str, seconds: float) -> dict[str, object]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:

        async def ask(values: dict[str, object]) -> int:
            async with session.post(f"{url}/v1/requests", json=values) as answer:
                await answer.read()
                return answer.status

        await ask_steadily(ask, 0.5)
        return await ask_steadily(ask, seconds)


async def into_table(url: str, seconds: float) -> dict[str, object]:
    async with AsyncConnectionPool(url, min_size=POOL_SIZE, kwargs={"autocommit": True}, open=False) as pool:

        async def ask(values: dict[str, object]) -> int:
            async with pool.connection() as connection:
                await connection.execute(
                    "insert into bare (feed, line, client) values ('requests', %s, 'bench')", [json.dumps(values)]
                )
            return 202

        await ask_steadily(ask, 0.5)
        return await ask_steadily(ask, seconds)


if __name__ == "__main__":
    url, key, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    work = over_http(url, key, seconds) if url.startswith("http") else into_table(url, seconds)
    print(json.dumps(uvloop.run(work)))
