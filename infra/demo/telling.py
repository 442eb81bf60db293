"""Making the demo's stories happen: told, seen, answered, kept.

They are over after a day like all stories, so this can be done anew: each time is an edition, and
what is done in one is not done twice.
"""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from app.graph.models import pair
from infra.demo import pictures
from infra.demo.stories import CLOSE_FRIENDS, HIGHLIGHTS, STORIES, Told
from infra.demo.times import moment, ms_before
from infra.demo.uploads import Upload, upload_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.resources import Resources
    from infra.demo.actor import Actor

_TOLD_FOR_H = 0.5
"""What people do with a story happens this long after it, at most."""


class Telling:
    """`await Telling(…).run()`; safe to repeat with the same `edition_ms`, also after a crash."""

    def __init__(
        self,
        resources: "Resources",
        actors: "Mapping[str, Actor]",
        edition_ms: int,
        tell: "Callable[[str, int, int], None]",
    ) -> None:
        self._resources = resources
        self._actors = actors
        self._edition_ms = edition_ms
        self._tell = tell
        lifetime_h = resources.settings.stories.lifetime_s / 3600
        self._stories = [story for story in STORIES if story.hours_ago < lifetime_h - 1]
        self._made: dict[str, dict[str, Any]] = {}
        """By name: the story as `stories.create` answered."""

    async def run(self, highlights: bool) -> int:
        """How many stories live now. `highlights`: also make those, which outlive them."""
        for owner, names in CLOSE_FRIENDS.items():
            await self._actors[owner].do("me.set_close_friends", add=names.split())
        wanted = [
            Upload(
                self._what(story),
                self._actors[story.by],
                self._at_ms(story.hours_ago) - 30_000,
                partial(pictures.upright, story.photo),
            )
            for story in self._stories
        ]
        media = await upload_all(self._resources, wanted, partial(self._tell, "stories' photos"))
        for number, story in enumerate(self._stories):
            self._tell("stories", number, len(self._stories))
            await self._create(story, media[self._what(story)])
            await self._attend(story)
        for owner, name, keys in HIGHLIGHTS if highlights else ():
            kept = [self._made[key]["story_id"] for key in keys if key in self._made]
            if kept:
                await self._actors[owner].do(
                    "highlights.create",
                    f"highlight:{name}",
                    self._edition_ms,
                    name=name,
                    story_ids=kept,
                )
        return len(self._stories)

    def _what(self, story: Told) -> str:
        return f"story:{self._edition_ms}:{story.name}"

    def _at_ms(self, hours_ago: float) -> int:
        return ms_before(self._edition_ms, hours_ago)

    async def _create(self, story: Told, media_key: str) -> None:
        at_ms = self._at_ms(story.hours_ago)
        made = await self._actors[story.by].do(
            "stories.create",
            self._what(story),
            at_ms,
            media_url=media_key,
            alt_text=story.alt,
            audience=story.audience,
            overlays=list(story.overlays),
            stickers=list(story.stickers),
            filter=story.filter,
        )
        self._made[story.name] = made
        created = moment(at_ms)
        life = timedelta(seconds=self._resources.settings.stories.lifetime_s)
        times = {"$set": {"created_at": created, "expires_at": created + life}}
        for collection in ("stories", "story_records"):
            await self._resources.mongo[collection].update_one({"_id": made["story_id"]}, times)

    async def _attend(self, story: Told) -> None:
        """Views, reactions, answers and replies."""
        made = self._made[story.name]
        story_id: str = made["story_id"]
        viewers = story.seen_by.split()
        hours = min(_TOLD_FOR_H, story.hours_ago * 0.9)
        at = {
            name: self._at_ms(story.hours_ago - hours * (number + 1) / len(viewers))
            for number, name in enumerate(viewers)
        }
        for name in viewers:
            await self._actors[name].do("stories.view", story_id=story_id)
        for name in viewers:
            row_id = pair(story_id, self._actors[name].user_id)
            await self._set_time("story_views", row_id, "seen_at", at[name])
        for name, emoji in story.reactions:
            await self._actors[name].do("stories.react", id=story_id, reaction=emoji)
            row_id = pair(story_id, self._actors[name].user_id)
            await self._set_time("story_reactions", row_id, "created_at", at[name])
        for name, number, answer in story.answers:
            sticker_id = made["stickers"][number]["sticker_id"]
            await self._actors[name].do(
                "stories.answer",
                f"answer:{sticker_id}",
                at[name],
                id=story_id,
                sticker_id=sticker_id,
                answer=answer,
            )
            row_id = f"{story_id}:{sticker_id}:{self._actors[name].user_id}"
            await self._set_time("story_answers", row_id, "created_at", at[name])
        for name, text in story.replies:
            what = f"reply:{story_id}:{text}"
            sent = await self._actors[name].do(
                "stories.reply", what, at[name], id=story_id, text=text
            )
            await self._set_time("messages", sent["message_id"], "created_at", at[name])

    async def _set_time(self, collection: str, row_id: str, field: str, at_ms: int) -> None:
        change = {"$set": {field: moment(at_ms)}}
        await self._resources.mongo[collection].update_one({"_id": row_id}, change)
