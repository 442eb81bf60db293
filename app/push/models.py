"""Devices that want to be pushed to, and what is to be pushed."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, IndexModel

Service = Literal["web", "fcm"]


class PushSubscription(Document):
    """`_id` is a hash of the address. Shard key: `user_id`. One for a session and service: a new
    one takes the place of the one before."""

    id: str  # type: ignore[assignment]
    user_id: str
    session_id: str
    service: Service
    address: str
    """The push service's URL for this browser, or the FCM registration token."""
    p256dh: str = ""
    auth: str = ""
    """Keys that only this browser can decrypt for; of web push."""
    created_at: datetime

    class Settings:
        name = "push_subscriptions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("user_id", ASCENDING), ("created_at", ASCENDING)]),
            IndexModel([("session_id", ASCENDING), ("service", ASCENDING)]),
        ]


class PushJob(Document):
    """What a person is to be told of by push. Shard key: `recipient_id`.

    `_id` is the notification group (or conversation): while one waits, what comes to the same
    only makes it newer. `due_at` is moved on by whoever takes it, so that it comes back if they
    die; without it the job is done, and stays for a day as memory of when the last push was.
    """

    id: str  # type: ignore[assignment]
    recipient_id: str
    kind: str
    version: str
    due_at: datetime | None = None
    attempts: int = 0
    looks: int = 0
    """How often the person was found connected."""
    done: list[str] = Field(default_factory=list)
    """Subscriptions that have this version."""
    sent_at: datetime | None = None
    touched_at: datetime

    class Settings:
        name = "push_jobs"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("due_at", ASCENDING)],
                name="due",
                partialFilterExpression={"due_at": {"$exists": True}},
            ),
            IndexModel([("recipient_id", ASCENDING), ("sent_at", ASCENDING)]),
            IndexModel([("touched_at", ASCENDING)], expireAfterSeconds=7 * 86_400),
        ]
