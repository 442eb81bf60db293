"""Stories, end to end, against a running `glimpse up`: over HTTP and real sockets.

    python -m loadtests.walk_stories --url http://127.0.0.1:8000 --rounds 50 [--json FILE]

A story for close friends is looked for by everyone else in every way there is. Then `--rounds`
stories with a poll are told, seen, answered and replied to, and the ways to the sockets timed:

    ring      told (acknowledged) → story.new at a follower
    seen      viewed on one device → story.seen on the viewer's other one
    counts    viewed → story.counts with that view, at the author
    results   poll answered → poll.results with that answer, at the author
    reply     replied → message.new at the author

Ends with an error and says what was wrong at the first thing that is. The default limits (50
uploads a day, 60 registrations an hour) allow 200 rounds: they are shared among as many authors
as it takes.
"""

import argparse
import asyncio
import json
import math
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from loadtests.account import Account, Refused, connect
from loadtests.hidden_story import Hidden
from loadtests.walkthrough import EVENT_S, Wrong, check, event, percentile, refused, update
from realtime.client import Client, ClientError

ROUNDS_EACH = 45
WAYS = ("ring", "seen", "counts", "results", "reply")
POLL = {"kind": "poll", "question": "Sea or lake?", "options": ["Sea", "Lake"]}
SECRET = {"kind": "text", "text": "a secret place"}
_LOST = {"has_stories": False, "has_unseen": False, "latest_at": None}


@dataclass
class Author:
    account: Account
    socket: Client


@dataclass
class StoryWalk:
    http: httpx.AsyncClient
    rounds: int
    say: Callable[[str], None]
    stack: AsyncExitStack
    steps: list[str] = field(default_factory=list)
    ways_ms: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})

    async def run(self) -> dict[str, Any]:
        names = ["ben", "eve"] + ["ana"] * math.ceil(self.rounds / ROUNDS_EACH)
        ben, eve, *authors = [await Account.register(self.http, name) for name in names]
        for author in authors:
            for who in (ben, eve):
                await who.call("POST", f"/users/{author.username}/follow")
        laptop = await ben.another_device()
        to_phone, to_laptop, to_eve = [
            await self._connected(device) for device in (ben, laptop, eve)
        ]
        told_by = [Author(author, await self._connected(author)) for author in authors]
        self._done(f"{len(names)} people registered, two follow all others")
        await self._close_friends(told_by[0], ben, to_phone, eve, to_eve)
        for number in range(self.rounds):
            await self._round(told_by[number % len(told_by)], ben, to_phone, to_laptop)
        for way in WAYS:
            ms = self._figures()[way]
            self._done(f"{way}, {self.rounds} times: p50 {ms['p50']} ms, p99 {ms['p99']} ms")
        await self._gone(told_by[0], ben, to_phone, to_laptop)
        return {"steps": self.steps, "rounds": self.rounds, "ms": self._figures()}

    def _figures(self) -> dict[str, dict[str, float]]:
        return {
            way: {
                "p50": round(percentile(took, 0.5), 2),
                "p99": round(percentile(took, 0.99), 2),
                "max": round(max(took), 2),
            }
            for way, took in self.ways_ms.items()
        }

    def _done(self, step: str) -> None:
        self.steps.append(step)
        self.say(f"  ✓ {step}")

    async def _connected(self, account: Account) -> Client:
        client = await self.stack.enter_async_context(account.socket())
        await asyncio.wait_for(client.online(), EVENT_S)
        return client

    async def _tell(self, who: Account, **more: Any) -> dict[str, Any]:
        key = await who.ready_photo()
        body = {"media_url": key, "media_type": "photo", **more}
        made: dict[str, Any] = await who.call("POST", "/stories", body, f"story-{key}")
        check(made["status"] == "live", f"a story of a ready photo: {made['status']}")
        return made

    async def _close_friends(
        self, ana: Author, ben: Account, to_ben: Client, eve: Account, to_eve: Client
    ) -> None:
        author = ana.account
        await author.call("PUT", "/me/close-friends", {"add": [ben.username]})
        mention = {"kind": "mention", "username": eve.username}
        made = await self._tell(
            author, audience="close_friends", overlays=[SECRET, mention], stickers=[POLL]
        )
        story_id = made["story_id"]
        await event(to_ben, "story.new", lambda d: d["story_id"] == story_id, "friend's ring")
        seen = await ben.call("GET", f"/stories/{story_id}")
        check(seen["audience"] == "close_friends", f"the friend sees it: {seen['audience']}")
        repost = await ben.call("POST", f"/stories/{story_id}/repost", {"audience": "public"})
        check(repost["reposted_from"]["story_id"] == story_id, "the repost names its origin")
        highlight = await author.call(
            "POST", "/highlights", {"name": "A secret", "story_ids": [story_id]}
        )
        shared = await ben.call("POST", f"/stories/{story_id}/share", {"to": [eve.username]})
        hidden = Hidden(
            author, ben, eve, to_eve, {**made, "stickers": seen["stickers"]}, seen["media_url"],
            repost, highlight["highlight_id"], shared["messages"][0]["message_id"],
        )  # fmt: skip
        ways = await hidden.check_all()
        self._done(f"a story for close friends, looked for by others in {', '.join(ways)}: hidden")
        await ben.call("DELETE", f"/stories/{repost['story_id']}")
        await author.call("DELETE", f"/stories/{story_id}")
        await refused(
            ben.call("GET", f"/stories/{story_id}"), 404, "story_not_found", "a deleted story"
        )
        self._done("deleted: gone for those who could see it")

    async def _round(self, ana: Author, ben: Account, phone: Client, laptop: Client) -> None:
        made = await self._tell(ana.account, stickers=[POLL])
        began = time.perf_counter()
        story_id, sticker_id = made["story_id"], made["stickers"][0]["sticker_id"]
        new = await event(phone, "story.new", lambda d: d["story_id"] == story_id, "ring")
        self._took("ring", began)
        check(new.data["user"]["user_id"] == ana.account.user_id, f"story.new: {new.data}")
        check(new.data["ring"]["has_unseen"], f"the ring is not coloured: {new.data['ring']}")

        topic = f"story:{story_id}"
        check(await ana.socket.subscribe(topic) == {topic: "ok"}, f"sub {topic}")
        await self._seen(ana, phone, laptop, story_id)
        await self._answered(ana, ben, story_id, sticker_id)
        began = time.perf_counter()
        said = await ben.call("POST", f"/stories/{story_id}/replies", {"text": "lovely"})
        check(said["story"] == {**said["story"], "story_id": story_id, "kind": "reply"}, "a reply")
        came = await event(
            ana.socket, "message.new",
            lambda d: d["message"]["message_id"] == said["message_id"], "reply",
        )  # fmt: skip
        self._took("reply", began)
        check(came.data["message"]["story"]["story_id"] == story_id, "the reply quotes it")
        await ana.socket.unsubscribe(topic)

    async def _seen(self, ana: Author, phone: Client, laptop: Client, story_id: str) -> None:
        began = time.perf_counter()
        viewed = await phone.call("stories.view", {"story_id": story_id})
        check(viewed == {"story_id": story_id, "view_count": 1}, f"view: {viewed}")

        async def grey() -> None:
            seen = await event(
                laptop, "story.seen", lambda d: d["story_id"] == story_id, "other device"
            )
            self._took("seen", began)
            check(seen.data["user_id"] == ana.account.user_id, f"story.seen: {seen.data}")

        async def counted() -> None:
            await update(
                ana.socket, "story.counts",
                lambda u: u.topic == f"story:{story_id}" and u.data["views"] == 1, "the count",
            )  # fmt: skip
            self._took("counts", began)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(grey())
            tasks.create_task(counted())

    async def _answered(self, ana: Author, ben: Account, story_id: str, sticker_id: str) -> None:
        body = {"sticker_id": sticker_id, "answer": 1}
        began = time.perf_counter()
        given = await ben.call("POST", f"/stories/{story_id}/answers", body)
        check(given["results"] == {"total": 1, "counts": [0, 1]}, f"answer: {given}")
        live = await update(
            ana.socket, "poll.results", lambda u: u.data["sticker_id"] == sticker_id, "results"
        )
        self._took("results", began)
        check(live.data["results"] == given["results"], f"live results: {live.data}")
        again = ben.call("POST", f"/stories/{story_id}/answers", body)
        await refused(again, 409, "already_answered", "a second answer")

    def _took(self, way: str, began: float) -> None:
        self.ways_ms[way].append(1000 * (time.perf_counter() - began))

    async def _gone(self, ana: Author, ben: Account, phone: Client, laptop: Client) -> None:
        """All of an author's are deleted: the ring goes from both devices."""
        path = f"/users/{ana.account.username}/stories?limit=100"
        mine = await ana.account.call("GET", path)
        for story in mine["stories"]:
            await ana.account.call("DELETE", f"/stories/{story['story_id']}")
        last = mine["stories"][-1]["story_id"]
        for client in (phone, laptop):
            gone = await event(client, "story.gone", lambda d: d["story_id"] == last, "the end")
            check(gone.data["ring"] == _LOST, f"the ring stays: {gone.data['ring']}")
        shown = (await ben.call("GET", "/stories/feed"))["stories"]
        names = [entry["user"]["username"] for entry in shown]
        check(ana.account.username not in names, f"the tray still has {ana.account.username}")
        self._done("all deleted: the ring is gone from both devices and from the tray")


async def walk_stories(
    url: str, rounds: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """The report; raises Wrong, Refused or a transport's error at the first fault."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(connect(url))
        return await StoryWalk(http, rounds, say, stack).run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there")
    given = parser.parse_args()
    try:
        report = asyncio.run(walk_stories(given.url, given.rounds, print))
    except (Wrong, Refused, ClientError, httpx.HTTPError, OSError, TimeoutError) as error:
        sys.exit(f"the walk through stories failed: {error!r}")
    except ExceptionGroup as group:
        sys.exit(f"the walk through stories failed: {group.exceptions[0]!r}")
    if given.json:
        given.json.write_text(json.dumps(report, indent=2))
    print("Stories work.")


if __name__ == "__main__":
    main()
