"""Groups of acts, computed from the rows and told to their recipients.

    put / drop   change a row and mark its group, in one transaction
    compute      read the rows of a marked group and write what they come to
    finish       the recipient was told: unmark

Each mark gives the group a new `version`, and what was computed is written only under the
version read before the rows were. A change of rows that the computing missed is marked after
it, so its write is refused or another round follows: the last word is always computed from all
rows. Until `finish` the mark stays, so whoever dies on the way leaves the work to the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from app import clock, ids
from app.notifications.acts import Act
from app.transaction import transaction

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
ACTORS_SHOWN = 3
PAUSE = timedelta(seconds=1)
"""A group that grows and grows is told of once in this time."""
_LEASE = timedelta(seconds=5)
_ATTEMPTS_MAX = 5
_DROPPED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Computed:
    """What a group comes to; `row` is what is listed, its `actor_count` 0 when it is gone."""

    row: Raw
    grew: bool
    first: bool
    """Its recipient was never told of it."""

    @property
    def version(self) -> str:
        return str(self.row["version"])


def _mark(group_id: str, grew: bool) -> UpdateOne:
    change: Raw = {"$set": {"version": ids.new_id("ver")}, "$min": {"due_at": clock.now()}}
    if grew:
        change["$set"]["grew"] = True
    return UpdateOne({"_id": group_id}, change)


async def put(resources: "Resources", act: Act, at: datetime, news: bool = True) -> set[str]:
    """Store the act; the groups that changed by it, none when it stood there already."""
    mongo = resources.mongo
    group_id = act.group_id(at)
    row = {
        "recipient_id": act.recipient,
        "kind": act.kind,
        "actor_id": act.actor,
        "post_id": act.post_id,
        "comment_id": act.comment_id,
        "story_id": act.story_id,
        "conversation_id": act.conversation_id,
        "group_id": group_id,
        "at": at,
    }

    async def work(session: Any) -> set[str]:
        before = await mongo.notification_acts.find_one({"_id": act.id}, session=session)
        if before is not None and before["at"] == at and before["group_id"] == group_id:
            return set()
        await mongo.notification_acts.update_one(
            {"_id": act.id}, {"$set": row}, upsert=True, session=session
        )
        empty: Raw = {
            "recipient_id": act.recipient,
            "kind": act.kind,
            "post_id": act.post_id,
            "comment_id": act.comment_id,
            "story_id": act.story_id,
            "conversation_id": act.conversation_id,
            "actors": [],
            "actor_count": 0,
            "is_read": True,
            "told": False,
            "created_at": at,
            "updated_at": at,
        }
        await mongo.notification_groups.update_one(
            {"_id": group_id}, {"$setOnInsert": empty}, upsert=True, session=session
        )
        changed = {group_id}
        marks = [_mark(group_id, grew=news)]
        if before is not None and before["group_id"] != group_id:
            changed.add(before["group_id"])
            marks.append(_mark(before["group_id"], grew=False))
        await mongo.notification_groups.bulk_write(marks, session=session)
        return changed

    return await transaction(resources, work)


async def drop(resources: "Resources", which: Raw) -> set[str]:
    """Forget the acts that match; the groups that changed by it."""
    mongo = resources.mongo

    async def work(session: Any) -> set[str]:
        rows = await mongo.notification_acts.find(
            which, {"group_id": 1}, session=session, limit=_DROPPED_AT_ONCE
        ).to_list(None)
        if not rows:
            return set()
        await mongo.notification_acts.delete_many(
            {"_id": {"$in": [row["_id"] for row in rows]}}, session=session
        )
        groups = {row["group_id"] for row in rows}
        marks = [_mark(group_id, grew=False) for group_id in groups]
        await mongo.notification_groups.bulk_write(marks, session=session)
        return groups

    changed: set[str] = set()
    while some := await transaction(resources, work):
        changed |= some
    return changed


async def compute(resources: "Resources", group_id: str) -> Computed | None:
    """Write what the rows come to. None: it is not marked, or changes too fast just now (and
    stays marked). A group without acts is left for `finish` to remove."""
    groups = resources.mongo.notification_groups
    for _ in range(_ATTEMPTS_MAX):
        group = await groups.find_one({"_id": group_id})
        if group is None or group.get("due_at") is None:
            return None
        found = await _sum(resources, group_id)
        grew = bool(group.get("grew")) and bool(found["actor_count"])
        change = {**found, "told_at": clock.now()}
        if grew:
            change["is_read"] = False
        if not found["actor_count"]:
            change["is_read"] = True
        written = await groups.update_one(
            {"_id": group_id, "version": group["version"]}, {"$set": change}
        )
        if written.matched_count:
            return Computed({**group, **change}, grew, first=not group["told"])
    return None


async def _sum(resources: "Resources", group_id: str) -> Raw:
    newest = {"sortBy": {"at": -1, "_id": 1}, "n": ACTORS_SHOWN, "output": "$_id"}
    rows = await resources.mongo.notification_acts.aggregate(
        [
            {"$match": {"group_id": group_id}},
            {
                "$group": {
                    "_id": "$actor_id",
                    "at": {"$max": "$at"},
                    "first": {"$min": "$at"},
                    "comment_id": {"$max": "$comment_id"},
                }
            },
            {
                "$group": {
                    "_id": None,
                    "actor_count": {"$sum": 1},
                    "actors": {"$topN": newest},
                    "created_at": {"$min": "$first"},
                    "updated_at": {"$max": "$at"},
                    "comment_id": {"$max": "$comment_id"},  # ids sort by time
                }
            },
            {"$unset": "_id"},
        ]
    ).to_list(1)
    return rows[0] if rows else {"actor_count": 0, "actors": []}


async def finish(resources: "Resources", computed: Computed) -> None:
    """The recipient was told of this version; without acts it is removed."""
    groups = resources.mongo.notification_groups
    same = {"_id": computed.row["_id"], "version": computed.version}
    if not computed.row["actor_count"]:
        await groups.delete_one(same)
        return
    await groups.update_one({"_id": computed.row["_id"]}, {"$set": {"told": True}})
    await groups.update_one(same, {"$unset": {"due_at": "", "grew": ""}})


async def rested(resources: "Resources", group_ids: Iterable[str]) -> list[str]:
    """Those that were not told of just now; the others are `due` in a moment."""
    rows = resources.mongo.notification_groups.find(
        {"_id": {"$in": list(group_ids)}}, {"told_at": 1}
    )
    before = clock.now() - PAUSE
    return [row["_id"] async for row in rows if (row.get("told_at") or before) <= before]


async def waiting(resources: "Resources") -> int:
    """How many groups are still to be computed and told of."""
    marked = {"due_at": {"$exists": True}}
    return int(await resources.mongo.notification_groups.count_documents(marked))


async def due(resources: "Resources", limit: int) -> list[str]:
    """Marked groups whose turn it is, for this caller alone during the next seconds."""
    groups = resources.mongo.notification_groups
    taken: list[str] = []
    while len(taken) < limit:
        now = clock.now()
        # Moved on rather than unset: if this process dies, another takes it up.
        group = await groups.find_one_and_update(
            {"due_at": {"$lte": now - PAUSE}},
            {"$set": {"due_at": now + _LEASE}},
            projection={"_id": 1},
            sort=[("due_at", 1)],
        )
        if group is None:
            break
        taken.append(group["_id"])
    return taken
