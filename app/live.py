"""Live delivery as the rest of the product sees it: push to people, publish on topics.

    push       a durable event into each person's log, and to the nodes that hold them
    withdraw   what stands in people's logs about something they may no longer see
    tell       an ephemeral word to people (`me`)
    publish    an ephemeral update to whoever watches a topic

People without a live or resumable session cost next to nothing. All of it raises redis-py's
errors when Redis is away: a worker repeats, and a repeated push keeps its place in the log.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import orjson
from broadcaster import Broadcast
from redis.asyncio import Redis

from app import clock, nodestream
from app.broadcast import PubSubBackend
from app.bus import Bus
from app.ids import now_ms
from app.limits import session_key
from app.nodestream import Deliver, NodeMessage
from app.personlog import PersonLogs, Place
from app.settings import Settings

_LOOK_FIRST_ABOVE = 32
"""With more recipients than this, ask first who can be reached at all."""


@dataclass(frozen=True, slots=True)
class Push:
    """A durable event for people."""

    id: str
    """The same on every delivery and device; repeats of the cause must give it again."""
    type: str
    data: Any
    """A JSON value, or its encoding as bytes."""
    about: tuple[str, ...] = ()
    """Ids (author, post, …) whose loss of visibility makes the entry void in logs."""
    voids: tuple[str, ...] = ()
    """Earlier entries about these ids become void: for replays, they never were."""
    at_ms: int = 0
    """When it happened; 0: now."""

    def tail(self) -> bytes:
        """The frame behind `{"op":"event","seq":…,`."""
        data = self.data if isinstance(self.data, bytes) else orjson.dumps(self.data)
        head = {"id": self.id, "type": self.type, "ts": clock.iso_ms(self.at_ms or now_ms())}
        return orjson.dumps(head)[1:-1] + b',"data":' + data + b"}"


def author_topic(user_id: str) -> str:
    """Where a popular author's new posts are announced; shown to followers on `me`."""
    return f"author:{user_id}"


@dataclass(frozen=True, slots=True)
class TopicUpdate:
    type: str
    message: bytes
    """A whole `live` message, as it goes to the sockets."""
    about: str = ""
    """The person it shows, for whom not everyone may have eyes."""


class Live:
    def __init__(self, redis: "Redis", bus: Bus, settings: Settings) -> None:
        self._redis = redis
        self._bus = bus
        self._settings = settings
        self.logs = PersonLogs(redis, settings.socket)
        self.backend = PubSubBackend(settings.redis.url)
        self._broadcast = Broadcast(backend=self.backend)

    async def __aenter__(self) -> Self:
        await self._broadcast.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._broadcast.disconnect()

    async def push(self, user_ids: Iterable[str], push: Push) -> int:
        """Deliver to each; how many of them have a live or resumable session."""
        return await self._push(user_ids, push, session_id="")

    async def _push(self, user_ids: Iterable[str], push: Push, session_id: str) -> int:
        for word in (push.id, *push.about, *push.voids):
            if not word.isascii() or not word.isprintable() or " " in word:
                raise ValueError(f"not an id: {word!r}")
        recipients = list(dict.fromkeys(user_ids))
        if len(recipients) > _LOOK_FIRST_ABOVE:
            recipients = await self.logs.reachable(recipients)
        if not recipients:
            return 0
        tail = push.tail()
        kept = tail
        if session_id:  # nobody who resumes is of that session
            kept = Push(push.id, "void", {}, at_ms=push.at_ms).tail()
        places = await self.logs.push(
            recipients, push.id, " ".join(push.about), " ".join(push.voids), kept
        )
        for node, here in _by_node(places).items():
            for start in range(0, len(here), nodestream.RECIPIENTS_MAX):
                chunk = here[start : start + nodestream.RECIPIENTS_MAX]
                to = [(place.user_id, place.epoch, place.seq) for place in chunk]
                await self._send(node, Deliver(to, push.id, tail, session_id))
        return len(places)

    async def withdraw(self, user_ids: Iterable[str], about_id: str) -> int:
        """Make void what these people's logs hold about that id (a block, a lost audience);
        how many entries."""
        recipients = list(dict.fromkeys(user_ids))
        if len(recipients) > _LOOK_FIRST_ABOVE:
            recipients = await self.logs.reachable(recipients)
        return await self.logs.withdraw(recipients, about_id)

    async def tell(self, user_ids: Iterable[str], type: str, data: Any) -> None:
        """An ephemeral message on `me` to those who are connected now (`unread`)."""
        recipients = list(dict.fromkeys(user_ids))
        if len(recipients) > _LOOK_FIRST_ABOVE:
            recipients = await self.logs.reachable(recipients)
        by_node: dict[str, list[str]] = {}
        for user_id, nodes in (await self.logs.nodes(recipients)).items():
            for node in nodes:
                by_node.setdefault(node, []).append(user_id)
        message = live_message("me", type, data)
        for node, here in by_node.items():
            await self._send(node, nodestream.Tell(here, type, message))

    async def publish(self, topic: str, type: str, data: Any, about: str = "") -> None:
        """An ephemeral update to the topic's watchers, whatever their node; `about` is the
        person it shows: who has a block with them does not get it."""
        shown = "me" if topic.startswith("author:") else topic
        head = f"{type} {about}\n".encode()
        await self._broadcast.publish(topic, head + live_message(shown, type, data))

    async def revoke_session(self, user_id: str, session_id: str) -> None:
        """End a session's sockets: `session.revoked` to that device, then close 4001. Its hellos
        are refused from here on, whatever a cache said."""
        ends_s = self._settings.auth.access_s
        await self._redis.set(session_key(user_id, session_id), b"0", ex=ends_s)
        event_id = f"{session_id}.revoked"
        push = Push(event_id, "session.revoked", {"session_id": session_id})
        await self._push([user_id], push, session_id)
        await self._send_to(user_id, nodestream.EndSession(user_id, session_id))

    async def revoke_topic(self, topic: str, user_id: str | None = None) -> None:
        """Take a topic from a person, or (deleted) from everyone."""
        message = nodestream.RevokeTopic(topic, user_id or "")
        if user_id is not None:
            await self._send_to(user_id, message)
            return
        for node in await nodestream.alive(self._redis):
            await self._send(node, message)

    async def recheck(self, user_id: str) -> None:
        """Check again what the person may watch and whose new posts they are told of."""
        await self._send_to(user_id, nodestream.Recheck(user_id))

    async def recheck_topics(self, topics: list[str]) -> None:
        """Check again who of their watchers, on every node, may go on watching these."""
        for node in await nodestream.alive(self._redis):
            await self._send(node, nodestream.RecheckTopics(topics))

    async def end_socket(self, user_id: str, socket: str) -> None:
        """Close one socket (`<node>/…`): the person has too many."""
        await self._send(socket.partition("/")[0], nodestream.EndSocket(user_id, socket))

    @asynccontextmanager
    async def watch(self, topic: str) -> AsyncIterator[AsyncIterator[TopicUpdate]]:
        """The updates of a topic (gateway nodes; one watch a topic)."""

        async def updates() -> AsyncIterator[TopicUpdate]:
            while True:
                message: Any = (await subscriber.get()).message
                head, _, frame = message.partition(b"\n")
                type_, _, about = head.decode().partition(" ")
                yield TopicUpdate(type_, frame, about)

        async with self._broadcast.subscribe(topic) as subscriber:
            yield updates()

    async def _send_to(self, user_id: str, message: NodeMessage) -> None:
        for node in (await self.logs.nodes([user_id]))[user_id]:
            await self._send(node, message)

    async def _send(self, node: str, message: NodeMessage) -> None:
        await self._bus.append(
            nodestream.stream_key(node), {b"m": nodestream.encode(message)}, nodestream.LENGTH_MAX
        )


def _by_node(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        for node in place.nodes:
            found.setdefault(node, []).append(place)
    return found


def live_message(topic: str, type: str, data: Any) -> bytes:
    """As it goes to the sockets."""
    return orjson.dumps(
        {"op": "live", "topic": topic, "type": type, "ts": clock.iso_ms(now_ms()), "data": data}
    )
