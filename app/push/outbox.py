"""What waits to be pushed: durable, collapsed, taken by one worker at a time.

A job waits for a moment before it is looked at, since most people who are told of something
see it on a screen. Repeats of the same only refresh it. Bounded in three ways: one job a group,
one push a group in `gap_s`, and `per_hour_max` pushes a person.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app import clock, ids

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
LEASE = timedelta(seconds=60)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    recipient_id: str
    kind: str
    version: str
    attempts: int
    looks: int
    done: tuple[str, ...]

    @classmethod
    def of(cls, row: Raw) -> "Job":
        return cls(
            row["_id"],
            row["recipient_id"],
            row["kind"],
            row["version"],
            row["attempts"],
            row["looks"],
            tuple(row["done"]),
        )


async def add(resources: "Resources", recipient: str, kind: str, subject_id: str) -> None:
    """Tell `recipient` by push of something new about `subject_id` (a notification group, a
    conversation), unless they turn out to be there. Costs little for who has no device."""
    some = {"user_id": recipient}
    if await resources.mongo.push_subscriptions.find_one(some, {"_id": 1}) is None:
        return
    push = resources.settings.push
    now = clock.now()
    first = now + timedelta(milliseconds=push.grace_ms)
    rested = {"$add": ["$sent_at", push.gap_s * 1000]}
    after_gap = {"$cond": [{"$gt": ["$sent_at", None]}, {"$max": [first, rested]}, first]}
    fresh: Raw = {
        "recipient_id": recipient,
        "kind": kind,
        "version": ids.new_id("ver"),
        "attempts": 0,
        "looks": 0,
        "done": [],
        "touched_at": now,
        # Not before the gap after the last one has passed; one that waits keeps its time, but not
        # that of another try: one device that fails may not hold up the others. ($min skips null.)
        "due_at": {"$min": ["$due_at", after_gap]},
    }
    try:
        await resources.mongo.push_jobs.update_one(
            {"_id": subject_id}, [{"$set": fresh}], upsert=True
        )
    except DuplicateKeyError:  # two made it at once; the other's is as good
        return


async def take(resources: "Resources") -> Job | None:
    """The job that is due longest, for this worker during LEASE."""
    now = clock.now()
    row = await resources.mongo.push_jobs.find_one_and_update(
        {"due_at": {"$lte": now}},
        {"$set": {"due_at": now + LEASE}},
        sort=[("due_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return Job.of(row) if row is not None else None


async def settle(resources: "Resources", job: Job) -> None:
    """The job is done, unless something came meanwhile."""
    await resources.mongo.push_jobs.update_one(
        {"_id": job.id, "version": job.version}, {"$unset": {"due_at": ""}}
    )


async def again(resources: "Resources", job: Job, after: timedelta, **change: Any) -> None:
    """Look at the job once more after a while."""
    await resources.mongo.push_jobs.update_one(
        {"_id": job.id, "version": job.version},
        {"$set": {"due_at": clock.now() + after, **change}},
    )


async def delivered(resources: "Resources", job: Job, subscription_id: str) -> None:
    """This device has it: a repeat of the job leaves it out."""
    jobs = resources.mongo.push_jobs
    await jobs.update_one({"_id": job.id}, {"$set": {"sent_at": clock.now()}})
    await jobs.update_one(
        {"_id": job.id, "version": job.version}, {"$addToSet": {"done": subscription_id}}
    )


async def revive(resources: "Resources", job_id: str) -> None:
    """Try a job again that was given up."""
    await resources.mongo.push_jobs.update_one(
        {"_id": job_id}, {"$set": {"due_at": clock.now(), "attempts": 0}}
    )


async def crowded(resources: "Resources", user_id: str) -> bool:
    """Whether the person was pushed to as often as anyone is in the last hour."""
    most = resources.settings.push.per_hour_max
    sent = {"recipient_id": user_id, "sent_at": {"$gt": clock.now() - _HOUR}}
    return await resources.mongo.push_jobs.count_documents(sent, limit=most) >= most
