"""What may be uploaded, and the document and object key that an upload begins with."""

from app import clock
from app.errors import Invalid
from app.media import keys
from app.media.models import Media
from app.media.sniff import PHOTO_TYPES, VIDEO_TYPES, canonical_type
from app.operation import Context


def check(ctx: Context, file_type: str, file_size: int) -> str:
    """The canonical media type; Invalid names the field and the limit."""
    name = canonical_type(file_type)
    if name in VIDEO_TYPES:
        raise Invalid.field(
            "file_type", "Videos are not supported yet. Upload a photo.", "unsupported_type"
        )
    if name not in PHOTO_TYPES:
        raise Invalid.field(
            "file_type", "JPEG, PNG, WebP, AVIF, HEIC or GIF only.", "unsupported_type"
        )
    limit = ctx.resources.settings.media.image_bytes_max
    if file_size > limit:
        raise Invalid.field(
            "file_size", f"A photo has at most {limit / 1_048_576:g} MB.", "too_large"
        )
    return name


def begin(ctx: Context, file_type: str, file_size: int) -> Media:
    """A new pending medium, not yet stored."""
    media_id = ctx.new_id("media")
    now = clock.now()
    region = ctx.resources.settings.storage.region
    return Media(
        id=media_id,
        owner_id=ctx.user_id,
        media_key=keys.original_key(region, "photo", ctx.user_id, media_id),
        declared_type=file_type,
        declared_size_bytes=file_size,
        created_at=now,
        updated_at=now,
    )
