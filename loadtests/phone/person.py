"""What people do with their phones: scroll, like, comment, write, post; and lose the network."""

import random
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import gevent
from locust import task

from loadtests.account import small_photo
from loadtests.phone.user import Phone

PHOTO = small_photo()
ON_SCREEN = 3
"""Posts whose counters are watched at a time."""
READY_S = 60.0
HINT_PULLS = 100
HINT_SPREAD_S = 10.0
FEED_BEHIND_S = 2.0
Mix = Mapping[str, int]


class Someone(Phone):
    """Acts at random, by the weights of `mix`: a method of this class each."""

    abstract = True
    mix: ClassVar[Mix]

    def on_start(self) -> None:
        self.liked: set[str] = set()
        self.reloaded_at = 0.0
        super().on_start()

    @task
    def act(self) -> None:
        if self.world.acts_over:
            gevent.sleep(self.world.late_s)
            return
        if self.device.resynced_at > self.reloaded_at:
            self.reload()
        [chosen] = random.choices(list(self.mix), weights=list(self.mix.values()))
        self.world.findings.count("acts", chosen)
        getattr(self, chosen)()

    def reload(self) -> None:
        """As a `resync` asks."""
        self.reloaded_at = time.monotonic()
        self.ask("GET", "/feed/home?limit=20", "/feed/home")
        self.ask("GET", "/conversations", "/conversations")

    # Looking

    def scroll(self) -> None:
        """The newest of the feed come on the screen, their counters live, a photo is loaded."""
        feed = self.ask("GET", "/feed/home?limit=20", "/feed/home")
        posts = feed["posts"] if feed else []
        at = random.randrange(max(1, len(posts) - ON_SCREEN + 1))
        shown = [post["post_id"] for post in posts[at : at + ON_SCREEN]]
        while len(shown) < ON_SCREEN and len(shown) < len(self.world.posts):
            post_id = self.world.some_post()
            if post_id not in shown:
                shown.append(post_id)
        self.watch([f"post:{post_id}" for post_id in shown])
        for post in posts[at : at + 1]:
            if post["media"][0]["sources"]:
                self.look_at(post["media"][0]["sources"][-1]["url"])

    def look_at(self, url: str) -> None:
        self.client.request("GET", url, name="photo")

    def read_comments(self) -> None:
        post_id = self.world.some_post()
        self.ask("GET", f"/posts/{post_id}/comments", "/posts/{id}/comments")

    def inbox(self) -> None:
        """Read what is unread in the newest conversation."""
        found = self.ask("GET", "/conversations", "/conversations")
        for conversation in (found["conversations"] if found else [])[:1]:
            path = f"/conversations/{conversation['conversation_id']}"
            self.ask("GET", f"{path}/messages", "/conversations/{id}/messages")
            if conversation["unread"]:
                self.ask("POST", f"{path}/read", "/conversations/{id}/read", {})

    # Acting

    def like(self) -> None:
        """A post on the screen, by HTTP or over the socket."""
        chosen = [t for t in self.device.topics if t[5:] not in self.liked]
        if chosen:
            self.like_post(random.choice(chosen)[5:])
        else:
            self.scroll()

    def like_post(self, post_id: str) -> None:
        self.liked.add(post_id)
        tried, done = self.world.likes.setdefault(post_id, (set(), set()))
        tried.add(self.number)
        if random.random() < 0.5:
            answer = self.call("posts.like", post_id=post_id)
        else:
            answer = self.ask("POST", f"/posts/{post_id}/like", "/posts/{id}/like", key=_key())
        if answer is not None:
            done.add(self.number)
            self.want_likes(f"post:{post_id}", answer["likes_count"])

    def comment(self) -> None:
        chosen = list(self.device.topics) or [f"post:{self.world.some_post()}"]
        self.comment_on(random.choice(chosen)[5:])

    def comment_on(self, post_id: str) -> None:
        self.call("comments.create", post_id=post_id, text=random.choice(WORDS))

    def message(self) -> None:
        """To someone of the village, who must be told if they have ever been connected."""
        other = random.randrange(len(self.world.people))
        if other == self.number:
            return
        must_see = self._reachable([other])
        began = time.monotonic()
        to = self.world.people[other].username
        sent = self.call("messages.send", to=to, text=random.choice(WORDS))
        if sent is not None:
            self._acknowledged(f"message:{sent['message_id']}", "message → screen", must_see, began)

    def post(self) -> None:
        """A photo straight to storage by a signed address, and a post of it once it is ready."""
        body = {"file_type": "image/jpeg", "file_size": len(PHOTO)}
        link = self.ask("POST", "/media/upload-url", "/media/upload-url", body, _key())
        if link is None or not self.put(link, PHOTO):
            return
        media_id = link["media_id"]
        done = f"/media/{media_id}/complete"
        if self.ask("POST", done, "/media/{id}/complete", key=_key()) is None:
            return
        if not self.processed(media_id, READY_S):
            self.world.findings.fault("lost", f"no media.ready for {media_id} in {READY_S:g} s")
            return
        must_see = self._reachable(self.world.followers[self.number])
        began = time.monotonic()
        media = [{"type": "photo", "url": link["media_key"]}]
        made = self.ask(
            "POST", "/posts", "/posts", {"caption": random.choice(WORDS), "media": media}, _key()
        )
        if made is not None:
            self.world.posts.append(made["post_id"])
            self.posted(made["post_id"], must_see, began)

    def posted(self, post_id: str, must_see: list[int], began: float) -> None:
        self._acknowledged(f"post:{post_id}", "post → screen", must_see, began)

    def _reachable(self, people: list[int]) -> list[int]:
        """Who is connected, or was and resumes."""
        phones = self.world.phones
        return [n for n in people if n in phones and phones[n].device.welcomes]

    def _acknowledged(self, act: str, name: str, must_see: list[int], began: float) -> None:
        for waited in self.world.ledger.acknowledged(act, must_see, began, time.monotonic()):
            self.world.timed(name, waited)

    # A bad network

    def trouble(self) -> None:
        """The connection is cut, silent for a while, or left for another network's."""
        kind = random.choice(("cut", "silence", "move"))
        if kind == "cut":
            self.device.cut()
        elif kind == "silence":
            self.device.silence(min(random.uniform(3, 15), self.world.acts_left_s))
        else:
            self.device.move(random.uniform(5, 40))

    # A popular author

    def hinted(self, post_id: str) -> None:
        if random.random() < HINT_PULLS / max(1, len(self.world.people)):
            gevent.spawn_later(random.uniform(0, HINT_SPREAD_S), self._pull, post_id)

    def _pull(self, post_id: str) -> None:
        """What was hinted at must be in the feed that is pulled, or in the next pull: a server's
        process may be so far behind with a popular author's posts (`recent` in app/memory.py)."""
        if not self._is_in_feed(post_id):
            self.world.findings.count("deliveries", "hinted at before the feed had it")
            gevent.sleep(FEED_BEHIND_S)
            if not self._is_in_feed(post_id):
                self.world.findings.fault("lost", f"{post_id} was hinted at, the feed lacks it")

    def _is_in_feed(self, post_id: str) -> bool:
        feed: Any = self.ask("GET", "/feed/home?limit=20", "/feed/home after a hint")
        return feed is None or any(post["post_id"] == post_id for post in feed["posts"])


WORDS = (
    "What a light", "So calm", "Where is this?", "Love it", "See you there at eight",
    "On my way", "Take the boat, the road is closed", "That colour!", "Again, please",
)  # fmt: skip


def _key() -> str:
    return f"load-{random.getrandbits(64):016x}"
