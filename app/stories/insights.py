"""How a story did: counted from the rows when its author asks, until they go."""

from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from app import clock
from app.counts import queries as counts
from app.graph.models import pair
from app.operation import Context
from app.stories import access, answers
from app.stories.ending import gone_at
from app.stories.views import HourView, Insights, ReactionCount

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_HOUR_MS = 3_600_000


async def note(ctx: Context, signals: list[Raw]) -> int:
    """Add what the caller did while watching to their rows; of how many stories that they have
    viewed. Of others nothing is kept."""
    changes = [
        UpdateOne(
            {"_id": pair(signal["story_id"], ctx.user_id)},
            {"$inc": {name: signal[name] for name in ("impressions", "forward", "back", "exits")}},
        )
        for signal in signals
    ]
    result = await ctx.resources.mongo.story_views.bulk_write(changes, ordered=False)
    return int(result.matched_count)


async def of(resources: "Resources", viewer: str, story_id: str) -> Insights:
    """Of one's own story. Reach is people; impressions are looks, also the second of one person."""
    record = await access.own_record(resources, viewer, story_id)
    mongo = resources.mongo
    sums: Raw = {"n": {"$sum": 1}}
    sums |= {f: {"$sum": f"${f}"} for f in ("impressions", "forward", "back", "exits")}
    [total] = await mongo.story_views.aggregate(
        [{"$match": {"story_id": story_id}}, {"$group": {"_id": None, **sums}}]
    ).to_list(1) or [dict.fromkeys(sums, 0)]
    by = mongo.story_reactions.aggregate(
        [
            {"$match": {"story_id": story_id}},
            {"$group": {"_id": "$reaction", "n": {"$sum": 1}}},
            {"$sort": {"n": -1, "_id": 1}},
            {"$limit": 50},
        ]
    )
    reactions: list[ReactionCount] = [
        {"reaction": row["_id"], "count": row["n"]} async for row in by
    ]
    number = (await counts.counts_of(resources, [story_id]))[story_id]
    reposts = await mongo.story_records.count_documents({"origin.story_id": story_id})
    results = await answers.results(resources, story_id, record["stickers"])
    return {
        "story_id": story_id,
        "reach": total["n"],
        "view_count": total["n"],
        "impressions": total["impressions"],
        "taps_forward": total["forward"],
        "taps_back": total["back"],
        "exits": total["exits"],
        "replies": number.replies,
        "shares": number.shares,
        "reposts": int(reposts),
        "reactions": sum(row["count"] for row in reactions),
        "reactions_by": reactions,
        "stickers": [
            {
                "sticker_id": sticker["sticker_id"],
                "kind": sticker["kind"],
                "results": results[sticker["sticker_id"]],
            }
            for sticker in record["stickers"]
        ],
        "hours": await _hours(resources, record),
        "expires_at": clock.iso(record["expires_at"]),
        "kept_until": clock.iso(gone_at(resources.settings, record)),
    }


async def _hours(resources: "Resources", record: Raw) -> list[HourView]:
    """For a small chart; hours without a view are left out."""
    hour = {"$floor": {"$divide": [{"$subtract": ["$seen_at", record["created_at"]]}, _HOUR_MS]}}
    rows = resources.mongo.story_views.aggregate(
        [
            {"$match": {"story_id": record["_id"]}},
            {"$group": {"_id": {"$max": [0, hour]}, "n": {"$sum": 1}}},
            {"$sort": {"_id": 1}},
        ]
    )
    return [{"hour": int(row["_id"]), "views": row["n"]} async for row in rows]
