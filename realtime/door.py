"""How many may come in: sockets, handshakes a second, and handshakes without a hello yet. No I/O,
no clock.

Asked before the upgrade, so that who is refused has cost little. The bounds of one address keep
one caller from taking everybody's place; who comes from the address of a trusted proxy itself is
not told apart from others there, and only the node's own bounds hold. What is kept for an address
goes when it is quiet.
"""

from dataclasses import dataclass

from app.settings import Socket

BURST_S = 2
"""Handshakes of so many seconds may come at once."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Not now: `status` 503 for the node's own bounds, 429 for the address's."""

    status: int
    reason: str
    retry_after_s: int


class Bucket:
    """A pace with a burst; a rate of 0 is no limit."""

    __slots__ = ("_at", "_left", "_rate")

    def __init__(self, rate: int, now: float) -> None:
        self._rate = rate
        self._left = float(rate * BURST_S)
        self._at = now

    def has(self, now: float) -> bool:
        self._left = min(self._left + (now - self._at) * self._rate, float(self._rate * BURST_S))
        self._at = now
        return not self._rate or self._left >= 1

    def take(self) -> None:
        self._left -= 1

    def full(self, now: float) -> bool:
        return self._left + (now - self._at) * self._rate >= self._rate * BURST_S


class Guest:
    """What is known of an address."""

    __slots__ = ("bucket", "pending")

    def __init__(self, rate: int, now: float) -> None:
        self.bucket = Bucket(rate, now)
        self.pending = 0


class Door:
    def __init__(self, bounds: Socket, proxies: tuple[str, ...], now: float) -> None:
        self._bounds = bounds
        self._proxies = frozenset(proxies)
        self._bucket = Bucket(bounds.handshakes_per_s, now)
        self._guests: dict[str, Guest] = {}
        self.sockets = 0
        self.pending = 0
        """Let in, and without a welcome yet."""

    @property
    def addresses(self) -> int:
        """Of how many something is kept."""
        return len(self._guests)

    def knock(self, address: str, now: float) -> Turned | None:
        """None: come in; then `welcomed` or not, and `left` once."""
        turned = self._full(now)
        if turned is not None:
            return turned
        guest = None
        if address not in self._proxies:
            guest = self._guests.get(address)
            if guest is None:
                guest = Guest(self._bounds.address_handshakes_per_s, now)
            if self._bounds.address_pending_max and (
                guest.pending >= self._bounds.address_pending_max
            ):
                return Turned(429, "too many handshakes under way from this address", 5)
            if not guest.bucket.has(now):
                return Turned(429, "too many handshakes from this address", 1)
            guest.bucket.take()
            guest.pending += 1
            self._guests[address] = guest
        self._bucket.take()
        self.sockets += 1
        self.pending += 1
        return None

    def _full(self, now: float) -> Turned | None:
        bounds = self._bounds
        if bounds.sockets_max and self.sockets >= bounds.sockets_max:
            return Turned(503, "this node has no room", 10)
        if bounds.pending_max and self.pending >= bounds.pending_max:
            return Turned(503, "too many handshakes under way", 5)
        if not self._bucket.has(now):
            return Turned(503, "too many handshakes", 1)
        return None

    def welcomed(self, address: str) -> None:
        """A hello was good."""
        self.pending -= 1
        guest = self._guests.get(address)
        if guest is not None:
            guest.pending -= 1

    def left(self, address: str, welcomed: bool) -> None:
        """A socket that came in is gone."""
        self.sockets -= 1
        if not welcomed:
            self.welcomed(address)

    def sweep(self, now: float) -> None:
        """Once a second: forget who is quiet."""
        quiet = [a for a, g in self._guests.items() if not g.pending and g.bucket.full(now)]
        for address in quiet:
            del self._guests[address]
