"""Who may see a story.

Its author until its end (and after it in the archive). Others while it is live, when they are in
its audience; of one that shows another story again, when they may see that one's as well.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.audience import list_of
from app.errors import Forbidden, NotFound
from app.graph import queries as graph
from app.graph.access import allowed_among
from app.graph.sight import Asked, Claims
from app.stories import queries

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
Needed = set[tuple[str, str]]


def not_found() -> NotFound:
    return NotFound("This story is over, or is not for you to see.", "story_not_found")


def needed(story: Raw) -> Needed:
    """(owner, audience) of all that one must be allowed to see, to see the story."""
    wanted = {(story["author_id"], story["audience"])}
    if origin := story.get("origin"):
        wanted.add((origin["author_id"], origin["audience"]))
    return wanted


async def visible_among(
    resources: "Resources", viewer: str, stories: Iterable[Raw], *, follows: bool = False
) -> list[Raw]:
    """Those of these stories (or records) that the viewer may see, in order, whatever their
    state. `follows`: the viewer is known to follow all authors, or to be them."""
    rows = list(stories)
    wanted = {row["_id"]: needed(row) for row in rows}
    doubtful = {pair for pairs in wanted.values() for pair in pairs}
    allowed: Needed = set()
    if follows:
        theirs = {(row["author_id"], row["audience"]) for row in rows}
        doubtful -= theirs
        # A block ends the follow and takes off the lists, so nothing but these is left to ask.
        on = {pair for pair in theirs if list_of(pair[1]) and pair[0] != viewer}
        allowed = theirs - on
        if on:
            lists = {(owner, list_of(audience)): (owner, audience) for owner, audience in on}
            allowed |= {lists[one] for one in await graph.on_lists(resources, viewer, lists)}
    if doubtful:
        allowed |= await allowed_among(resources, viewer, doubtful)
    return [row for row in rows if wanted[row["_id"]] <= allowed]


async def visible_story(resources: "Resources", viewer: str, story_id: str) -> Raw:
    """The raw story if `viewer` may see it now, else NotFound."""
    story = await queries.by_id(resources, story_id)
    if story is None:
        raise not_found()
    if story["author_id"] == viewer:
        return story
    if story["status"] != "live" or not await visible_among(resources, viewer, [story]):
        raise not_found()
    return story


async def was_visible(resources: "Resources", viewer: str, story_id: str) -> bool:
    """Whether the story is (or, when it is over, was) for the viewer to see."""
    record = await queries.record(resources, story_id)
    if record is None or record["deleted_at"] is not None:
        return False
    return bool(await visible_among(resources, viewer, [record]))


async def own_record(resources: "Resources", viewer: str, story_id: str) -> Raw:
    """What is remembered of one's own story, until 14 days after its end. NotFound for who may
    not see the story, Forbidden for who may."""
    record = await queries.record(resources, story_id)
    if record is None or record["deleted_at"] is not None:
        raise not_found()
    if record["author_id"] != viewer:
        await visible_story(resources, viewer, story_id)
        raise Forbidden("Only its author may do this.", "not_author")
    return record


async def claims(resources: "Resources", asked: list[Asked]) -> Claims:
    """For topics of stories: the author alone."""
    authors = await queries.authors(resources, {one.id for one in asked})
    return {one: authors.get(one.id) == one.viewer for one in asked}
