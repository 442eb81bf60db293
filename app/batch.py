"""Scripts called on every request, sent together: what several requests ask of Redis while an
answer is on its way goes out in one write, once that answer is there.

A call by itself costs about 80 µs of Python in the driver; in a batch a quarter of that.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT_S = 0.5
_BATCH_MAX = 200


class Batch:
    def __init__(self, redis: "Redis", cluster: bool) -> None:
        self.redis = redis
        self._cluster = cluster
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        self._sender: asyncio.Task[None] | None = None

    async def call(self, *command: Any) -> Any:
        """The command's answer; raises redis-py's errors, or TimeoutError."""
        if self._cluster:  # a pipeline there would have to be split by slot
            answer: Any = await self.redis.execute_command(*command)  # type: ignore[no-untyped-call]
            return answer
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
        return await future

    async def calls(self, *commands: tuple[Any, ...]) -> list[Any]:
        """The answers of several commands, sent together; raises the first error."""
        return list(await asyncio.gather(*(self.call(*command) for command in commands)))

    async def _send(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_BATCH_MAX], self._waiting[_BATCH_MAX:]
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    answers = await self._execute([command for command, _ in taken])
            except Exception as error:  # whatever it is, it is the answer to all of them
                answers = [error] * len(taken)
            for (_, future), answer in zip(taken, answers, strict=True):
                if future.done():  # its caller gave up
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    async def _execute(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        async with self.redis.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command)
            answers: list[Any] = await pipe.execute(raise_on_error=False)
        return answers


class BatchedScript:
    """A Lua script that runs in batches; loaded when Redis does not know it (any more)."""

    def __init__(self, batch: Batch, text: str) -> None:
        self._batch = batch
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str], args: Sequence[Any]) -> Any:
        try:
            return await self._batch.call("EVALSHA", self._digest, len(keys), *keys, *args)
        except NoScriptError:
            return await self._batch.call("EVAL", self._text, len(keys), *keys, *args)
