"""Taking one's turn in a conversation: one transaction, alone in it.

Whatever writes into a conversation also changes the conversation's own document, so MongoDB
lets one transaction after the other through: ids, unread counts and folders that one computes
from what it reads are right when it commits.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from app.errors import Unavailable
from app.messages.access import not_found
from app.transaction import transaction

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
T = TypeVar("T")
_PATIENCE_S = 8.0


async def turn(
    resources: "Resources", conversation_id: str, work: Callable[[Raw, Any], Awaitable[T]]
) -> T:
    """What `work(conversation, session)` gives; it may run more than once before it counts.

    Raises NotFound when there is no such conversation, Unavailable when its turn did not come.
    """
    mongo = resources.mongo
    deadline = time.monotonic() + _PATIENCE_S

    async def within(session: Any) -> T:
        if time.monotonic() > deadline:  # the driver alone would go on for two minutes
            raise Unavailable(
                "This conversation can't be written to now. Nothing was lost; try again.",
                retry_after_s=2,
            )
        conversation = await mongo.conversations.find_one({"_id": conversation_id}, session=session)
        if conversation is None:
            raise not_found()
        return await work(conversation, session)

    # Those of one process wait for each other here instead of undoing each other there.
    async with resources.locks.of(conversation_id):
        return await transaction(resources, within)


async def change(
    resources: "Resources", conversation: Raw, update: Raw, session: Any, only: str = ""
) -> None:
    """Write to the conversation whose turn it is; `only`: something that one member alone may
    notice. Counted, so that it is a write in any case: a change of nothing would not keep turns
    apart."""
    counter = f"members.{only}.turns" if only else "turns"
    update = {**update, "$inc": {**update.get("$inc", {}), counter: 1}}
    await resources.mongo.conversations.update_one(
        {"_id": conversation["_id"]}, update, session=session
    )


def version(conversation: Raw, user_id: str) -> int:
    """Grows with every turn that the member may notice, and with no other: someone who asks to
    be let in must not see that their request was looked at."""
    return int(conversation["turns"]) + int(conversation["members"][user_id]["turns"])


def folders(conversation: Raw, **moves: str) -> Raw:
    """The fields to set so that each user of `moves` (user → folder) stands in that one alone."""
    fields: Raw = {}
    for name in ("inbox", "requests", "declined"):
        held: list[str] = conversation[name]
        now = [user for user in held if user not in moves]
        now += [user for user, folder in moves.items() if folder == name]
        if set(now) != set(held):
            fields[name] = now
    return fields
