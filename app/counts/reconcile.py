"""Looking for drift: counters against rows, a few subjects at a time."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from app import clock
from app.counts.rules import ROWS
from app.counts.service import ALL, recount

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)

QUIET = timedelta(seconds=10)
_RECENT_MAX, _SAMPLE = 500, 50
_PAGE = 2000
_KINDS = (("usr", "users"), ("post", "posts"), ("cmt", "comments"), ("story", "stories"))

Drift = dict[str, dict[str, int]]


async def check_some(resources: "Resources", look_back: timedelta) -> tuple[int, Drift]:
    """Recount what changed in the last `look_back` and is quiet now, and a random sample of
    everything (a subject never counted at all shows up there only): (checked, drift)."""
    mongo, now = resources.mongo, clock.now()
    recent = mongo["counts"].find(
        {"changed_at": {"$gt": now - look_back - QUIET, "$lt": now - QUIET}}, {"_id": 1}
    )
    ids = {row["_id"] async for row in recent.limit(_RECENT_MAX)}
    for _, collection in _KINDS:
        sample = mongo[collection].aggregate(
            [{"$sample": {"size": _SAMPLE}}, {"$project": {"_id": 1}}]
        )
        ids |= {row["_id"] async for row in sample}
    drift = await recount(resources, ids)
    return (0, {}) if drift is None else (len(ids), drift)


async def do_requested(resources: "Resources") -> tuple[int, Drift]:
    """Count again what was asked for; a page at a time for "all": (checked, drift)."""
    requests = resources.mongo["recounts"]
    rows = await requests.find({"_id": {"$ne": ALL}}).limit(_PAGE).to_list(None)
    ids = [row["_id"] for row in rows if row["_id"].partition("_")[0] in ROWS]
    checked, drift = 0, dict[str, dict[str, int]]()
    if rows:
        found = await recount(resources, ids)
        if found is None:
            return 0, {}
        for row in rows:  # not one that was asked for again meanwhile
            await requests.delete_one({"_id": row["_id"], "asked_at": row["asked_at"]})
        checked, drift = len(ids), found
    everything = await requests.find_one({"_id": ALL})
    if everything is not None:
        page = await _page(resources, everything["after"])
        found = await recount(resources, page) if page else {}
        if found is None:
            return checked, drift
        checked, drift = checked + len(page), drift | found
        same = {"_id": ALL, "asked_at": everything["asked_at"]}
        if page:
            await requests.update_one(same, {"$set": {"after": page[-1]}})
        else:
            await requests.delete_one(same)
            log.warning("all counters have been counted again")
    return checked, drift


async def _page(resources: "Resources", after: str) -> list[str]:
    """The next subjects after that id: people, posts, comments, then stories."""
    kinds = [kind for kind, _ in _KINDS]
    begin = kinds.index(after.partition("_")[0]) if after else 0
    for kind, collection in _KINDS[begin:]:
        above = after if after.startswith(kind + "_") else ""
        rows = resources.mongo[collection].find({"_id": {"$gt": above}}, {"_id": 1})
        if page := [row["_id"] async for row in rows.sort("_id", 1).limit(_PAGE)]:
            return page
    return []
