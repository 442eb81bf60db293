"""An event loop whose time passes as soon as nobody has anything to do: minutes take milliseconds.

For programs without real I/O: a loop in which everybody waits for ever is an error.
"""

import asyncio
import selectors
from typing import Any


class _Idle(selectors.SelectSelector):
    """Instead of sleeping, moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everybody waits for ever")
        self.now_s += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._idle = _Idle()
        super().__init__(self._idle)

    def time(self) -> float:
        return self._idle.now_s


async def settle() -> None:
    """Until everybody waits for time to pass."""
    await asyncio.sleep(1e-6)
