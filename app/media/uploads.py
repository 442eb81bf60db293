"""What may be uploaded, and the document and object key that an upload begins with."""

from app import clock
from app.errors import Invalid
from app.media import keys
from app.media.models import Kind, Media
from app.media.sniff import PHOTO_TYPES, VIDEO_TYPES, canonical_type
from app.operation import Context


def check(ctx: Context, file_type: str, file_size: int) -> str:
    """The canonical media type; Invalid names the field and the limit."""
    name = canonical_type(file_type)
    if name not in PHOTO_TYPES + VIDEO_TYPES:
        raise Invalid.field(
            "file_type",
            "JPEG, PNG, WebP, AVIF, HEIC or GIF, or MP4, QuickTime or WebM only.",
            "unsupported_type",
        )
    media = ctx.resources.settings.media
    is_video = name in VIDEO_TYPES
    limit = media.video_bytes_max if is_video else media.image_bytes_max
    if file_size > limit:
        what = "video" if is_video else "photo"
        raise Invalid.field(
            "file_size", f"A {what} has at most {limit / 1_048_576:g} MB.", "too_large"
        )
    return name


def begin(ctx: Context, file_type: str, file_size: int) -> Media:
    """A new pending medium, not yet stored."""
    media_id = ctx.new_id("media")
    now = clock.now()
    region = ctx.resources.settings.storage.region
    kind: Kind = "video" if file_type in VIDEO_TYPES else "photo"
    return Media(
        id=media_id,
        owner_id=ctx.user_id,
        media_key=keys.original_key(region, kind, ctx.user_id, media_id),
        kind=kind,
        declared_type=file_type,
        declared_size_bytes=file_size,
        created_at=now,
        updated_at=now,
    )
