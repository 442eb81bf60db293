"""Uploaded videos become a clean H.264 file and a poster, or fail with the reason.

As for photos (`workers.images`), it may be run again at any point, and a result counts only
while the medium is in the attempt that made it. The files in between have no names: whatever
ends this process, the kernel takes them back.
"""

import asyncio
import logging
import time
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from app import faults, wire
from app.errors import Unavailable
from app.events import Event, VideoUploaded
from app.media import keys, service, video
from app.media.models import Variant
from app.media.photo import Processed
from app.media.queries import Raw
from app.media.rejection import MediaRejected
from app.media.urls import EXTENSIONS
from app.media.video import Made
from workers.images import store_pictures
from workers.metrics import Counter
from workers.runtime import Role

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)

DONE = Counter("glimpse_videos_done_total", "Videos processed, by outcome.")
_TELL_EVERY_S = 0.25
_CHECKING, _PROCESSING, _STORING, _ENDED = 5, 10, 90, 100
"""Percent at the beginning of each stage."""


async def handle(event_id: str, event: Event, resources: "Resources") -> None:
    """Process one upload to its end."""
    assert isinstance(event, VideoUploaded), event
    medium = await service.begin_processing(resources, event.media_id)
    if medium is None:
        return  # done already, or deleted meanwhile
    progress = _Progress(resources, event.media_id)
    try:
        with TemporaryFile() as original, TemporaryFile() as rendition:
            outcome = await _process(resources, medium, original, rendition, progress)
    except MediaRejected as refusal:
        if not await service.fail(resources, medium, refusal.code, refusal.message):
            return
        log.info("%s refused: %s", event.media_id, refusal.code)
        outcome = "failed"
        DONE.add(outcome=refusal.code)
    else:
        if not outcome:
            return
        DONE.add(outcome=outcome)
    await progress.tell(_ENDED, outcome)


async def _process(
    resources: "Resources",
    medium: Raw,
    original: IO[bytes],
    rendition: IO[bytes],
    progress: "_Progress",
) -> str:
    """`ready`, or empty when another attempt or a deletion came first."""
    await progress.tell(_CHECKING, "checking")
    await _fetch(resources, medium, original)
    await progress.tell(_PROCESSING, "processing")
    made = await video.transcode(
        resources.settings.media, original, medium["declared_type"], rendition, progress.processed
    )
    poster = await resources.sandbox.process(made.picture, "image/png")
    await progress.tell(_STORING, "storing")
    variants = await _store(resources, medium, made, rendition, poster)
    size = (made.width, made.height)
    written = await service.finish(
        resources, medium, size, poster.thumbhash, variants, made.duration_s
    )
    return "ready" if written else ""


async def _fetch(resources: "Resources", medium: Raw, file: IO[bytes]) -> None:
    """The uploaded bytes, never more than were declared and one."""
    declared = medium["declared_size_bytes"]
    size = await resources.storage.save(medium["media_key"], file, declared + 1)
    if size is None:
        raise MediaRejected("truncated", "The upload is gone. Upload it again.")
    if size != declared:
        # Its size was checked when it arrived: now the connection broke, not the video.
        raise Unavailable(f"{size} of {declared} bytes came", "storage_unavailable")
    await asyncio.to_thread(file.flush)


async def _store(
    resources: "Resources", medium: Raw, made: Made, rendition: IO[bytes], poster: Processed
) -> list[Variant]:
    prefix = keys.prefix(
        resources.settings.storage.region, medium["kind"], medium["owner_id"], medium["_id"]
    )
    # Unlike photos, two runs don't make the same bytes. Each has a file of its own, so that what
    # is played is never replaced by a worker that was asleep.
    name = f"{min(made.width, made.height)}p-{medium['attempts']}"
    size = rendition.seek(0, 2)
    rendition.seek(0)
    await resources.storage.write(f"{prefix}{name}.mp4", rendition, EXTENSIONS["mp4"])
    playable = Variant(name=name, ext="mp4", width=made.width, height=made.height, size_bytes=size)
    return [playable, *await store_pictures(resources, medium, poster)]


class _Progress:
    """Tells the uploader how far it is: four times a second at most, but for new stages."""

    def __init__(self, resources: "Resources", media_id: str) -> None:
        self._resources = resources
        self._topic = wire.media_topic(media_id)
        self._told = 0
        self._told_at = 0.0

    async def processed(self, share: float) -> None:
        """`share` of the encoding is done, from 0 to 1."""
        percent = _PROCESSING + int(share * (_STORING - _PROCESSING))
        if percent > self._told and time.monotonic() - self._told_at >= _TELL_EVERY_S:
            await self.tell(percent, "processing")

    async def tell(self, percent: int, stage: str) -> None:
        self._told, self._told_at = percent, time.monotonic()
        update: wire.MediaProgress = {"percent": percent, "stage": stage}
        try:
            await self._resources.live.publish(self._topic, "media.progress", update)
        except Exception as error:  # nobody is told, and nothing else is wrong
            if not faults.is_outage(error):
                raise


ROLE = Role(
    "transcode",
    handle,
    events=frozenset({VideoUploaded}),
    # Each uses all cores; the second loads or stores, or is short beside a long one.
    concurrency=2,
    timeout_s=1790,  # the sweep takes one that is half an hour in work for stalled
)
