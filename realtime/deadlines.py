"""When each socket is to be looked at: a calendar by the second.

Nearly all wait for a token to end, minutes away. Asking every socket every second whether it is
time yet would be the largest part of what idle sockets cost.
"""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.connection import Connection


class Deadlines:
    def __init__(self, now: float) -> None:
        """Times are those of the monotonic clock, in seconds."""
        self._seconds: dict[int, set[Connection]] = {}
        """By the second at which they are over."""
        self._done = math.floor(now)

    def set(self, connection: "Connection", at: float) -> None:
        """Look at it when that time is over, at most a second later, and not before."""
        self.drop(connection)
        connection.check_at = max(math.ceil(at), self._done + 1)
        self._seconds.setdefault(connection.check_at, set()).add(connection)

    def drop(self, connection: "Connection") -> None:
        """It is not to be looked at any more."""
        others = self._seconds.get(connection.check_at)
        if others is not None:
            others.discard(connection)
            if not others:
                del self._seconds[connection.check_at]

    def due(self, now: float) -> "list[Connection]":
        """Those whose time is over. Each has no deadline from here on."""
        over, self._done = range(self._done + 1, math.floor(now) + 1), math.floor(now)
        return [connection for second in over for connection in self._seconds.pop(second, ())]
