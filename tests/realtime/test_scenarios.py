"""The Python client against the table that both clients keep to: scenarios.json says what the
words mean. The server and the time are made up here; the client is the real one."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from realtime.client import (
    CallFailed,
    CallTimeout,
    CallTooLarge,
    Client,
    ClientError,
    ConnectionLost,
    Event,
    OutboxFull,
    Stopped,
)
from realtime.client.wire import Closed
from tests.realtime.virtual import VirtualLoop, settle

TABLE = json.loads(Path(__file__).with_name("scenarios.json").read_text(encoding="utf-8"))
CODES: dict[type[ClientError], str] = {
    ConnectionLost: "lost",
    CallTimeout: "timeout",
    CallTooLarge: "too_large",
    OutboxFull: "full",
    Stopped: "stopped",
}
ALWAYS = ("events", "live", "topics", "calls", "stopped")


class FakeWire:
    def __init__(self) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.coming: asyncio.Queue[str | Closed] = asyncio.Queue()
        self.said: list[Any] = []
        self.closed_by: str = ""

    async def send(self, text: str) -> None:
        assert not self.closed_by, f"said on a closed wire: {text}"
        self.said.append(json.loads(text))

    async def receive(self) -> str:
        message = await self.coming.get()
        if isinstance(message, Closed):
            raise message
        return message

    async def close(self) -> None:
        self.closed_by = self.closed_by or "client"

    def cut(self) -> None:
        self.closed_by = "client"
        self.coming.put_nowait(Closed(1006))

    # The server's hand

    def end(self, code: int) -> None:
        self.closed_by = "server"
        if self.opened.done():
            self.coming.put_nowait(Closed(code))
        else:
            self.opened.set_exception(OSError("nobody there"))


class Play:
    def __init__(self, scenario: dict[str, Any]) -> None:
        self.wires: list[FakeWire] = []
        self.saw: dict[str, list[Any]] = {kind: [] for kind in (*ALWAYS, "points", "tokens")}
        self.names: dict[str, Any] = {}
        self._tokens = scenario.get("tokens", ["t1", "t2", "t3"])
        self._token = 0
        point = scenario.get("point")
        self.client = Client(
            "ws://nowhere/ws",
            self._give_token,
            name="test",
            version="1",
            device="dev_1",
            point=tuple(point) if point else None,
            on_point=lambda point: self.saw["points"].append(list(point)),
            open=self._connect,
            random=lambda: scenario.get("random", 1),
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def _connect(self, url: str) -> FakeWire:
        self.wires.append(FakeWire())
        wire = self.wires[-1]
        try:
            await wire.opened
        except asyncio.CancelledError:
            wire.closed_by = "client"
            raise
        return wire

    async def _give_token(self, fresh: bool) -> str | None:
        self.saw["tokens"].append(fresh)
        self._token += fresh
        token: str | None = self._tokens[min(self._token, len(self._tokens) - 1)]
        if token == "!":
            raise OSError("no token just now")
        return token

    async def run(self, steps: list[dict[str, Any]]) -> None:
        async with self.client:
            self._begin(self._events())
            self._begin(self._updates())
            await settle()
            for number, step in enumerate(steps):
                try:
                    await self.step(step)
                except AssertionError as wrong:
                    raise AssertionError(f"step {number}, {step}: {wrong}") from wrong
            self._check_sent([])
            self._check_saw({})
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def step(self, step: dict[str, Any]) -> None:
        what = next(iter(step))
        rest = {name: value for name, value in step.items() if name != what}
        await getattr(self, f"_{what}")(step[what], **rest)
        await settle()

    # The server

    async def _open(self, _: bool) -> None:
        self.wires[-1].opened.set_result(None)

    async def _say(self, template: str, **changes: Any) -> None:
        message = {**TABLE["messages"][template], **changes}
        if isinstance(message.get("id"), str) and message["id"].startswith("$"):
            message["id"] = self.names[message["id"]]
        await self._raw(json.dumps(message))

    async def _raw(self, text: str) -> None:
        self.wires[-1].coming.put_nowait(text)

    async def _close(self, code: int) -> None:
        self.wires[-1].end(code)

    # The program

    async def _play(self, macro: str) -> None:
        for step in TABLE["macros"][macro]:
            await self.step(step)

    async def _wait_ms(self, time_ms: float) -> None:
        await asyncio.sleep(time_ms / 1000)

    async def _call(
        self,
        name: str,
        method: str,
        params: dict[str, Any],
        key: str = "",
        timeout_ms: float = 0,
        count: int = 1,
    ) -> None:
        more = {"timeout_s": timeout_ms / 1000} if timeout_ms else {}
        for _ in range(count):
            self._begin(self._called(name, method, params, key=key, **more))

    async def _called(self, name: str, *args: Any, **more: Any) -> None:
        try:
            answer = await self.client.call(*args, **more)
        except CallFailed as failed:
            answer = f"error: {failed.code}"
        except ClientError as error:
            answer = f"error: {CODES[type(error)]}"
        self.saw["calls"].append([name, answer])

    async def _subscribe(self, topics: list[str]) -> None:
        self._begin(self._subscribed(topics))

    async def _subscribed(self, topics: list[str]) -> None:
        answers = await self.client.subscribe(*topics)
        self.saw["topics"] += [list(answer) for answer in answers.items()]

    async def _unsubscribe(self, topic: str) -> None:
        self._begin(self.client.unsubscribe(topic))

    async def _authenticate(self, token: str) -> None:
        self._begin(self.client.authenticate(token))

    async def _hurry(self, _: bool) -> None:
        self.client.hurry()

    async def _cut(self, _: bool) -> None:
        await self.client.cut()

    async def _shut(self, _: bool) -> None:
        await self.client.close()

    def _begin(self, work: Any) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _events(self) -> None:
        try:
            async for message in self.client:
                shown = message.id if isinstance(message, Event) else f"resync:{message.reason}"
                self.saw["events"].append(shown)
        except Stopped as stopped:
            if stopped.code != 1000:
                self.saw["stopped"].append(stopped.code)

    async def _updates(self) -> None:
        async for update in self.client.updates():
            self.saw["live"].append([update.topic, update.type])

    # What must be

    async def _sent(self, frames: list[Any]) -> None:
        self._check_sent(frames)

    async def _sent_count(self, count: int) -> None:
        said = self._take_said()
        assert len(said) == count, said

    async def _saw(self, wanted: dict[str, Any]) -> None:
        self._check_saw(wanted)

    async def _connections(self, count: int) -> None:
        assert len(self.wires) == count, f"{len(self.wires)} connections"

    async def _closed(self, wanted: bool) -> None:
        assert (self.wires[-1].closed_by == "client") is wanted

    def _take_said(self) -> list[Any]:
        said = self.wires[-1].said[:]
        self.wires[-1].said.clear()
        return said

    def _check_sent(self, frames: list[Any]) -> None:
        said = self._take_said()
        assert len(said) == len(frames), said
        for frame, wanted in zip(said, frames, strict=True):
            if wanted == "*":
                continue
            assert set(frame) == set(wanted), frame
            for name, value in wanted.items():
                self._check_value(frame[name], value)

    def _check_value(self, value: Any, wanted: Any) -> None:
        if wanted == "*":
            return
        if isinstance(wanted, str) and wanted.startswith("$"):
            wanted = self.names.setdefault(wanted, value)
        assert value == wanted

    def _check_saw(self, wanted: dict[str, Any]) -> None:
        for kind in {*ALWAYS, *wanted}:
            found = self.saw[kind][:]
            self.saw[kind].clear()
            expected: list[Any] = []
            for one in wanted.get(kind, []):
                counted = kind == "calls" and len(one) == 3
                expected += [one[:2]] * one[2] if counted else [one]
            assert found == expected, f"{kind}: {found}"


@pytest.mark.parametrize("scenario", TABLE["scenarios"], ids=lambda each: each["name"])
def test_the_python_client_keeps_to_the_table(scenario: dict[str, Any]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:

        async def play() -> None:
            await Play(scenario).run(scenario["steps"])

        runner.run(play())
