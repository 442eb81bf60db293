"""Whether this node keeps its promise, counted by itself: no event lost, none twice.

Two checks, neither of which trusts what it checks:

- As bytes go to a transport, each event's number must be the one after the last that went to
  that same transport, from its welcome on (`wrong` is told of any other).
- Now and then each socket's mark is held against the person's log, where the workers count what
  they publish: `seq` of the log is how much was published, the mark how much of it this socket
  was handed or was told to reload (`judge`). What is missing is looked for again; when it is
  still missing at the last look it is lost, whatever the hub believes.

The sums over all nodes are the fleet's: `glimpse_events_lost` and `glimpse_events_duplicated`.
Both stay 0.
"""

import asyncio
import logging
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from realtime.metrics import Metrics

if TYPE_CHECKING:
    from realtime.connection import Connection
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

LOOKS = 3
"""What is missing at so many looks, one after the other, is lost."""
_LOOK_S = 5.0
_ROUND_S = 60.0
"""Each socket is looked at about so often."""
_BATCH = 500


@dataclass(slots=True)
class Missing:
    """What a socket lacked when it was first noticed."""

    epoch: str
    seq: int
    looks: int = 1


class Audit:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._round: deque[Connection] = deque()
        """Those not looked at yet in this round."""
        self._missing: dict[Connection, Missing] = {}
        self._given_up: dict[Connection, tuple[str, int]] = {}
        """Counted as lost up to here: not to be counted again."""

    def wrong(self, connection: "Connection", seq: int) -> None:
        """An event went to the transport that was not the next."""
        if seq <= connection.handed:
            self._metrics.events_duplicated += 1
            log.error("%s was handed %d twice", connection.name, seq)
            return
        self._lose(connection, seq - 1 - self._accounted(connection, connection.epoch))
        connection.handed = seq

    def replayed(self, connection: "Connection", seqs: list[int], upto: int) -> None:
        """A welcome went out, with these events; the next will be the one after `upto`."""
        for seq in seqs:
            if seq == connection.handed + 1:
                connection.handed = seq
            else:
                self.wrong(connection, seq)
        self._lose(connection, upto - connection.handed)
        connection.handed = upto

    def _accounted(self, connection: "Connection", epoch: str) -> int:
        """Up to which number of the epoch a socket's events were handed over, or counted lost."""
        handed = connection.handed if connection.epoch == epoch else 0
        given_epoch, given_up = self._given_up.get(connection, ("", 0))
        return max(handed, given_up if given_epoch == epoch else 0)

    def _lose(self, connection: "Connection", count: int) -> None:
        if count > 0:
            self._metrics.events_lost += count
            log.error("%s: %d events lost after %d", connection.name, count, connection.handed)

    # Against the logs

    async def run(self, gateway: "Gateway") -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.look(gateway)
            except (RedisError, OSError, TimeoutError) as error:
                # Nothing can be said now; who lacked something is looked at again.
                log.warning("audit: %r", error)

    async def look(self, gateway: "Gateway") -> None:
        """This look's share of the sockets, and again those that lacked something.

        Raises redis-py's errors.
        """
        here = gateway.hub.greeted
        if not self._round:
            self._round.extend(here)
        share = math.ceil(len(here) * _LOOK_S / _ROUND_S)
        chosen = dict.fromkeys(self._missing)
        for _ in range(min(share, len(self._round))):
            chosen[self._round.popleft()] = None
        for known in (self._missing, self._given_up):
            for connection in known.keys() - here:
                del known[connection]
        some = [connection for connection in chosen if connection in here]
        for start in range(0, len(some), _BATCH):
            batch = some[start : start + _BATCH]
            published = await gateway.resources.live.logs.published(
                [connection.session.user_id for connection in batch]
            )
            for connection, (epoch, seq) in zip(batch, published, strict=True):
                self.judge(connection, epoch, seq)

    def judge(self, connection: "Connection", epoch: str, seq: int) -> None:
        """Hold a socket against what was published for its person: `seq` events in `epoch`."""
        self._metrics.audited_total += 1
        missing = self._missing.pop(connection, None)
        if connection.blocked:  # late by its own slowness, which has a bound of its own
            return
        if missing is None or missing.epoch != epoch:
            missing = Missing(epoch, seq, 0)
        lacks = missing.seq - self._accounted(connection, epoch)
        if lacks <= 0:
            return
        missing.looks += 1
        if missing.looks < LOOKS:
            self._missing[connection] = missing
            return
        self._lose(connection, lacks)
        self._given_up[connection] = (epoch, missing.seq)
