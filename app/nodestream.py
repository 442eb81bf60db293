"""What workers tell a gateway node: one stream a node, one entry for many people.

An entry is a JSON header line and, where there is one, the bytes that go to the sockets.
Events come as a tail: everything of the frame behind `"seq":…,`, encoded once for all.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from app.ids import now_ms

LENGTH_MAX = 8192
"""Entries a node may be behind; it finds out what it missed from the people's logs."""
RECIPIENTS_MAX = 1000
"""People in one entry."""
NODES_KEY = "live:nodes"
"""Gateway nodes, scored by when their claim to be alive ends."""
CLAIM_MS = 30_000
_FORGET_MS = 600_000


def stream_key(node: str) -> str:
    return f"node:{{{node}}}"


@dataclass(frozen=True, slots=True)
class Deliver:
    """An event, at its number in each person's log."""

    to: list[tuple[str, str, int]]
    """(user id, epoch, seq)"""
    event_id: str
    tail: bytes
    session_id: str = ""
    """Only this session's sockets get the tail, the person's others a `void`."""


@dataclass(frozen=True, slots=True)
class Tell:
    """An ephemeral message on the topic `me`; `message` is a whole `live` message."""

    to: list[str]
    type: str
    message: bytes


@dataclass(frozen=True, slots=True)
class EndSession:
    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class EndSocket:
    """The person has too many sockets, and this is the oldest."""

    user_id: str
    socket: str


@dataclass(frozen=True, slots=True)
class RevokeTopic:
    topic: str
    user_id: str
    """Empty: everyone."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """What the person may see has changed."""

    user_id: str


@dataclass(frozen=True, slots=True)
class RecheckTopics:
    """Who may watch these has changed (an account went private)."""

    topics: list[str]


NodeMessage = Deliver | Tell | EndSession | EndSocket | RevokeTopic | Recheck | RecheckTopics
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Deliver, Tell, EndSession, EndSocket, RevokeTopic, Recheck, RecheckTopics)
}
_BYTES = {Deliver: "tail", Tell: "message"}


class UnknownMessage(ValueError):
    """An entry this version does not know; the node skips it and says so."""


def encode(message: NodeMessage) -> bytes:
    body = _BYTES.get(type(message), "")
    header = {name: getattr(message, name) for name in type(message).__slots__ if name != body}
    line = orjson.dumps({"kind": type(message).__name__, **header})
    return line + b"\n" + getattr(message, body) if body else line


def decode(payload: bytes) -> NodeMessage:
    line, _, body = payload.partition(b"\n")
    try:
        header: dict[str, Any] = orjson.loads(line)
        kind = _KINDS[header.pop("kind")]
        if kind in _BYTES:
            header[_BYTES[kind]] = body
        message: NodeMessage = kind(**header)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UnknownMessage(f"not a message to a node: {payload[:200]!r}") from error
    return message


async def beat(redis: Any, node: str) -> None:
    """Say that the node lives, and clear away what nodes that died have left."""
    now = now_ms()
    async with redis.pipeline(transaction=False) as pipe:
        pipe.zadd(NODES_KEY, {node: now + CLAIM_MS})
        pipe.zrangebyscore(NODES_KEY, "-inf", now - _FORGET_MS)
        answers = await pipe.execute()
    for dead in answers[1]:
        await redis.unlink(stream_key(dead.decode()))
        await redis.zrem(NODES_KEY, dead)


async def alive(redis: Any) -> list[str]:
    return [node.decode() for node in await redis.zrangebyscore(NODES_KEY, now_ms(), "+inf")]
