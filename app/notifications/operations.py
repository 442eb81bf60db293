"""What the outside may call of notifications."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.notifications import service
from app.notifications.views import Notifications
from app.operation import Context, PageParams, Params, operation


class Read(Params):
    ids: list[Annotated[str, Field(max_length=64)]] | None = Field(
        None, max_length=200, description="Left out: all of them."
    )


class Unread(TypedDict):
    unread: int


@operation("notifications.list", "GET", "/notifications")
async def page(ctx: Context, params: PageParams) -> Notifications:
    """What happened, newest first."""
    return await service.page(ctx, params.cursor, params.limit)


@operation("notifications.read", "POST", "/notifications/read")
async def read(ctx: Context, params: Read) -> Unread:
    """Mark as read, on all devices."""
    return {"unread": await service.read(ctx, params.ids)}


OPERATIONS = [page, read]
