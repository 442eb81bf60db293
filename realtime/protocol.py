"""The socket protocol, version 1: every message both ways and every close code. No I/O.

A frame is UTF-8 JSON text, one object with `op`. What clients send is decoded here and
nowhere else: `decode` gives one of the typed messages or raises `Refused` with the close code.
Unknown fields are passed over, so that newer clients can talk to older nodes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from typing_extensions import TypedDict

SUBPROTOCOL = "glimpse.v1"
VERSION = 1

GOING_AWAY = 1001
FRAME_TOO_LARGE = 1009
MALFORMED = 4000
BAD_TOKEN = 4001
NO_HELLO = 4002
NOT_ALLOWED = 4003
TOO_SLOW = 4008
TOO_MANY_SOCKETS = 4009
TOO_MANY_MESSAGES = 4013

CLOSE_CODES = {
    GOING_AWAY: "The node is going away: reconnect after `reconnect_after_ms`, and resume.",
    FRAME_TOO_LARGE: "The frame is larger than `limits.frame_bytes`: a fault of the client.",
    MALFORMED: "Malformed message, unknown op, or anything before `hello`: don't retry as is.",
    BAD_TOKEN: "Token missing, wrong, expired or revoked: get a new one first.",
    NO_HELLO: "No `hello` in time: reconnect with backoff.",
    NOT_ALLOWED: "Origin or account not allowed: stop.",
    TOO_SLOW: "Too slow: reconnect at once, and resume.",
    TOO_MANY_SOCKETS: "Too many sockets for one person, and this was the oldest: stop.",
    TOO_MANY_MESSAGES: "Too many messages a second: reconnect after `reconnect_after_ms`.",
}

NAME_LENGTH_MAX = 200
TOKEN_LENGTH_MAX = 8192
SEQ_MAX = 2**53

Id = Any
"""What a client names a request by: any JSON, echoed as it came."""


class Refused(Exception):
    """A frame that the protocol does not know; `code` closes the connection."""

    def __init__(self, reason: str, code: int = MALFORMED) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


# From the client


@dataclass(frozen=True, slots=True)
class Resume:
    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Hello:
    token: str
    client: str
    """`name/version`, for logs and metrics."""
    device: str
    resume: Resume | None


@dataclass(frozen=True, slots=True)
class Auth:
    id: Id
    token: str


@dataclass(frozen=True, slots=True)
class Call:
    id: Id
    method: str
    params: dict[str, Any]
    key: str | None


@dataclass(frozen=True, slots=True)
class Sub:
    id: Id
    topics: list[str]


@dataclass(frozen=True, slots=True)
class Unsub:
    id: Id
    topics: list[str]


@dataclass(frozen=True, slots=True)
class Ack:
    seq: int


@dataclass(frozen=True, slots=True)
class Ping:
    t: Any


ClientMessage = Hello | Auth | Call | Sub | Unsub | Ack | Ping


# From the server


class Limits(TypedDict):
    topics: int
    frame_bytes: int
    calls_per_s: int


class Welcome(TypedDict):
    op: Literal["welcome"]
    user_id: str
    session: str
    epoch: str
    """To resume in from here on, also when `resumed`: Redis may have started again."""
    seq: int
    resumed: bool
    ping_interval_ms: int
    server_time: str
    limits: Limits


ResyncReason = Literal["expired", "epoch", "trimmed"]


class Resync(TypedDict):
    """Reload what is shown; from here on the numbering is that of `epoch`, after `seq`."""

    op: Literal["resync"]
    reason: ResyncReason
    epoch: str
    seq: int


class Event(TypedDict):
    op: Literal["event"]
    seq: int
    id: str
    type: str
    ts: str
    data: Any


class Live(TypedDict):
    op: Literal["live"]
    topic: str
    type: str
    ts: str
    data: Any


class Expiring(TypedDict):
    op: Literal["expiring"]
    in_ms: int


class Bye(TypedDict):
    op: Literal["bye"]
    code: int
    reason: str
    reconnect_after_ms: int | None
    """None: don't, or see the close code."""


class Result(TypedDict):
    op: Literal["result"]
    id: Id
    data: Any


class Error(TypedDict):
    op: Literal["error"]
    id: Id
    code: str
    message: str
    details: dict[str, Any]


class Ok(TypedDict):
    op: Literal["ok"]
    id: Id


class Pong(TypedDict):
    op: Literal["pong"]
    t: Any


TopicAnswer = Literal["ok", "forbidden", "unknown", "too_many"]


class Topics(TypedDict):
    """`data` of the result of `sub` and `unsub`."""

    topics: dict[str, TopicAnswer]


ServerMessage = Welcome | Resync | Event | Live | Expiring | Bye | Result | Error | Ok | Pong


# Decoding


def decode(frame: str | bytes) -> ClientMessage:
    """The message in a text frame; raises Refused, and nothing else, whatever the frame holds."""
    try:
        raw = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise Refused("not JSON") from None
    if not isinstance(raw, dict):
        raise Refused("not an object")
    op = raw.get("op")
    decoder = _DECODERS.get(op) if isinstance(op, str) else None
    if decoder is None:
        raise Refused("unknown op")
    if op == "call":
        _check_keys(frame)
    return decoder(raw)


def _check_keys(frame: str | bytes) -> None:
    """Parameters with a key twice are refused, as over HTTP: who reads which of the two?"""
    try:
        json.loads(frame, object_pairs_hook=_no_key_twice)
    except RecursionError:
        raise Refused("too deep") from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused("a key stands twice")


def _text(raw: dict[str, Any], name: str, length_max: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= length_max:
        raise Refused(f"{name}: expected text of at most {length_max} characters")
    return value


def _seq(raw: dict[str, Any]) -> int:
    value = raw.get("seq")
    if type(value) is not int or not 0 <= value <= SEQ_MAX:
        raise Refused("seq: expected a whole number of 0 or more")
    return value


def _id(raw: dict[str, Any], needed: bool = True) -> Id:
    if needed and "id" not in raw:
        raise Refused("id: missing")
    return _echo(raw, "id")


def _echo(raw: dict[str, Any], name: str) -> Any:
    """A value that goes back as it came: what was read may be too deep to be written."""
    value = raw.get(name)
    if isinstance(value, dict | list):
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError:
            raise Refused(f"{name}: too deep") from None
    return value


def _hello(raw: dict[str, Any]) -> Hello:
    client = raw.get("client") or {}
    if not isinstance(client, dict):
        raise Refused("client: expected an object")
    words = [client.get(name, "") for name in ("name", "version", "device")]
    if not all(isinstance(word, str) and len(word) <= NAME_LENGTH_MAX for word in words):
        raise Refused("client: expected short texts")
    token = raw.get("token")
    if token is not None and not isinstance(token, str):
        raise Refused("token: expected text")
    if not token or len(token) > TOKEN_LENGTH_MAX:
        raise Refused("token missing", BAD_TOKEN)
    resume = raw.get("resume")
    point = None
    if resume is not None:
        if not isinstance(resume, dict):
            raise Refused("resume: expected an object")
        point = Resume(_text(resume, "epoch", 64), _seq(resume))
    return Hello(token, f"{words[0]}/{words[1]}", words[2], point)


def _auth(raw: dict[str, Any]) -> Auth:
    return Auth(_id(raw, needed=False), _text(raw, "token", TOKEN_LENGTH_MAX))


def _call(raw: dict[str, Any]) -> Call:
    params = raw.get("params")
    if params is None:
        params = {}
    if not isinstance(params, dict):
        raise Refused("params: expected an object")
    key = raw.get("key")
    if not isinstance(key, str | None):
        raise Refused("key: expected text")
    return Call(_id(raw), _text(raw, "method", NAME_LENGTH_MAX), params, key)


def _topics(raw: dict[str, Any]) -> list[str]:
    topics = raw.get("topics")
    if not isinstance(topics, list):
        raise Refused("topics: expected an array")
    for topic in topics:
        if not isinstance(topic, str):
            raise Refused("topics: expected texts")
    return list(dict.fromkeys(topics))


def _sub(raw: dict[str, Any]) -> Sub:
    return Sub(_id(raw), _topics(raw))


def _unsub(raw: dict[str, Any]) -> Unsub:
    return Unsub(_id(raw), _topics(raw))


def _ack(raw: dict[str, Any]) -> Ack:
    return Ack(_seq(raw))


def _ping(raw: dict[str, Any]) -> Ping:
    return Ping(_echo(raw, "t"))


_DECODERS: dict[str, Callable[[dict[str, Any]], ClientMessage]] = {
    "hello": _hello,
    "auth": _auth,
    "call": _call,
    "sub": _sub,
    "unsub": _unsub,
    "ack": _ack,
    "ping": _ping,
}


# Encoding


def result(id: Id, data: bytes) -> bytes:
    """A `result` around JSON that is encoded already."""
    return b'{"op":"result","id":%b,"data":%b}' % (orjson.dumps(id), data)


def event(seq: int, tail: bytes) -> bytes:
    """An `event` from its number and the tail that all recipients share."""
    return b'{"op":"event","seq":%d,%b' % (seq, tail)


def void_tail(event_id: str, ts: str) -> bytes:
    return orjson.dumps({"id": event_id, "type": "void", "ts": ts, "data": {}})[1:]


def bye(code: int, reason: str, reconnect_after_ms: int | None = None) -> bytes:
    message: Bye = {
        "op": "bye",
        "code": code,
        "reason": reason,
        "reconnect_after_ms": reconnect_after_ms,
    }
    return orjson.dumps(message)
