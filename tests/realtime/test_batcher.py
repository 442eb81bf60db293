"""Questions asked together."""

import asyncio

import pytest

from realtime.batcher import Batcher


async def test_each_gets_its_own_answer_and_batches_are_bounded() -> None:
    sizes: list[int] = []

    async def double(questions: list[int]) -> list[int | Exception]:
        sizes.append(len(questions))
        await asyncio.sleep(0)
        return [ValueError(n) if n == 3 else 2 * n for n in questions]

    batcher: Batcher[int, int] = Batcher(double, 4)
    running = asyncio.create_task(batcher.run())
    found = await asyncio.gather(*(batcher.ask(n) for n in range(10)), return_exceptions=True)
    assert [str(n) if isinstance(n, ValueError) else n for n in found] == [
        0, 2, 4, "3", 8, 10, 12, 14, 16, 18
    ]  # fmt: skip
    assert max(sizes) == 4
    running.cancel()


async def test_a_failure_is_the_batchs_and_one_in_time_is_everyones() -> None:
    errors: list[Exception] = [OSError("refused"), TimeoutError("frozen")]
    asked: list[list[int]] = []

    async def fail(questions: list[int]) -> list[int | Exception]:
        asked.append(questions)
        await asyncio.sleep(0.01)
        raise errors[len(asked) - 1]

    batcher: Batcher[int, int] = Batcher(fail, 2)
    running = asyncio.create_task(batcher.run())
    async with asyncio.timeout(30):
        found = await asyncio.gather(*(batcher.ask(n) for n in range(8)), return_exceptions=True)
    assert asked == [[0, 1], [2, 3]]
    assert [type(error) for error in found] == [OSError] * 2 + [TimeoutError] * 6
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
