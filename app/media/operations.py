"""What the outside may call of media."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.media import multipart as in_parts, queries, service
from app.media.multipart import Multipart, Parts
from app.media.service import Upload
from app.media.views import MediaView, media_view
from app.operation import Context, Params, operation

_SIZE_MAX = 2**40  # a number in bounds; the limits of each type come after


class File(Params):
    file_type: str = Field(min_length=1, max_length=100, description="Such as image/jpeg.")
    file_size: int = Field(ge=1, le=_SIZE_MAX, description="Bytes, exactly.", strict=True)


class MediaId(Params):
    media_id: str = Field(max_length=64)


class PartNumbers(MediaId):
    part_numbers: list[Annotated[int, Field(ge=1, le=10_000, strict=True)]] = Field(
        min_length=1, max_length=100
    )


class Aborted(TypedDict):
    media_id: str
    aborted: bool


@operation("media.upload_url", "POST", "/media/upload-url", limit="uploads")
async def upload_url(ctx: Context, params: File) -> Upload:
    """A link to upload one file straight to object storage."""
    return await service.upload_url(ctx, params.file_type, params.file_size)


@operation("media.complete", "POST", "/media/{media_id}/complete")
async def complete(ctx: Context, params: MediaId) -> MediaView:
    """Say that the file has been sent; it is processed from here on."""
    return media_view(ctx.resources.settings, await service.complete(ctx, params.media_id))


@operation("media.get", "GET", "/media/{media_id}")
async def get(ctx: Context, params: MediaId) -> MediaView:
    """How one's own upload stands."""
    medium = await queries.own(ctx.resources, ctx.user_id, params.media_id)
    return media_view(ctx.resources.settings, medium)


@operation("media.retry", "POST", "/media/{media_id}/retry")
async def retry(ctx: Context, params: MediaId) -> MediaView:
    """Process a failed upload again."""
    return media_view(ctx.resources.settings, await service.retry(ctx, params.media_id))


@operation("media.multipart", "POST", "/media/multipart", limit="uploads")
async def multipart(ctx: Context, params: File) -> Multipart:
    """Begin an upload in parts, which can be resumed."""
    return await in_parts.start(ctx, params.file_type, params.file_size)


@operation("media.multipart.get", "GET", "/media/multipart/{media_id}")
async def multipart_get(ctx: Context, params: MediaId) -> Multipart:
    """Which parts have arrived."""
    return await in_parts.state(ctx, params.media_id)


@operation("media.multipart.parts", "POST", "/media/multipart/{media_id}/parts")
async def multipart_parts(ctx: Context, params: PartNumbers) -> Parts:
    """Links to upload these parts."""
    return await in_parts.parts(ctx, params.media_id, params.part_numbers)


@operation("media.multipart.complete", "POST", "/media/multipart/{media_id}/complete")
async def multipart_complete(ctx: Context, params: MediaId) -> MediaView:
    """Join the parts; the file is processed from here on."""
    return media_view(ctx.resources.settings, await in_parts.complete(ctx, params.media_id))


@operation("media.multipart.abort", "POST", "/media/multipart/{media_id}/abort")
async def multipart_abort(ctx: Context, params: MediaId) -> Aborted:
    """Give up an upload in parts."""
    await in_parts.abort(ctx, params.media_id)
    return {"media_id": params.media_id, "aborted": True}


OPERATIONS = [
    upload_url,
    complete,
    get,
    retry,
    multipart,
    multipart_get,
    multipart_parts,
    multipart_complete,
    multipart_abort,
]
