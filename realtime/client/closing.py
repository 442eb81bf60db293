"""What each close code asks the client to do next: the table of the protocol, as data."""

from enum import Enum

from realtime import protocol

LOST = 1006
"""No close came: the network, or whoever was in between."""
NO_CODE = 1005


class Next(Enum):
    BACKOFF = "come back after `reconnect_after_ms`, else after a backoff"
    AT_ONCE = "come back at once"
    NEW_TOKEN = "get a new token, then come back"  # noqa: S105  not one
    STOP = "stay away"


_NEXT = {
    protocol.GOING_AWAY: Next.BACKOFF,
    protocol.FRAME_TOO_LARGE: Next.BACKOFF,
    protocol.MALFORMED: Next.STOP,
    protocol.BAD_TOKEN: Next.NEW_TOKEN,
    protocol.NO_HELLO: Next.BACKOFF,
    protocol.NOT_ALLOWED: Next.STOP,
    protocol.TOO_SLOW: Next.AT_ONCE,
    protocol.TOO_MANY_SOCKETS: Next.STOP,
    protocol.TOO_MANY_MESSAGES: Next.BACKOFF,
}


def after_close(code: int) -> Next:
    return _NEXT.get(code, Next.BACKOFF)
