"""People who post, like, comment and follow while things break, and write down what they were
told. Each act is repeated, with its idempotency key, until it is acknowledged; what counts as
acknowledged is in the ledger, and must be there in the end."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from loadtests.account import Account, Refused, connect, small_photo
from realtime.client import Event, Resync

ANSWER_S = 90.0
"""An act that is not acknowledged after so long fails the run: no outage here lasts longer."""
PHOTO = small_photo(64, 64)


class Unanswered(Exception):
    pass


@dataclass
class Ledger:
    """What was acknowledged; for what can be taken back, the last word."""

    posts: dict[str, str] = field(default_factory=dict)
    """post → author"""
    comments: dict[str, str] = field(default_factory=dict)
    """comment → post"""
    likes: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(post, user) → liked"""
    follows: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(follower, followee) → follows"""
    acts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    """Answers that were not a success, and broken connections; each was repeated."""


@dataclass
class Reader:
    """A follower of every author, looking at one device all the time."""

    account: Account
    seen: dict[str, int] = field(default_factory=dict)
    """post → how many `post.new` the app on this device was handed"""
    reloaded: set[str] = field(default_factory=set)
    """Posts in the feed that was loaded again after a `resync`."""
    resyncs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    resumes: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def shown(self) -> set[str]:
        return set(self.seen) | self.reloaded

    async def has(self, wanted: set[str]) -> None:
        """Wait until all of these are on the screen."""
        while not wanted <= self.shown:
            self.told.clear()
            await self.told.wait()

    async def read(self, persist: "Persist") -> None:
        last = 0
        async with self.account.socket() as client:
            try:
                async for message in client.events():
                    self.resumes = client.resumes
                    if isinstance(message, Resync):
                        self.resyncs.append(message.reason)
                        last = 0
                        await self._reload(persist)
                    elif isinstance(message, Event):
                        if message.seq <= last:
                            self.faults.append(f"seq {message.seq} after {last}")
                        last = message.seq
                        if message.type == "post.new":
                            post_id = message.data["post_id"]
                            self.seen[post_id] = self.seen.get(post_id, 0) + 1
                    self.told.set()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.faults.append(repr(error))

    async def _reload(self, persist: "Persist") -> None:
        feed = await persist(lambda: self.account.call("GET", "/feed/home?limit=100"), "reload")
        self.reloaded.update(post["post_id"] for post in feed["posts"])


Persist = Callable[[Callable[[], Awaitable[Any]], str], Awaitable[Any]]


class Load:
    """`async with Load(url, seed) as load:` begins; after the block the acts are over."""

    def __init__(self, url: str, seed: int, pause_s: float = 0.05) -> None:
        self.ledger = Ledger()
        self.readers: list[Reader] = []
        self.authors: list[Account] = []
        self.crowd: list[Account] = []
        self._url = url
        self._seed = seed
        self._pause_s = pause_s
        self._ending = asyncio.Event()
        self._stack = AsyncExitStack()
        self._acting: list[asyncio.Task[None]] = []
        self._keys = 0

    @property
    def people(self) -> list[Account]:
        return [*(reader.account for reader in self.readers), *self.authors, *self.crowd]

    async def __aenter__(self) -> "Load":
        self.http = await self._stack.enter_async_context(connect(self._url, timeout_s=15))
        made = [await Account.register(self.http, "load") for _ in range(10)]
        self.readers = [Reader(account) for account in made[:3]]
        self.authors, self.crowd = made[3:6], made[6:]
        for reader in self.readers:
            for author in self.authors:
                await self._follow(reader.account, author, True)
            # So that there is a cached feed that a lost event leaves wrong.
            await reader.account.call("GET", "/feed/home")
        self._reading = [asyncio.create_task(r.read(self.persist)) for r in self.readers]
        await asyncio.sleep(0.5)
        roles = [*((a, self._author) for a in self.authors), *((c, self._one) for c in self.crowd)]
        self._acting = [
            asyncio.create_task(self._act(account, step, random.Random(self._seed * 100 + n)))
            for n, (account, step) in enumerate(roles)
        ]
        return self

    async def __aexit__(self, *error: Any) -> None:
        """The acts end; the readers go on until `close`."""
        self._ending.set()
        results = await asyncio.gather(*self._acting, return_exceptions=True)
        if error[0] is None:
            for result in results:
                if isinstance(result, BaseException):
                    raise result

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        await self._stack.aclose()

    # Acting

    async def persist(self, call: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Repeat until it is answered with a success; refusals that mean "no" are raised."""
        deadline = time.monotonic() + ANSWER_S
        while True:
            try:
                answer = await call()
            except Refused as refused:
                self.ledger.refusals[f"{refused.status} {refused.code}"] += 1
                if refused.status < 500 and refused.code != "idempotency_in_progress":
                    raise
                last: Exception = refused
            except httpx.TransportError as error:
                self.ledger.refusals[type(error).__name__] += 1
                last = error
            else:
                self.ledger.acts[what] += 1
                return answer
            if time.monotonic() > deadline:
                raise Unanswered(f"{what}: {last!r}")
            await asyncio.sleep(0.1)

    async def _act(
        self,
        account: Account,
        step: Callable[[Account, random.Random], Awaitable[None]],
        dice: random.Random,
    ) -> None:
        while not self._ending.is_set():
            await step(account, dice)
            await asyncio.sleep(dice.uniform(0, 2 * self._pause_s))

    def _key(self) -> str:
        self._keys += 1
        return f"load-{self._seed}-{self._keys}"

    async def _author(self, account: Account, dice: random.Random) -> None:
        await self._post(account)
        await asyncio.sleep(dice.uniform(0, 6 * self._pause_s))

    async def _post(self, account: Account) -> None:
        keys = [self._key(), self._key()]
        body = {"file_type": "image/jpeg", "file_size": len(PHOTO)}
        link = await self.persist(
            lambda: account.call("POST", "/media/upload-url", body, keys[0]), "link"
        )
        await self.persist(lambda: self._put(link), "upload")
        await self.persist(
            lambda: account.call("POST", f"/media/{link['media_id']}/complete"), "complete"
        )
        made = await self.persist(
            lambda: account.post(f"by {account.username}", link["media_key"], keys[1]), "post"
        )
        self.ledger.posts[made["post_id"]] = account.user_id

    async def _put(self, link: dict[str, Any]) -> None:
        async with httpx.AsyncClient(timeout=15) as storage:
            answer = await storage.put(link["upload_url"], content=PHOTO, headers=link["headers"])
        if answer.status_code not in (200, 412):  # 412: it is there, from the time before
            raise Refused(answer.status_code, "storage", answer.text[:100])

    async def _one(self, account: Account, dice: random.Random) -> None:
        posts = list(self.ledger.posts)[-30:]
        kind = dice.choices(["like", "unlike", "comment", "follow"], [6, 2, 3, 2])[0]
        if kind == "follow":
            other = dice.choice([p for p in self.crowd if p is not account])
            await self._follow(account, other, dice.random() < 0.7)
            return
        if not posts:
            return
        post_id = dice.choice(posts)
        try:
            if kind == "comment":
                key = self._key()
                made = await self.persist(
                    lambda: account.call(
                        "POST", f"/posts/{post_id}/comments", {"text": "well"}, key
                    ),
                    "comment",
                )
                self.ledger.comments[made["comment_id"]] = post_id
            else:
                method = "POST" if kind == "like" else "DELETE"
                await self.persist(lambda: account.call(method, f"/posts/{post_id}/like"), kind)
                self.ledger.likes[post_id, account.user_id] = kind == "like"
        except Refused as refused:
            # Acknowledged, but its photo is still in work: not for others to see yet.
            if refused.code != "post_not_found":
                raise

    async def _follow(self, follower: Account, followee: Account, on: bool) -> None:
        method, path = ("POST" if on else "DELETE"), f"/users/{followee.username}/follow"
        await self.persist(lambda: follower.call(method, path), "follow" if on else "unfollow")
        self.ledger.follows[follower.user_id, followee.user_id] = on
