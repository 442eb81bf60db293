"""Gateway nodes for tests: in this process, or as processes that can be killed."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from app import clock, ids
from app.resources import Resources
from app.settings import Settings
from realtime.client import Client
from realtime.gateway import Gateway
from realtime.main import GatewayApp, create_app
from realtime.server import server
from realtime.transport import listen


class _Server(uvicorn.Server):
    """Without signal handlers: several run in one process."""

    def capture_signals(self) -> Any:
        return contextlib.nullcontext()


@dataclass
class Node:
    name: str
    port: int
    app: GatewayApp
    server: uvicorn.Server
    task: "asyncio.Task[None]"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def gateway(self) -> Gateway:
        assert self.app.gateway is not None
        return self.app.gateway

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task


async def start(settings: Settings, name: str) -> Node:
    app = create_app(settings, name)
    listener = listen("127.0.0.1", 0, 128)
    port = listener.getsockname()[1]
    running = _Server(server(app, settings.socket, "127.0.0.1", port).config)
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started and not task.done():  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.01)
    if task.done():
        await task
    return Node(name, port, app, running, task)


@dataclass
class Process:
    """A node of its own process."""

    name: str
    port: int
    child: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def stop(self) -> None:
        if self.child.returncode is None:
            self.child.terminate()
        await asyncio.wait_for(self.child.wait(), 30)

    async def kill(self) -> None:
        self.child.kill()
        await self.child.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def spawn(environment: dict[str, str], name: str) -> Process:
    port = free_port()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "realtime", "--port", str(port), "--node", name),
        env={**os.environ, **environment},
    )
    async with httpx.AsyncClient() as http:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                answer = await http.get(f"http://127.0.0.1:{port}/healthz")
                if answer.status_code == 200:
                    return Process(name, port, child)
            await asyncio.sleep(0.05)
    raise AssertionError("the node did not start")


@dataclass(frozen=True)
class Account:
    user_id: str
    session_id: str
    token: str


async def make_account(resources: Resources, user_id: str = "") -> Account:
    """A person with a session (a further session with `user_id`), without the cost of a log-in."""
    now = clock.now()
    session_id = ids.new_id("ses")
    if not user_id:
        user_id = ids.new_id("usr")
        await resources.mongo.users.insert_one(
            {"_id": user_id, "username": user_id, "email": user_id, "created_at": now}
        )
    await resources.mongo.sessions.insert_one(
        {"_id": session_id, "user_id": user_id, "refresh_hash": session_id, "created_at": now}
    )
    return Account(user_id, session_id, resources.tokens.access(user_id, session_id))


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what a node shows about itself."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  counters offer no event
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def connected(account: Account, *urls: str) -> AsyncIterator[Client]:
    """A client that has been welcomed."""
    async with Client(list(urls), account.token, strict=True) as client:
        await asyncio.wait_for(client.online(), 30)
        yield client
