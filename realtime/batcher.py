"""Many small questions, asked together: what costs a round trip each costs one for all.

While a batch is under way the next one gathers. Alone, a question is asked at once, so
batching adds no delay where there is nothing to share. Where a batch costs the same whatever its
size, a rest after it makes the next one large.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Batcher(Generic[Question, Answer]):
    """`work` takes up to `size_max` questions and gives an answer, or an exception, for each."""

    def __init__(
        self,
        work: Callable[[list[Question]], Awaitable[list[Answer | Exception]]],
        size_max: int,
        rest_s: float = 0.0,
        rest_s_max: float = 0.0,
    ) -> None:
        """After a batch of n: rest n times `rest_s`, unless the next one is full."""
        self._work = work
        self._size_max = size_max
        self._rest_s = rest_s
        self._rest_s_max = rest_s_max
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._someone = asyncio.Event()
        self._full = asyncio.Event()

    async def ask(self, question: Question) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        self._someone.set()
        if len(self._waiting) >= self._size_max:
            self._full.set()
        return await answer

    async def run(self) -> None:
        """Work on batches for ever; several may run beside each other."""
        while True:
            await self._someone.wait()
            batch = self._waiting[: self._size_max]
            del self._waiting[: self._size_max]
            if not self._waiting:
                self._someone.clear()
            if not batch:
                continue
            try:
                answers = await self._work([question for question, _ in batch])
            except Exception as error:  # the batch's failure is each question's
                if isinstance(error, TimeoutError):
                    # Those behind it have waited as long, and would wait once more for the same.
                    batch += self._waiting
                    self._waiting.clear()
                answers = [error] * len(batch)
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
            await self._rest(len(batch))

    async def _rest(self, size: int) -> None:
        rest_s = min(self._rest_s_max, size * self._rest_s)
        if not rest_s or len(self._waiting) >= self._size_max:
            return
        self._full.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._full.wait()
