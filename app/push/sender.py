"""What every way of pushing does: one message to one device, and what became of it."""

from dataclasses import dataclass
from typing import Any, Protocol

Raw = dict[str, Any]
LIFE_S = 86_400
"""How long a push service keeps what it cannot deliver."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a device is told: enough to show it without asking the server first."""

    id: str
    """The notification or conversation; one that is shown already is replaced."""
    kind: str
    text: str
    path: str
    """Where in the app it leads to."""
    unread: int

    def data(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "title": "Glimpse",
            "text": self.text,
            "path": self.path,
            "unread": self.unread,
        }


@dataclass(frozen=True, slots=True)
class Sent:
    """The push service took it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such device any more: forget it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now."""

    reason: str
    after_s: float = 0.0
    """As the push service asked; 0: it did not say."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never take this."""

    reason: str


Outcome = Sent | Gone | Later | Refused


class Sender(Protocol):
    async def send(self, subscription: Raw, message: Message) -> Outcome:
        """Push to a subscription (raw). Raises nothing that the network can cause."""
        ...


def retry_after_s(value: str | None) -> float:
    """Of a `Retry-After` in seconds; 0 when there is none or it is a date."""
    return min(float(value), LIFE_S) if value and value.isdecimal() else 0.0
