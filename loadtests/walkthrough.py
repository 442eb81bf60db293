"""The whole loop, end to end, against a running `glimpse up`: over HTTP and real sockets.

    python loadtests/walkthrough.py --url http://localhost:8000 --rounds 200 --json

Follows, uploads, posts, likes, comments, private accounts, blocks, revoked sessions, cuts
and repeats, each with what it must cause on the other person's socket; then `--rounds` posts
whose way from the acknowledgement to the follower's socket is timed. Ends with an error and
says what was wrong at the first thing that is.

The default limits (50 uploads a day, 60 registrations an hour) allow 200 rounds: the posts
are shared among as many authors as it takes. For more, start the server with
GLIMPSE_LIMITS_UPLOADS_PER_DAY=0 GLIMPSE_LIMITS_WRITES_PER_HOUR=0
GLIMPSE_LIMITS_REGISTRATIONS_PER_HOUR=0 (0 means: no limit) and give `--uploads-each`.
"""

import argparse
import asyncio
import json
import math
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from loadtests.account import Account, Refused, connect, small_photo
from realtime.client import Client, ClientError, Event, Stopped, Update

EVENT_S = 5.0
QUIET_S = 1.5
UPLOADS_EACH = 45
POST_FIELDS = {
    "post_id", "user", "media", "caption", "hashtags", "location", "likes_count",
    "comments_count", "shares_count", "is_liked", "is_saved", "created_at", "edited_at",
    "comments_disabled", "audience",
}  # fmt: skip


class Wrong(Exception):
    """What was expected did not happen."""


def check(holds: object, what: str) -> None:
    if not holds:
        raise Wrong(what)


async def refused(call: Awaitable[Any], status: int, code: str, what: str) -> None:
    try:
        answer = await call
    except Refused as refusal:
        check((refusal.status, refusal.code) == (status, code), f"{what}: {refusal}")
    else:
        raise Wrong(f"{what}: was allowed: {answer}")


async def event(client: Client, type: str, matches: Callable[[Any], bool], what: str) -> Event:
    """The next event of a type whose data matches; others on the way are passed over."""
    try:
        async with asyncio.timeout(EVENT_S):
            while True:
                found = await client.event(type)
                if matches(found.data):
                    return found
    except TimeoutError:
        raise Wrong(f"{what}: no {type} within {EVENT_S:g} s") from None


async def update(client: Client, type: str, matches: Callable[[Update], bool], what: str) -> Update:
    try:
        async with asyncio.timeout(EVENT_S):
            while True:
                found = await client.update(type)
                if matches(found):
                    return found
    except TimeoutError:
        raise Wrong(f"{what}: no {type} within {EVENT_S:g} s") from None


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


@dataclass
class Walk:
    http: httpx.AsyncClient
    rounds: int
    uploads_each: int
    say: Callable[[str], None]
    stack: AsyncExitStack
    steps: list[str] = field(default_factory=list)

    async def run(self) -> dict[str, Any]:
        ana, ben = await asyncio.gather(*(Account.register(self.http, n) for n in ("ana", "ben")))
        self.done("two people registered")
        await self.follow(ana, ben)
        to_ana, to_ben = await self.connected(ana), await self.connected(ben)
        post_id = await self.post(ana, to_ana, to_ben)
        await self.like(ben, to_ana, to_ben, post_id)
        await self.comment(ben, to_ana, post_id)
        await self.private_account(ben, to_ben)
        await self.cut(ana, to_ben)
        ways_ms = await self.timed(ana, ben, to_ben)
        await self.block(ana, ben, to_ana, to_ben, post_id)
        await self.revoke(ana)
        return {
            "steps": self.steps,
            "rounds": len(ways_ms),
            "post_to_event_ms": {
                "p50": round(percentile(ways_ms, 0.5), 2),
                "p99": round(percentile(ways_ms, 0.99), 2),
                "max": round(max(ways_ms), 2),
            },
        }

    def done(self, step: str) -> None:
        self.steps.append(step)
        self.say(f"  ✓ {step}")

    async def connected(self, account: Account) -> Client:
        client = await self.stack.enter_async_context(account.socket())
        await asyncio.wait_for(client.online(), EVENT_S)
        check(client.welcome["user_id"] == account.user_id, "welcome names the person")
        return client

    async def follow(self, ana: Account, ben: Account) -> None:
        for time_ in ("first", "second"):
            state = await ben.call("POST", f"/users/{ana.username}/follow")
            wanted = {"username": ana.username, "status": "following", "pending": False}
            check(state == wanted, f"{time_} follow: {state}")
        listed = await ana.call("GET", f"/users/{ana.username}/followers")
        check([u["user_id"] for u in listed["users"]] == [ben.user_id], f"followers: {listed}")
        self.done("followed, once, whatever the repeats")

    async def post(self, ana: Account, to_ana: Client, to_ben: Client) -> str:
        link = await ana.upload(small_photo())
        check(link["expires_in"] == 300, f"upload link: {link}")
        ready = await event(
            to_ana, "media.ready", lambda d: d["media_id"] == link["media_id"], "upload"
        )
        check(len(ready.data["variants"]) >= 2, f"variants: {ready.data}")
        self.done("photo uploaded by a pre-signed link, processed, media.ready")

        key = f"post-{link['media_id']}"
        made = await ana.post("First light #morning", link["media_key"], key)
        check(set(made) >= POST_FIELDS, f"fields of a post: missing {POST_FIELDS - set(made)}")
        check(made["hashtags"] == ["morning"], f"hashtags: {made['hashtags']}")
        repeats = await asyncio.gather(
            *(ana.post("First light #morning", link["media_key"], key) for _ in range(3))
        )
        check(all(r["post_id"] == made["post_id"] for r in repeats), "a repeat made another post")
        await refused(
            ana.post("Something else", link["media_key"], key),
            409, "idempotency_key_reused", "the same key with another body",
        )  # fmt: skip
        self.done("posted once, whatever the repeats; the key with another body is refused")

        seen = await event(to_ben, "post.new", lambda d: d["post_id"] == made["post_id"], "post")
        check(set(seen.data) >= POST_FIELDS, f"post.new: missing {POST_FIELDS - set(seen.data)}")
        check(seen.data["media"][0]["sources"], "post.new has no picture")
        picture = await self.http.get(seen.data["media"][0]["sources"][0]["url"])
        check(picture.status_code == 200, f"the picture: {picture.status_code}")
        check(picture.headers["content-type"] == "image/webp", f"picture: {picture.headers}")
        self.done("post.new at the follower, and its picture loads")
        post_id: str = made["post_id"]
        return post_id

    async def like(self, ben: Account, to_ana: Client, to_ben: Client, post_id: str) -> None:
        topic = f"post:{post_id}"
        for client in (to_ana, to_ben):
            check(await client.subscribe(topic) == {topic: "ok"}, f"sub {topic}")
        liked = await to_ben.call("posts.like", {"post_id": post_id}, key=f"like-{post_id}")
        check(liked == {"post_id": post_id, "likes_count": 1}, f"like: {liked}")
        told = await event(
            to_ana, "notification.new",
            lambda d: d["notification"]["kind"] == "like", "like",
        )  # fmt: skip
        actors = [actor["user_id"] for actor in told.data["notification"]["actors"]]
        check(actors == [ben.user_id] and told.data["unread"] >= 1, f"notification: {told.data}")
        for client in (to_ana, to_ben):
            await update(
                client, "post.counts",
                lambda u: u.topic == topic and u.data["likes"] == 1, "the counter",
            )  # fmt: skip
        again = await to_ben.call("posts.like", {"post_id": post_id}, key=f"like-{post_id}")
        once_more = await ben.call("POST", f"/posts/{post_id}/like")
        check(again == once_more == liked, f"a repeated like: {again} {once_more}")
        self.done("like over the socket: notification.new, post.counts; repeats change nothing")

    async def comment(self, ben: Account, to_ana: Client, post_id: str) -> None:
        made = await ben.call("POST", f"/posts/{post_id}/comments", {"text": "Lovely!"})
        check(
            {"comment_id", "post_id", "user", "text", "created_at"} <= set(made),
            f"fields of a comment: {made}",
        )
        await update(
            to_ana, "comment.new",
            lambda u: u.data["comment_id"] == made["comment_id"], "comment",
        )  # fmt: skip
        await event(
            to_ana, "notification.new",
            lambda d: d["notification"]["kind"] == "comment", "comment",
        )  # fmt: skip
        await update(to_ana, "post.counts", lambda u: u.data["comments"] == 1, "comment counter")
        self.done("comment: comment.new, notification.new, post.counts")

    async def private_account(self, ben: Account, to_ben: Client) -> None:
        eve = await Account.register(self.http, "eve")
        await eve.call("PUT", f"/users/{eve.username}", {"privacy_level": "private"})
        to_eve = await self.connected(eve)
        state = await ben.call("POST", f"/users/{eve.username}/follow")
        check((state["status"], state["pending"]) == ("requested", True), f"request: {state}")
        asked = await event(to_eve, "follow.requested", lambda d: True, "request")
        check(asked.data["user"]["user_id"] == ben.user_id, f"follow.requested: {asked.data}")
        await refused(
            ben.call("GET", f"/feed/user/{eve.username}"), 403, "account_private", "private grid"
        )
        await eve.call("POST", f"/follow-requests/{ben.username}/accept")
        accepted = await event(to_ben, "follow.accepted", lambda d: True, "acceptance")
        check(accepted.data["user"]["user_id"] == eve.user_id, f"accepted: {accepted.data}")
        made = await eve.post("For friends", await eve.ready_photo())
        await event(to_ben, "post.new", lambda d: d["post_id"] == made["post_id"], "private post")
        self.done("private account: follow.requested, follow.accepted, and its posts arrive")

    async def cut(self, ana: Account, to_ben: Client) -> None:
        keys = [await ana.ready_photo() for _ in range(3)]
        resumed_before = to_ben.resumes
        await to_ben.cut()
        made = [(await ana.post(f"While away {n}", key))["post_id"] for n, key in enumerate(keys)]
        got: list[str] = []
        seqs: list[int] = []
        try:
            while len(got) < len(made):
                found = await to_ben.event("post.new", timeout_s=2 * EVENT_S)
                got.append(found.data["post_id"])
                seqs.append(found.seq)
        except TimeoutError:
            raise Wrong(f"after a cut {len(got)} of {len(made)} posts came") from None
        check(sorted(got) == sorted(made), f"after a cut: {got}, not {made}")
        check(seqs == sorted(seqs), f"after a cut, out of order: {seqs}")
        check(to_ben.resumes == resumed_before + 1, "the connection was not resumed")
        self.done("a cut connection resumed without loss")

    async def timed(self, ana: Account, ben: Account, to_ben: Client) -> list[float]:
        count = math.ceil(self.rounds / self.uploads_each)
        authors = [await Account.register(self.http, "nora") for _ in range(count)]
        for author in authors:
            await ben.call("POST", f"/users/{author.username}/follow")
        self.say(f"  … {self.rounds} photos by {count} people")
        ways_ms: list[float] = []
        for number in range(self.rounds):
            author = authors[number % count]
            key = await author.ready_photo()
            receiving = asyncio.create_task(to_ben.event("post.new"))
            made = await author.post(f"Round {number}", key)
            acknowledged_at = time.perf_counter()
            try:
                found = await receiving
            except TimeoutError:
                raise Wrong(f"round {number}: no post.new for {made['post_id']}") from None
            ways_ms.append(max(0.0, (time.perf_counter() - acknowledged_at) * 1000))
            check(found.data["post_id"] == made["post_id"], f"round {number}: {found.data}")
        self.done(
            f"{self.rounds} posts, acknowledged → received: p50 {percentile(ways_ms, 0.5):.1f} ms,"
            f" p99 {percentile(ways_ms, 0.99):.1f} ms"
        )
        return ways_ms

    async def block(
        self, ana: Account, ben: Account, to_ana: Client, to_ben: Client, post_id: str
    ) -> None:
        topic, key = f"post:{post_id}", await ana.ready_photo()
        await ana.call("POST", f"/users/{ben.username}/block")
        await update(to_ben, "revoked", lambda u: u.topic == topic, "topic after a block")
        await ana.post("Not for Ben", key)
        try:
            late = await to_ben.event("post.new", timeout_s=QUIET_S)
            raise Wrong(f"an event across a block: {late}")
        except TimeoutError:
            pass
        check(await to_ben.subscribe(topic) == {topic: "forbidden"}, "sub across a block")
        for who, other in ((ana, ben), (ben, ana)):
            for path in (f"/users/{other.username}", f"/feed/user/{other.username}"):
                await refused(who.call("GET", path), 404, "user_not_found", f"{path}, blocked")
        await refused(ben.call("GET", f"/posts/{post_id}"), 404, "post_not_found", "blocked post")
        feed = await ben.call("GET", "/feed/home?limit=100")
        hidden = [p for p in feed["posts"] if p["user"]["user_id"] == ana.user_id]
        check(not hidden, f"posts across a block in the feed: {len(hidden)}")
        try:
            await to_ben.call("posts.like", {"post_id": post_id})
            raise Wrong("a like across a block")
        except ClientError as error:
            check(getattr(error, "code", "") == "post_not_found", f"like, blocked: {error}")
        self.done("block: topic revoked, no event, nothing visible, both ways")

    async def revoke(self, ana: Account) -> None:
        phone = await ana.another_device()
        to_phone = await self.connected(phone)
        session_id = to_phone.welcome["session"]
        await ana.call("DELETE", f"/auth/sessions/{session_id}")
        told = await event(to_phone, "session.revoked", lambda d: True, "revocation")
        check(told.data["session_id"] == session_id, f"session.revoked: {told.data}")
        try:
            await to_phone.event("", timeout_s=EVENT_S)
            raise Wrong("the socket of a revoked session stays open")
        except TimeoutError:
            raise Wrong("the socket of a revoked session stays open") from None
        except Stopped as stopped:
            check(stopped.code == 4001, f"closed with {stopped.code}")
        await refused(phone.call("GET", "/users/me"), 401, "session_revoked", "revoked session")
        self.done("session revoked: session.revoked, close 4001, 401")


async def walk(
    url: str,
    rounds: int,
    uploads_each: int = UPLOADS_EACH,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report; raises Wrong, Refused or a transport's error at the first fault."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(connect(url))
        return await Walk(http, rounds, uploads_each, say, stack).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--uploads-each", type=int, default=UPLOADS_EACH)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    say: Callable[[str], None] = (lambda _: None) if given.json else print
    try:
        report = asyncio.run(walk(given.url, given.rounds, given.uploads_each, say))
    except (Wrong, Refused, ClientError, httpx.HTTPError, OSError, TimeoutError) as error:
        sys.exit(f"walkthrough failed: {error!r}")
    print(json.dumps(report) if given.json else "The whole loop works.")


if __name__ == "__main__":
    main()
