"""A town for a load test: people made in bulk before it, straight in the stores of a running stack.

    python -m loadtests.founding --users 200 --to town.json      # run does it by itself

Logging 5,000 people in would be 5,000 argon2 hashes, some minutes of both cores. So their rows,
sessions and follows are inserted as the product would have stored them, and their access tokens
are signed with the stack's own key, good for a day. Whatever the test measures goes through
the front door.
"""

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import clock
from app.graph.models import pair
from app.resources import Resources, open_resources
from app.settings import load_settings
from infra.local.layout import layout_of
from infra.local.state import read_state
from loadtests import stage
from loadtests.account import Account, connect
from loadtests.town import Person, Town

TOKEN_LIFE_S = 86_400
FOLLOWS_EACH = 8
STARS_SHARE = 0.01
"""So many of a village are followed by STAR_FOLLOWERS instead of by some."""
STAR_FOLLOWERS = 200
SEEDS = 20
"""Posts that are there from the beginning, uploaded like any other. The fewer, the more phones
look at each."""
_UPLOADS_AT_ONCE = 4


class NoStack(RuntimeError):
    """Glimpse does not run there."""


def graph(size: int, dice: random.Random) -> list[list[int]]:
    """Whom each of a village follows: a few at random, and some of its stars."""
    stars = range(max(1, round(size * STARS_SHARE)))
    follows: list[set[int]] = [set() for _ in range(size)]
    for person in range(size):
        follows[person].update(dice.sample(range(size), min(FOLLOWS_EACH, size)))
    for star in stars:
        for follower in dice.sample(range(size), min(STAR_FOLLOWERS, size)):
            follows[follower].add(star)
    return [sorted(chosen - {person}) for person, chosen in enumerate(follows)]


async def found(data: Path | None, host: str, sizes: Sequence[int]) -> Town:
    """People for villages of these sizes, in the stack of a data folder (None: `.glimpse`).

    Raises NoStack, and what the stores and the API raise.
    """
    state = read_state(layout_of(data))
    if not (state.alive and state.ready):
        raise NoStack("Glimpse is not running there: start it with `glimpse up --detach`.")
    environment = {n: v for n, v in os.environ.items() if n.startswith("GLIMPSE_")}
    life = {"GLIMPSE_AUTH_ACCESS_S": str(TOKEN_LIFE_S)}
    async with open_resources(
        load_settings({**environment, **state.environment, **life})
    ) as resources:
        villages = [await _village(resources, size) for size in sizes]
        everyone = [person for village in villages for person in village]
        [celebrity] = await _people(resources, 1)
        await _make_popular(resources, celebrity, everyone)
    async with connect(host) as http:
        account = Account(http, celebrity.user_id, celebrity.username, celebrity.token, "")
        at_once = asyncio.Semaphore(_UPLOADS_AT_ONCE)

        async def seed(number: int) -> str:
            async with at_once:
                made = await account.post(f"Seed {number}", await account.ready_photo())
            return str(made["post_id"])

        seeds = await asyncio.gather(*map(seed, range(SEEDS)))
    return Town(villages, celebrity, seeds)


async def _people(resources: Resources, count: int) -> list[Person]:
    ids = await stage.make_people(resources, count)
    tokens = await stage.log_in(resources, ids)
    return [Person(i, i[-16:], token, []) for i, token in zip(ids, tokens, strict=True)]


async def _village(resources: Resources, size: int) -> list[Person]:
    people = await _people(resources, size)
    for person, follows in zip(people, graph(size, random.Random(size)), strict=True):
        person.follows.extend(follows)
    ids = [person.user_id for person in people]
    pairs = ((ids[n], ids[m]) for n, person in enumerate(people) for m in person.follows)
    await stage.insert(resources, "follows", list(_follows(pairs)))
    followers = [0] * size
    for person in people:
        for followee in person.follows:
            followers[followee] += 1
    rows = [
        _counts(person.user_id, followers[n], len(person.follows))
        for n, person in enumerate(people)
    ]
    await stage.insert(resources, "counts", rows)
    return people


async def _make_popular(
    resources: Resources, celebrity: Person, everyone: Sequence[Person]
) -> None:
    """As many followers as it takes to be pulled at read time, since an hour ago."""
    needed = resources.settings.feed.push_followers_max + 50 - len(everyone)
    silent = await stage.make_people(resources, needed) if needed > 0 else []
    followers = [*(person.user_id for person in everyone), *silent]
    pairs = ((follower, celebrity.user_id) for follower in followers)
    await stage.insert(resources, "follows", list(_follows(pairs)))
    await stage.insert(resources, "counts", [_counts(celebrity.user_id, len(followers), 0)])
    since = clock.now() - timedelta(hours=1)
    await stage.insert(resources, "popular", [{"_id": celebrity.user_id, "since": since}])


def _follows(pairs: Iterator[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Rows that cause no event: nobody is notified, and the counters are written beside them."""
    now = clock.now()
    for follower, followee in pairs:
        yield {
            "_id": pair(follower, followee),
            "follower_id": follower,
            "followee_id": followee,
            "created_at": now,
            "accepted": False,
            "imported": True,
        }


def _counts(user_id: str, followers: int, following: int) -> dict[str, Any]:
    zeros = dict.fromkeys(("posts", "likes", "comments", "replies", "shares"), 0)
    known = {"followers": followers, "following": following}
    return {"_id": user_id, **known, **zeros, "revision": 1, "changed_at": clock.now()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="The stack's data folder.")
    given = parser.parse_args()
    url = read_state(layout_of(given.data)).url
    asyncio.run(found(given.data, url, [given.users])).save(given.to)


if __name__ == "__main__":
    main()
