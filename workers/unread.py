"""The badge: how much is unread, told to every device of a person."""

from collections.abc import Iterable

from app import wire
from app.messages import queries as messages
from app.notifications import service as notifications
from app.resources import Resources


async def tell_unread(resources: Resources, user_ids: Iterable[str]) -> None:
    """To those of them who are connected."""
    for user_id in await resources.live.logs.reachable(user_ids):
        data: wire.Unread = {
            "notifications": await notifications.unread(resources, user_id),
            "messages": await messages.unread_total(resources, user_id),
        }
        await resources.live.tell([user_id], "unread", data)
