"""Rules and writes of highlights."""

from typing import TYPE_CHECKING, Any

from app import clock
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.graph import access as graph
from app.highlights import queries
from app.highlights.models import Highlight
from app.operation import Context
from app.stories import ending, queries as stories

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
STORIES_MAX = 100
HIGHLIGHTS_MAX = 100


def not_found() -> NotFound:
    return NotFound("This highlight does not exist, or is not for you.", "highlight_not_found")


async def visible(resources: "Resources", viewer: str, highlight_id: str) -> Raw:
    """The raw highlight if the viewer may see its owner's posts, else NotFound. Each story in it
    is looked at apart."""
    highlight = await queries.raw(resources, highlight_id)
    if highlight is None:
        raise not_found()
    owner = (highlight["owner_id"], "public")
    if not await graph.allowed_among(resources, viewer, [owner]):
        raise not_found()
    return highlight


async def _own(ctx: Context, highlight_id: str) -> Raw:
    highlight = await visible(ctx.resources, ctx.user_id, highlight_id)
    if highlight["owner_id"] != ctx.user_id:
        raise Forbidden("Only its owner may change a highlight.", "not_owner")
    return highlight


async def _check_stories(ctx: Context, story_ids: list[str]) -> list[str]:
    """The stories, each once; Invalid for one that is not the caller's to keep. From here on
    they have media that outlive the stories."""
    wanted = list(dict.fromkeys(story_ids))
    records = await stories.remembered(ctx.resources, wanted, kept=True)
    for story_id in wanted:
        record = records.get(story_id)
        if record is None or record["author_id"] != ctx.user_id:
            raise Invalid.field("story_ids", f"{story_id}: not in your archive.", "story_not_found")
        if record["media"]["status"] != "ready":
            raise Invalid.field("story_ids", f"{story_id}: its picture is in work.", "not_ready")
    for story_id in wanted:
        await ending.keep(ctx.resources, records[story_id])
    return wanted


def _check_cover(cover: str | None, story_ids: list[str]) -> None:
    if cover is not None and cover not in story_ids:
        raise Invalid.field("cover", "Choose one of the highlight's stories.", "story_not_found")


async def create(ctx: Context, name: str, story_ids: list[str], cover: str | None) -> str:
    """The id of the new highlight, which stands last."""
    highlights = ctx.resources.mongo.highlights
    highlight_id = ctx.new_id("hl")
    if await queries.raw(ctx.resources, highlight_id) is not None:
        return highlight_id  # the repeat of a request whose answer was lost
    held = await highlights.count_documents({"owner_id": ctx.user_id})
    if held >= HIGHLIGHTS_MAX:
        raise Conflict(f"At most {HIGHLIGHTS_MAX} highlights.", "too_many_highlights")
    chosen = await _check_stories(ctx, story_ids)
    _check_cover(cover, chosen)
    last = await highlights.find_one({"owner_id": ctx.user_id}, sort=[("place", -1)])
    now = clock.now()
    await Highlight(
        id=highlight_id,
        owner_id=ctx.user_id,
        name=name,
        story_ids=chosen,
        cover_id=cover,
        place=0 if last is None else last["place"] + 1,
        created_at=now,
        updated_at=now,
    ).insert()
    return highlight_id


async def update(ctx: Context, highlight_id: str, change: Raw) -> None:
    """Change name, story_ids, cover or place of one's own."""
    highlight = await _own(ctx, highlight_id)
    written: Raw = {"updated_at": clock.now()}
    if "name" in change:
        written["name"] = change["name"]
    chosen = highlight["story_ids"]
    if "story_ids" in change:
        chosen = written["story_ids"] = await _check_stories(ctx, change["story_ids"])
        if highlight["cover_id"] not in chosen:
            written["cover_id"] = None
    if "cover" in change:
        _check_cover(change["cover"], chosen)
        written["cover_id"] = change["cover"]
    mine = {"_id": highlight_id, "owner_id": ctx.user_id}
    await ctx.resources.mongo.highlights.update_one(mine, {"$set": written})
    if "place" in change:
        await _move(ctx, highlight_id, change["place"])


async def _move(ctx: Context, highlight_id: str, place: int) -> None:
    """To that place; the others keep their order."""
    highlights = ctx.resources.mongo.highlights
    rows = await queries.of_owner(ctx.resources, ctx.user_id)
    order = [row["_id"] for row in rows if row["_id"] != highlight_id]
    order.insert(place, highlight_id)
    for at, other in enumerate(order):
        await highlights.update_one(
            {"_id": other, "owner_id": ctx.user_id}, {"$set": {"place": at}}
        )


async def delete(ctx: Context, highlight_id: str) -> None:
    """The stories stay in the archive."""
    await _own(ctx, highlight_id)
    await ctx.resources.mongo.highlights.delete_one({"_id": highlight_id, "owner_id": ctx.user_id})
