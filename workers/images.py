"""Uploaded photos become clean variants, or fail with the reason.

Running one again, at any point, changes nothing: variants of the same bytes are the same
bytes under the same keys, and a result counts only while the medium is in the very attempt
that made it. Storage that is away raises, and the runtime repeats; only what the picture
itself is to blame for makes it fail.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from app import faults, wire
from app.errors import Unavailable
from app.events import Event, MediaUploaded
from app.media import keys, service
from app.media.models import Variant
from app.media.photo import Processed, Variant as Picture
from app.media.queries import Raw
from app.media.rejection import MediaRejected
from app.media.urls import EXTENSIONS
from workers.metrics import Counter
from workers.runtime import Role

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)

DONE = Counter("glimpse_images_done_total", "Photos processed, by outcome.")
_FILE_EXTENSIONS = {"webp": "webp", "jpeg": "jpg"}


async def handle(event_id: str, event: Event, resources: "Resources") -> None:
    """Process one upload to its end."""
    assert isinstance(event, MediaUploaded), event
    medium = await service.begin_processing(resources, event.media_id)
    if medium is None:
        return  # done already, or deleted meanwhile
    await _progress(resources, event.media_id, 10, "checking")
    try:
        data = await _original(resources, medium)
        await _progress(resources, event.media_id, 25, "processing")
        done = await resources.sandbox.process(data, medium["declared_type"])
    except MediaRejected as refusal:
        if await service.fail(resources, medium, refusal.code, refusal.message):
            DONE.add(outcome=refusal.code)
            log.info("%s refused: %s", event.media_id, refusal.code)
            await _progress(resources, event.media_id, 100, "failed")
        return
    await _progress(resources, event.media_id, 75, "storing")
    variants = await store_pictures(resources, medium, done)
    size = (done.width, done.height)
    if await service.finish(resources, medium, size, done.thumbhash, variants):
        DONE.add(outcome="ready")
        await _progress(resources, event.media_id, 100, "ready")


async def _original(resources: "Resources", medium: Raw) -> bytes:
    """The uploaded bytes, never more than were declared and one."""
    declared = medium["declared_size_bytes"]
    data = await resources.storage.read(medium["media_key"], declared + 1)
    if data is None:
        raise MediaRejected("truncated", "The upload is gone. Upload it again.")
    if len(data) != declared:
        # Its size was checked when it arrived: now the connection broke, not the picture.
        raise Unavailable(f"{len(data)} of {declared} bytes came", "storage_unavailable")
    return data


async def store_pictures(resources: "Resources", medium: Raw, done: Processed) -> list[Variant]:
    """Put them where they are served from, under keys that the medium alone decides."""
    prefix = keys.prefix(
        resources.settings.storage.region, medium["kind"], medium["owner_id"], medium["_id"]
    )

    async def store(picture: Picture) -> Variant:
        extension = _FILE_EXTENSIONS[picture.format]
        key = f"{prefix}{picture.name}.{extension}"
        await resources.storage.write(key, picture.data, EXTENSIONS[extension])
        return Variant(
            name=picture.name,
            ext=extension,
            width=picture.width,
            height=picture.height,
            size_bytes=len(picture.data),
        )

    return list(await asyncio.gather(*(store(picture) for picture in done.variants)))


async def _progress(resources: "Resources", media_id: str, percent: int, stage: str) -> None:
    update: wire.MediaProgress = {"percent": percent, "stage": stage}
    try:
        await resources.live.publish(wire.media_topic(media_id), "media.progress", update)
    except Exception as error:  # nobody is told, and nothing else is wrong
        if not faults.is_outage(error):
            raise


ROLE = Role(
    "images",
    handle,
    events=frozenset({MediaUploaded}),
    # Two work in the sandbox while others load or store; each holds its bytes in memory.
    concurrency=4,
)
