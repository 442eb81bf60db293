"""Both clients behind one set of words, for tests that put the same to each: the Python client in
this process, the TypeScript client in a Node process."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from realtime.client import CallFailed, Client, Event
from realtime.client.inbox import Point
from tests.fixtures.missing import missing

ROOT = Path(__file__).parents[2]
ANSWER_S = 15


class Speaker(Protocol):
    async def start(
        self, urls: Sequence[str], tokens: Sequence[str], point: Point | None
    ) -> None: ...
    async def call(self, method: str, params: dict[str, Any], key: str = "") -> dict[str, Any]: ...
    async def subscribe(self, topic: str) -> str: ...
    async def event(self) -> dict[str, Any]: ...
    async def update(self, type: str) -> Any: ...
    async def cut(self) -> None: ...
    async def close(self) -> Point: ...


class PythonSpeaker:
    async def start(self, urls: Sequence[str], tokens: Sequence[str], point: Point | None) -> None:
        given = iter(tokens)
        token = next(given)

        async def give(fresh: bool) -> str:
            nonlocal token
            token = next(given, token) if fresh else token
            return token

        self._client = Client(urls, give, point=point, strict=True)
        await self._client.__aenter__()
        self._events = self._client.events()

    async def call(self, method: str, params: dict[str, Any], key: str = "") -> dict[str, Any]:
        try:
            return {"data": await self._client.call(method, params, key=key)}
        except CallFailed as failed:
            return {"error": failed.code}

    async def subscribe(self, topic: str) -> str:
        return (await self._client.subscribe(topic))[topic]

    async def event(self) -> dict[str, Any]:
        message = await asyncio.wait_for(anext(self._events), ANSWER_S)
        if isinstance(message, Event):
            return {"seq": message.seq, "id": message.id, "data": message.data}
        return {"resync": message.reason}

    async def update(self, type: str) -> Any:
        return (await self._client.update(type, ANSWER_S)).data

    async def cut(self) -> None:
        await self._client.cut()

    async def close(self) -> Point:
        self._client._inbox.done()  # the one that was taken last
        await self._client.__aexit__()
        assert self._client.point is not None
        return self._client.point


class NodeSpeaker:
    def __init__(self) -> None:
        self._told: dict[str, asyncio.Queue[Any]] = {}

    async def start(self, urls: Sequence[str], tokens: Sequence[str], point: Point | None) -> None:
        self._child = await asyncio.create_subprocess_exec(
            node_program(),
            "--experimental-websocket",  # what later versions have without asking
            str(Path(__file__).with_name("node_client.mjs")),
            str(ROOT / "frontend" / "dist-client" / "glimpse-client.js"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())
        place = {"epoch": point[0], "seq": point[1]} if point else None
        self._do("start", urls=list(urls), tokens=list(tokens), **{"from": place})

    async def _read(self) -> None:
        assert self._child.stdout is not None
        async for line in self._child.stdout:
            kind, what = json.loads(line)
            self._queue(kind).put_nowait(what)

    def _queue(self, kind: str) -> "asyncio.Queue[Any]":
        return self._told.setdefault(kind, asyncio.Queue())

    async def _next(self, kind: str) -> Any:
        return await asyncio.wait_for(self._queue(kind).get(), ANSWER_S)

    def _do(self, act: str, **what: Any) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps({"act": act, **what}).encode() + b"\n")

    async def call(self, method: str, params: dict[str, Any], key: str = "") -> dict[str, Any]:
        self._do("call", method=method, params=params, key=key)
        answer: dict[str, Any] = await self._next("answer")
        return answer

    async def subscribe(self, topic: str) -> str:
        self._do("subscribe", topic=topic)
        told, answer = await self._next("topic")
        assert told == topic
        return str(answer)

    async def event(self) -> dict[str, Any]:
        event: dict[str, Any] = await self._next("event")
        return {name: event[name] for name in ("seq", "id", "data", "resync") if name in event}

    async def update(self, type: str) -> Any:
        while (update := await self._next("live"))["type"] != type:
            pass
        return update["data"]

    async def cut(self) -> None:
        self._do("cut")

    async def close(self) -> Point:
        self._do("close")
        point = await self._next("point")
        assert self._child.stdin is not None
        self._child.stdin.close()
        assert await asyncio.wait_for(self._child.wait(), ANSWER_S) == 0
        await self._reading
        assert self._child.stderr is not None
        complaints = (await self._child.stderr.read()).decode()
        assert "Error" not in complaints, complaints
        return point["epoch"], point["seq"]


def node_program() -> str:
    """Node's program: the system's, or the one that `infra/install.sh` put beside Python."""
    installed = ROOT / ".venv" / "node" / "node"
    found = shutil.which("node") or (str(installed) if installed.exists() else "")
    return found or missing("no Node: run `infra/install.sh node`")


def build_node_client() -> None:
    """frontend/dist-client, as its users build it."""
    if not (ROOT / "frontend" / "node_modules" / "vite").exists():
        missing("the web app's tools are not installed: run `infra/install.sh node`")
    command = ["infra/install.sh", "npm", "run", "--silent", "build:client"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
