"""What the outside may call of profiles."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.graph.operations import Username
from app.operation import Context, Nothing, PageParams, Params, operation
from app.profiles import service
from app.profiles.service import FoundPeople, Me, Profile
from app.text import check_name


class Update(Params):
    username: str = Field(min_length=1, max_length=64)
    full_name: Annotated[str, AfterValidator(check_name)] | None = Field(None, max_length=60)
    bio: str | None = Field(None, max_length=150)
    profile_picture: str | None = Field(
        None, max_length=512, description="A media_key; null takes the picture away."
    )
    privacy_level: Literal["public", "private"] | None = None


class Search(PageParams):
    q: str = Field(min_length=1, max_length=64)


class Few(Params):
    limit: int = Field(5, ge=1, le=20)


@operation("users.get", "GET", "/users/{username}")
async def get(ctx: Context, params: Username) -> Profile:
    """A person's profile."""
    return await service.get(ctx, params.username)


@operation("users.me", "GET", "/users/me")
async def me(ctx: Context, params: Nothing) -> Me:
    """One's own profile and settings."""
    return await service.me(ctx)


@operation("users.update", "PUT", "/users/{username}")
async def update(ctx: Context, params: Update) -> Me:
    """Edit one's own profile."""
    given = params.model_dump(exclude={"username"}, exclude_unset=True)
    change = {k: v for k, v in given.items() if v is not None or k == "profile_picture"}
    return await service.update(ctx, params.username, change)


@operation("users.search", "GET", "/users/search")
async def search(ctx: Context, params: Search) -> FoundPeople:
    """People by the beginning of their username."""
    return await service.search(ctx, params.q, params.cursor, params.limit)


@operation("users.suggestions", "GET", "/users/suggestions")
async def suggestions(ctx: Context, params: Few) -> FoundPeople:
    """People one might want to follow."""
    return await service.suggestions(ctx, params.limit)


OPERATIONS = [get, me, update, search, suggestions]
