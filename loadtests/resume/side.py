"""What a server under trial offers the runner, whoever made it."""

from collections.abc import Sequence
from typing import Protocol

from loadtests.resume.history import History
from loadtests.resume.scenario import Harm, Point, Scenario


class Device(Protocol):
    history: History

    async def arrive(self, node: str, point: Point = Point.OWN) -> None:
        """Connect and resume, until the server has answered and what it told to load is."""

    async def arrive_in_vain(self, node: str) -> None:
        """Connect and resume, and lose the connection before the answer is read."""

    async def cut(self) -> None:
        """Lose the transport without a word."""

    async def gone(self) -> None:
        """Wait until the connection is known to have ended."""

    def twin(self) -> "Device":
        """Another device of the same person that was in the same place."""

    async def fresh(self) -> frozenset[int] | None:
        """The state, loaded afresh; None when the server keeps none."""

    async def close(self) -> None: ...


class Side(Protocol):
    name: str

    async def ready(self, scenario: Scenario) -> tuple[str, str]:
        """(the node devices begin at, the node they come back to), both running."""

    async def devices(self, count: int) -> Sequence[Device]:
        """Each of another person; not connected yet."""

    async def push(self, number: int) -> None:
        """Cause an event for all these people, until it is acknowledged."""

    async def remember(self) -> None:
        """From here on is what a Redis that falls back loses."""

    async def harm(self, harm: Harm, node: str) -> None:
        """Do to the server what a scenario says; what it does to devices is the runner's."""

    async def forgotten(self) -> None:
        """Wait until the devices have been away for longer than the server remembers."""

    async def idle(self) -> None:
        """Wait for several lives of whatever has to be renewed on an open connection."""
