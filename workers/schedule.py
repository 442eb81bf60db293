"""The schedule: what runs by the clock, in one process at a time.

A job may be cut off anywhere and run again; none is needed for an event to arrive.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from app import faults, sweep
from app.counts import reconcile, service
from app.lease import Lease
from app.media import sweep as media
from app.messages import wordless
from app.position import Position
from app.posts import service as posts
from app.resources import Resources
from app.stories import ending as stories
from workers.leading import lead
from workers.metrics import Counter
from workers.runtime import Role

log = logging.getLogger(__name__)
NAME = "schedule"

RUNS = Counter("glimpse_schedule_runs_total", "Runs of a job, by outcome.")
TRIMMED = Counter("glimpse_schedule_trimmed_total", "Stream entries trimmed by age.")
CHECKED = Counter("glimpse_counter_checked_total", "Subjects whose counters were compared.")
DRIFT = Counter("glimpse_counter_drift_total", "Subjects whose counters were wrong.")
SWEPT = Counter("glimpse_schedule_swept_total", "Things removed for good, by kind.")

_RECONCILE_S = 15


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every_s: float
    run: Callable[[Resources], Awaitable[None]]


async def trim(resources: Resources) -> None:
    """Cut the streams by age, never past what a group has not finished. A Redis that fills up
    keeps nothing that is finished."""
    bus = resources.bus
    kept_s = 0 if await bus.is_filling_up() else resources.settings.bus.retention_s
    by_age = Position(int(time.time()) - kept_s, 0)
    bounds = dict.fromkeys(bus.partitions, by_age)
    # From MongoDB, since a full Redis does not let the counters report.
    counted = {"counters": await service.offsets(resources)}
    for progress in await bus.progress(elsewhere=counted):
        if progress.oldest is not None:
            bounds[progress.partition] = min(bounds[progress.partition], progress.oldest)
    TRIMMED.add(await bus.trim(bounds))


def _tell(checked: int, drift: reconcile.Drift) -> None:
    CHECKED.add(checked)
    DRIFT.add(len(drift))
    for subject_id, differences in drift.items():
        log.error("counters of %s drifted, corrected by %s", subject_id, differences)


async def check_counters(resources: Resources) -> None:
    _tell(*await reconcile.check_some(resources, timedelta(seconds=2 * _RECONCILE_S)))


async def recount_requested(resources: Resources) -> None:
    checked, drift = await reconcile.do_requested(resources)
    CHECKED.add(checked)
    for subject_id, differences in drift.items():
        log.info("counters of %s counted again: %s", subject_id, differences)


async def sweep_uploads(resources: Resources) -> None:
    swept = await media.sweep(resources)
    for kind, count in asdict(swept).items():
        SWEPT.add(count, kind=f"media_{kind}")


async def release_lost_media(resources: Resources) -> None:
    SWEPT.add(await posts.release_lost_media(resources), kind="lost_post")


async def sweep_posts(resources: Resources) -> None:
    SWEPT.add(await sweep.sweep_posts(resources), kind="post")


async def sweep_comments(resources: Resources) -> None:
    SWEPT.add(await sweep.sweep_comments(resources), kind="comment")


async def sweep_messages(resources: Resources) -> None:
    SWEPT.add(await sweep.sweep_messages(resources), kind="message")


async def index_messages(resources: Resources) -> None:
    await wordless.index_some(resources.mongo)


async def sweep_stories(resources: Resources) -> None:
    swept = await stories.sweep(resources)
    for kind, count in asdict(swept).items():
        SWEPT.add(count, kind=f"story_{kind}")


async def release_lost_story_media(resources: Resources) -> None:
    SWEPT.add(await stories.release_lost_media(resources), kind="lost_story")


JOBS = (
    Job("popular", 600, service.mark_all_popular),
    Job("trim", 10, trim),
    Job("recounts", 5, recount_requested),
    Job("reconcile", _RECONCILE_S, check_counters),
    Job("uploads", 60, sweep_uploads),
    Job("lost posts", 3600, release_lost_media),
    Job("posts", 60, sweep_posts),
    Job("stories", 5, sweep_stories),
    Job("lost stories", 3600, release_lost_story_media),
    Job("comments", 60, sweep_comments),
    Job("messages", 60, sweep_messages),
    Job("message words", 5, index_messages),
)


async def _repeat(job: Job, resources: Resources) -> None:
    while True:
        try:
            await job.run(resources)
            RUNS.add(job=job.name, outcome="done")
        except Exception as error:  # one job's bug must not stop the others
            outage = faults.is_outage(error)
            RUNS.add(job=job.name, outcome="outage" if outage else "failed")
            log.log(
                logging.WARNING if outage else logging.ERROR, "job %s: %r", job.name, error,
                exc_info=not outage,
            )  # fmt: skip
        # Not all at the same moment, and not at once after each failure.
        await asyncio.sleep(job.every_s * random.uniform(0.9, 1.1))


async def schedule(resources: Resources, stop: asyncio.Event) -> None:
    """Run the jobs while this process holds the lease."""

    def work(_: Lease) -> list[Coroutine[Any, Any, None]]:
        return [_repeat(job, resources) for job in JOBS]

    await lead(resources, NAME, stop, work)


ROLE = Role(NAME, background=(schedule,))
