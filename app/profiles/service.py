"""A person's page: reading it with its counts, editing one's own, finding others."""

from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

from app import clock, cursor as cursors
from app.counts import queries as counts
from app.errors import Forbidden, Invalid
from app.graph import access, queries as graph, service as graph_service
from app.identity import queries as people
from app.identity.views import UserView, user_view
from app.media import service as media
from app.messages import queries as messages
from app.notifications import service as notifications
from app.operation import Context, Pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_SUGGESTED_FROM = 40


class Profile(UserView):
    bio: str
    follower_count: int
    following_count: int
    post_count: int
    is_private: bool
    is_following: bool
    is_followed_by: bool
    follow_status: Literal["none", "requested", "following"]
    is_follow_requested_by: bool
    is_blocked: bool
    is_muted: bool
    is_restricted: bool
    created_at: str


class Me(Profile):
    email: str
    privacy_level: Literal["public", "private"]
    pending_follow_requests: int
    unread_notifications: int
    unread_messages: int


class Found(UserView):
    follower_count: int
    is_following: bool


class FoundPeople(TypedDict):
    users: list[Found]
    pagination: Pagination


async def profile(resources: "Resources", viewer: str, user: Raw) -> Profile:
    """From a raw user document."""
    relation = await graph.relation(resources, viewer, user["_id"])
    numbers = (await counts.counts_of(resources, [user["_id"]]))[user["_id"]]
    return {
        **user_view(user),
        "bio": user.get("bio", ""),
        "follower_count": numbers.followers,
        "following_count": numbers.following,
        "post_count": numbers.posts,
        "is_private": user.get("is_private", False),
        "is_following": relation.following,
        "is_followed_by": relation.followed_by,
        "follow_status": relation.follow_status,
        "is_follow_requested_by": relation.requested_by,
        "is_blocked": relation.blocked,
        "is_muted": relation.muted,
        "is_restricted": relation.restricted,
        "created_at": clock.iso(user["created_at"]),
    }


async def get(ctx: Context, username: str) -> Profile:
    user = await people.profile_by_name(ctx.resources, username)
    if await graph.blocked_between(ctx.resources, ctx.user_id, user["_id"]):
        raise people.not_found(username)
    return await profile(ctx.resources, ctx.user_id, user)


async def me(ctx: Context) -> Me:
    user = await people.profile_by_id(ctx.resources, ctx.user_id)
    pending = await ctx.resources.mongo.follow_requests.count_documents(
        {"target_id": ctx.user_id}, limit=100
    )
    return {
        **await profile(ctx.resources, ctx.user_id, user),
        "email": user["email"],
        "privacy_level": "private" if user.get("is_private") else "public",
        "pending_follow_requests": pending,
        "unread_notifications": await notifications.unread(ctx.resources, ctx.user_id),
        "unread_messages": await messages.unread_total(ctx.resources, ctx.user_id),
    }


async def update(ctx: Context, username: str, change: Raw) -> Me:
    """Edit one's own profile; Forbidden for anyone else's."""
    user = await people.card_by_name(ctx.resources, username)
    if user["_id"] != ctx.user_id:
        await access.visible_person(ctx.resources, ctx.user_id, username)
        raise Forbidden("You may only edit your own profile.", "not_yours")
    written: Raw = {name: change[name] for name in ("full_name", "bio") if name in change}
    if "privacy_level" in change:
        written["is_private"] = change["privacy_level"] == "private"
    # Literally: what people write may begin with a $.
    stages: list[Raw] = [{"$set": {k: {"$literal": v}}} for k, v in written.items()]
    shown = None
    if "profile_picture" in change:
        shown = await _picture(ctx, change["profile_picture"])
        stages += _showing(shown)
    if not stages:
        return await me(ctx)
    before = await ctx.resources.mongo.users.find_one_and_update({"_id": ctx.user_id}, stages)
    ctx.resources.memory.people.drop(ctx.user_id)
    avatar = (before or {}).get("avatar")
    if "profile_picture" in change and avatar and avatar["media_id"] != shown:
        await media.discard(ctx.resources, avatar["media_id"])
    if written.get("is_private") is False:
        await graph_service.accept_all(ctx.resources, ctx.user_id)
    return await me(ctx)


async def _picture(ctx: Context, media_key: str | None) -> str | None:
    """The medium that is to be shown."""
    if media_key is None:
        return None
    [document] = await media.claim_all(ctx, [media_key], ctx.user_id, field="profile_picture")
    medium: str = document["_id"]
    if document["kind"] != "photo":
        await media.release(ctx.resources, ctx.user_id, medium)
        raise Invalid.field("profile_picture", "Send a photo.", "not_a_photo")
    return medium


def _showing(medium: str | None) -> list[Raw]:
    """The change of a user: that picture or none. Each new one has a version of its own, however
    many are chosen at a time, since caches know the links of those before."""
    count: Raw = {"$ifNull": ["$avatars", {"$ifNull": ["$avatar.version", 0]}]}
    if medium is None:
        return [{"$set": {"avatars": count}}, {"$set": {"avatar": None}}]
    is_new = {"$cond": [{"$eq": ["$avatar.media_id", medium]}, 0, 1]}
    return [
        {"$set": {"avatars": {"$add": [count, is_new]}}},
        {"$set": {"avatar": {"media_id": medium, "version": "$avatars"}}},
    ]


async def _found(
    resources: "Resources", viewer: str, users: list[Raw], following_cursor: str | None
) -> FoundPeople:
    ids = [user["_id"] for user in users]
    numbers = await counts.counts_of(resources, ids)
    followed = await graph.following_among(resources, viewer, ids)
    return {
        "users": [
            {
                **user_view(user),
                "follower_count": numbers[user["_id"]].followers,
                "is_following": user["_id"] in followed,
            }
            for user in users
        ],
        "pagination": {
            "next_cursor": following_cursor,
            "has_more": following_cursor is not None,
        },
    }


async def search(ctx: Context, words: str, cursor: str | None, limit: int) -> FoundPeople:
    """People whose username begins with `words`, by name; the exact one comes first of itself."""
    resources = ctx.resources
    prefix = words.lower().lstrip("@")
    purpose = f"people:{prefix}"
    # A range, not a pattern: nothing in `words` can mean anything but itself.
    name: Raw = {"$gte": prefix, "$lt": prefix + "\uffff"}
    if cursor is not None:
        [last] = cursors.decode(resources.settings.auth.secret, purpose, cursor)
        name["$gt"] = last
        del name["$gte"]
    users = await (
        resources.mongo.users.find({"username": name}, {"password_hash": 0})
        .sort("username", 1)
        .to_list(limit + 1)
    )
    following = None
    if len(users) > limit:
        users = users[:limit]
        following = cursors.encode(resources.settings.auth.secret, purpose, [users[-1]["username"]])
    blocked = await graph.blocked_among(resources, ctx.user_id, [u["_id"] for u in users])
    visible = [user for user in users if user["_id"] not in blocked]
    return await _found(resources, ctx.user_id, visible, following)


async def suggestions(ctx: Context, limit: int) -> FoundPeople:
    """People one might follow: those with the most followers whom one does not follow yet."""
    resources = ctx.resources
    top = await (
        resources.mongo.counts.find({"_id": {"$gte": "usr_", "$lt": "usr`"}}, {"_id": 1})
        .sort("followers", -1)
        .to_list(_SUGGESTED_FROM + limit)
    )
    ids = [row["_id"] for row in top if row["_id"] != ctx.user_id]
    followed = await graph.following_among(resources, ctx.user_id, ids)
    blocked = await graph.blocked_among(resources, ctx.user_id, ids)
    wanted = [i for i in ids if i not in followed and i not in blocked][:limit]
    cards = await people.cards(resources, wanted)
    return await _found(
        resources, ctx.user_id, [cards[user_id] for user_id in wanted if user_id in cards], None
    )
