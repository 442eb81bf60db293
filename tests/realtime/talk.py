"""What people do in conversations over sockets, for tests."""

import asyncio
from typing import Any

from app import clock, ids
from app.posts.models import Post, PostMedia
from realtime.client import Client, Event
from tests.realtime.nodes import Account
from tests.workers.rig import Rig


async def befriend(rig: Rig, *accounts: Account) -> None:
    for one in accounts:
        for other in accounts:
            if one is not other:
                await rig.follow(one.user_id, other.user_id)


async def say(client: Client, to: str, text: str, key: str = "") -> dict[str, Any]:
    made: dict[str, Any] = await client.call("messages.send", {"to": to, "text": text}, key=key)
    return made


async def badge(client: Client, messages: int) -> None:
    """Wait until the device is told that so many messages are unread."""
    while (await client.update("unread")).data["messages"] != messages:
        pass


async def collect(client: Client, seconds: float, *types: str) -> list[Event]:
    """What comes in that time."""
    found: list[Event] = []
    try:
        async with asyncio.timeout(seconds):
            async for message in client.events():
                if isinstance(message, Event) and (not types or message.type in types):
                    found.append(message)
    except TimeoutError:
        return found
    raise AssertionError("events() never ends quietly")


async def updated(client: Client) -> Event:
    return await client.event("conversation.updated")


async def stored_post(author: Account) -> str:
    now = clock.now()
    item = PostMedia(media_id=ids.new_id("media"), type="photo", status="processing")
    post = Post(
        id=ids.new_id("post"),
        author_id=author.user_id,
        status="published",
        media=[item],
        created_at=now,
        published_at=now,
    )
    await post.insert()
    return post.id
