"""A real social graph in bulk: a gzipped CSV of `id_1,id_2`, each row two follows.

Rows go straight into the collections, marked `imported`. The change stream's rules pass those
over: nobody is notified and no counter moves, so the counters are written here, from the same
file. What is there already is left as it is, hence a repeat changes nothing.
"""

import asyncio
import csv
import gzip
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo.errors import BulkWriteError

from app import ids
from app.counts import service as counts
from app.graph.keys import home_key, relations_key, tray_key
from app.graph.models import pair
from app.identity.passwords import hash_password
from infra.demo.fill import STATE, Tell

if TYPE_CHECKING:
    from app.resources import Resources

PASSWORD = "glimpse-graph-1"  # noqa: S105  the same for all imported people, and printed
EMAIL_HOST = "graph.glimpse.invalid"
_JOINED_MS = 1_704_067_200_000
"""2024-01-01: ids and times are the same in every import."""
_FOLLOWS_BEGAN = datetime(2024, 2, 1, tzinfo=UTC)
_BATCH = 5000
_AT_ONCE = 2
_DROPPED_AT_ONCE = 200
"""People whose cache entries go in one call, well within a cache's time-out."""
_DUPLICATE = 11000
_SAMPLE = 300

_NAMES = (
    "Ada Amir Anja Bao Carmen Chidi Chloé Dario Deniz Elif Emre Farah Femi Gita Hiro Ines Ivan "
    "Jamal Jana Kai Kavya Leila Lin Luis Maja Marek Minh Nadia Nils Nkechi Olga Omar Paula Petr "
    "Quynh Ravi Rosa Sana Sergio Tariq Tess Uma Victor Wanjiru Xin Yara Yusuf Zoe",
    "Abe Adeyemi Ahmed Andersson Bauer Bianchi Cohen Costa Diallo Dubois Evans Fernández García "
    "Gupta Haddad Hansen Ito Ivanov Jensen Kamara Khan Kim Kowalski Kumar Larsen Lee Lopez Martin "
    "Mbeki Meyer Moreau Nguyen Novak Ochieng Okafor Park Patel Pereira Popescu Reyes Rossi Sato "
    "Silva Singh Svensson Tan Usman Vega Wang Weber Yilmaz Zhang",
)
_FIRST, _LAST = (names.split() for names in _NAMES)


class GraphUnreadable(ValueError):
    """The file is not a graph; the message says where."""


@dataclass(frozen=True, slots=True)
class Graph:
    digest: str
    """Of the file: what was imported to the end is not imported again."""
    people: list[int]
    follows: list[tuple[int, int]]
    """(follower, followee), both ways of each row, none twice."""

    def degrees(self) -> dict[int, int]:
        """How many each follows, which is how many follow them."""
        found = dict.fromkeys(self.people, 0)
        for follower, _ in self.follows:
            found[follower] += 1
        return found


@dataclass(frozen=True, slots=True)
class Imported:
    people: int
    follows: int
    people_new: int
    follows_new: int
    followers_max: int
    popular: int
    """People whose posts are pulled by the present setting."""
    people_per_s: int
    follows_per_s: int
    counters_checked: int
    counters_wrong: int
    seconds: float


def read_graph(path: Path) -> Graph:
    """Raises GraphUnreadable, or the OSError of a missing file."""
    follows: dict[tuple[int, int], None] = {}
    try:
        with gzip.open(path, "rt", encoding="ascii", newline="") as file:
            rows = csv.reader(file)
            if next(rows, None) != ["id_1", "id_2"]:
                raise GraphUnreadable(f"{path}: the first line is not `id_1,id_2`")
            for one, other in ((int(a), int(b)) for a, b in rows):
                if one != other:
                    follows[one, other] = None
                    follows[other, one] = None
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise GraphUnreadable(f"{path}: {error}") from error
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Graph(digest, sorted({person for person, _ in follows}), list(follows))


def user_id(number: int) -> str:
    return ids.derived_id("usr", _JOINED_MS + number, f"graph:{number}")


def username(number: int) -> str:
    return f"dev{number:05}"


def full_name(number: int) -> str:
    return f"{_FIRST[number * 7 % len(_FIRST)]} {_LAST[number * 31 % len(_LAST)]}"


class GraphImport:
    """`await GraphImport(resources, tell).run(graph)`."""

    def __init__(self, resources: "Resources", tell: Tell) -> None:
        self._resources = resources
        self._tell = tell

    async def run(self, graph: Graph) -> Imported:
        """Import what is missing, check a sample of the counters, and say how it went."""
        began = time.monotonic()
        id_of = {number: user_id(number) for number in graph.people}
        degrees = graph.degrees()
        people_new, people_s, follows_new, follows_s = 0, 1.0, 0, 1.0
        state, mark = self._resources.mongo[STATE], {"_id": f"graph:{graph.digest}"}
        # Once done, a follow that is missing was taken back by its owner, and stays so.
        if await state.find_one(mark) is None:
            people_new, people_s = await self._people(graph, id_of)
            follows_new, follows_s = await self._follows(graph, id_of)
            await self._counts({id_of[number]: degree for number, degree in degrees.items()})
            await counts.mark_all_popular(self._resources)
            await self._drop_caches(list(id_of.values()))
            await state.update_one(mark, {"$set": {"done_at": datetime.now(UTC)}}, upsert=True)
        checked, wrong = await self._check(list(id_of.values()))
        return Imported(
            people=len(graph.people),
            follows=len(graph.follows),
            people_new=people_new,
            follows_new=follows_new,
            followers_max=max(degrees.values(), default=0),
            popular=await self._resources.mongo["popular"].count_documents({}),
            people_per_s=round(people_new / people_s),
            follows_per_s=round(follows_new / follows_s),
            counters_checked=checked,
            counters_wrong=wrong,
            seconds=round(time.monotonic() - began, 1),
        )

    async def _people(self, graph: Graph, id_of: dict[int, str]) -> tuple[int, float]:
        # One hash for all: 37,700 of them would take a quarter of an hour.
        password_hash = await hash_password(self._resources.settings.auth, PASSWORD)

        def rows() -> Iterator[dict[str, Any]]:
            for number in graph.people:
                yield {
                    "_id": id_of[number],
                    "username": username(number),
                    "email": f"{username(number)}@{EMAIL_HOST}",
                    "password_hash": password_hash,
                    "full_name": full_name(number),
                    "bio": "",
                    "avatar": None,
                    "is_verified": False,
                    "is_private": False,
                    "created_at": datetime.fromtimestamp((_JOINED_MS + number) / 1000, UTC),
                }

        return await self._insert("users", "people", rows(), len(graph.people))

    async def _follows(self, graph: Graph, id_of: dict[int, str]) -> tuple[int, float]:
        def rows() -> Iterator[dict[str, Any]]:
            for place, (follower, followee) in enumerate(graph.follows):
                yield {
                    "_id": pair(id_of[follower], id_of[followee]),
                    "follower_id": id_of[follower],
                    "followee_id": id_of[followee],
                    "created_at": _FOLLOWS_BEGAN + timedelta(seconds=place),
                    "accepted": False,
                    "imported": True,
                }

        return await self._insert("follows", "follows", rows(), len(graph.follows))

    async def _insert(
        self, collection: str, what: str, rows: Iterator[dict[str, Any]], total: int
    ) -> tuple[int, float]:
        """(how many were new, in how many seconds)."""
        began = time.monotonic()
        target = self._resources.mongo[collection]
        new = done = 0

        async def worker() -> None:
            nonlocal new, done
            while batch := list(islice(rows, _BATCH)):
                inserted = len(batch)
                try:
                    await target.insert_many(batch, ordered=False)
                except BulkWriteError as error:
                    inserted = _inserted(error)
                new += inserted
                done += len(batch)
                self._tell(what, done, total)

        self._tell(what, 0, total)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(worker())
        return new, max(time.monotonic() - began, 1e-6)

    async def _counts(self, degrees: dict[str, int]) -> None:
        """Write the counters of people who have none yet. Whoever has some (from an import that
        was cut off, or since they act already) is counted again, which is exact and slower."""
        now = datetime.now(UTC)
        zeros = dict.fromkeys(("posts", "likes", "comments", "replies", "shares"), 0)
        known = [
            row["_id"]
            async for row in self._resources.mongo["counts"].find(
                {"_id": {"$in": list(degrees)}}, {"_id": 1}
            )
        ]
        fresh = set(degrees).difference(known)
        rows = (
            {
                "_id": subject,
                "followers": degrees[subject],
                "following": degrees[subject],
                **zeros,
                "revision": 1,
                "changed_at": now,
            }
            for subject in sorted(fresh)
        )
        new, _ = await self._insert("counts", "counters", rows, len(fresh))
        if new < len(fresh):
            known = list(degrees)
        for start in range(0, len(known), _BATCH):
            self._tell("counters again", start, len(known))
            await counts.recount(self._resources, known[start : start + _BATCH])

    async def _drop_caches(self, people: list[str]) -> None:
        for start in range(0, len(people), _DROPPED_AT_ONCE):
            keys = [
                key
                for person in people[start : start + _DROPPED_AT_ONCE]
                for key in (home_key(person), relations_key(person), tray_key(person))
            ]
            await self._resources.cache.drop(*keys)

    async def _check(self, people: list[str]) -> tuple[int, int]:
        """Counters of an even sample against the rows: (compared, different)."""
        sample = people[:: max(1, len(people) // _SAMPLE)]
        counted = await counts.count_rows(self._resources, sample)
        stored = self._resources.mongo["counts"].find({"_id": {"$in": sample}})
        by_id = {row["_id"]: row async for row in stored}
        wrong = sum(
            any(by_id.get(subject, {}).get(name, 0) != n for name, n in rows.items())
            for subject, rows in counted.items()
        )
        return len(sample), wrong


def _inserted(error: BulkWriteError) -> int:
    """How many of a batch went in; raises the error when it is more than duplicates."""
    details: Any = error.details
    if any(one["code"] != _DUPLICATE for one in details["writeErrors"]):
        raise error
    return int(details["nInserted"])
