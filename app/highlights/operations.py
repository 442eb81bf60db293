"""What the outside may call of highlights."""

from typing import Annotated

from pydantic import Field

from app.highlights import service, shown
from app.highlights.views import Highlights, HighlightView
from app.operation import Context, PageParams, Params, operation

IdText = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=30)]
StoryIds = Annotated[list[IdText], Field(min_length=1, max_length=service.STORIES_MAX)]


class Of(PageParams):
    username: str = Field(min_length=1, max_length=64)
    q: str = Field("", max_length=60, description="Only those with this in their name or stories.")


class HighlightId(Params):
    id: IdText


class Create(Params):
    name: Name
    story_ids: StoryIds
    cover: IdText | None = Field(None, description="The story whose picture it is.")


class Update(HighlightId):
    name: Name | None = None
    story_ids: StoryIds | None = Field(None, description="These and no others, in this order.")
    cover: IdText | None = None
    place: Annotated[int, Field(ge=0, le=service.HIGHLIGHTS_MAX, strict=True)] | None = Field(
        None, description="Among one's highlights, from 0."
    )


@operation("highlights.of", "GET", "/users/{username}/highlights")
async def of(ctx: Context, params: Of) -> Highlights:
    """A person's highlights, in their order; searched by name and by the words in them."""
    return await shown.highlights_of(
        ctx.resources, ctx.user_id, params.username, params.q, params.cursor, params.limit
    )


@operation("highlights.get", "GET", "/highlights/{id}")
async def get(ctx: Context, params: HighlightId) -> HighlightView:
    """A highlight and the stories in it."""
    return await shown.highlight(ctx.resources, ctx.user_id, params.id)


@operation("highlights.create", "POST", "/highlights", status=201)
async def create(ctx: Context, params: Create) -> HighlightView:
    """Keep stories on one's profile."""
    made = await service.create(ctx, params.name, params.story_ids, params.cover)
    return await shown.highlight(ctx.resources, ctx.user_id, made)


@operation("highlights.update", "PUT", "/highlights/{id}")
async def update(ctx: Context, params: Update) -> HighlightView:
    """Rename, reorder, add and remove."""
    await service.update(ctx, params.id, params.model_dump(exclude={"id"}, exclude_none=True))
    return await shown.highlight(ctx.resources, ctx.user_id, params.id)


@operation("highlights.delete", "DELETE", "/highlights/{id}", status=204)
async def delete(ctx: Context, params: HighlightId) -> None:
    """Delete a highlight; its stories stay in the archive."""
    await service.delete(ctx, params.id)


OPERATIONS = [of, get, create, update, delete]
