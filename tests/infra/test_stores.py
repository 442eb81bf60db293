"""The session's stores: usable, and empty for each test."""

from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from app.settings import Settings
from app.storage import Storage


async def _write_and_count(settings: Settings) -> tuple[int, int]:
    async with AsyncMongoClient[dict[str, object]](settings.mongo.url) as client:
        found = client[settings.mongo.database]["things"]
        await found.insert_one({})
        rows = await found.count_documents({})
    async with Redis.from_url(settings.redis.url) as redis:
        await redis.incr("things")
        return rows, int(await redis.get("things") or 0)


async def test_a_test_finds_empty_stores(fresh_settings: Settings) -> None:
    assert await _write_and_count(fresh_settings) == (1, 1)


async def test_the_next_test_finds_them_empty_too(fresh_settings: Settings) -> None:
    assert await _write_and_count(fresh_settings) == (1, 1)


async def test_mongodb_is_a_replica_set(fresh_settings: Settings) -> None:
    async with (
        AsyncMongoClient[dict[str, object]](fresh_settings.mongo.url) as client,
        client.start_session() as session,
        await session.start_transaction(),
    ):
        await client[fresh_settings.mongo.database]["t"].insert_one({}, session=session)


async def test_the_bucket_can_be_made_twice(fresh_settings: Settings) -> None:
    for _ in range(2):
        async with Storage(fresh_settings.storage) as storage:
            await storage.prepare()
