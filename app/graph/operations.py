"""What the outside may call of the graph."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app import clock, cursor as cursors
from app.audience import CLOSE
from app.graph import access, audiences, queries, service
from app.graph.service import FollowState
from app.identity import queries as people
from app.identity.views import UserView, user_view
from app.operation import Context, PageParams, Pagination, Params, operation

if TYPE_CHECKING:
    from app.resources import Resources


class Username(Params):
    username: str = Field(min_length=1, max_length=64)


class UserPage(PageParams):
    username: str = Field(min_length=1, max_length=64)


ListName = Annotated[str, Field(min_length=1, max_length=60)]
Usernames = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64)]],
    Field(max_length=audiences.MEMBERS_MAX),
]


class ChangePeople(Params):
    add: Usernames = Field(default_factory=list)
    remove: Usernames = Field(default_factory=list)


class NewList(Params):
    name: ListName
    usernames: Usernames = Field(default_factory=list)


class ListId(Params):
    list_id: str = Field(min_length=1, max_length=64)


class ListPage(ListId, PageParams):
    pass


class ChangeList(ListId):
    name: ListName | None = None
    usernames: Usernames | None = Field(None, description="These and no others.")
    add: Usernames = Field(default_factory=list)
    remove: Usernames = Field(default_factory=list)


class Row(UserView):
    is_following: bool


class People(TypedDict):
    users: list[Row]
    pagination: Pagination


class ListRow(TypedDict):
    list_id: str
    name: str
    count: int
    created_at: str


class ListView(ListRow):
    users: list[Row]
    pagination: Pagination


class Lists(TypedDict):
    lists: list[ListRow]
    pagination: Pagination


class Done(TypedDict):
    username: str
    done: Literal[True]


async def rows(
    resources: "Resources", viewer: str, ids: list[str], following_cursor: str | None
) -> People:
    """A page of people as the viewer sees them; those behind a block are left out."""
    cards = await people.cards(resources, ids)
    blocked = await queries.blocked_among(resources, viewer, ids)
    followed = await queries.following_among(resources, viewer, ids)
    return {
        "users": [
            {**user_view(cards[user_id]), "is_following": user_id in followed}
            for user_id in ids
            if user_id in cards and user_id not in blocked
        ],
        "pagination": {
            "next_cursor": following_cursor,
            "has_more": following_cursor is not None,
        },
    }


@operation("users.follow", "POST", "/users/{username}/follow", limit="follows")
async def follow(ctx: Context, params: Username) -> FollowState:
    """Follow someone, or ask a private account."""
    return await service.follow(ctx, params.username)


@operation("users.unfollow", "DELETE", "/users/{username}/follow")
async def unfollow(ctx: Context, params: Username) -> FollowState:
    """Unfollow someone, or withdraw the request."""
    return await service.unfollow(ctx, params.username)


@operation("users.remove_follower", "DELETE", "/users/{username}/follower")
async def remove_follower(ctx: Context, params: Username) -> FollowState:
    """Make someone stop following oneself."""
    return await service.remove_follower(ctx, params.username)


@operation("users.followers", "GET", "/users/{username}/followers")
async def followers(ctx: Context, params: UserPage) -> People:
    """Who follows someone, newest first."""
    person = await access.visible_owner(ctx.resources, ctx.user_id, params.username)
    ids, following = await queries.page_of_pairs(
        ctx.resources,
        "follows",
        {"followee_id": person["_id"]},
        "follower_id",
        params.cursor,
        params.limit,
    )
    return await rows(ctx.resources, ctx.user_id, ids, following)


@operation("users.following", "GET", "/users/{username}/following")
async def following(ctx: Context, params: UserPage) -> People:
    """Whom someone follows, newest first."""
    person = await access.visible_owner(ctx.resources, ctx.user_id, params.username)
    ids, after = await queries.page_of_pairs(
        ctx.resources,
        "follows",
        {"follower_id": person["_id"]},
        "followee_id",
        params.cursor,
        params.limit,
    )
    return await rows(ctx.resources, ctx.user_id, ids, after)


@operation("follow_requests.list", "GET", "/follow-requests")
async def requests(ctx: Context, params: PageParams) -> People:
    """Who asked to follow oneself."""
    ids, after = await queries.page_of_pairs(
        ctx.resources,
        "follow_requests",
        {"target_id": ctx.user_id},
        "requester_id",
        params.cursor,
        params.limit,
    )
    return await rows(ctx.resources, ctx.user_id, ids, after)


@operation("follow_requests.accept", "POST", "/follow-requests/{username}/accept")
async def accept(ctx: Context, params: Username) -> FollowState:
    """Let a requester follow."""
    return await service.accept(ctx, params.username)


@operation("follow_requests.decline", "POST", "/follow-requests/{username}/decline")
async def decline(ctx: Context, params: Username) -> FollowState:
    """Decline a request."""
    return await service.decline(ctx, params.username)


@operation("users.block", "POST", "/users/{username}/block")
async def block(ctx: Context, params: Username) -> Done:
    """Become invisible to each other."""
    await service.block(ctx, params.username)
    return {"username": params.username.lower(), "done": True}


@operation("users.unblock", "DELETE", "/users/{username}/block")
async def unblock(ctx: Context, params: Username) -> Done:
    """End a block."""
    await service.unblock(ctx, params.username)
    return {"username": params.username.lower(), "done": True}


@operation("users.mute", "POST", "/users/{username}/mute")
async def mute(ctx: Context, params: Username) -> Done:
    """Keep someone's posts and stories out of sight, and hear nothing of what they do."""
    await service.mute(ctx, params.username)
    return {"username": params.username.lower(), "done": True}


@operation("users.unmute", "DELETE", "/users/{username}/mute")
async def unmute(ctx: Context, params: Username) -> Done:
    """See and hear of someone again."""
    await service.unmute(ctx, params.username)
    return {"username": params.username.lower(), "done": True}


@operation("users.restrict", "POST", "/users/{username}/restrict")
async def restrict(ctx: Context, params: Username) -> Done:
    """Hide someone's new comments until approved, and from them when one is active or has read."""
    await service.restrict(ctx, params.username)
    return {"username": params.username.lower(), "done": True}


@operation("users.unrestrict", "DELETE", "/users/{username}/restrict")
async def unrestrict(ctx: Context, params: Username) -> Done:
    """End a restriction."""
    await service.unrestrict(ctx, params.username)
    return {"username": params.username.lower(), "done": True}


@operation("users.blocked", "GET", "/me/blocked")
async def blocked(ctx: Context, params: PageParams) -> People:
    """Whom one blocked."""
    ids, after = await queries.page_of_pairs(
        ctx.resources,
        "blocks",
        {"blocker_id": ctx.user_id},
        "blocked_id",
        params.cursor,
        params.limit,
    )
    cards = await people.cards(ctx.resources, ids)
    return {
        "users": [{**user_view(cards[i]), "is_following": False} for i in ids if i in cards],
        "pagination": {"next_cursor": after, "has_more": after is not None},
    }


@operation("users.muted", "GET", "/me/muted")
async def muted(ctx: Context, params: PageParams) -> People:
    """Whom one muted."""
    ids, after = await queries.page_of_pairs(
        ctx.resources, "mutes", {"muter_id": ctx.user_id}, "muted_id", params.cursor, params.limit
    )
    return await rows(ctx.resources, ctx.user_id, ids, after)


async def _members(ctx: Context, list_id: str, cursor: str | None, limit: int) -> People:
    ids, after = await queries.page_of_pairs(
        ctx.resources,
        "audience_members",
        {"owner_id": ctx.user_id, "list_id": list_id},
        "user_id",
        cursor,
        limit,
    )
    return await rows(ctx.resources, ctx.user_id, ids, after)


@operation("me.close_friends", "GET", "/me/close-friends")
async def close_friends(ctx: Context, params: PageParams) -> People:
    """One's close friends, newest first."""
    return await _members(ctx, CLOSE, params.cursor, params.limit)


@operation("me.set_close_friends", "PUT", "/me/close-friends")
async def set_close_friends(ctx: Context, params: ChangePeople) -> People:
    """Add and remove close friends; they are not told."""
    await audiences.change(ctx, CLOSE, params.add, params.remove)
    return await _members(ctx, CLOSE, None, 100)


@operation("lists.list", "GET", "/me/lists")
async def lists(ctx: Context, params: PageParams) -> Lists:
    """One's own lists, by name."""
    rows, after = cursors.page(
        ctx.resources.settings.auth.secret,
        f"lists {ctx.user_id}",
        await queries.lists_of(ctx.resources, ctx.user_id),
        lambda row: [row["name"], row["_id"]],
        params.cursor,
        params.limit,
    )
    return {
        "lists": [_list_row(row, row["count"]) for row in rows],
        "pagination": {"next_cursor": after, "has_more": after is not None},
    }


def _list_row(row: dict[str, Any], count: int) -> ListRow:
    return {
        "list_id": row["_id"],
        "name": row["name"],
        "count": count,
        "created_at": clock.iso(row["created_at"]),
    }


async def _list_view(
    ctx: Context, list_id: str, cursor: str | None = None, limit: int = 100
) -> ListView:
    row = await audiences.own(ctx, list_id)
    count = await queries.count_members(ctx.resources, ctx.user_id, list_id)
    inside = await _members(ctx, list_id, cursor, limit)
    return {**_list_row(row, count), **inside}


@operation("lists.create", "POST", "/me/lists", status=201)
async def create_list(ctx: Context, params: NewList) -> ListView:
    """Make a list of people to show things to."""
    made = await audiences.create(ctx, params.name, params.usernames)
    return await _list_view(ctx, made["_id"])


@operation("lists.get", "GET", "/me/lists/{list_id}")
async def get_list(ctx: Context, params: ListPage) -> ListView:
    """A list and who is on it, newest first."""
    return await _list_view(ctx, params.list_id, params.cursor, params.limit)


@operation("lists.update", "PUT", "/me/lists/{list_id}")
async def update_list(ctx: Context, params: ChangeList) -> ListView:
    """Rename a list, put people on it, take people off it; they are not told."""
    await audiences.own(ctx, params.list_id)
    if params.name is not None:
        await audiences.rename(ctx, params.list_id, params.name)
    if params.usernames is not None:
        await audiences.replace(ctx, params.list_id, params.usernames)
    await audiences.change(ctx, params.list_id, params.add, params.remove)
    return await _list_view(ctx, params.list_id)


@operation("lists.delete", "DELETE", "/me/lists/{list_id}", status=204)
async def delete_list(ctx: Context, params: ListId) -> None:
    """Delete a list; what was meant for it is one's own from then on."""
    await audiences.delete(ctx, params.list_id)


OPERATIONS = [
    follow,
    unfollow,
    remove_follower,
    followers,
    following,
    requests,
    accept,
    decline,
    block,
    unblock,
    mute,
    unmute,
    restrict,
    unrestrict,
    blocked,
    muted,
    close_friends,
    set_close_friends,
    lists,
    create_list,
    get_list,
    update_list,
    delete_list,
]
