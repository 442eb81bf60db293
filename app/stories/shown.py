"""Stories as the API shows them: made from the stored ones, each for one viewer."""

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from app import audience, clock, cursor as cursors
from app.counts import queries as counts
from app.graph import access as graph_access, queries as graph
from app.identity import queries as people
from app.identity.views import user_view
from app.posts.views import PostMediaView, media_view, pagination
from app.stories import access, answers, queries, seen
from app.stories.items import LINK_SLACK_S, bound_to
from app.stories.ring import ring
from app.stories.views import (
    OverlayView,
    StickerView,
    StoriesOf,
    StoriesPage,
    StoryCover,
    StoryView,
    Viewers,
)

if TYPE_CHECKING:
    from app.resources import Resources
    from app.settings import Settings

Raw = dict[str, Any]


def _media(settings: "Settings", story: Raw, viewer: str, owner: Raw) -> PostMediaView:
    ends_s = None
    if not story.get("has_ended"):
        ends_s = ceil(story["expires_at"].timestamp()) + LINK_SLACK_S
    bound = bound_to(story, viewer, owner)
    return media_view(settings, story["media"], bound, {}, ends_s)


def cover(resources: "Resources", viewer: str, owner: Raw, story: Raw) -> StoryCover:
    """A small picture of a story that the viewer may see."""
    media = _media(resources.settings, story, viewer, owner)
    webp = [source for source in media["sources"] if source["type"] == "image/webp"]
    url = webp[-1]["url"] if webp else None
    return {"story_id": story["_id"], "url": url, "thumbhash": media["thumbhash"]}


async def story_views(resources: "Resources", viewer: str, stories: list[Raw]) -> list[StoryView]:
    """Stories (or records) that the viewer may see, in order; whose author is gone is left out."""
    ids = [story["_id"] for story in stories]
    everyone = {story["author_id"] for story in stories}
    everyone |= {story["origin"]["author_id"] for story in stories if story.get("origin")}
    everyone |= {user_id for story in stories for user_id in story.get("mentions", [])}
    cards = await people.cards(resources, everyone)
    hidden = await graph.blocked_among(resources, viewer, everyone)
    known = {user_id: card for user_id, card in cards.items() if user_id not in hidden}
    own = [story["_id"] for story in stories if story["author_id"] == viewer]
    numbers = await counts.counts_of(resources, own)
    marks = await seen.among(resources, viewer, [i for i in ids if i not in set(own)])
    reactions = await queries.own_reactions(resources, viewer, ids)
    given = await answers.given(resources, viewer, stories)
    results = await answers.results_for(resources, viewer, stories, given)
    views: list[StoryView] = []
    for story in stories:
        author = story["author_id"]
        if author not in known:
            continue
        media = _media(resources.settings, story, viewer, known[author])
        origin = story.get("origin")
        view: StoryView = {
            "story_id": story["_id"],
            "user_id": author,
            "user": user_view(known[author]),
            "media_url": media["url"],
            "media_type": media["type"],
            "media": media,
            "duration": story["duration"],
            "status": "ended" if story.get("has_ended") else story.get("status", "live"),
            "audience": audience.shown(story["audience"], to_owner=author == viewer),
            "overlays": [overlay_view(overlay, known) for overlay in story["overlays"]],
            "filter": story["filter"],
            "stickers": [
                _sticker_view(s, author == viewer, given, results) for s in story["stickers"]
            ],
            "allow_repost": story["allow_repost"],
            "allow_replies": story["allow_replies"],
            "reposted_from": (
                {"story_id": origin["story_id"], "user": user_view(known[origin["author_id"]])}
                if origin and origin["author_id"] in known
                else None
            ),
            "sequence_id": story["sequence"]["id"] if story.get("sequence") else None,
            "created_at": clock.iso(story["created_at"]),
            "expires_at": clock.iso(story["expires_at"]),
            "is_viewed": author == viewer or story["_id"] in marks,
            "reaction": reactions.get(story["_id"]),
        }
        if author == viewer:
            number = numbers[story["_id"]]
            view["view_count"] = number.views
            view["reactions_count"] = number.reactions
            view["replies_count"] = number.replies
        views.append(view)
    return views


def overlay_view(overlay: Raw, known: Mapping[str, Raw]) -> OverlayView:
    view = dict(overlay)
    if view["kind"] == "mention":
        card = known.get(view.pop("user_id"))
        if card is not None:
            view |= {"user_id": card["_id"], "username": card["username"]}
    return view  # type: ignore[return-value]


def _sticker_view(
    sticker: Raw, own: bool, given: Mapping[str, Any], results: Mapping[str, Any]
) -> StickerView:
    sticker_id = sticker["sticker_id"]
    view = {**sticker, "answer": given.get(sticker_id)}
    if not own and sticker_id not in given:
        view.pop("correct", None)
    if sticker_id in results:
        view["results"] = results[sticker_id]
    return view  # type: ignore[return-value]


async def stories_of(
    resources: "Resources", viewer: str, username: str, cursor: str | None, limit: int
) -> StoriesOf:
    """What the viewer may see of a person's; of a private account that they don't follow, what
    is meant for them by name. NotFound across a block."""
    person = await graph_access.visible_person(resources, viewer, username)
    author: str = person["_id"]
    stories = await queries.of_author(resources, author, own=author == viewer)
    if author != viewer:
        stories = await access.visible_among(resources, viewer, stories)
    views = await story_views(resources, viewer, stories)
    live = [story for story in stories if story["status"] == "live"]
    viewed = {view["story_id"] for view in views if view["is_viewed"]}
    page, after = cursors.page(
        resources.settings.auth.secret,
        f"stories {viewer} {author}",
        views,
        lambda view: [view["created_at"], view["story_id"]],
        cursor,
        limit,
    )
    return {
        "user": user_view(person),
        "stories": page,
        "pagination": pagination(after),
        "ring": ring(live, viewed, own=author == viewer),
    }


async def archive(
    resources: "Resources", viewer: str, cursor: str | None, limit: int
) -> StoriesPage:
    rows, after = await queries.archive(resources, viewer, cursor, limit)
    return {
        "stories": await story_views(resources, viewer, rows),
        "pagination": pagination(after),
    }


async def viewers(
    resources: "Resources", viewer: str, story_id: str, cursor: str | None, limit: int
) -> Viewers:
    """Of one's own story; without people behind a block."""
    await access.own_record(resources, viewer, story_id)
    rows, after = await queries.page_of_viewers(resources, story_id, cursor, limit)
    ids = [row["viewer_id"] for row in rows]
    cards = await people.cards(resources, ids)
    blocked = await graph.blocked_among(resources, viewer, ids)
    reactions = await queries.reactions_by(resources, story_id, ids)
    number = (await counts.counts_of(resources, [story_id]))[story_id]
    return {
        "viewers": [
            {
                **user_view(cards[row["viewer_id"]]),
                "viewed_at": clock.iso(row["seen_at"]),
                "reaction": reactions.get(row["viewer_id"]),
            }
            for row in rows
            if row["viewer_id"] in cards and row["viewer_id"] not in blocked
        ],
        "view_count": number.views,
        "pagination": pagination(after),
    }
