"""Highlights as the API shows them, each for one viewer: without the stories that they may not
see, and without the highlights of which nothing is left then."""

from typing import TYPE_CHECKING, Any

from app import clock, cursor as cursors
from app.graph import access as graph
from app.highlights import queries, service
from app.highlights.views import HighlightRow, Highlights, HighlightView
from app.identity import queries as people
from app.identity.views import user_view
from app.posts.views import pagination
from app.stories import access, queries as stories
from app.stories.shown import cover, story_views

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


async def highlights_of(
    resources: "Resources", viewer: str, username: str, q: str, cursor: str | None, limit: int
) -> Highlights:
    """A person's, in their order; with `q` those in whose name or stories the words are."""
    person = await graph.visible_owner(resources, viewer, username)
    rows = await queries.of_owner(resources, person["_id"])
    seen = await _visible(resources, viewer, rows)
    words = q.casefold().split()
    found = []
    for row in rows:
        inside = [seen[story_id] for story_id in row["story_ids"] if story_id in seen]
        if inside or viewer == person["_id"]:
            text = " ".join([row["name"], *map(words_of, inside)]).casefold()
            if all(word in text for word in words):
                found.append(_row(resources, viewer, person, row, inside))
    page, after = cursors.page(
        resources.settings.auth.secret,
        f"highlights {viewer} {person['_id']} {q}",
        found,
        lambda row: [row["place"], row["highlight_id"]],
        cursor,
        limit,
    )
    return {"highlights": page, "pagination": pagination(after)}


async def _visible(resources: "Resources", viewer: str, rows: list[Raw]) -> dict[str, Raw]:
    """The records that the viewer may see of these highlights, by id."""
    wanted = list({story_id for row in rows for story_id in row["story_ids"]})
    records = await stories.remembered(resources, wanted, kept=True)
    return {r["_id"]: r for r in await access.visible_among(resources, viewer, records.values())}


def words_of(record: Raw) -> str:
    """Everything that is written in a story."""
    said = [record["media"].get("alt_text") or ""]
    for thing in (*record["overlays"], *record["stickers"]):
        said += [thing.get(name) or "" for name in ("text", "tag", "name", "label")]
        said += [thing.get(name) or "" for name in ("question", "prompt")]
    return " ".join(said)


def _row(
    resources: "Resources", viewer: str, owner: Raw, row: Raw, inside: list[Raw]
) -> HighlightRow:
    chosen = [record for record in inside if record["_id"] == row["cover_id"]] or inside
    return {
        "highlight_id": row["_id"],
        "name": row["name"],
        "cover": cover(resources, viewer, owner, chosen[0]) if chosen else None,
        "count": len(inside),
        "place": row["place"],
        "created_at": clock.iso(row["created_at"]),
        "updated_at": clock.iso(row["updated_at"]),
    }


async def highlight(resources: "Resources", viewer: str, highlight_id: str) -> HighlightView:
    """One, with its stories; NotFound when the viewer may see none of them."""
    row = await service.visible(resources, viewer, highlight_id)
    seen = await _visible(resources, viewer, [row])
    inside = [seen[story_id] for story_id in row["story_ids"] if story_id in seen]
    owner = (await people.cards(resources, [row["owner_id"]])).get(row["owner_id"])
    if owner is None or not (inside or viewer == row["owner_id"]):
        raise service.not_found()
    return {
        **_row(resources, viewer, owner, row, inside),
        "user": user_view(owner),
        "stories": await story_views(resources, viewer, inside),
    }
