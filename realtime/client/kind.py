"""A type of event together with the type of its data, for programs that are checked by mypy."""

from typing import Any, Generic, TypeVar

from typing_extensions import TypeIs

from realtime.client.received import Event, Resync

Data = TypeVar("Data")


class Kind(Generic[Data]):
    __slots__ = ("type",)

    def __init__(self, type: str) -> None:
        self.type = type

    def of(self, message: "Event[Any] | Resync") -> "TypeIs[Event[Data]]":
        """Whether it is one of these; from here on its data is known."""
        return isinstance(message, Event) and message.type == self.type
