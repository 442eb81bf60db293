"""Examples of messages for the AsyncAPI document. A test holds each to its schema. No I/O."""

from typing import Any

_TS = "2026-11-20T09:00:00.000Z"

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "hello": [
        {
            "op": "hello",
            "token": "eyJhbGciOi…",
            "client": {"name": "web", "version": "1.4.0", "device": "dev_1"},
        },
        {"op": "hello", "token": "eyJhbGciOi…", "resume": {"epoch": "k3f9", "seq": 1041}},
    ],
    "auth": [{"op": "auth", "id": 1, "token": "eyJhbGciOi…"}],
    "call": [
        {
            "op": "call",
            "id": 2,
            "method": "posts.like",
            "params": {"post_id": "post_1"},
            "key": "like-1",
        }
    ],
    "sub": [{"op": "sub", "id": 3, "topics": ["post:post_1", "post:post_2"]}],
    "unsub": [{"op": "unsub", "id": 4, "topics": ["post:post_1"]}],
    "ack": [{"op": "ack", "seq": 1044}],
    "ping": [{"op": "ping", "t": 1}],
    "welcome": [
        {
            "op": "welcome",
            "user_id": "usr_1",
            "session": "ses_1",
            "epoch": "k3f9",
            "seq": 1044,
            "resumed": True,
            "ping_interval_ms": 25_000,
            "server_time": _TS,
            "limits": {"topics": 200, "frame_bytes": 65_536, "calls_per_s": 50},
        }
    ],
    "event": [
        {
            "op": "event",
            "seq": 1042,
            "id": "evt_1.post.deleted",
            "type": "post.deleted",
            "ts": _TS,
            "data": {"post_id": "post_1"},
        }
    ],
    "event.post.deleted": [
        {
            "op": "event",
            "seq": 1042,
            "id": "evt_1.post.deleted",
            "type": "post.deleted",
            "ts": _TS,
            "data": {"post_id": "post_1"},
        }
    ],
    "event.void": [
        {"op": "event", "seq": 1043, "id": "evt_2.void", "type": "void", "ts": _TS, "data": {}}
    ],
    "live": [
        {
            "op": "live",
            "topic": "post:post_1",
            "type": "post.counts",
            "ts": _TS,
            "data": {"likes": 3, "comments": 1, "shares": 0},
        }
    ],
    "live.post.post.counts": [
        {
            "op": "live",
            "topic": "post:post_1",
            "type": "post.counts",
            "ts": _TS,
            "data": {"likes": 3, "comments": 1, "shares": 0},
        }
    ],
    "live.me.unread": [
        {
            "op": "live",
            "topic": "me",
            "type": "unread",
            "ts": _TS,
            "data": {"notifications": 2, "messages": 0},
        }
    ],
    "resync": [{"op": "resync", "reason": "trimmed", "epoch": "k3f9", "seq": 1301}],
    "expiring": [{"op": "expiring", "in_ms": 60_000}],
    "bye": [
        {"op": "bye", "code": 1001, "reason": "node going away", "reconnect_after_ms": 1840},
        {"op": "bye", "code": 4009, "reason": "too many sockets", "reconnect_after_ms": None},
    ],
    "result": [
        {"op": "result", "id": 2, "data": {"liked": True, "likes_count": 3}},
        {
            "op": "result",
            "id": 3,
            "data": {"topics": {"post:post_1": "ok", "post:post_2": "forbidden"}},
        },
    ],
    "error": [
        {
            "op": "error",
            "id": 2,
            "code": "post_not_found",
            "message": "There is no such post.",
            "details": {},
        }
    ],
    "ok": [{"op": "ok", "id": 1}],
    "pong": [{"op": "pong", "t": 1}],
}
