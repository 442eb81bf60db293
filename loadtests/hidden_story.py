"""Every way to a story, walked by somebody whom it is not for: none may lead there."""

from dataclasses import dataclass
from typing import Any

from loadtests.account import Account
from loadtests.walkthrough import QUIET_S, check, refused
from realtime.client import CallFailed, Client

_CODES = ("story_not_found", "highlight_not_found", "media_not_found")


@dataclass
class Hidden:
    """A story of `author`'s for close friends, and what came of it."""

    author: Account
    friend: Account
    """Who may see it."""
    other: Account
    """Who follows the author, and may not."""
    to_other: Client
    story: dict[str, Any]
    """As the author was answered."""
    link: str
    """To its picture, made for the friend."""
    repost: dict[str, Any]
    """Of the friend's, for everyone."""
    highlight_id: str
    shared_message_id: str
    """With which the friend sent it to the other."""

    async def check_all(self) -> list[str]:
        """The ways that were tried; raises Wrong at the first that leads to it."""
        await self._lists()
        await self._ids()
        await self._picture()
        await self._socket()
        await self._messages()
        return ["lists", "ids", "picture", "socket", "messages and notifications"]

    @property
    def _ids_hidden(self) -> set[str]:
        return {self.story["story_id"], self.repost["story_id"]}

    async def _lists(self) -> None:
        other, hidden = self.other, self._ids_hidden
        for path in (
            "/stories/feed",
            f"/users/{self.author.username}/stories",
            f"/users/{self.friend.username}/stories",
            "/me/stories/archive",
            f"/users/{self.author.username}/highlights",
            f"/users/{self.author.username}/highlights?q=secret",
        ):
            found = str(await other.call("GET", path))
            check(not any(story_id in found for story_id in hidden), f"{path} shows it")
            check(self.highlight_id not in found, f"{path} shows its highlight")

    async def _ids(self) -> None:
        sticker_id = self.story["stickers"][0]["sticker_id"]
        for story_id in self._ids_hidden:
            path = f"/stories/{story_id}"
            for method, way, body in (
                ("GET", path, None),
                ("POST", f"{path}/view", None),
                ("POST", f"{path}/reactions", {"reaction": "🔥"}),
                ("DELETE", f"{path}/reactions", None),
                ("POST", f"{path}/answers", {"sticker_id": sticker_id, "answer": 0}),
                ("GET", f"{path}/answers?sticker_id={sticker_id}", None),
                ("POST", f"{path}/replies", {"text": "I know"}),
                ("POST", f"{path}/repost", {"audience": "public"}),
                ("POST", f"{path}/share", {"to": [self.friend.username]}),
                ("GET", f"{path}/viewers", None),
                ("GET", f"{path}/insights", None),
                ("DELETE", path, None),
                ("DELETE", f"/me/stories/archive/{story_id}", None),
            ):
                call = self.other.call(method, way, body)
                await refused(call, 404, "story_not_found", f"{method} {way}")
        mine = {"name": "Mine now", "story_ids": [self.story["story_id"]]}
        await refused(
            self.other.call("POST", "/highlights", mine), 422, "story_not_found",
            "a highlight of someone else's story",
        )  # fmt: skip
        await refused(
            self.other.call("GET", f"/highlights/{self.highlight_id}"), 404,
            "highlight_not_found", "its highlight",
        )  # fmt: skip
        signals = {"signals": [{"story_id": self.story["story_id"], "impressions": 1}]}
        noted = await self.other.call("POST", "/stories/signals", signals)
        check(noted == {"noted": 0}, f"signals about it: {noted}")

    async def _picture(self) -> None:
        """The friend's link works for the friend; it can't be made into another's."""
        http, link = self.other.http, self.link
        check((await http.get(link)).status_code == 200, "the friend's own link")
        path = link.partition("?")[0]
        token = {"Authorization": f"Bearer {self.other.token}"}
        for way in (
            path,
            link.partition("&u=")[0],
            link.replace(self.friend.user_id, self.other.user_id),
            link.replace(self.friend.user_id, self.author.user_id),
        ):
            for headers in ({}, token):
                status = (await http.get(way, headers=headers)).status_code
                check(status in (403, 404), f"the picture by {way}: {status}")
        media_id = self.story["media"]["media_id"]
        await refused(
            self.other.call("GET", f"/media/{media_id}"), 404, "media_not_found", "its medium"
        )

    async def _socket(self) -> None:
        client, story_id = self.to_other, self.story["story_id"]
        media_id = self.story["media"]["media_id"]
        topics = [f"story:{story_id}", f"story:{self.repost['story_id']}", f"media:{media_id}"]
        answers = await client.subscribe(*topics)
        check(answers == dict.fromkeys(topics, "forbidden"), f"topics: {answers}")
        for method, params in (
            ("stories.get", {"id": story_id}),
            ("stories.view", {"story_id": story_id}),
            ("stories.react", {"id": story_id, "reaction": "🔥"}),
            ("stories.reply", {"id": story_id, "text": "I know"}),
            ("stories.repost", {"id": story_id}),
            ("stories.insights", {"id": story_id}),
            ("highlights.get", {"id": self.highlight_id}),
        ):
            try:
                answer = await client.call(method, params)
            except CallFailed as failed:
                check(failed.code in _CODES, f"{method} over the socket: {failed}")
            else:
                check(False, f"{method} over the socket: {answer}")
        tray = await client.call("stories.feed")
        check(story_id not in str(tray), "stories.feed over the socket shows it")

    async def _messages(self) -> None:
        said = await self.other.call("GET", f"/messages/{self.shared_message_id}")
        wanted = {"story_id": self.story["story_id"], "kind": "share", "state": "unavailable"}
        check(said["story"] == wanted, f"the shared story: {said['story']}")
        try:
            came = await self._next_ring()
        except TimeoutError:
            came = None
        check(came is None, f"its ring came: {came}")
        told = str(await self.other.call("GET", "/notifications"))
        check(self.story["story_id"] not in told, "a notification tells of it")

    async def _next_ring(self) -> Any:
        """The next event about it on the other's socket; TimeoutError when none comes."""
        while True:
            found = await self.to_other.event("story.new", "story.gone", timeout_s=QUIET_S)
            if found.data["story_id"] in self._ids_hidden:
                return found
