"""The guard in front of every operation: is the session alive, and is there quota left?

Both answers come from one Redis script, so a request pays one round trip. Fixed windows,
counted per person (or per address before log-in). With Redis away the session is looked up in
MongoDB and the counting goes on in this process alone.
"""

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from app.batch import BatchedScript
from app.cache import person_tag
from app.errors import RateLimited
from app.operation import LimitName
from app.settings import Limits

if TYPE_CHECKING:
    from app.batch import Batch, Begun
    from app.cache import Cache

_SCRIPT = """
local out = {}
for i = 1, #KEYS - 1 do
  local count = redis.call('INCR', KEYS[i])
  if count == 1 then redis.call('EXPIRE', KEYS[i], ARGV[i]) end
  out[i] = count
end
out[#KEYS] = redis.call('GET', KEYS[#KEYS]) or ''
return out
"""
_LOCAL_MAX = 10_000


class Quota(NamedTuple):
    limit: int
    remaining: int
    reset_at: int
    """Seconds since the epoch at which the window ends."""


class Passage(NamedTuple):
    quota: Quota | None
    exceeded: bool
    session: bytes | None
    """`1` alive, `0` revoked, None unknown: look in the database."""


Window = tuple[str, int, int]
"""Counter, limit, seconds."""


def _windows(limits: Limits) -> dict[LimitName, list[Window]]:
    """Of each class; a narrow one counts in its wide one too.
    No limit, no counter."""
    writes = ("writes", limits.writes_per_hour, 3600)
    every: dict[LimitName, list[Window]] = {
        "reads": [("reads", limits.reads_per_hour, 3600)],
        "writes": [writes],
        "uploads": [("uploads", limits.uploads_per_day, 86_400), writes],
        "follows": [("follows", limits.follows_per_hour, 3600), writes],
        "likes": [("likes", limits.likes_per_hour, 3600), writes],
        "registrations": [("registrations", limits.registrations_per_hour, 3600)],
        "logins": [("logins", limits.logins_per_5min, 300)],
    }
    return {name: [w for w in windows if w[1]] for name, windows in every.items()}


def session_key(user_id: str, session_id: str) -> str:
    return f"{person_tag(user_id)}:{user_id}:session:{session_id}"


class Entering(NamedTuple):
    windows: list[Window]
    keys: list[str]
    """Of their counters, and of the session."""
    now: int
    asked: "Begun | None"
    """None while Redis is not ready."""


class Guard:
    def __init__(self, cache: "Cache", batch: "Batch", limits: Limits) -> None:
        self._cache = cache
        self._windows = _windows(limits)
        self._local: OrderedDict[str, int] = OrderedDict()
        self._script = BatchedScript(batch, _SCRIPT)

    async def enter(self, name: LimitName, subject: str, session_id: str) -> Passage:
        """Count one call of `subject` (a user id or an address)."""
        return await self.finish(self.begin(name, subject, session_id))

    def begin(self, name: LimitName, subject: str, session_id: str) -> "Entering":
        """Counted from now on; what comes of it tells `finish`."""
        now = int(time.time())
        tag = person_tag(subject)
        windows = self._windows[name]
        keys = [f"{tag}:{subject}:rate:{c}:{now // seconds}" for c, _, seconds in windows]
        keys.append(session_key(subject, session_id))
        expiries = [seconds for _, _, seconds in windows]
        asked = self._script.begin(keys, expiries) if self._cache.ready else None
        return Entering(windows, keys, now, asked)

    async def finish(self, entering: "Entering") -> Passage:
        windows, keys, now, asked = entering
        expiries = [seconds for _, _, seconds in windows]
        nothing: list[Any] = []
        answer: list[Any] = await self._cache.ask(
            asked.answer if asked else lambda: self._script(keys, expiries), nothing
        )
        counts = answer[:-1] if answer else [self._count_locally(key) for key in keys[:-1]]
        session = (answer[-1] or None) if answer else None
        quota, exceeded = self._tightest(windows, counts, now)
        return Passage(quota, exceeded, session)

    @staticmethod
    def _tightest(windows: list[Window], counts: list[int], now: int) -> tuple[Quota | None, bool]:
        quotas = [
            Quota(limit, max(0, limit - count), (now // seconds + 1) * seconds)
            for (_, limit, seconds), count in zip(windows, counts, strict=True)
        ]
        exceeded = [
            q for q, (_, limit, _), c in zip(quotas, windows, counts, strict=True) if c > limit
        ]
        if exceeded:
            return max(exceeded, key=lambda q: q.reset_at), True
        return min(quotas, key=lambda q: q.remaining, default=None), False

    def _count_locally(self, key: str) -> int:
        count = self._local.get(key, 0) + 1
        self._local[key] = count
        self._local.move_to_end(key)
        while len(self._local) > _LOCAL_MAX:
            self._local.popitem(last=False)
        return count


def refuse(quota: Quota) -> RateLimited:
    wait = max(1, quota.reset_at - int(time.time()))
    return RateLimited(
        f"Too many of these: {quota.limit} are allowed. Try again in {wait} seconds.",
        limit=quota.limit,
        retry_after_s=wait,
    )
