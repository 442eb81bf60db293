"""What the client hands on, and what it raises."""

from dataclasses import dataclass
from typing import Any, Generic

from typing_extensions import TypeVar

Data = TypeVar("Data", default=Any)


@dataclass(frozen=True, slots=True)
class Event(Generic[Data]):
    """Durable. `kinds` names the types and what their `data` is."""

    seq: int
    id: str
    type: str
    ts: str
    data: Data


@dataclass(frozen=True, slots=True)
class Resync:
    """Reload what is shown: events were missed that can't be replayed."""

    reason: str
    """Of the protocol (`expired`, `epoch`, `trimmed`), or `behind`: nobody took the events that
    wait here, so they were dropped."""


@dataclass(frozen=True, slots=True)
class Update(Generic[Data]):
    """Ephemeral, of a topic. Type `revoked`: the topic is no longer ours to see."""

    topic: str
    type: str
    ts: str
    data: Data


class ClientError(Exception):
    """Base of what this client raises."""


class SequenceGap(ClientError):
    """An event is missing: the server broke its promise. Raised by strict clients alone."""


class Stopped(ClientError):
    """The server closed for good, or the client was closed (1000); `code` says why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class ConnectionLost(ClientError):
    """The connection broke before the answer came, so the call may have been carried out.
    Calls with a key are repeated instead."""


class CallTimeout(ClientError):
    """No answer in time. It may have been carried out; with its key it can be called again."""


class OutboxFull(ClientError):
    """Too many calls wait for their answers already; this one was not sent."""


class CallTooLarge(ClientError):
    """The call is larger than the server takes in a frame; it was not sent."""


class CallFailed(ClientError):
    """The operation said no: `code`, `message` and `details` are those of its REST twin."""

    def __init__(self, code: str, message: str, details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details
