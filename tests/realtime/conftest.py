"""Two gateway nodes in this process, people, and what workers have in hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from app.resources import Resources, open_resources
from app.settings import Settings
from app.setup import prepare
from realtime.client import Client
from tests.fixtures.stores import Stores
from tests.realtime import nodes
from tests.realtime.nodes import Account, Node, Process, connected
from tests.workers.rig import Rig
from workers import counters, fanout, notify, relay, runtime

MakeAccount = Callable[..., Awaitable[Account]]
StartNode = Callable[..., Awaitable[Node]]
Connect = Callable[..., Awaitable[Client]]
SpawnNode = Callable[..., Awaitable[Process]]


@pytest.fixture
async def resources(fresh_settings: Settings) -> AsyncIterator[Resources]:
    async with open_resources(fresh_settings) as opened:
        yield opened


@pytest.fixture
def account(resources: Resources) -> MakeAccount:
    async def make(user_id: str = "") -> Account:
        return await nodes.make_account(resources, user_id)

    return make


@pytest.fixture
async def start_node(fresh_settings: Settings) -> AsyncIterator[StartNode]:
    """`await start_node("gw1")`; all are stopped after the test."""
    started: list[Node] = []

    async def start(name: str, settings: Settings = fresh_settings) -> Node:
        started.append(await nodes.start(settings, name))
        return started[-1]

    yield start
    for node in started:
        await node.stop()


@pytest.fixture
async def node(start_node: StartNode) -> Node:
    return await start_node("gw1")


@pytest.fixture
async def other(start_node: StartNode) -> Node:
    return await start_node("gw2")


@pytest.fixture
async def spawn_node(stores: Stores, fresh_settings: Settings) -> AsyncIterator[SpawnNode]:
    """A node in a process of its own, to be killed; settings may be added by name."""
    spawned: list[Process] = []

    async def spawn(name: str, **more: str) -> Process:
        environment = stores.environment | {"GLIMPSE_MONGO_DATABASE": fresh_settings.mongo.database}
        environment |= more
        spawned.append(await nodes.spawn(environment, name))
        return spawned[-1]

    yield spawn
    for process in spawned:
        await process.stop()


@pytest.fixture
async def rig(
    resources: Resources, fresh_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Rig]:
    """With the roles running that carry what happens to the sockets."""
    monkeypatch.setattr(runtime, "_BLOCK_MS", 200)  # they stop sooner
    await prepare(fresh_settings)
    async with Rig(resources) as made:
        for role in (relay.ROLE, notify.ROLE, fanout.ROLE, counters.ROLE):
            await made.start(role)
        yield made


@pytest.fixture
async def connect(rig: Rig) -> AsyncIterator[Connect]:
    """`await connect(account, node.url)`; all are closed after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(account: Account, *urls: str) -> Client:
            return await stack.enter_async_context(connected(account, *urls))

        yield open_one
