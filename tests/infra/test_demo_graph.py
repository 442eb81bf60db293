"""The bulk import: what it stores, what it leaves alone, and that it causes no events."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.changes import Changes, position_now
from app.counts import service as counts
from app.counts.queries import Counts, stored
from app.operation import Context
from app.resources import Resources, open_resources
from app.settings import Settings
from app.setup import prepare
from infra.demo.graph import (
    PASSWORD,
    GraphImport,
    GraphUnreadable,
    Imported,
    full_name,
    read_graph,
    user_id,
    username,
)

_ROWS = [(0, 1), (0, 2), (0, 3), (1, 2), (4, 0), (1, 0), (3, 3)]
"""Five people, (0, 1) both ways round and one row that follows itself: 5 pairs, 10 follows."""


@pytest.fixture
async def resources(fresh_settings: Settings) -> AsyncIterator[Resources]:
    await prepare(fresh_settings)
    async with open_resources(fresh_settings) as opened:
        yield opened


def _written(path: Path, rows: list[tuple[int, int]]) -> Path:
    lines = ["id_1,id_2", *(f"{one},{other}" for one, other in rows)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


async def _import(resources: Resources, path: Path) -> Imported:
    return await GraphImport(resources, lambda *_: None).run(read_graph(path))


async def test_each_row_is_two_follows_and_counted(resources: Resources, tmp_path: Path) -> None:
    done = await _import(resources, _written(tmp_path / "g.csv.gz", _ROWS))
    assert (done.people_new, done.follows_new, done.followers_max) == (5, 10, 4)
    assert (done.counters_checked, done.counters_wrong) == (5, 0)
    assert await resources.mongo.follows.count_documents({}) == 10
    found = await stored(resources, [user_id(0), user_id(4)])
    assert found[user_id(0)] == Counts(followers=4, following=4)
    assert found[user_id(4)] == Counts(followers=1, following=1)


async def test_the_people_can_log_in(resources: Resources, tmp_path: Path) -> None:
    from app.identity import service

    await _import(resources, _written(tmp_path / "g.csv.gz", _ROWS))
    tokens = await service.log_in(Context(resources), username(4), PASSWORD)
    assert tokens["user_id"] == user_id(4)
    assert full_name(4) == full_name(4) != full_name(5)


async def test_a_repeat_changes_nothing(resources: Resources, tmp_path: Path) -> None:
    path = _written(tmp_path / "g.csv.gz", _ROWS)
    await _import(resources, path)
    before = await resources.mongo["counts"].find().sort("_id").to_list(None)
    await resources.mongo.follows.delete_one({"_id": f"{user_id(4)}:{user_id(0)}"})
    done = await _import(resources, path)
    assert (done.people_new, done.follows_new) == (0, 0)
    assert await resources.mongo.follows.count_documents({}) == 9  # what was taken back stays so
    assert await resources.mongo["counts"].find().sort("_id").to_list(None) == before


async def test_an_import_that_was_cut_off_is_finished(resources: Resources, tmp_path: Path) -> None:
    await _import(resources, _written(tmp_path / "g.csv.gz", _ROWS))
    await resources.mongo["demo"].delete_many({})
    await resources.mongo.follows.delete_one({"_id": f"{user_id(4)}:{user_id(0)}"})
    await resources.mongo.users.delete_one({"_id": user_id(3)})
    await resources.mongo["counts"].delete_one({"_id": user_id(2)})
    done = await _import(resources, tmp_path / "g.csv.gz")
    assert (done.people_new, done.follows_new, done.counters_wrong) == (1, 1, 0)


async def test_events_come_only_of_what_people_do_later(
    resources: Resources, tmp_path: Path
) -> None:
    start = await position_now(resources.settings.mongo)
    await _import(resources, _written(tmp_path / "g.csv.gz", _ROWS))
    await resources.mongo.follows.delete_one({"_id": f"{user_id(4)}:{user_id(0)}"})
    seen = []
    async with Changes(resources.settings.mongo, start) as changes:
        async with asyncio.timeout(10):
            while not seen:
                seen += [c.event for c in await changes.batch(100, 1) if c.event is not None]
        seen += [c.event for c in await changes.batch(100, 0.5) if c.event is not None]
    assert [type(event).__name__ for event in seen] == ["FollowDeleted"]


async def test_counts_that_moved_meanwhile_are_counted_again(
    resources: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def recount(_: Resources, ids: list[str]) -> dict[str, dict[str, int]]:
        asked.extend(ids)
        return {}

    monkeypatch.setattr(counts, "recount", recount)
    await resources.mongo["counts"].insert_one({"_id": user_id(1), "followers": 7, "revision": 3})
    await _import(resources, _written(tmp_path / "g.csv.gz", _ROWS))
    assert asked == [user_id(1)]


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(b"a,b\n1,2\n"), gzip.compress(b"id_1,id_2\n1,x\n")],
    ids=["no gzip", "other columns", "no number"],
)
def test_what_is_no_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "g.csv.gz"
    path.write_bytes(content)
    with pytest.raises(GraphUnreadable, match=r"g\.csv\.gz"):
        read_graph(path)
