"""Who may watch which topic: the one place that knows the kinds of topics.

Many people's questions are answered together, with a handful of queries whatever their number:
after a node died, thousands come back at once, each with all their topics. The database is asked
each time, so a block or a deletion that was acknowledged before the question is in the answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from app.graph.sight import Asked, Claims, settle
from app.ids import is_id
from app.media import access as media
from app.messages import access as messages
from app.posts import access as posts
from app.presence import access as presence
from app.stories import access as stories

if TYPE_CHECKING:
    from app.resources import Resources

Verdict = Literal["ok", "forbidden", "unknown"]
Claiming = Callable[["Resources", list[Asked]], Awaitable[Claims]]


class Kind(NamedTuple):
    id_kind: str
    claims: Claiming
    """What has to be true for each of these; one query, whatever their number."""
    otherwise: Claiming | None = None
    """What else would do, for those who were refused."""


KINDS = {
    "post": Kind("post", posts.claims),
    "conversation": Kind("conv", messages.claims),
    "media": Kind("media", media.claims),
    "story": Kind("story", stories.claims),
    "presence": Kind("usr", presence.claims, otherwise=presence.claims_of_partners),
}
"""`<kind>:<id>`; `me` is everyone's own."""


@dataclass(frozen=True, slots=True)
class Question:
    viewer: str
    topics: list[str]
    hidden: bool = False
    """Ask also with whom the viewer has a block."""


@dataclass(slots=True)
class Answer:
    verdicts: dict[str, Verdict]
    """In the order of the topics."""
    hidden: frozenset[str] | None = None
    """People with a block between them and the viewer, when that was asked."""
    by_id: dict[Asked, str] = field(default_factory=dict)
    """Topics that are still to be decided."""


async def answer(resources: "Resources", questions: list[Question]) -> list[Answer]:
    """One answer a question; raises what the database raises."""
    answers = [_begin(question) for question in questions]
    by_kind: dict[str, set[Asked]] = {}
    for one in answers:
        for asked, topic in one.by_id.items():
            by_kind.setdefault(topic.partition(":")[0], set()).add(asked)
    hidden_of = [question.viewer for question in questions if question.hidden]
    claims = await _together(resources, {name: KINDS[name].claims for name in by_kind}, by_kind)
    allowed, hidden = await settle(resources, claims, hidden_of)
    refused = {name: asked - allowed for name, asked in by_kind.items()}
    chances = {name: KINDS[name].otherwise for name, asked in refused.items() if asked}
    more = {name: claiming for name, claiming in chances.items() if claiming is not None}
    if more:
        claims = await _together(resources, more, refused)
        allowed |= (await settle(resources, claims))[0]
    for question, one in zip(questions, answers, strict=True):
        for asked, topic in one.by_id.items():
            one.verdicts[topic] = "ok" if asked in allowed else "forbidden"
        if question.hidden:
            one.hidden = hidden[question.viewer]
    return answers


async def _together(
    resources: "Resources", claiming: dict[str, Claiming], asked: dict[str, set[Asked]]
) -> Claims:
    found = await asyncio.gather(
        *(claims(resources, list(asked[name])) for name, claims in claiming.items())
    )
    return {one: claim for claims in found for one, claim in claims.items()}


def _begin(question: Question) -> Answer:
    """What can be said without looking."""
    begun = Answer({})
    for topic in question.topics:
        kind, _, id_ = topic.partition(":")
        known = KINDS.get(kind)
        # Of a known kind, what nothing can be called by is as closed as what one may not know of.
        closed: Verdict = "unknown" if known is None else "forbidden"
        begun.verdicts[topic] = "ok" if topic == "me" else closed
        if known is not None and is_id(id_, known.id_kind):
            begun.by_id[Asked(question.viewer, id_)] = topic
    return begun
