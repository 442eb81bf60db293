"""What the outside may call of feeds."""

from typing import Literal

from pydantic import Field

from app.batch import Begun
from app.feed import queries
from app.graph import access
from app.operation import Context, PageParams, operation
from app.posts import queries as posts
from app.posts.views import Posts


class Home(PageParams):
    order: Literal["recent"] = Field("recent", description="Newest first.")


class OfUser(PageParams):
    username: str = Field(min_length=1, max_length=64)


def _ahead(ctx: Context, params: Home) -> Begun | None:
    return queries.ahead(ctx.resources, ctx.user_id, params.cursor, params.limit)


@operation("feed.home", "GET", "/feed/home", ahead=_ahead)
async def home(ctx: Context, params: Home) -> Posts:
    """Posts of the people one follows, newest first."""
    return await queries.home(  # type: ignore[return-value]
        ctx.resources, ctx.user_id, params.cursor, params.limit, ctx.ahead
    )


@operation("feed.user", "GET", "/feed/user/{username}")
async def of_user(ctx: Context, params: OfUser) -> Posts:
    """A person's posts, newest first."""
    person = await access.visible_owner(ctx.resources, ctx.user_id, params.username)
    follows = await access.may_see_posts(ctx.resources, ctx.user_id, person, "followers")
    return await posts.grid(  # type: ignore[return-value]
        ctx.resources,
        ctx.user_id,
        person["_id"],
        params.cursor,
        params.limit,
        following=follows,
    )


OPERATIONS = [home, of_user]
