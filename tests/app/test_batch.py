"""Commands sent together: each caller gets its own answer, whatever happens to the others."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError, ResponseError

from app.batch import Batch, BatchedScript
from app.resources import connect_redis
from app.settings import Settings


@pytest.fixture
async def redis(fresh_settings: Settings) -> AsyncIterator["Redis"]:
    connected = connect_redis(fresh_settings)
    yield connected
    await connected.aclose()


@pytest.fixture
async def batch(redis: "Redis") -> AsyncIterator[Batch]:
    made = Batch(redis, cluster=False)
    yield made
    await made.aclose()


async def test_each_gets_its_own_answer(batch: Batch) -> None:
    async def one(number: int) -> None:
        key = f"key{number}"
        assert await batch.calls(("SET", key, number), ("INCRBY", key, 1)) == [b"OK", number + 1]
        assert await batch.call("GET", key) == b"%d" % (number + 1)

    await asyncio.gather(*(one(number) for number in range(500)))


async def test_an_error_is_its_callers_alone(batch: Batch, redis: "Redis") -> None:
    await redis.set("text", "x")
    wrong, *right = await asyncio.gather(
        batch.call("INCR", "text"),
        *(batch.call("INCR", "number") for _ in range(3)),
        return_exceptions=True,
    )
    assert isinstance(wrong, ResponseError)
    assert right == [1, 2, 3]
    with pytest.raises(ResponseError):
        await batch.calls(("INCR", "number"), ("INCR", "text"))
    assert await batch.call("GET", "number") == b"4"


async def test_what_can_not_be_sent_harms_nobody(batch: Batch) -> None:
    wrong, right = await asyncio.gather(
        batch.call("SET", "key", None), batch.call("PING"), return_exceptions=True
    )
    assert isinstance(wrong, TypeError)
    assert right == b"PONG"


async def test_a_lost_connection_is_replaced(batch: Batch, redis: "Redis") -> None:
    assert await batch.call("PING") == b"PONG"
    mine = await batch.call("CLIENT", "ID")
    await redis.execute_command("CLIENT", "KILL", "ID", mine)  # type: ignore[no-untyped-call]
    assert await asyncio.gather(*(batch.call("PING") for _ in range(3))) == [b"PONG"] * 3
    assert await batch.call("CLIENT", "ID") != mine


async def test_who_gives_up_takes_nobody_along(batch: Batch) -> None:
    calls = [asyncio.create_task(batch.call("ECHO", f"{n}")) for n in range(4)]
    await asyncio.sleep(0)
    calls[1].cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert answers[::2] == [b"0", b"2"]
    assert answers[3] == b"3"
    assert await batch.call("ECHO", "later") == b"later"


async def test_an_answer_that_comes_too_late_is_nobodys(batch: Batch, redis: "Redis") -> None:
    """The connection is given up: else the next caller would be handed what comes then."""
    with pytest.raises(TimeoutError):
        await batch.call("BLPOP", "empty", 5)
    await redis.rpush("empty", "late")
    assert await batch.call("ECHO", "mine") == b"mine"


async def test_a_redis_that_is_away_is_an_error_to_all(fresh_settings: Settings) -> None:
    nowhere = replace(fresh_settings.redis, url="redis://127.0.0.1:1/0")
    redis = connect_redis(replace(fresh_settings, redis=nowhere))
    batch = Batch(redis, cluster=False)
    failed = await asyncio.gather(*(batch.call("PING") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, RedisConnectionError | OSError) for one in failed), failed
    await redis.aclose()


async def test_scripts_are_loaded_when_redis_forgot_them(batch: Batch, redis: "Redis") -> None:
    script = BatchedScript(batch, "return {KEYS[1], ARGV[1]}")
    for _ in range(2):
        answers = await asyncio.gather(*(script([f"k{n}"], [n]) for n in range(5)))
        assert answers == [[b"k%d" % n, b"%d" % n] for n in range(5)]
        await redis.script_flush()
