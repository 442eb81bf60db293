"""Commands of every request, sent together: what several requests ask of Redis while an answer is
on its way goes out in one write, once that answer is there.

On a connection of its own, which redis-py opens and looks after: through its pipelines a command
costs several times as much Python.
"""

import asyncio
import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError, NoScriptError, ResponseError

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT_S = 0.5
_BATCH_MAX = 200
Command = tuple[Any, ...]
Answers: TypeAlias = "asyncio.Future[list[Any]]"
"""Of several commands; an error for one that failed. Never fails itself, so that it may be left."""


class Batch:
    def __init__(self, redis: "Redis", cluster: bool) -> None:
        self.redis = redis
        self._cluster = cluster
        self._connection: Any = None
        self._waiting: list[tuple[list[bytes], Answers]] = []
        self._sender: asyncio.Task[None] | None = None

    async def call(self, *command: Any) -> Any:
        """The command's answer; raises redis-py's errors, or TimeoutError."""
        return first(await self.begin(command))

    async def calls(self, *commands: Command) -> list[Any]:
        """The answers of several commands, sent together; raises the first error."""
        answers = await self.begin(*commands)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def begin(self, *commands: Command) -> Answers:
        """Sent with what others ask in this moment."""
        if self._cluster:  # one write there would have to be split by slot
            send: Any = self.redis.execute_command
            every: Any = asyncio.gather(*(send(*one) for one in commands), return_exceptions=True)
            answers: Answers = every
            return answers
        packed = [hiredis.pack_command(command) for command in commands]
        future: Answers = asyncio.get_running_loop().create_future()
        self._waiting.append((packed, future))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
        return future

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect()

    async def _send(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_BATCH_MAX], self._waiting[_BATCH_MAX:]
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    answers: Iterator[Any] = iter(
                        await self._exchange([one for some, _ in taken for one in some])
                    )
            except Exception as error:  # whatever it is, it is the answer to all of them
                answers = itertools.repeat(error)
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
            self._connection = await self._connect()
        connection = self._connection
        try:
            await connection.send_packed_command(packed)
            return [await _answer(connection) for _ in packed]
        except BaseException:
            # What comes next on it would be taken for somebody else's answer.
            self._connection = None
            await connection.disconnect(nowait=True)
            raise

    async def _connect(self) -> Any:
        pool: Any = self.redis.connection_pool
        # Batches have their own bound on time; that of a connection costs a task for each write.
        connection = pool.connection_class(**{**pool.connection_kwargs, "socket_timeout": None})
        await connection.connect()
        return connection


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response(timeout=math.inf)
    except ResponseError as error:
        return error


def first(answers: list[Any]) -> Any:
    """The answer to a single command; raises what it failed with."""
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


class BatchedScript:
    """A Lua script that runs in batches; loaded when Redis does not know it (any more)."""

    def __init__(self, batch: Batch, text: str) -> None:
        self._batch = batch
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def begin(self, keys: Sequence[str], args: Sequence[Any]) -> "Begun":
        """Sent with what others ask in this moment."""
        rest = (len(keys), *keys, *args)
        return Begun(
            self._batch, self._text, rest, self._batch.begin(("EVALSHA", self._digest, *rest))
        )

    async def __call__(self, keys: Sequence[str], args: Sequence[Any]) -> Any:
        return await self.begin(keys, args).answer()


class Begun(NamedTuple):
    """A script on its way."""

    batch: Batch
    text: str
    rest: Command
    answers: Answers

    async def answer(self) -> Any:
        """Raises redis-py's errors, or TimeoutError."""
        try:
            return first(await self.answers)
        except NoScriptError:
            return await self.batch.call("EVAL", self.text, *self.rest)
