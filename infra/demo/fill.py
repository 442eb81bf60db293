"""Making the demo happen: register, upload, act, and put each act at its time.

Everything goes through the product's operations and the real upload pipeline. Only times are
written past them: an API that lets people say when they posted would be a bad one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from app import ids
from app.changes import position_now
from app.counts import service as counts
from app.graph.keys import home_key
from app.graph.models import pair
from app.notifications import groups, service as notifications
from infra.demo import pictures
from infra.demo.actor import Actor, DemoRefused
from infra.demo.acts import Act, all_acts, post_key
from infra.demo.cast import EMAIL_HOST, PASSWORD, PEOPLE
from infra.demo.posts import POSTS
from infra.demo.talking import Talking
from infra.demo.telling import Telling
from infra.demo.times import moment, ms_before
from infra.demo.uploads import Upload, upload_all

if TYPE_CHECKING:
    from app.resources import Resources

STATE = "demo"
"""Collection that remembers what was filled; shard key `_id`."""
_JOINED_H = 24 * 30
_UNREAD_H = 12.0
"""What happened to people before this is marked read."""
_QUIET_TIMEOUT_S = 60
_READ_MAX = 200

Tell = Callable[[str, int, int], None]
"""(what is being done, how much of it is done, of how much)"""


@dataclass(frozen=True, slots=True)
class Filled:
    people: int
    posts: int
    photos: int
    acts: int
    stories: int
    """Told now."""
    seconds: float
    filled_before: bool = False


class Fill:
    """`await Fill(resources, origin, tell).run()`; safe to repeat, also after a crash."""

    def __init__(self, resources: "Resources", origin: str, tell: Tell) -> None:
        self._resources = resources
        self._origin = origin
        self._tell = tell
        self._began_ms = 0
        self._actors: dict[str, Actor] = {}
        self._media: dict[str, str] = {}
        """`<post key>/<photo>` or `avatar/<username>` → media key."""
        self._made: dict[str, str] = {}
        """Key of a post or comment → its id."""
        self._times: dict[tuple[str, str], datetime] = {}
        """(collection, id) → when it is said to have happened."""

    async def run(self) -> Filled:
        """Raises DemoRefused when it can't be put in here."""
        began = time.monotonic()
        state = self._resources.mongo[STATE]
        await state.update_one(
            {"_id": "fill"}, {"$setOnInsert": {"began_ms": ids.now_ms()}}, upsert=True
        )
        stored = await state.find_one({"_id": "fill"}) or {}
        filled_before = stored.get("done_at") is not None
        acts = all_acts()
        photos = sum(len(post.pictures) for post in POSTS)
        self._began_ms = int(stored["began_ms"])
        if filled_before:
            stories = await self._tell_again(stored)
        else:
            await self._register()
            await self._upload()
            await self._describe()
            await self._act(acts)
            await self._set_times()
            # Before the stories: an answer to one of those is what was written last.
            await Talking(self._resources, self._actors, self._began_ms, self._made).run()
            stories = await self._tell_stories(self._began_ms, highlights=True)
            await self._settle()
            await state.update_one({"_id": "fill"}, {"$set": {"done_at": datetime.now(UTC)}})
        seconds = round(time.monotonic() - began, 1)
        return Filled(len(PEOPLE), len(POSTS), photos, len(acts), stories, seconds, filled_before)

    # Stories

    async def _tell_stories(self, edition_ms: int, highlights: bool = False) -> int:
        told = await Telling(self._resources, self._actors, edition_ms, self._tell).run(highlights)
        await self._resources.mongo[STATE].update_one(
            {"_id": "fill"}, {"$set": {"edition_ms": edition_ms, "edition_told": True}}
        )
        return told

    async def _tell_again(self, stored: dict[str, Any]) -> int:
        """When those of the last time are over; how many were told."""
        now_ms, edition_ms = ids.now_ms(), stored.get("edition_ms", 0)
        lifetime_ms = self._resources.settings.stories.lifetime_s * 1000
        if now_ms >= edition_ms + lifetime_ms:
            edition_ms = now_ms
            new = {"edition_ms": edition_ms, "edition_told": False}
            await self._resources.mongo[STATE].update_one({"_id": "fill"}, {"$set": new})
        elif stored["edition_told"]:
            return 0
        for person in PEOPLE:
            actor = Actor(self._resources, self._origin, person.username, self._began_ms)
            if not await actor.find(f"{person.username}@{EMAIL_HOST}"):
                return 0  # who is gone has no stories, and is in those of others
            self._actors[person.username] = actor
        return await self._tell_stories(edition_ms)

    def _at_ms(self, hours_ago: float) -> int:
        return ms_before(self._began_ms, hours_ago)

    # People and photos

    async def _register(self) -> None:
        for number, person in enumerate(PEOPLE):
            self._tell("people", number, len(PEOPLE))
            joined_ms = self._at_ms(_JOINED_H - number)
            actor = Actor(self._resources, self._origin, person.username, joined_ms)
            email = f"{person.username}@{EMAIL_HOST}"
            await actor.register(email, PASSWORD, person.full_name)
            self._actors[person.username] = actor
            self._times["users", actor.user_id] = moment(joined_ms)

    async def _upload(self) -> None:
        wanted: list[Upload] = []
        for person in PEOPLE:
            actor = self._actors[person.username]
            picture = partial(pictures.avatar, person)
            key = f"avatar/{person.username}"
            wanted.append(Upload(key, actor, self._at_ms(_JOINED_H), picture))
        for post in POSTS:
            for shown in post.pictures:
                key = f"{post_key(post)}/{shown.photo}"
                at_ms = self._at_ms(post.hours_ago) - 60_000
                picture = partial(pictures.photo, shown.photo)
                wanted.append(Upload(key, self._actors[post.by], at_ms, picture))
        self._media = await upload_all(self._resources, wanted, partial(self._tell, "photos"))

    async def _describe(self) -> None:
        for person in PEOPLE:
            await self._actors[person.username].do(
                "users.update",
                username=person.username,
                bio=person.bio,
                profile_picture=self._media[f"avatar/{person.username}"],
                privacy_level="private" if person.private else "public",
            )

    # Acts

    async def _act(self, acts: list[Act]) -> None:
        done: dict[str, Callable[[Act, Actor, int], Awaitable[None]]] = {
            "follow": self._follow,
            "accept": self._accept,
            "post": self._post,
            "like": self._like,
            "comment": self._comment,
            "comment_like": self._comment_like,
            "save": self._save,
        }
        for number, act in enumerate(acts):
            self._tell("posts, likes and comments", number, len(acts))
            actor, at_ms = self._actors[act.by], self._at_ms(act.hours_ago)
            await done[act.kind](act, actor, at_ms)

    def _note(self, collection: str, row_id: str, at_ms: int) -> None:
        self._times[collection, row_id] = moment(at_ms)

    async def _follow(self, act: Act, actor: Actor, at_ms: int) -> None:
        answer = await actor.do("users.follow", username=act.target)
        collection = "follow_requests" if answer["pending"] else "follows"
        self._note(collection, pair(actor.user_id, self._actors[act.target].user_id), at_ms)

    async def _accept(self, act: Act, actor: Actor, at_ms: int) -> None:
        await actor.do("follow_requests.accept", username=act.target)
        self._note("follows", pair(self._actors[act.target].user_id, actor.user_id), at_ms)

    async def _post(self, act: Act, actor: Actor, at_ms: int) -> None:
        post = act.post
        assert post is not None, act
        media = [
            {
                "url": self._media[f"{act.target}/{shown.photo}"],
                "alt_text": shown.alt,
                "tags": [{"username": name} for name in shown.tags],
            }
            for shown in post.pictures
        ]
        place = post.place and dict(zip(("name", "lat", "lng"), post.place, strict=True))
        what = f"post:{post.name}"
        made = await actor.do(
            "posts.create", what, at_ms, caption=post.caption, media=media, location=place
        )
        post_id = made["post_id"]
        self._made[act.target] = post_id
        at = moment(at_ms)
        await self._resources.mongo.posts.update_one(
            {"_id": post_id}, {"$set": {"created_at": at, "published_at": at}}
        )

    async def _like(self, act: Act, actor: Actor, at_ms: int) -> None:
        post_id = self._made[act.target]
        await actor.do("posts.like", post_id=post_id)
        self._note("likes", pair(post_id, actor.user_id), at_ms)

    async def _comment(self, act: Act, actor: Actor, at_ms: int) -> None:
        assert act.post is not None, act
        made = await actor.do(
            "comments.create",
            f"comment:{act.target}",
            at_ms,
            post_id=self._made[post_key(act.post)],
            text=act.text,
            parent_comment_id=self._made[act.parent] if act.parent else None,
        )
        self._made[act.target] = made["comment_id"]
        self._note("comments", made["comment_id"], at_ms)

    async def _comment_like(self, act: Act, actor: Actor, at_ms: int) -> None:
        comment_id = self._made[act.target]
        await actor.do("comments.like", id=comment_id)
        self._note("comment_likes", pair(comment_id, actor.user_id), at_ms)

    async def _save(self, act: Act, actor: Actor, at_ms: int) -> None:
        if "places" not in self._made:
            made = await actor.do(
                "collections.create", "collection:places", self._at_ms(_JOINED_H), name="Places"
            )
            self._made["places"] = made["collection_id"]
        post_id = self._made[act.target]
        await actor.do("posts.save", post_id=post_id, collection_id=self._made["places"])
        self._note("saves", pair(actor.user_id, post_id), at_ms)

    # Times

    async def _set_times(self) -> None:
        by_collection: dict[str, list[UpdateOne]] = {}
        for (collection, row_id), at in self._times.items():
            change = UpdateOne({"_id": row_id}, {"$set": {"created_at": at}})
            by_collection.setdefault(collection, []).append(change)
        for collection, changes in by_collection.items():
            await self._resources.mongo[collection].bulk_write(changes, ordered=False)

    async def _settle(self) -> None:
        """Wait for the workers, then put right what they dated by their own clock."""
        await self._until_quiet()
        for actor in self._actors.values():
            await self._retime_notifications(actor)
        await self._until_quiet()
        for actor in self._actors.values():
            # A feed that was built or pushed to meanwhile has the posts at the wrong times.
            await self._resources.cache.drop(home_key(actor.user_id))

    async def _until_quiet(self) -> None:
        """All that has happened so far is counted, fanned out and notified of."""
        self._tell("waiting for the workers", 0, 0)
        deadline = time.monotonic() + _QUIET_TIMEOUT_S
        position = await position_now(self._resources.settings.mongo)
        quiet = await counts.settled(self._resources, position, _QUIET_TIMEOUT_S)
        while quiet:
            progress = await self._resources.bus.progress(["fanout", "notify", "images"])
            done = all(item.oldest is None for item in progress)
            if done and not await groups.waiting(self._resources):
                return
            quiet = time.monotonic() < deadline
            await asyncio.sleep(0.1)
        raise DemoRefused(
            "The workers did not get through the demo in time. Look at `glimpse status`, "
            "then run `glimpse demo` again: it goes on where it stopped."
        )

    async def _retime_notifications(self, actor: Actor) -> None:
        """Date each by the acts it tells of; the older ones have been read."""
        await notifications.rebuild(self._resources, actor.user_id)
        before = moment(self._at_ms(_UNREAD_H))
        old: list[str] = await self._resources.mongo.notification_groups.distinct(
            "_id", {"recipient_id": actor.user_id, "updated_at": {"$lt": before}}
        )
        for start in range(0, len(old), _READ_MAX):
            await actor.do("notifications.read", ids=old[start : start + _READ_MAX])
