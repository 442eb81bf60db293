"""What nobody wants any more: orphans, deleted media, originals, processing that stalled.

`sweep` is called every minute or so by the schedule; any number of them may run at a time.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from app import clock
from app.media import keys, queries, service
from app.media.queries import Raw

if TYPE_CHECKING:
    from app.resources import Resources

_BATCH = 500
_STALLED = timedelta(minutes=30)
_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each kind one sweep dealt with."""

    abandoned: int
    stalled: int
    deleted: int
    originals: int


async def sweep(resources: "Resources") -> Swept:
    """One pass, at most 500 of each kind. Raises Unavailable or the drivers' errors; whatever
    it left half-done the next pass finishes."""
    media = resources.settings.media
    now = clock.now()
    abandoned = await queries.abandoned(
        resources, now - timedelta(seconds=media.orphan_life_s), _BATCH
    )
    for medium in abandoned:
        # Only while still unattached: a post may take it at this very moment.
        await service.drop(resources, medium)

    stalled = await queries.stalled(resources, now - _STALLED, _BATCH)
    for medium in stalled:
        await service.fail(
            resources, medium, "processing_failed", "Processing did not finish. Try again."
        )

    # As long as an upload link lives, what it brings must still be found, and an original that
    # was removed could be brought again.
    link_dead = now - timedelta(seconds=media.upload_life_s) - _MARGIN
    deleted = await queries.deleted(resources, link_dead, _BATCH)
    gone = asyncio.Semaphore(8)

    async def erase(medium: Raw) -> None:
        async with gone:
            await _erase(resources, medium)

    await asyncio.gather(*(erase(medium) for medium in deleted))

    originals = await queries.with_originals(resources, link_dead, _BATCH)
    if originals:
        await resources.storage.delete(*(medium["media_key"] for medium in originals))
        await service.original_removed(resources, [medium["_id"] for medium in originals])
    return Swept(len(abandoned), len(stalled), len(deleted), len(originals))


async def _erase(resources: "Resources", medium: Raw) -> None:
    """Objects first: a document that is gone could not lead to them any more."""
    if medium.get("upload_id"):
        await resources.storage.abort_parts(medium["media_key"], medium["upload_id"])
    prefix = keys.prefix(
        resources.settings.storage.region, medium["kind"], medium["owner_id"], medium["_id"]
    )
    made = await resources.storage.list_keys(prefix)
    await resources.storage.delete(medium["media_key"], *made)
    await service.forget(resources, medium["_id"])
