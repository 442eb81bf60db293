"""Making the demo's conversations happen."""

from typing import TYPE_CHECKING, Any

from infra.demo.talks import TALKS, Line, Talk
from infra.demo.times import moment, ms_before

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.resources import Resources
    from infra.demo.actor import Actor


class Talking:
    """`await Talking(…).run()`; safe to repeat, also after a crash."""

    def __init__(
        self,
        resources: "Resources",
        actors: "Mapping[str, Actor]",
        began_ms: int,
        posts: "Mapping[str, str]",
    ) -> None:
        self._resources = resources
        self._actors = actors
        self._began_ms = began_ms
        self._posts = posts
        """Post key → id."""
        self._opened: dict[str, str] = {}
        """Key of a talk → conversation id."""

    async def run(self) -> None:
        # Conversations stand in the order in which they were last written to, and numbers of
        # messages grow with the time of writing: all lines are said in the order of time.
        lines = [(line, talk) for talk in TALKS for line in talk.lines]
        for line, talk in sorted(lines, key=lambda pair: -pair[0].hours_ago):
            await self._say(line, talk)
        for talk in TALKS:
            for name in talk.members:
                if name not in talk.unread_by.split():
                    await self._read(name, talk)

    def _at_ms(self, hours_ago: float) -> int:
        return ms_before(self._began_ms, hours_ago)

    async def _open(self, talk: Talk, at_ms: int) -> None:
        first, *rest = talk.members
        named: dict[str, Any] = {"name": talk.name} if talk.name else {}
        made = await self._actors[first].do(
            "conversations.create", f"talk:{talk.key}", at_ms, usernames=rest, **named
        )
        self._opened[talk.key] = made["conversation_id"]

    async def _say(self, line: Line, talk: Talk) -> None:
        at_ms = self._at_ms(line.hours_ago)
        if talk.key not in self._opened:
            await self._open(talk, at_ms)
        elif line.by != talk.lines[0].by:
            await self._read(line.by, talk)
        shared = {"post_id": self._posts[line.post]} if line.post else {}
        sent = await self._actors[line.by].do(
            "messages.send",
            f"line:{talk.key}:{line.hours_ago}",
            at_ms,
            to=self._opened[talk.key],
            text=line.text,
            **shared,
        )
        for name, emoji in line.reactions:
            await self._actors[name].do("messages.react", id=sent["message_id"], emoji=emoji)
        await self._resources.mongo.messages.update_one(
            {"_id": sent["message_id"]}, {"$set": {"created_at": moment(at_ms)}}
        )

    async def _read(self, name: str, talk: Talk) -> None:
        await self._actors[name].do("conversations.read", id=self._opened[talk.key])
