"""A person's log: the newest events meant for them, numbered densely, for delivery and resume.

What it looks like in Redis, and the scripts that keep it whole, stand in
`personlog_scripts.py`; here are the keys, and the calls in batches.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from app import personlog_scripts as scripts
from app.bus import is_cluster
from app.cache import person_tag
from app.ids import now_ms
from app.limits import session_key
from app.settings import Socket

_PEOPLE_A_CALL = 250

Verdict = Literal["fresh", "resumed", "expired", "epoch", "trimmed"]


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
        texts = (
            scripts.PUSH,
            scripts.WITHDRAW,
            scripts.REGISTER,
            scripts.RENEW,
            scripts.LEAVE,
            scripts.READ,
        )
        self._scripts = {text: redis.register_script(text) for text in texts}

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
        args = [self._held, now_ms(), event_id, about, voids, tail, new_epoch()]
        calls = [([k for u in group for k in _keys(u)[:2]], args) for group in groups]
        places = []
        for group, answers in zip(groups, await self._run(scripts.PUSH, calls), strict=True):
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
        return sum(await self._run(scripts.WITHDRAW, calls)) if calls else 0

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
        return [_registered(answer) for answer in await self._run(scripts.REGISTER, calls)]

    async def renew(self, node: str, people: Sequence[Standing]) -> list[tuple[str, int, bool]]:
        """(epoch, seq, is what was known still so) of each now. It may be so in another epoch:
        Redis started again, and nothing was lost."""
        calls = [
            (
                [*_keys(p.user_id), *(session_key(p.user_id, s) for s in p.sessions)],
                [*self._claim(p.user_id, node), p.epoch, p.seq, p.last_id, *p.sockets],
            )
            for p in people
        ]
        answers = await self._run(scripts.RENEW, calls)
        return [(epoch.decode(), int(seq), so == 1) for epoch, seq, so in answers]

    async def leave(self, node: str, gone: Sequence[tuple[str, list[str], bool]]) -> None:
        """(person, sockets that closed, were they the last here) for each."""
        calls = [
            (_keys(user_id), [user_id, now_ms(), self._life_ms, node if last else "", *sockets])
            for user_id, sockets, last in gone
        ]
        await self._run(scripts.LEAVE, calls)

    async def published(self, user_ids: Sequence[str]) -> list[tuple[str, int]]:
        """(epoch, seq) of each: how many events stand in the numbering; no log: `("", 0)`."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for user_id in user_ids:
                pipe.hmget(log_key(user_id), "epoch", "seq")
            answers = await pipe.execute()
        return [(epoch.decode() if epoch else "", int(seq or 0)) for epoch, seq in answers]

    async def read(
        self, wanted: Sequence[tuple[str, int]]
    ) -> list[tuple[str, int, list[Entry] | None]]:
        """(epoch, seq, entries after) for each (person, after); entries None when some are
        trimmed, epoch empty when the log is gone."""
        calls = [([log_key(user_id)], [after]) for user_id, after in wanted]
        found: list[tuple[str, int, list[Entry] | None]] = []
        answers = await self._run(scripts.READ, calls)
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
