"""What the reference client hands on, and what it raises."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    id: str
    type: str
    ts: str
    data: Any


@dataclass(frozen=True, slots=True)
class Resync:
    """Reload what is shown: events were missed that can't be replayed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Update:
    topic: str
    type: str
    ts: str
    data: Any


class ClientError(Exception):
    """Base of what this client raises."""


class SequenceGap(ClientError):
    """An event is missing: the server broke its promise."""


class Stopped(ClientError):
    """The server closed for good, or the client was closed; `code` says why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class ConnectionLost(ClientError):
    """The connection broke before the answer came; calls with a key are repeated instead."""


class CallFailed(ClientError):
    def __init__(self, code: str, message: str, details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details
