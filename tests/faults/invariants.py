"""What must hold once all is quiet: nothing acknowledged lost, nothing shown wrong or twice."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from app.bus import dead_key
from app.events import ROLES
from app.resources import Resources
from loadtests.account import Account
from tests.faults.load import Load
from tests.fixtures.loop import quiet
from tests.fixtures.truth import counts_of, feed_of

QUIET_S = 10.0
COUNTS_STALE_S = 12.0
"""A cached counter that a Redis outage left behind lives this long at most."""
WORKING = ("fanout", "notify", "images", "transcode", "push")


async def settle(resources: Resources, load: Load) -> float:
    """Wait for quiet; the seconds it took. AssertionError when it takes longer than QUIET_S."""
    began = time.monotonic()

    async def published() -> bool:
        stored = resources.mongo.posts.find({"_id": {"$in": list(load.ledger.posts)}})
        return all([post["status"] == "published" async for post in stored])

    await _within(published, QUIET_S, "posts whose photos were never done")
    await quiet(resources, QUIET_S, WORKING)
    return time.monotonic() - began


async def violations(resources: Resources, load: Load) -> list[str]:
    """Everything that is not as it must be; empty when all is well."""
    found = [
        *await _ledger(resources, load),
        *await _feeds(resources, load),
        *await _counters(resources, load),
        *await _readers(load),
        *await _streams(resources),
    ]
    return found


async def _within(holds: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


async def _ledger(resources: Resources, load: Load) -> list[str]:
    mongo, ledger, wrong = resources.mongo, load.ledger, []
    stored = {p["_id"]: p async for p in mongo.posts.find({"_id": {"$in": list(ledger.posts)}})}
    for post_id, author in ledger.posts.items():
        post = stored.get(post_id)
        if post is None or (post["author_id"], post["status"]) != (author, "published"):
            wrong.append(f"post {post_id} is {post and post['status']}")
    made = {c["_id"] async for c in mongo.comments.find({"_id": {"$in": list(ledger.comments)}})}
    wrong += [f"comment {c} is lost" for c in ledger.comments if c not in made]
    authors = [author.user_id for author in load.authors]
    count = await mongo.posts.count_documents({"author_id": {"$in": authors}})
    if count != len(ledger.posts):
        wrong.append(f"{count} posts for {len(ledger.posts)} acknowledged: one was made twice")
    crowd = [person.user_id for person in load.crowd]
    count = await mongo.comments.count_documents({"author_id": {"$in": crowd}})
    if count != len(ledger.comments):
        wrong.append(f"{count} comments for {len(ledger.comments)} acknowledged")
    for rows, pairs in ((mongo.likes, ledger.likes), (mongo.follows, ledger.follows)):
        wanted = {f"{one}:{other}" for (one, other), on in pairs.items() if on}
        ids = [f"{one}:{other}" for one, other in pairs]
        there = {row["_id"] async for row in rows.find({"_id": {"$in": ids}})}
        wrong += [f"{rows.name} {pair} is lost" for pair in wanted - there]
        wrong += [f"{rows.name} {pair} came back" for pair in there - wanted]
    return wrong


async def _feed(account: Account) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = await account.call("GET", f"/feed/home?limit=50{cursor}")
        found += [post["post_id"] for post in page["posts"]]
        if not page["pagination"]["has_more"]:
            return found
        cursor = f"&cursor={page['pagination']['next_cursor']}"


async def _feeds(resources: Resources, load: Load) -> list[str]:
    wrong = []
    for account in load.people:
        shown, wanted = await _feed(account), await feed_of(resources.mongo, account.user_id)
        if shown != wanted:
            missing, extra = set(wanted) - set(shown), set(shown) - set(wanted)
            wrong.append(
                f"feed of {account.username}: {len(missing)} missing, {len(extra)} too many"
                + (", other order" if not missing and not extra else "")
            )
    return wrong


async def _counters(resources: Resources, load: Load) -> list[str]:
    subjects = [
        *(account.user_id for account in load.people), *load.ledger.posts, *load.ledger.comments
    ]  # fmt: skip
    wrong = []
    for subject in subjects:
        row = await resources.mongo.counts.find_one({"_id": subject}) or {}
        for name, value in (await counts_of(resources.mongo, subject)).items():
            if row.get(name, 0) != value:
                wrong.append(f"{subject}: {row.get(name, 0)} {name} counted, {value} stored")
    shown = await _shown_counters(resources, load)
    deadline = time.monotonic() + COUNTS_STALE_S
    while shown and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
        shown = await _shown_counters(resources, load)
    return wrong + shown


async def _shown_counters(resources: Resources, load: Load) -> list[str]:
    wrong = []
    reader = load.readers[0].account
    for post_id in list(load.ledger.posts)[-20:]:
        wanted = await counts_of(resources.mongo, post_id)
        post = await reader.call("GET", f"/posts/{post_id}")
        shown = {"likes": post["likes_count"], "comments": post["comments_count"]}
        if shown != wanted:
            wrong.append(f"{post_id}: shows {shown}, stored {wanted}")
    return wrong


async def _readers(load: Load) -> list[str]:
    wanted = set(load.ledger.posts)

    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_S):
            await asyncio.gather(*(reader.has(wanted) for reader in load.readers))
    wrong = []
    for reader in load.readers:
        name = reader.account.username
        missed = wanted - reader.shown
        if missed:
            wrong.append(f"{name} was never told of {len(missed)} posts: {sorted(missed)[:3]}")
        twice = [post_id for post_id, times in reader.seen.items() if times > 1]
        if twice:
            wrong.append(f"{name} was shown {len(twice)} posts twice: {twice[:3]}")
        wrong += [f"{name}: {fault}" for fault in reader.faults]
    return wrong


async def _streams(resources: Resources) -> list[str]:
    wrong = []
    for item in await resources.bus.progress(list(WORKING)):
        if item.pending or item.oldest is not None:
            wrong.append(f"{item.role}, partition {item.partition}: {item.pending} pending")
    for role in ROLES:
        dead = await resources.redis.xlen(dead_key(role))
        if dead:
            wrong.append(f"{role}: {dead} dead letters")
    return wrong
