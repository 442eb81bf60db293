"""The whole wiring, once: `async with open_resources(settings) as resources`.

Opening connects lazily, so a process starts (and reports what it waits for) while MongoDB,
Redis or the object store are still away.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from beanie import init_beanie
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from app import documents
from app.batch import Batch
from app.bus import Bus
from app.cache import Cache
from app.feed.timeline import Timeline
from app.identity.tokens import Tokens
from app.limits import Guard
from app.live import Live
from app.locks import Locks
from app.media.sandbox import ImageSandbox
from app.media.widths import Widths
from app.memory import Memory
from app.rowlog import RowLog
from app.settings import Settings
from app.storage import Storage
from app.stories.trays import Trays
from app.together import Reads


@dataclass(slots=True)
class Resources:
    settings: Settings
    mongo: "AsyncIOMotorDatabase[dict[str, Any]]"
    redis: "Redis"
    cache: Cache
    bus: Bus
    live: Live
    storage: Storage
    tokens: Tokens
    guard: Guard
    memory: Memory
    reads: Reads
    timeline: Timeline
    trays: Trays
    views: RowLog
    likes: RowLog
    sandbox: ImageSandbox
    """Starts its processes when the first picture comes."""
    widths: Widths
    locks: Locks


def connect_mongo(settings: Settings) -> "AsyncIOMotorClient[dict[str, Any]]":
    """Majority and journaled writes, majority reads from the primary: said explicitly, since
    a server's defaults may be weaker."""
    return AsyncIOMotorClient(
        settings.mongo.url,
        maxPoolSize=settings.mongo.pool_max,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=3000,
        socketTimeoutMS=15_000,
    )


def connect_redis(settings: Settings) -> Any:
    options: dict[str, Any] = {
        "socket_timeout": settings.redis.timeout_ms / 1000,
        "socket_connect_timeout": 2,
        "health_check_interval": 15,
        "retry": Retry(ExponentialBackoff(cap=0.2, base=0.02), 1),
    }
    if settings.redis.cluster:
        return RedisCluster.from_url(settings.redis.url, **options)
    return Redis.from_url(settings.redis.url, **options)


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    async with AsyncExitStack() as stack:
        client = connect_mongo(settings)
        stack.callback(client.close)
        mongo = client[settings.mongo.database]
        await init_beanie(
            database=mongo,
            document_models=documents.ALL,
            skip_indexes=True,
        )
        redis = connect_redis(settings)
        stack.push_async_callback(redis.aclose)
        bus = Bus(redis, settings.bus)
        live = await stack.enter_async_context(Live(redis, bus, settings))
        storage = await stack.enter_async_context(Storage(settings.storage))
        sandbox = await stack.enter_async_context(ImageSandbox(settings.media))
        batch = Batch(redis, settings.redis.cluster)
        stack.push_async_callback(batch.aclose)
        cache = Cache(redis, batch)
        yield Resources(
            settings=settings,
            mongo=mongo,
            redis=redis,
            cache=cache,
            bus=bus,
            live=live,
            storage=storage,
            tokens=Tokens(settings.auth),
            guard=Guard(cache, batch, settings.limits),
            memory=Memory(),
            reads=Reads(),
            timeline=Timeline(redis, batch, settings.feed),
            trays=Trays(redis, batch),
            views=RowLog(mongo.story_views),
            likes=RowLog(mongo.likes),
            sandbox=sandbox,
            widths=Widths(storage, sandbox),
            locks=Locks(),
        )
