"""Who watches the inbox hears of stock at once, of what came meanwhile, and never faster than it is loaded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import psycopg
import pytest

from restock.feeds import wake
from restock.feeds.inbox import load_inbox
from tests.warehouse.landing import CLOCK, Landing, stock, subscribe
from tests.warehouse.test_inbox import post

PATIENCE = 60


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(wake, "LONGEST_PAUSE_SECONDS", 0.1)


def watch(landing: Landing, scenario: Callable[[AsyncIterator[int]], Awaitable[None]]) -> None:
    """Run a scenario on what a watcher tells."""

    async def find_url() -> str:
        return landing.url

    async def run() -> None:
        async with aclosing(wake.watch_stock(find_url)) as told:
            await scenario(told)

    asyncio.run(run())


async def hear(told: AsyncIterator[int]) -> int:
    return await asyncio.wait_for(anext(told), PATIENCE)


async def begin_to_listen(landing: Landing, told: AsyncIterator[int]) -> "asyncio.Task[int]":
    """A task that waits for the next word, once the watcher has asked what waits and listens."""
    hearing = asyncio.ensure_future(hear(told))
    idle = "select count(*) from pg_stat_activity where application_name = 'restock_inbox' and state = 'idle' and"
    newest = "query like '%%max(inbox_id)%%' and datname = %s"
    while landing.rows(f"{idle} {newest}", landing.warehouse.info.dbname) == [(0,)]:
        await asyncio.sleep(0.02)
    return hearing


def load(landing: Landing) -> None:
    load_inbox(landing.url, "inventory", "run", CLOCK)


def test_stock_is_told_at_once_and_what_waits_already_first(landing: Landing):
    async def scenario(told: AsyncIterator[int]) -> None:
        assert await hear(told) == 1
        load(landing)
        hearing = await begin_to_listen(landing, told)
        post(landing.warehouse, "requests", [subscribe("r1")])
        post(landing.warehouse, "inventory", [stock("lamp", 6, 1)])
        assert await hearing == 3

    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    watch(landing, scenario)


def test_nothing_more_is_told_until_what_was_told_of_is_loaded(landing: Landing):
    async def scenario(told: AsyncIterator[int]) -> None:
        assert await hear(told) == 1
        hearing = asyncio.ensure_future(hear(told))
        for minute in range(1, 20):
            post(landing.warehouse, "inventory", [stock("lamp", minute, minute)])
            await asyncio.sleep(0.02)
        assert not hearing.done()
        load(landing)
        post(landing.warehouse, "inventory", [stock("lamp", 0, 30)])
        assert await hearing == 21

    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    watch(landing, scenario)


def test_what_commits_late_with_an_earlier_number_is_told(landing: Landing):
    async def scenario(told: AsyncIterator[int]) -> None:
        with psycopg.connect(landing.url) as late:
            post(late, "inventory", [stock("desk", 5)])
            post(landing.warehouse, "inventory", [stock("lamp", 5)])
            assert await hear(told) == 2
            load(landing)
        assert await hear(told) == 1

    watch(landing, scenario)


def test_what_is_not_loaded_is_told_again(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    async def scenario(told: AsyncIterator[int]) -> None:
        assert [await hear(told), await hear(told)] == [1, 1]

    monkeypatch.setattr(wake, "TELL_AGAIN_SECONDS", 0.1)
    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    watch(landing, scenario)


def test_a_watcher_whose_connection_breaks_tells_what_came_meanwhile(landing: Landing, caplog):
    async def scenario(told: AsyncIterator[int]) -> None:
        hearing = await begin_to_listen(landing, told)
        with psycopg.connect(landing.url, autocommit=True) as other:
            other.execute(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                " where application_name = 'restock_inbox' and datname = current_database()"
            )
            post(other, "inventory", [stock("lamp", 5)])
        assert await hearing == 1

    watch(landing, scenario)
    assert "cannot be watched" in caplog.text
