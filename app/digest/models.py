"""What became of each person's digest of each period."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

State = Literal["claimed", "sending", "sent", "empty", "failed"]


class Digest(Document):
    """`_id` is `<user>:<period>`: there is one. Shard key: `_id` (hashed).

    `claimed`: `owner` works on it until `claimed_until`, then another may. `sending`: the mail
    server is being given the letter; whoever dies here leaves it so, and it is never sent again.
    """

    id: str  # type: ignore[assignment]
    user_id: str
    state: State
    owner: str
    claimed_until: datetime
    attempts: int
    at: datetime

    class Settings:
        name = "digests"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("user_id", ASCENDING), ("state", ASCENDING), ("at", DESCENDING)]),
            IndexModel([("at", ASCENDING)], expireAfterSeconds=90 * 86_400),
        ]
