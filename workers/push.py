"""Push: tells people on their devices who have no socket open, and mails the digests.

Jobs come from the outbox, put there by whoever told of something. Events only end
subscriptions with their sessions, and bring back dead letters.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from aiohttp import ClientSession, ClientTimeout

from app import faults
from app.digest import service as digest
from app.ending import end
from app.events import Event, PushWanted, SessionRevoked
from app.messages import pushes
from app.push import endpoint, outbox, service
from app.push.delivery import ROLE as NAME, Delivery, Source
from app.push.fcm import Fcm
from app.push.outbox import Job
from app.push.sender import Sender
from app.push.webpush import WebPush
from app.resources import Resources
from app.settings import Settings
from workers.leading import lead
from workers.metrics import Counter
from workers.runtime import Role

log = logging.getLogger(__name__)
JOBS = Counter("glimpse_push_jobs_total", "Looks at a push job, by outcome.")
DIGESTS = Counter("glimpse_digest_total", "Digests, by outcome.")
SOURCES: dict[str, Source] = {"message": pushes.message}
"""What is pushed of other kinds than notification groups (`message`)."""
_AT_ONCE = 16
_IDLE_S = 0.5
_PAUSE_S = 1.0
_DIGEST_EVERY_S = 30.0


async def handle(event_id: str, event: Event, resources: Resources) -> None:
    match event:
        case SessionRevoked():
            await service.forget_session(resources, event.session_id)
        case PushWanted():
            await outbox.revive(resources, event.job_id)


@asynccontextmanager
async def open_senders(settings: Settings) -> AsyncIterator[dict[str, Sender]]:
    """The ways of pushing that are set up, by service."""
    push = settings.push
    senders: dict[str, Sender] = {}
    async with AsyncExitStack() as stack:
        if push.vapid_private_key:
            session = await stack.enter_async_context(endpoint.open_session(push))
            senders["web"] = WebPush(push, session)
        if push.fcm_credentials:
            own = ClientSession(timeout=ClientTimeout(total=15))
            senders["fcm"] = Fcm(push, await stack.enter_async_context(own))
        yield senders


async def do_jobs(resources: Resources, stop: asyncio.Event) -> None:
    """Take jobs from the outbox, up to _AT_ONCE side by side."""
    running: set[asyncio.Task[None]] = set()
    async with open_senders(resources.settings) as senders:
        delivery = Delivery(resources, senders, SOURCES)
        while not stop.is_set():
            if len(running) >= _AT_ONCE:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                continue
            job = await _next(resources)
            if job is None:
                await _rest(stop, _IDLE_S)
                continue
            task = asyncio.create_task(_do(delivery, job))
            running.add(task)
            task.add_done_callback(running.discard)
        if running:
            await asyncio.wait(running, timeout=5)
        await end(list(running))


async def _next(resources: Resources) -> Job | None:
    try:
        return await outbox.take(resources)
    except Exception as error:
        if not faults.is_outage(error):
            raise
        log.warning("no push jobs just now: %r", error)
        await asyncio.sleep(_PAUSE_S)
        return None


async def _do(delivery: Delivery, job: Job) -> None:
    try:
        JOBS.add(outcome=await delivery.run(job))
    except Exception as error:  # its lease runs out, and it is tried again
        outage = faults.is_outage(error)
        JOBS.add(outcome="outage" if outage else "failed")
        log.log(logging.WARNING if outage else logging.ERROR, "push: %r", error, exc_info=True)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def digests(resources: Resources, stop: asyncio.Event) -> None:
    """Mail the digests that are due, in one process at a time."""
    if not digest.is_on(resources.settings):
        await stop.wait()
        return

    async def mail() -> None:
        while True:
            try:
                for outcome, count in (await digest.run_due(resources)).items():
                    DIGESTS.add(count, outcome=outcome)
            except Exception as error:
                if not faults.is_outage(error):
                    log.exception("digests")
            await asyncio.sleep(_DIGEST_EVERY_S)

    await lead(resources, "digest", stop, lambda _: [mail()])


ROLE = Role(
    NAME,
    handle,
    events=frozenset({SessionRevoked, PushWanted}),
    background=(do_jobs, digests),
)
