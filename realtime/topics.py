"""Topics: who on this node watches what, one subscription a topic whatever the watchers.

Permission is asked when a socket subscribes and again when the product says that something
changed (a block, a private account left, a deletion).
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from app import clock
from app.dispatch import stored
from app.ending import end
from app.errors import NotFound
from app.graph.relations import relations
from app.ids import is_id, now_ms
from app.live import TopicUpdate
from app.media import queries as media
from app.messages.access import may_watch
from app.posts.access import may_see_post
from app.stories.access import may_watch as may_watch_story
from realtime.connection import Connection
from realtime.frames import frame
from realtime.metrics import Metrics
from realtime.protocol import Live, TopicAnswer

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_RETRY_S = 1.0
_ASKED_AT_ONCE = 16
_KINDS = {
    "post": "post",
    "media": "media",
    "story": "story",
    "presence": "usr",
    "conversation": "conv",
}


class Room:
    """A topic's watchers on this node. Updates of one loop turn go out in one write."""

    __slots__ = ("_flush_due", "_metrics", "_pending", "ready", "task", "topic", "watchers")

    def __init__(self, topic: str, metrics: Metrics) -> None:
        self.topic = topic
        self._metrics = metrics
        self.watchers: set[Connection] = set()
        self.task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        """Updates come from now on (or as soon as Redis is back)."""
        self._pending: list[tuple[str, bytes, str]] = []
        self._flush_due = False

    def take(self, update: TopicUpdate) -> None:
        self._pending.append((update.type, frame(update.message), update.about))
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        pending, self._pending = self._pending, []
        together = pending[0][1] if len(pending) == 1 else b"".join(f for _, f, _ in pending)
        shown = {about for _, _, about in pending if about}
        for connection in self.watchers:
            if connection.blocked or (shown and not shown.isdisjoint(connection.hidden)):
                self._one_by_one(connection, pending)
                continue
            try:
                connection.write(together)
            except RuntimeError:  # the transport closed in this very turn of the loop
                connection.blocked = True
        self._metrics.updates_delivered_total += len(self.watchers) * len(pending)

    def _one_by_one(self, connection: Connection, pending: list[tuple[str, bytes, str]]) -> None:
        for type_, data, about in pending:
            if about not in connection.hidden:
                connection.send_live(self.topic, type_, data)


class Topics:
    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._resources = gateway.resources
        self._rooms: dict[str, Room] = {}
        self._to_check: dict[str, None] = {}
        """People whose topics are to be looked at again."""
        self._check_due = asyncio.Event()

    # Watching

    async def subscribe(self, connection: Connection, topics: list[str]) -> dict[str, TopicAnswer]:
        answers: dict[str, TopicAnswer] = {}
        for start in range(0, len(topics), _ASKED_AT_ONCE):
            some = topics[start : start + _ASKED_AT_ONCE]
            asked = (self._permission(connection.session.user_id, topic) for topic in some)
            answers.update(zip(some, await asyncio.gather(*asked), strict=True))
        granted = [t for t, answer in answers.items() if answer == "ok" and t != "me"]
        if granted and connection.session.topics <= {"me"}:  # from now on `_check` tells of blocks
            connection.hidden = await self._hidden(connection.session.user_id)
        if connection.socket.open:
            await asyncio.gather(*(self.watch(connection, topic) for topic in granted))
        return answers

    async def watch(self, connection: Connection, topic: str) -> None:
        """Without asking whether it may."""
        room = self._rooms.get(topic)
        if room is None:
            room = self._rooms[topic] = Room(topic, self._gateway.metrics)
            room.task = asyncio.create_task(self._follow(room), name=f"topic {topic}")
            self._gateway.metrics.topics = len(self._rooms)
        room.watchers.add(connection)
        await room.ready.wait()

    async def _follow(self, room: Room) -> None:
        async with self._resources.live.watch(room.topic) as updates:
            room.ready.set()
            if not room.watchers:  # they left while the topic was being taken up
                self._close(room)
                return
            async for update in updates:
                room.take(update)

    def unsubscribe(self, connection: Connection, topics: Iterable[str]) -> None:
        for topic in list(topics):
            room = self._rooms.get(topic)
            if room is None:
                continue
            room.watchers.discard(connection)
            if not room.watchers and room.ready.is_set():
                self._close(room)
                if room.task is not None:
                    room.task.cancel()

    def _close(self, room: Room) -> None:
        del self._rooms[room.topic]
        self._gateway.metrics.topics = len(self._rooms)

    def disconnected(self, connection: Connection) -> None:
        self.unsubscribe(connection, connection.session.topics)
        self.unsubscribe(connection, connection.authors)

    # Permission

    async def _permission(self, user_id: str, topic: str) -> TopicAnswer:
        if topic == "me":
            return "ok"
        kind, _, id_ = topic.partition(":")
        if kind not in _KINDS or not is_id(id_, _KINDS[kind]):
            return "unknown"
        if kind == "post":
            allowed = await stored(may_see_post(self._resources, user_id, id_))
            return "ok" if allowed else "forbidden"
        if kind == "media":
            try:
                await stored(media.own(self._resources, user_id, id_))
            except NotFound:
                return "forbidden"
            return "ok"
        if kind == "story":
            allowed = await stored(may_watch_story(self._resources, user_id, id_))
            return "ok" if allowed else "forbidden"
        if kind == "conversation":
            allowed = await stored(may_watch(self._resources, user_id, id_))
            return "ok" if allowed else "forbidden"
        return "forbidden"

    def revoke(self, topic: str, user_id: str) -> None:
        """Take the topic from a person's sockets; an empty `user_id` means everyone."""
        room = self._rooms.get(topic)
        for connection in list(room.watchers) if room is not None else []:
            if not user_id or connection.session.user_id == user_id:
                self._revoke(connection, topic)

    def _revoke(self, connection: Connection, topic: str) -> None:
        if connection.session.lost(topic):
            self.unsubscribe(connection, [topic])
            message: Live = {
                "op": "live",
                "topic": topic,
                "type": "revoked",
                "ts": clock.iso_ms(now_ms()),
                "data": {},
            }
            connection.send(frame(orjson.dumps(message)))

    # Changes

    def recheck_watchers(self, topics: Iterable[str]) -> None:
        for topic in topics:
            room = self._rooms.get(topic)
            for connection in room.watchers if room is not None else ():
                self.recheck(connection.session.user_id)

    def recheck(self, user_id: str) -> None:
        self._to_check[user_id] = None
        self._check_due.set()

    async def run(self) -> None:
        """Look at the people put up for it, one after the other."""
        while True:
            await self._check_due.wait()
            self._check_due.clear()
            while self._to_check:
                user_id = next(iter(self._to_check))
                del self._to_check[user_id]
                try:
                    await self._check(user_id)
                except Exception:
                    # The boundary of this task: whatever it is, the check is still owed.
                    log.exception("topics of %s not checked yet", user_id)
                    self._to_check[user_id] = None
                    await asyncio.sleep(_RETRY_S)

    async def _hidden(self, user_id: str) -> frozenset[str]:
        known = await stored(relations(self._resources, user_id))
        return frozenset(known.blocked)

    async def _check(self, user_id: str) -> None:
        hidden = await self._hidden(user_id)
        for connection in self._gateway.hub.of(user_id):
            connection.hidden = hidden
        held = {t for c in self._gateway.hub.of(user_id) for t in c.session.topics}
        for topic in held:
            if await self._permission(user_id, topic) != "ok":
                for connection in self._gateway.hub.of(user_id):
                    self._revoke(connection, topic)

    async def close(self) -> None:
        rooms = list(self._rooms.values())
        self._rooms.clear()
        await end(room.task for room in rooms if room.task is not None)
