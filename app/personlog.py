"""A person's log: the newest events meant for them, numbered densely, for delivery and resume.

One hash holds a person's whole log, so it is either there or gone, never half of it:

    epoch        random; a new one whenever the numbering starts again
    seq          number of the newest event
    e:<seq>      "<event id>\\n<about ids>\\n<tail>", the newest `log_events_max` of them
    i:<event id> its seq: a repeated push finds its number again

Beside it stand the gateway nodes that hold the person (`at`, scored by when that claim ends)
and their sockets (scored by when they came). All keys of one person, and the register of
those of the same group who can be reached, carry one hash tag: a script touches one slot.
Everything here lives as long as someone is connected plus `log_life_s`.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from app.bus import is_cluster
from app.cache import person_tag
from app.ids import now_ms
from app.limits import session_key
from app.settings import Socket

_PEOPLE_A_CALL = 250

Verdict = Literal["fresh", "resumed", "expired", "epoch", "trimmed"]

_VOID = """
local function void(log, seq, ids)
  local held = tonumber(ARGV[1])
  local names = {}
  for s = math.max(1, seq - held + 1), seq do names[#names + 1] = 'e:' .. s end
  if #names == 0 then return 0 end
  local found, count = redis.call('HMGET', log, unpack(names)), 0
  for i, entry in ipairs(found) do
    if entry then
      local id, about, tail = string.match(entry, '^([^\\n]*)\\n([^\\n]*)\\n(.*)$')
      for wanted in string.gmatch(ids, '%S+') do
        if string.find(' ' .. about .. ' ', ' ' .. wanted .. ' ', 1, true) then
          tail = string.gsub(tail, '"type":"[^"]*"', '"type":"void"', 1)
          tail = string.gsub(tail, '"data":.*$', '"data":{}}')
          redis.call('HSET', log, names[i], id .. '\\n\\n' .. tail)
          count = count + 1
          break
        end
      end
    end
  end
  return count
end
"""

# ARGV: held, now, event id, about, voids, tail. KEYS: (log, at) of each person.
_PUSH = (
    _VOID
    + """
local held, now, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local out = {}
for k = 1, #KEYS, 2 do
  local log = KEYS[k]
  local epoch = redis.call('HGET', log, 'epoch')
  if epoch then
    local seq = tonumber(redis.call('HGET', log, 'i:' .. id))
    if not seq then
      seq = redis.call('HINCRBY', log, 'seq', 1)
      if ARGV[5] ~= '' then void(log, seq - 1, ARGV[5]) end
      redis.call('HSET', log, 'e:' .. seq, id .. '\\n' .. ARGV[4] .. '\\n' .. ARGV[6],
                 'i:' .. id, seq)
      local old = redis.call('HGET', log, 'e:' .. (seq - held))
      if old then
        redis.call('HDEL', log, 'e:' .. (seq - held), 'i:' .. string.match(old, '^[^\\n]*'))
      end
    end
    out[#out + 1] = {seq, epoch, unpack(redis.call('ZRANGEBYSCORE', KEYS[k + 1], now, '+inf'))}
  else
    out[#out + 1] = {}
  end
end
return out
"""
)

# ARGV: held, about ids. KEYS: the logs.
_WITHDRAW = (
    _VOID
    + """
local count = 0
for _, log in ipairs(KEYS) do
  count = count + void(log, tonumber(redis.call('HGET', log, 'seq') or 0), ARGV[2])
end
return count
"""
)

_CLAIM = """
local function claim(now, ends, ttl, node)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  redis.call('ZADD', KEYS[2], ends, node)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
  redis.call('ZADD', KEYS[4], now + ttl, ARGV[1])
  redis.call('PEXPIRE', KEYS[4], ttl * 2)
  for k = 1, 3 do redis.call('PEXPIRE', KEYS[k], ttl) end
end
local function start(epoch)
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', 0)
end
local function entries(after, seq)
  if seq - after > 4000 then return false end
  local names = {}
  for s = after + 1, seq do names[#names + 1] = 'e:' .. s end
  if #names == 0 then return {} end
  local found = redis.call('HMGET', KEYS[1], unpack(names))
  for i = 1, #names do if not found[i] then return false end end
  return found
end
"""

# KEYS: log, at, sockets, reachable, session. ARGV: user, now, ends, ttl, node, held, new epoch,
# socket, sockets max, resume epoch, resume seq, '1' when the session was found alive.
# → {verdict, epoch, seq, entries, too many}
_REGISTER = (
    _CLAIM
    + """
local session = redis.call('GET', KEYS[5])
if session == '0' then return {'revoked'} end
if session ~= '1' and ARGV[12] ~= '1' then return {'unknown'} end
if session == '1' then
  redis.call('PEXPIRE', KEYS[5], ARGV[4])
elseif not session then
  redis.call('SET', KEYS[5], '1', 'PX', ARGV[4])
end
local now, ttl, held = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[6])
local epoch, verdict, missed = redis.call('HGET', KEYS[1], 'epoch'), 'fresh', {}
local wanted, after = ARGV[10], tonumber(ARGV[11])
if not epoch then
  epoch = ARGV[7]
  start(epoch)
  if wanted ~= '' then verdict = 'expired' end
end
local seq = tonumber(redis.call('HGET', KEYS[1], 'seq'))
if verdict == 'fresh' and wanted ~= '' then
  if wanted ~= epoch or after > seq then
    verdict = 'epoch'
  elseif after < seq - held then
    verdict = 'trimmed'
  else
    missed = entries(after, seq)
    verdict = missed and 'resumed' or 'trimmed'
  end
end
redis.call('ZADD', KEYS[3], now, ARGV[8])
claim(now, ARGV[3], ttl, ARGV[5])
local gone, most = {}, tonumber(ARGV[9])
if redis.call('ZCARD', KEYS[3]) > most then
  for _, socket in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    if not redis.call('ZSCORE', KEYS[2], string.match(socket, '^[^/]*')) then
      redis.call('ZREM', KEYS[3], socket)
    end
  end
  local over = redis.call('ZCARD', KEYS[3]) - most
  if over > 0 then
    local popped = redis.call('ZPOPMIN', KEYS[3], over)
    for i = 1, #popped, 2 do gone[#gone + 1] = popped[i] end
  end
end
return {verdict, epoch, seq, missed or {}, gone}
"""
)

# KEYS: log, at, sockets, reachable, sessions… ARGV: user, now, ends, ttl, node, held, new
# epoch, known epoch, known seq, id of the event known at that seq, sockets… → {epoch, seq}
_RENEW = (
    _CLAIM
    + """
local now, ttl, held = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[6])
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[7]
  start(epoch)
end
local seq, known = tonumber(redis.call('HGET', KEYS[1], 'seq')), tonumber(ARGV[9])
if epoch == ARGV[8] then
  local lost = seq < known
  if not lost and ARGV[10] ~= '' and known > seq - held then
    lost = redis.call('HGET', KEYS[1], 'i:' .. ARGV[10]) ~= tostring(known)
  end
  if lost then
    epoch, seq = ARGV[7], 0
    start(epoch)
  end
end
for i = 11, #ARGV do redis.call('ZADD', KEYS[3], 'NX', now, ARGV[i]) end
for k = 5, #KEYS do redis.call('PEXPIRE', KEYS[k], ttl) end
claim(now, ARGV[3], ttl, ARGV[5])
return {epoch, seq}
"""
)

# KEYS: log, at, sockets, reachable. ARGV: user, now, ttl, node or '' when it still holds others, sockets…
_LEAVE = """
for i = 5, #ARGV do redis.call('ZREM', KEYS[3], ARGV[i]) end
if ARGV[4] ~= '' then
  redis.call('ZREM', KEYS[2], ARGV[4])
  if redis.call('ZCARD', KEYS[2]) == 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    redis.call('ZADD', KEYS[4], 'XX', tonumber(ARGV[2]) + tonumber(ARGV[3]), ARGV[1])
  end
end
return 0
"""

# KEYS: log. ARGV: after. → {epoch, seq, entries or false}
_READ = (
    _CLAIM
    + """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then return {} end
local seq, after = tonumber(redis.call('HGET', KEYS[1], 'seq')), tonumber(ARGV[1])
return {epoch, seq, seq > after and entries(after, seq) or {}}
"""
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pushed event stands in one person's log, and the nodes that hold the person."""

    user_id: str
    seq: int
    epoch: str
    nodes: list[str]


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    id: str
    tail: bytes


@dataclass(frozen=True, slots=True)
class Registered:
    verdict: Verdict
    epoch: str
    seq: int
    missed: list[Entry]
    too_many: list[str]
    """Sockets (`<node>/…`) that go because the person has more than allowed: the oldest."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a node knows of a person: to be confirmed, or found to be lost."""

    user_id: str
    epoch: str
    seq: int
    last_id: str
    sockets: tuple[str, ...]
    sessions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hello:
    """A socket that wants in."""

    user_id: str
    session_id: str
    socket: str
    """`<node>/…`"""
    resume: tuple[str, int] | None
    """(epoch, seq) to resume after."""


class SessionUnknown(Exception):
    """Redis does not know whether the session lives: ask the database, then say so."""


class SessionEnded(Exception):
    """The session was revoked."""


def new_epoch() -> str:
    return secrets.token_hex(4)


def log_key(user_id: str) -> str:
    return f"{person_tag(user_id)}:{user_id}:live"


def _at_key(user_id: str) -> str:
    return f"{person_tag(user_id)}:{user_id}:live:at"


def _keys(user_id: str) -> list[str]:
    tag = person_tag(user_id)
    log = f"{tag}:{user_id}:live"
    return [log, f"{log}:at", f"{log}:sockets", f"{tag}:reachable"]


class PersonLogs:
    """The scripts above, called in batches. Raises redis-py's errors when Redis is away."""

    def __init__(self, redis: "Redis", socket: Socket) -> None:
        self._redis = redis
        self._cluster = is_cluster(redis)
        self._held = socket.log_events_max
        self._sockets_max = socket.sockets_per_user_max
        self._life_ms = socket.log_life_s * 1000
        self.renew_ms = max(500, min(60_000, self._life_ms // 3))
        """How often a node renews its claim on a person."""
        scripts = (_PUSH, _WITHDRAW, _REGISTER, _RENEW, _LEAVE, _READ)
        self._scripts = {text: redis.register_script(text) for text in scripts}

    async def _run(self, text: str, calls: Sequence[tuple[list[str], list[Any]]]) -> list[Any]:
        """One answer a call, in order; one round trip, but for a script not yet loaded."""
        script = self._scripts[text]
        if len(calls) == 1:
            [(keys, args)] = calls
            return [await script(keys=keys, args=args)]
        if self._cluster:  # its pipelines refuse scripts
            return list(await asyncio.gather(*(script(keys=k, args=a) for k, a in calls)))
        answers = await self._pipelined(script.sha, calls)
        missing = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if missing:
            await self._redis.script_load(text)
            again = await self._pipelined(script.sha, [calls[i] for i in missing])
            for i, answer in zip(missing, again, strict=True):
                answers[i] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def _pipelined(self, sha: str, calls: Sequence[tuple[list[str], list[Any]]]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys, args in calls:
                pipe.evalsha(sha, len(keys), *keys, *args)
            answers: list[Any] = await pipe.execute(raise_on_error=False)
        return answers

    async def reachable(self, user_ids: Iterable[str]) -> list[str]:
        """Those with a live or resumable session: cheap, also among thousands who are away."""
        groups = _by_tag(user_ids)
        now = now_ms()
        async with self._redis.pipeline(transaction=False) as pipe:
            for tag, members in groups.items():
                pipe.execute_command("ZMSCORE", f"{tag}:reachable", *members)
            answers = await pipe.execute()
        return [
            user_id
            for members, scores in zip(groups.values(), answers, strict=True)
            for user_id, score in zip(members, scores, strict=True)
            if score is not None and float(score) > now
        ]

    async def push(
        self, user_ids: Iterable[str], event_id: str, about: str, voids: str, tail: bytes
    ) -> list[Place]:
        """Append for each who has a log; an event that stands there already keeps its place."""
        groups = self._groups(user_ids)
        args = [self._held, now_ms(), event_id, about, voids, tail]
        calls = [([k for u in group for k in _keys(u)[:2]], args) for group in groups]
        places = []
        for group, answers in zip(groups, await self._run(_PUSH, calls), strict=True):
            for user_id, answer in zip(group, answers, strict=True):
                if answer:
                    seq, epoch, *nodes = answer
                    names = [node.decode() for node in nodes]
                    places.append(Place(user_id, int(seq), epoch.decode(), names))
        return places

    async def withdraw(self, user_ids: Iterable[str], about_id: str) -> int:
        """Make void what the logs hold about that id; how many entries."""
        calls = [
            ([log_key(u) for u in group], [self._held, about_id])
            for group in self._groups(user_ids)
        ]
        return sum(await self._run(_WITHDRAW, calls)) if calls else 0

    def _groups(self, user_ids: Iterable[str]) -> list[list[str]]:
        """People whom one script may serve: on a cluster, those of one slot."""
        if self._cluster:
            return list(_by_tag(user_ids).values())
        people = list(dict.fromkeys(user_ids))
        return [people[i : i + _PEOPLE_A_CALL] for i in range(0, len(people), _PEOPLE_A_CALL)]

    async def nodes(self, user_ids: Iterable[str]) -> dict[str, list[str]]:
        """The nodes that hold each person now."""
        wanted = list(user_ids)
        now = now_ms()
        async with self._redis.pipeline(transaction=False) as pipe:
            for user_id in wanted:
                pipe.zrangebyscore(_at_key(user_id), now, "+inf")
            answers = await pipe.execute()
        return {
            user_id: [node.decode() for node in nodes]
            for user_id, nodes in zip(wanted, answers, strict=True)
        }

    def _claim(self, user_id: str, node: str) -> list[Any]:
        now = now_ms()
        ttl = self._life_ms + 2 * self.renew_ms
        return [user_id, now, now + 3 * self.renew_ms, ttl, node, self._held, new_epoch()]

    async def register(
        self, node: str, hellos: Sequence[Hello], alive: bool = False
    ) -> list[Registered | SessionUnknown | SessionEnded]:
        """Claim each person for this node and the new socket; what a resume has missed.

        Nothing is claimed for a session that was revoked, or not known to live unless the
        caller has found these sessions `alive`.
        """
        calls = []
        for hello in hellos:
            epoch, after = hello.resume or ("", 0)
            limits = [hello.socket, self._sockets_max, epoch, after, int(alive)]
            keys = [*_keys(hello.user_id), session_key(hello.user_id, hello.session_id)]
            calls.append((keys, [*self._claim(hello.user_id, node), *limits]))
        return [_registered(answer) for answer in await self._run(_REGISTER, calls)]

    async def renew(self, node: str, people: Sequence[Standing]) -> list[tuple[str, int]]:
        """(epoch, seq) of each now. Another epoch than before: what was known is lost."""
        calls = [
            (
                [*_keys(p.user_id), *(session_key(p.user_id, s) for s in p.sessions)],
                [*self._claim(p.user_id, node), p.epoch, p.seq, p.last_id, *p.sockets],
            )
            for p in people
        ]
        return [(epoch.decode(), int(seq)) for epoch, seq in await self._run(_RENEW, calls)]

    async def leave(self, node: str, gone: Sequence[tuple[str, list[str], bool]]) -> None:
        """(person, sockets that closed, were they the last here) for each."""
        calls = [
            (_keys(user_id), [user_id, now_ms(), self._life_ms, node if last else "", *sockets])
            for user_id, sockets, last in gone
        ]
        await self._run(_LEAVE, calls)

    async def read(
        self, wanted: Sequence[tuple[str, int]]
    ) -> list[tuple[str, int, list[Entry] | None]]:
        """(epoch, seq, entries after) for each (person, after); entries None when some are
        trimmed, epoch empty when the log is gone."""
        calls = [([log_key(user_id)], [after]) for user_id, after in wanted]
        found: list[tuple[str, int, list[Entry] | None]] = []
        answers = await self._run(_READ, calls)
        for (_, after), answer in zip(wanted, answers, strict=True):
            if not answer:
                found.append(("", 0, None))
                continue
            epoch, seq = answer[0].decode(), int(answer[1])
            raw = answer[2] if len(answer) > 2 else None
            found.append((epoch, seq, None if raw is None else _entries(after + 1, raw)))
        return found


def _registered(answer: list[Any]) -> Registered | SessionUnknown | SessionEnded:
    if answer[0] == b"revoked":
        return SessionEnded()
    if answer[0] == b"unknown":
        return SessionUnknown()
    verdict, epoch, seq, missed, too_many = answer
    return Registered(
        verdict=verdict.decode(),
        epoch=epoch.decode(),
        seq=int(seq),
        missed=_entries(int(seq) - len(missed) + 1, missed),
        too_many=[name.decode() for name in too_many],
    )


def _by_tag(user_ids: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for user_id in dict.fromkeys(user_ids):
        groups.setdefault(person_tag(user_id), []).append(user_id)
    return groups


def _entries(first: int, raw: list[bytes]) -> list[Entry]:
    entries = []
    for seq, line in enumerate(raw, first):
        event_id, _, tail = line.split(b"\n", 2)
        entries.append(Entry(seq, event_id.decode(), tail))
    return entries
