"""Topics: who on this node watches what, one subscription a topic whatever the watchers.

Permission is asked when a socket subscribes and again when the product says that something
changed (a block, a private account left, a deletion). A change that is heard while a question is
under way makes it be asked again, so nothing slips in between.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from app import clock, watching
from app.dispatch import stored
from app.ending import end
from app.errors import Unavailable
from app.ids import now_ms
from app.watching import Answer, Question
from realtime import protocol
from realtime.batcher import Batcher
from realtime.connection import Connection
from realtime.frames import frame
from realtime.protocol import Live, TopicAnswer
from realtime.room import Room

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_RETRY_S = 1.0
_AWAY_MS = 2000
_CHECKED_AT_ONCE = 50
_ASKED_AT_ONCE = 200
"""Sockets whose topics are asked together: at most 200 ids each."""
_REST_S = 0.05
_REST_S_MAX = 0.5
"""When thousands come back at once, each waits up to this long for company, and the database
is asked some ten questions a second instead of some ten for each."""


@dataclass(slots=True, eq=False)
class _Asking:
    """A subscription under way."""

    user_id: str
    topics: frozenset[str]
    stale: bool = False
    """Something changed meanwhile: the answer may be older than that."""


class Topics:
    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._resources = gateway.resources
        self._rooms: dict[str, Room] = {}
        self._questions: Batcher[Question, Answer] = Batcher(
            self._together, _ASKED_AT_ONCE, _REST_S, _REST_S_MAX
        )
        self._asking: set[_Asking] = set()
        self._to_check: dict[str, None] = {}
        """People whose topics are to be looked at again."""
        self._check_due = asyncio.Event()

    # Watching

    async def subscribe(self, connection: Connection, topics: list[str]) -> dict[str, TopicAnswer]:
        user_id = connection.session.user_id
        # From its first topic on, `_check` tells a connection of blocks.
        first = connection.session.topics <= {"me"}
        with self._asks(user_id, topics):
            try:
                answer = await self._questions.ask(Question(user_id, topics, hidden=first))
            except Unavailable as error:
                # Its topics are asked for again when it is back.
                connection.end(protocol.GOING_AWAY, error.message, _AWAY_MS)
                return {}
            if answer.hidden is not None:
                connection.hidden = answer.hidden
            granted = [t for t, verdict in answer.verdicts.items() if verdict == "ok"]
            if connection.socket.open:
                await asyncio.gather(*(self.watch(connection, t) for t in granted if t != "me"))
        return dict(answer.verdicts)

    @contextmanager
    def _asks(self, user_id: str, topics: list[str]) -> Iterator[None]:
        asking = _Asking(user_id, frozenset(topics))
        self._asking.add(asking)
        try:
            yield
        finally:
            self._asking.discard(asking)
            if asking.stale:
                self.recheck(user_id)

    async def _together(self, questions: list[Question]) -> list[Answer | Exception]:
        return list(await stored(watching.answer(self._resources, questions)))

    async def ask(self) -> None:
        """Answer the questions that wait, batch by batch."""
        await self._questions.run()

    def subscribed(self, connection: Connection, topics: Iterable[str]) -> None:
        """It has been told so: what a topic says first comes after that."""
        for topic in topics:
            room = self._rooms.get(topic)
            if room is not None and connection in room.watchers:
                room.welcome(connection)

    async def watch(self, connection: Connection, topic: str) -> None:
        """Without asking whether it may."""
        room = self._rooms.get(topic)
        if room is None:
            room = self._rooms[topic] = self._room(topic)
            room.task = asyncio.create_task(self._follow(room), name=f"topic {topic}")
            self._gateway.metrics.topics = len(self._rooms)
        room.add(connection)
        await room.ready.wait()

    def _room(self, topic: str) -> Room:
        if topic.startswith("presence:"):
            return self._gateway.presence.room(topic)
        return Room(topic, self._gateway.metrics)

    async def _follow(self, room: Room) -> None:
        async with self._resources.live.watch(room.topic) as updates:
            await room.open()
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
            room.discard(connection)
            if not room.watchers and room.ready.is_set():
                self._close(room)
                if room.task is not None:
                    room.task.cancel()

    def _close(self, room: Room) -> None:
        del self._rooms[room.topic]
        room.close()
        self._gateway.metrics.topics = len(self._rooms)

    def disconnected(self, connection: Connection) -> None:
        self.unsubscribe(connection, connection.session.topics)
        self.unsubscribe(connection, connection.authors)

    # Changes

    def revoke(self, topic: str, user_id: str) -> None:
        """Take the topic from a person's sockets; an empty `user_id` means everyone."""
        for asking in self._asking:
            asking.stale |= topic in asking.topics and user_id in ("", asking.user_id)
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

    def recheck_watchers(self, topics: Iterable[str]) -> None:
        changed = set(topics)
        for asking in self._asking:
            asking.stale |= not changed.isdisjoint(asking.topics)
        for topic in changed:
            room = self._rooms.get(topic)
            for connection in room.watchers if room is not None else ():
                self.recheck(connection.session.user_id)

    def recheck(self, user_id: str) -> None:
        """What the person may watch has changed, or word of it may have been lost."""
        for asking in self._asking:
            asking.stale |= asking.user_id == user_id
        self._to_check[user_id] = None
        self._check_due.set()

    async def run(self) -> None:
        """Look at the people put up for it."""
        while True:
            await self._check_due.wait()
            self._check_due.clear()
            while self._to_check:
                people = list(islice(self._to_check, _CHECKED_AT_ONCE))
                for user_id in people:
                    del self._to_check[user_id]
                try:
                    await self._check(people)
                except Exception:
                    # The boundary of this task: whatever it is, the check is still owed.
                    log.exception("topics of %d people not checked yet", len(people))
                    self._to_check.update(dict.fromkeys(people))
                    await asyncio.sleep(_RETRY_S)

    async def _check(self, people: list[str]) -> None:
        questions = [
            Question(user_id, list(held), hidden=True)
            for user_id in people
            if (held := {t for c in self._gateway.hub.of(user_id) for t in c.session.topics})
        ]
        if not questions:
            return
        answers = await stored(watching.answer(self._resources, questions))
        for question, answer in zip(questions, answers, strict=True):
            for connection in self._gateway.hub.of(question.viewer):
                connection.hidden = answer.hidden or frozenset()
                for topic, verdict in answer.verdicts.items():
                    if verdict != "ok":
                        self._revoke(connection, topic)

    async def close(self) -> None:
        rooms = list(self._rooms.values())
        self._rooms.clear()
        await end(room.task for room in rooms if room.task is not None)
