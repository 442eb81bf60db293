"""Telling a story: what may be told, and storing it, its record and the end of its medium."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.errors import Conflict, Invalid
from app.graph import audiences, queries as graph
from app.identity import queries as people
from app.media import service as media
from app.operation import Context
from app.stories import queries
from app.stories.ending import gone_at
from app.transaction import transaction

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
DURATION_MAX_S = 60
PHOTO_S = 5.0
SEQUENCE_MAX = 10
LIVE_MAX = 100
_DURATION_SLACK_S = 0.5
"""A video of 60 s has a last frame, and a container that rounds."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be told, checked by the parameters already; scenes as `app.stories.scene`."""

    media_key: str
    media_type: str = "photo"
    duration: float | None = None
    audience: str = "followers"
    overlays: list[Raw] = field(default_factory=list)
    filter: str = "none"
    stickers: list[Raw] = field(default_factory=list)
    alt_text: str = ""
    allow_repost: bool = True
    allow_replies: bool = True
    kept: bool = True
    sequence_id: str | None = None


async def create(ctx: Context, draft: Draft) -> Raw:
    """Store the story and its record. It is live at once when its medium is ready, else as soon
    as that is. A repeat with the same idempotency key finds the story of the first time."""
    story_id = ctx.new_id("story")
    audience = await audiences.check(ctx, draft.audience)
    overlays = await with_people(ctx, draft.overlays)
    stickers = [{"sticker_id": ctx.new_id("stk"), **sticker} for sticker in draft.stickers]
    if (stored := await stored_before(ctx, story_id)) is not None:
        return stored
    await check_room(ctx, draft.sequence_id)
    [document] = await media.claim_all(
        ctx, [draft.media_key], story_id, audience=audience, field="media_url"
    )
    kind = "video" if draft.media_type == "video" else "photo"
    try:
        if document["kind"] != kind:
            raise Invalid.field("media_type", f"This upload is a {document['kind']}.", "wrong_type")
        duration = _duration(document, draft.duration)
    except Invalid:
        # The upload is free for the corrected request.
        await media.release(ctx.resources, story_id)
        raise
    item = {"media_id": document["_id"], "type": kind, "alt_text": draft.alt_text, "tags": []}
    content: Raw = {
        "_id": story_id,
        "author_id": ctx.user_id,
        "audience": audience,
        "media": item | state(document),
        "duration": duration,
        "overlays": overlays,
        "filter": draft.filter,
        "stickers": stickers,
        "mentions": mentioned(overlays),
        "allow_repost": draft.allow_repost,
        "allow_replies": draft.allow_replies,
        "origin": None,
    }
    return await store(ctx, content, draft.kept, draft.sequence_id)


async def stored_before(ctx: Context, story_id: str) -> Raw | None:
    """What an earlier run of the same keyed request stored; Conflict when it has ended."""
    if not ctx.seed or await queries.record(ctx.resources, story_id) is None:
        return None
    stored = await queries.by_id(ctx.resources, story_id)
    if stored is None:
        raise Conflict("This story was told already, and is over.", "story_ended")
    return stored


def _duration(document: Raw, wanted: float | None) -> float:
    actual = document.get("duration")
    if document["kind"] == "photo":
        return wanted or PHOTO_S
    if actual is not None and actual > DURATION_MAX_S + _DURATION_SLACK_S:
        raise _too_long()
    return float(actual or wanted or DURATION_MAX_S)


def _too_long() -> Invalid:
    return Invalid.field(
        "duration", f"A story's video has at most {DURATION_MAX_S} seconds.", "too_long"
    )


def state(document: Raw) -> Raw:
    """What a story copies from its medium."""
    names = ("status", "reason", "width", "height", "thumbhash", "duration", "variants")
    return {name: document.get(name) for name in names}


async def with_people(ctx: Context, overlays: list[Raw]) -> list[Raw]:
    """The overlays, mentions by id; Invalid for someone who is not there (for the author)."""
    names = [overlay["username"] for overlay in overlays if overlay["kind"] == "mention"]
    cards = await people.cards_by_name(ctx.resources, names)
    blocked = await graph.blocked_among(
        ctx.resources, ctx.user_id, [card["_id"] for card in cards.values()]
    )
    found = []
    for at, overlay in enumerate(overlays):
        if overlay["kind"] == "mention":
            card = cards.get(overlay["username"].lower())
            if card is None or card["_id"] in blocked:
                raise Invalid.field(
                    f"overlays.{at}.username",
                    f"There is no account {overlay['username']!r}.",
                    "user_not_found",
                )
            overlay = {k: v for k, v in overlay.items() if k != "username"}
            overlay["user_id"] = card["_id"]
        found.append(overlay)
    return found


def mentioned(overlays: list[Raw]) -> list[str]:
    return list(dict.fromkeys(o["user_id"] for o in overlays if o["kind"] == "mention"))


async def _places_taken(resources: "Resources", author_id: str, sequence_id: str) -> set[int]:
    rows = resources.mongo.stories.find(
        {"author_id": author_id, "sequence.id": sequence_id}, {"sequence": 1}
    )
    return {row["sequence"]["place"] async for row in rows}


async def check_room(ctx: Context, sequence_id: str | None) -> None:
    """Before anything is claimed; the index has the last word."""
    live = await ctx.resources.mongo.stories.count_documents(
        {"author_id": ctx.user_id, **queries.LIVES}, limit=LIVE_MAX
    )
    if live >= LIVE_MAX:
        raise Conflict(f"At most {LIVE_MAX} stories at a time.", "too_many_stories")
    if sequence_id is not None:
        taken = await _places_taken(ctx.resources, ctx.user_id, sequence_id)
        if len(taken) >= SEQUENCE_MAX:
            raise _sequence_full()


def _sequence_full() -> Invalid:
    return Invalid.field(
        "sequence_id", f"A sequence has at most {SEQUENCE_MAX} items.", "too_many_items"
    )


async def store(ctx: Context, content: Raw, kept: bool, sequence_id: str | None) -> Raw:
    resources = ctx.resources
    if sequence_id is None:
        return await _store_at(ctx, {**content, "sequence": None}, kept)
    while True:
        taken = await _places_taken(resources, ctx.user_id, sequence_id)
        free = next((place for place in range(SEQUENCE_MAX) if place not in taken), None)
        if free is None:
            await media.release(resources, content["_id"])
            raise _sequence_full()
        sequence = {"id": sequence_id, "place": free}
        try:
            return await _store_at(ctx, {**content, "sequence": sequence}, kept)
        except DuplicateKeyError:
            continue  # another took that place meanwhile


async def _store_at(ctx: Context, content: Raw, kept: bool) -> Raw:
    """Story, record and the end of its medium in one transaction. The database says when it is
    now, and so when the story ends: no clock of a process has a part in it."""
    resources = ctx.resources
    mongo, settings = resources.mongo, resources.settings
    ready = content["media"]["status"] == "ready"
    life_ms = settings.stories.lifetime_s * 1000
    times = {"created_at": "$$NOW", "expires_at": {"$add": ["$$NOW", life_ms]}}
    fresh = {"$eq": [{"$type": "$created_at"}, "missing"]}
    document = {**content, "status": "live" if ready else "pending"}
    stamped = {"$mergeObjects": [{"$literal": document}, times]}

    async def work(session: Any) -> Raw:
        story: Raw = await mongo.stories.find_one_and_update(
            {"_id": content["_id"], "author_id": ctx.user_id},
            [{"$replaceWith": {"$cond": [fresh, stamped, "$$ROOT"]}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        record = {
            **{name: story[name] for name in (*content, *times)},
            "kept": kept,
            "ended": False,
            "deleted_at": None,
            "gone_at": None if kept else gone_at(settings, story),
        }
        await mongo.story_records.update_one(
            {"_id": story["_id"], "author_id": ctx.user_id},
            {"$setOnInsert": {k: v for k, v in record.items() if k not in ("_id", "author_id")}},
            upsert=True,
            session=session,
        )
        await mongo.media.update_one(
            {"_id": content["media"]["media_id"]},
            {"$set": {"expires_at": story["expires_at"]}},
            session=session,
        )
        return story

    story = await transaction(resources, work)
    if not ready:
        # The medium may have become ready between our reading it and storing the story.
        await settle(resources, story["_id"])
        story = await queries.by_id(resources, story["_id"]) or story
    resources.memory.stories.drop(ctx.user_id)
    return story


async def settle(resources: "Resources", story_id: str) -> None:
    """Copy the state of its medium into a story, and make it live when that is ready. Called by
    whoever might be the last to know; doing it twice changes nothing."""
    story = await resources.mongo.stories.find_one({"_id": story_id})
    if story is None or story["status"] != "pending":
        return
    documents = await media.by_ids(resources, [story["media"]["media_id"]])
    document = documents.get(story["media"]["media_id"])
    if document is None:
        return
    change: Raw = {"media": story["media"] | state(document)}
    length = document.get("duration")
    if document["kind"] == "video" and length is not None:
        change["duration"] = min(float(length), float(DURATION_MAX_S))
        if length > DURATION_MAX_S + _DURATION_SLACK_S:
            reason = {"code": "too_long", "message": _too_long().details["fields"]["duration"]}
            change["media"] |= {"status": "failed", "reason": reason, "variants": []}
    status = "live" if change["media"]["status"] == "ready" else "pending"
    if status == "pending" and change["media"] == story["media"]:
        return
    # The record first: whoever is told of the live story may ask for it.
    await resources.mongo.story_records.update_one({"_id": story_id}, {"$set": change})
    await resources.mongo.stories.update_one(
        {"_id": story_id, "status": "pending"}, {"$set": {**change, "status": status}}
    )


async def media_settled(resources: "Resources", media_id: str) -> None:
    """A medium became ready or failed: bring its stories up to date."""
    for story in await queries.with_medium(resources, media_id):
        await settle(resources, story["_id"])
