"""One job of the outbox, from the look whether it is needed to what the push services said."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from app.events import PushWanted, encode
from app.ids import now_ms
from app.push import outbox, service
from app.push.outbox import Job
from app.push.sender import Gone, Later, Message, Raw, Refused, Sender, Sent

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)
ROLE = "push"
_PAUSE_MAX_S = 3600.0
_CROWDED_PAUSE = timedelta(minutes=10)

Source = Callable[["Resources", str, str], Awaitable[Message | None]]
"""(resources, recipient, subject) → what to push as things stand now; None: nothing. It is
asked right before each push, and has to leave out blocked and muted people."""
Done = Literal["nothing", "seen", "waits", "sent", "retries", "dead"]


class Delivery:
    """`senders` by service; `sources` by kind, for what is not a notification group."""

    def __init__(
        self,
        resources: "Resources",
        senders: Mapping[str, Sender],
        sources: Mapping[str, Source],
    ) -> None:
        self._resources = resources
        self._senders = senders
        self._sources = sources

    async def run(self, job: Job) -> Done:
        """Do the job, or put it off. May be cut off anywhere: it is taken up again."""
        resources, push = self._resources, self._resources.settings.push
        source = self._sources.get(job.kind, service.notification)
        message = await source(resources, job.recipient_id, job.id)
        if message is None:
            await outbox.settle(resources, job)
            return "nothing"
        if await service.connected(resources, job.recipient_id):
            if job.looks == 0:
                # The connection may be dead, and nobody knows yet.
                after = timedelta(seconds=push.second_look_s)
                await outbox.again(resources, job, after, looks=1)
                return "waits"
            await outbox.settle(resources, job)
            return "seen"
        if await outbox.crowded(resources, job.recipient_id):
            await outbox.again(resources, job, _CROWDED_PAUSE)
            return "waits"
        return await self._push(job, message)

    async def _push(self, job: Job, message: Message) -> Done:
        devices = [
            device
            for device in await service.devices(self._resources, job.recipient_id)
            if device["_id"] not in job.done and device["service"] in self._senders
        ]
        outcomes = await asyncio.gather(*(self._to(job, device, message) for device in devices))
        later = [outcome for outcome in outcomes if isinstance(outcome, Later)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        if later and job.attempts + 1 < self._resources.settings.push.attempts_max:
            await outbox.again(
                self._resources, job, self._pause(job, later), attempts=job.attempts + 1
            )
            return "retries"
        if later or refused:
            reasons = [outcome.reason for outcome in refused] + [
                outcome.reason for outcome in later
            ]
            await self._bury(job, "; ".join(reasons))
        await outbox.settle(self._resources, job)
        return "dead" if later or refused else "sent" if devices else "nothing"

    async def _to(self, job: Job, device: Raw, message: Message) -> Later | Refused | None:
        outcome = await self._senders[device["service"]].send(device, message)
        match outcome:
            case Later() | Refused():
                log.warning("push by %s: %s", device["service"], outcome.reason)
                return outcome
            case Gone():
                await service.forget(self._resources, device["_id"], device["address"])
            case Sent():
                await outbox.delivered(self._resources, job, device["_id"])
        return None

    def _pause(self, job: Job, later: list[Later]) -> timedelta:
        first_s = self._resources.settings.push.retry_ms / 1000
        pause_s = min(_PAUSE_MAX_S, first_s * 2**job.attempts) * random.uniform(0.5, 1)
        return timedelta(seconds=max(pause_s, *(outcome.after_s for outcome in later)))

    async def _bury(self, job: Job, reason: str) -> None:
        event = PushWanted(job.recipient_id, job.id)
        await self._resources.bus.bury(
            ROLE, f"{job.version}", encode(event), reason, job.attempts + 1, now_ms()
        )
