"""Counting: exactly once from the streams, and again from the rows when in doubt."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from app import checkpoint, clock
from app.counts.queries import FIELDS, Counts, of_row, remember
from app.counts.rules import ROWS, Deltas
from app.position import ORIGIN, Position
from app.transaction import transaction

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)
ALL = "*"
_PAGE = 1000
_SETTLE_S = 10.0
_POPULAR_FALL = 0.8
"""A mark goes when followers fall below this share of the limit, not at the limit itself, so
that one follower coming and going does not move a feed back and forth."""


class OffsetMoved(Exception):
    """Another process applied entries meanwhile; read the offsets again."""


# Applying


async def offsets(resources: "Resources") -> dict[int, Position]:
    """How far each partition is applied; those never begun are created at the beginning."""
    stored = {
        row["_id"]: Position.of_entry(row["entry_id"])
        async for row in resources.mongo["counter_offsets"].find()
    }
    for p in resources.bus.partitions:
        if p not in stored:
            try:
                await resources.mongo["counter_offsets"].insert_one(
                    {"_id": p, "entry_id": ORIGIN.entry_id}
                )
            except DuplicateKeyError:
                return await offsets(resources)
            stored[p] = ORIGIN
    return {p: stored[p] for p in resources.bus.partitions}


async def apply(
    resources: "Resources",
    moved: Mapping[int, tuple[Position, Position]],
    deltas: Deltas,
    recounts: Collection[str] = (),
) -> None:
    """Add the deltas and move the offsets (partition → from, to) in one transaction.

    The offsets are compared before they are set, so that whatever is delivered twice, and
    whoever else applies, each entry counts once. Raises OffsetMoved when one stood elsewhere.
    """
    mongo, now = resources.mongo, clock.now()

    async def work(session: Any) -> None:
        moves = [
            UpdateOne({"_id": p, "entry_id": old.entry_id}, {"$set": {"entry_id": new.entry_id}})
            for p, (old, new) in moved.items()
        ]
        result = await mongo["counter_offsets"].bulk_write(moves, ordered=False, session=session)
        if result.matched_count != len(moves):
            raise OffsetMoved
        if deltas:
            sums = [
                UpdateOne(
                    {"_id": subject},
                    {"$inc": {**counters, "revision": 1}, "$set": {"changed_at": now}},
                    upsert=True,
                )
                for subject, counters in deltas.items()
            ]
            await mongo["counts"].bulk_write(sums, ordered=False, session=session)
        if recounts:
            asked = [
                UpdateOne({"_id": subject}, {"$set": {"asked_at": now, "after": ""}}, upsert=True)
                for subject in recounts
            ]
            await mongo["recounts"].bulk_write(asked, ordered=False, session=session)

    await transaction(resources, work)


# Popular people


async def mark_popular(resources: "Resources", counts: Mapping[str, Counts]) -> None:
    """Mark those of these people who have too many followers to push to; unmark those who
    clearly no longer have."""
    limit = resources.settings.feed.push_followers_max
    popular = resources.mongo["popular"]
    above = [user_id for user_id, c in counts.items() if c.followers > limit]
    below = [u for u, c in counts.items() if c.followers < limit * _POPULAR_FALL]
    marked = {
        row["_id"] async for row in popular.find({"_id": {"$in": [*above, *below]}}, {"_id": 1})
    }
    rising = [user_id for user_id in above if user_id not in marked]
    falling = [user_id for user_id in below if user_id in marked]
    if rising:
        since = {"$setOnInsert": {"since": clock.now()}}
        await popular.bulk_write([UpdateOne({"_id": u}, since, upsert=True) for u in rising])
    if falling:
        await popular.delete_many({"_id": {"$in": falling}})


async def mark_all_popular(resources: "Resources") -> None:
    """Set every mark as the stored counts have it (the limit may have changed)."""
    limit = resources.settings.feed.push_followers_max
    many = resources.mongo["counts"].find({"followers": {"$gt": limit}})
    await mark_popular(resources, {row["_id"]: of_row(row) async for row in many})
    marked = [row["_id"] async for row in resources.mongo["popular"].find({}, {"_id": 1})]
    for start in range(0, len(marked), _PAGE):
        page = marked[start : start + _PAGE]
        rows = {
            row["_id"]: of_row(row)
            async for row in resources.mongo["counts"].find({"_id": {"$in": page}})
        }
        await mark_popular(resources, {u: rows.get(u, Counts()) for u in page})


# Counting again


async def count_rows(resources: "Resources", ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """The counters of each id as the stored rows have them."""
    counted: dict[str, dict[str, int]] = {}
    by_kind: dict[str, list[str]] = {}
    for subject_id in dict.fromkeys(ids):
        by_kind.setdefault(subject_id.partition("_")[0], []).append(subject_id)
    for kind, some in by_kind.items():
        narrow: dict[str, Any] = {}
        if kind == "cmt":  # replies are found through the post they are under
            own = resources.mongo["comments"].find({"_id": {"$in": some}}, {"post_id": 1})
            narrow = {"post_id": {"$in": list({row["post_id"] async for row in own})}}
        for subject_id in some:
            counted[subject_id] = {counter: 0 for counter, _, _, _ in ROWS.get(kind, ())}
        for counter, collection, field, also in ROWS.get(kind, ()):
            under = narrow if collection == "comments" else {}
            rows = resources.mongo[collection].aggregate(
                [
                    {"$match": {field: {"$in": some}, **also, **under}},
                    {"$group": {"_id": f"${field}", "n": {"$sum": 1}}},
                ]
            )
            async for row in rows:
                counted[row["_id"]][counter] = row["n"]
    return counted


async def settled(resources: "Resources", at: Position, timeout_s: float = _SETTLE_S) -> bool:
    """Wait until the counters have applied every change up to `at`; False: not in time."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while asyncio.get_running_loop().time() < deadline:
        relayed = await checkpoint.load(resources.mongo)
        if relayed and relayed.gap_since is None and relayed.seen[:2] > at[:2] and relayed.tips:
            applied = await offsets(resources)
            if all(applied.get(p, ORIGIN) >= tip for p, tip in relayed.tips.items()):
                return True
        await asyncio.sleep(0.25)
    return False


async def recount(resources: "Resources", ids: Iterable[str]) -> dict[str, dict[str, int]] | None:
    """Compare the counters with the rows, and correct those that differ: subject → counter →
    difference. None when the counters could not be waited for.

    Exact without stopping anything: read the counter with its revision, count the rows,
    wait until everything up to that count has been applied, and write only if the revision is
    still the same. Then no event came between, so the two had to be equal. A subject that moves
    all the time is left for a quieter moment.
    """
    wanted = list(dict.fromkeys(ids))
    before = {
        row["_id"]: row async for row in resources.mongo["counts"].find({"_id": {"$in": wanted}})
    }
    async with await resources.mongo.client.start_session() as session:
        counted = await count_rows(resources, wanted)
        # After the reads, so at or above everything they saw.
        await resources.mongo.command("ping", session=session)
        time: Any = session.operation_time
    differing = {
        subject_id: rows
        for subject_id, rows in counted.items()
        if any(int(before.get(subject_id, {}).get(c, 0)) != n for c, n in rows.items())
    }
    if not differing:
        return {}
    if not await settled(resources, Position(time.time, time.inc)):
        return None
    drift: dict[str, dict[str, int]] = {}
    for subject_id, rows in differing.items():
        row = before.get(subject_id)
        if await _correct(resources, subject_id, row, rows):
            old = row or {}
            drift[subject_id] = {
                c: n - int(old.get(c, 0)) for c, n in rows.items() if n != int(old.get(c, 0))
            }
    if drift:
        rows_now = resources.mongo["counts"].find({"_id": {"$in": list(drift)}})
        fresh = {row["_id"]: of_row(row) async for row in rows_now}
        await remember(resources, fresh)
        await mark_popular(resources, {i: c for i, c in fresh.items() if i.startswith("usr_")})
    return drift


async def _correct(
    resources: "Resources", subject_id: str, before: Mapping[str, Any] | None, rows: dict[str, int]
) -> bool:
    values = {**rows, "changed_at": clock.now()}
    if before is None:
        try:
            zeros = {name: 0 for name in FIELDS if name not in rows}
            await resources.mongo["counts"].insert_one(
                {"_id": subject_id, **zeros, **values, "revision": 1}
            )
        except DuplicateKeyError:
            return False
        return True
    result = await resources.mongo["counts"].update_one(
        {"_id": subject_id, "revision": before["revision"]},
        {"$set": values, "$inc": {"revision": 1}},
    )
    return bool(result.modified_count)


async def request_recount(resources: "Resources", ids: Iterable[str] | None) -> None:
    """Have subjects counted again by the schedule; None: all."""
    asked = {"$set": {"asked_at": clock.now(), "after": ""}}
    wanted = [ALL] if ids is None else list(ids)
    if wanted:
        await resources.mongo["recounts"].bulk_write(
            [UpdateOne({"_id": subject_id}, asked, upsert=True) for subject_id in wanted]
        )
