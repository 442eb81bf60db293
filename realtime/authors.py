"""Popular authors' new posts, hinted to their followers who are connected.

Such authors have too many followers to push to. Each announces a new post on a topic of
their own, which a node watches while someone here follows the author; the followers get it
on `me` without asking. Who follows whom is asked for many people at once, some time after
their hello, and again now and then: authors become popular while people are connected.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from app.dispatch import stored
from app.graph.queries import popular_followed_among
from app.live import author_topic

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_GATHER_S = 0.5
"""What it costs hardly depends on how many people it is for, and a hint is in no hurry."""
_PEOPLE_AT_ONCE = 250
_AGAIN_S = 120.0
"""Less than the time for which a newly popular author's posts are still pushed."""
_RETRY_S = 1.0


class Authors:
    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._due: dict[str, None] = {}
        self._someone = asyncio.Event()

    def entered(self, user_id: str) -> None:
        """A socket of the person is here, or whom they follow has changed."""
        self._due[user_id] = None
        self._someone.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        again_at = loop.time() + _AGAIN_S
        while True:
            try:
                async with asyncio.timeout_at(again_at):
                    await self._someone.wait()
            except TimeoutError:
                again_at = loop.time() + _AGAIN_S
                self._due.update(dict.fromkeys(self._gateway.hub.people))
            self._someone.clear()
            while self._due:
                await asyncio.sleep(_GATHER_S)
                await self._look()

    async def _look(self) -> None:
        user_ids = list(self._due)[:_PEOPLE_AT_ONCE]
        try:
            followed = await stored(popular_followed_among(self._gateway.resources, user_ids))
        except Exception:
            # The boundary of this task: whatever it is, the people stay due.
            log.exception("popular authors not looked up yet")
            await asyncio.sleep(_RETRY_S)
            return
        for user_id in user_ids:
            self._due.pop(user_id, None)
            wanted = tuple(author_topic(author_id) for author_id in followed.get(user_id, ()))
            for connection in self._gateway.hub.of(user_id):
                gone = set(connection.authors) - set(wanted)
                connection.authors = wanted
                self._gateway.topics.unsubscribe(connection, gone)
                for topic in wanted:
                    if connection.socket.open:
                        await self._gateway.topics.watch(connection, topic)
