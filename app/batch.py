"""Commands of every request, sent together: what several requests ask of Redis while an answer is
on its way goes out in one write, once that answer is there.

On a connection of its own, which redis-py opens and looks after. Through its pipelines a command
costs some 30 µs of Python, on this way a few.
"""

import asyncio
import hashlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError, NoScriptError, ResponseError

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT_S = 0.5
_BATCH_MAX = 200
Command = tuple[Any, ...]


class Batch:
    def __init__(self, redis: "Redis", cluster: bool) -> None:
        self.redis = redis
        self._cluster = cluster
        self._connection: Any = None
        self._waiting: list[tuple[list[bytes], asyncio.Future[list[Any]]]] = []
        self._sender: asyncio.Task[None] | None = None

    async def call(self, *command: Any) -> Any:
        """The command's answer; raises redis-py's errors, or TimeoutError."""
        return (await self.calls(command))[0]

    async def calls(self, *commands: Command) -> list[Any]:
        """The answers of several commands, sent together; raises the first error."""
        if self._cluster:  # one write there would have to be split by slot
            send: Any = self.redis.execute_command
            return list(await asyncio.gather(*(send(*command) for command in commands)))
        packed = [hiredis.pack_command(command) for command in commands]
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((packed, future))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
        answers = await future
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def _send(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_BATCH_MAX], self._waiting[_BATCH_MAX:]
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    answers = iter(await self._exchange([one for some, _ in taken for one in some]))
            except Exception as error:  # whatever it is, it is the answer to all of them
                for _, future in taken:
                    if not future.done():
                        future.set_exception(error)
                continue
            for packed, future in taken:
                theirs = [next(answers) for _ in packed]
                if not future.done():  # else its caller gave up
                    future.set_result(theirs)

    async def _exchange(self, packed: list[bytes]) -> list[Any]:
        kept = self._connection is not None
        try:
            return await self._exchange_once(packed)
        except (RedisConnectionError, OSError):
            if not kept:
                raise
        return await self._exchange_once(packed)  # Redis was restarted since it was last used

    async def _exchange_once(self, packed: list[bytes]) -> list[Any]:
        if self._connection is None:
            pool: Any = self.redis.connection_pool
            self._connection = await pool.get_connection()
        connection = self._connection
        try:
            await connection.send_packed_command(packed)
            return [await _answer(connection) for _ in packed]
        except BaseException:
            # What comes next on it would be taken for somebody else's answer.
            self._connection = None
            await connection.disconnect(nowait=True)
            await self.redis.connection_pool.release(connection)
            raise


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response(timeout=math.inf)
    except ResponseError as error:
        return error


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
