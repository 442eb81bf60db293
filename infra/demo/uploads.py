"""Sending the demo's pictures through the real upload pipeline."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.demo.actor import Actor, DemoRefused

if TYPE_CHECKING:
    from app.resources import Resources

_AT_ONCE = 4
_READY_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Upload:
    key: str
    """The caller's name for it."""
    by: Actor
    at_ms: int
    picture: Callable[[], bytes]


async def upload_all(
    resources: "Resources", wanted: Sequence[Upload], tell: Callable[[int, int], None]
) -> dict[str, str]:
    """Send them, and wait until the images worker has made them ready: media keys by key.

    Raises DemoRefused when that fails or takes too long. `tell` hears (ready, of how many).
    """
    at_once = asyncio.Semaphore(_AT_ONCE)
    media_keys: dict[str, str] = {}

    async def send(upload: Upload) -> str:
        async with at_once:
            content = await asyncio.to_thread(upload.picture)
            medium = await upload.by.upload(f"media:{upload.key}", upload.at_ms, content)
        media_keys[upload.key] = medium["media_key"]
        return str(medium["media_id"])

    sent = await asyncio.gather(*(send(upload) for upload in wanted))
    await _until_ready(resources, sent, tell)
    return media_keys


async def _until_ready(
    resources: "Resources", media_ids: Sequence[str], tell: Callable[[int, int], None]
) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while True:
        found = resources.mongo.media.find({"_id": {"$in": media_ids}}, {"status": 1})
        statuses = [row["status"] async for row in found]
        ready = statuses.count("ready")
        tell(ready, len(media_ids))
        if ready == len(media_ids):
            return
        if "failed" in statuses or time.monotonic() > deadline:
            raise DemoRefused(
                f"{ready} of {len(media_ids)} photos became ready in time, "
                f"{statuses.count('failed')} failed. Does the images worker run? "
                "See `glimpse status` and `glimpse logs images`."
            )
        await asyncio.sleep(0.3)
