"""Reads asked together: few of them, and none older than its request."""

import asyncio

import pytest

from app.together import Together


class Store:
    """Counts up at each read; a read takes a moment."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []
        self.version = 0
        self.broken = False
        self.begun = asyncio.Event()

    async def read(self, keys: list[str]) -> dict[str, int]:
        self.reads.append(sorted(keys))
        self.begun.set()
        version = self.version
        await asyncio.sleep(0.01)
        if self.broken:
            raise OSError("away")
        return {key: version for key in keys if key != "absent"}


async def test_those_who_wait_share_a_read_and_get_their_own_keys() -> None:
    store, together = Store(), Together[int]()
    asked = [together.many(keys, store.read) for keys in (["a", "b"], ["b", "absent"], [])]
    assert await asyncio.gather(*asked) == [{"a": 0, "b": 0}, {"b": 0}, {}]
    assert store.reads == [["a", "absent", "b"]]


async def test_what_is_asked_while_a_read_runs_is_not_answered_by_it() -> None:
    store, together = Store(), Together[int]()
    first = asyncio.create_task(together.many(["a"], store.read))
    await asyncio.wait_for(store.begun.wait(), 30)
    store.version = 1  # changed since: the read that runs does not know
    later = [asyncio.create_task(together.many(["a"], store.read)) for _ in range(3)]
    assert [await task for task in later] == [{"a": 1}] * 3
    assert await first == {"a": 0}
    assert len(store.reads) == 2


async def test_a_failure_is_everybodys_and_does_not_last() -> None:
    store, together = Store(), Together[int]()
    store.broken = True
    failed = await asyncio.gather(
        *(together.many([key], store.read) for key in "ab"), return_exceptions=True
    )
    assert [type(error) for error in failed] == [OSError, OSError]
    store.broken = False
    assert await together.many(["a"], store.read) == {"a": 0}


async def test_who_gives_up_takes_nobody_along() -> None:
    store, together = Store(), Together[int](keys_max=2)
    left, *others = [
        asyncio.create_task(together.many([f"{n}", "x"], store.read)) for n in range(5)
    ]
    await asyncio.sleep(0)
    left.cancel()
    assert [await task for task in others] == [{f"{n}": 0, "x": 0} for n in range(1, 5)]
    with pytest.raises(asyncio.CancelledError):
        await left
    assert all(len(keys) == 2 for keys in store.reads), "no read is larger than allowed"
