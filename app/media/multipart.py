"""Uploads in parts, for files over 16 MB and bad networks: what arrived stays, and after a
break the client asks which parts are there and sends the others."""

from pymongo.errors import DuplicateKeyError
from typing_extensions import TypedDict

from app.errors import Conflict, Invalid
from app.media import queries, service, uploads
from app.media.queries import Raw
from app.operation import Context

PART_BYTES = 5 * 1024 * 1024
"""What S3 asks for at least; the last part may be smaller."""


class Part(TypedDict):
    part_number: int
    size: int
    url: str


class Multipart(TypedDict):
    media_id: str
    media_key: str
    part_size: int
    parts_count: int
    expires_in: int
    done: list[int]
    """Numbers (from 1) of the parts that have arrived."""


class Parts(TypedDict):
    parts: list[Part]
    done: list[int]
    expires_in: int


async def start(ctx: Context, file_type: str, file_size: int) -> Multipart:
    """Begin; Invalid as for a plain upload."""
    media_type = uploads.check(ctx, file_type, file_size)
    medium = uploads.begin(ctx, media_type, file_size)
    storage = ctx.resources.storage
    medium.upload_id = await storage.begin_parts(medium.media_key, media_type)
    try:
        await medium.insert()
    except DuplicateKeyError:  # a repeat of the same request: the first one's upload goes on
        await storage.abort_parts(medium.media_key, medium.upload_id)
    return await state(ctx, medium.id)


async def state(ctx: Context, media_id: str) -> Multipart:
    """Where it stands; NotFound for what is not one's own upload in parts."""
    medium = await _own(ctx, media_id)
    return {
        "media_id": medium["_id"],
        "media_key": medium["media_key"],
        "part_size": PART_BYTES,
        "parts_count": _count(medium),
        "expires_in": ctx.resources.settings.media.upload_life_s,
        "done": await _arrived(ctx, medium),
    }


async def parts(ctx: Context, media_id: str, numbers: list[int]) -> Parts:
    """Links for these parts, each bound to its length, and which parts have arrived."""
    medium = await _own(ctx, media_id)
    count = _count(medium)
    if any(number > count for number in numbers):
        raise Invalid.field("part_numbers", f"There are {count} parts, counted from 1.")
    life_s = ctx.resources.settings.media.upload_life_s
    links: list[Part] = []
    for number in sorted(set(numbers)):
        size = _part_bytes(medium, number)
        url = await ctx.resources.storage.presign(
            "upload_part",
            {
                "Key": medium["media_key"],
                "UploadId": medium["upload_id"],
                "PartNumber": number,
                "ContentLength": size,
            },
            life_s,
            ctx.origin,
        )
        links.append({"part_number": number, "size": size, "url": url})
    return {"parts": links, "done": await _arrived(ctx, medium), "expires_in": life_s}


async def complete(ctx: Context, media_id: str) -> Raw:
    """Join the parts; Conflict names those that are missing. A repeat changes nothing."""
    medium = await queries.own(ctx.resources, ctx.user_id, media_id)
    if medium["status"] != "pending":
        return medium
    if not medium.get("upload_id"):
        raise queries.not_found()
    storage = ctx.resources.storage
    found = await storage.parts(medium["media_key"], medium["upload_id"])
    missing = [
        number
        for number in range(1, _count(medium) + 1)
        if number not in found or found[number].size_bytes != _part_bytes(medium, number)
    ]
    if not missing:
        await storage.join_parts(medium["media_key"], medium["upload_id"], found)
    # After a lost answer the upload is joined already and its parts are no longer listed.
    elif await storage.head(medium["media_key"]) is None:
        raise Conflict(
            "Some parts have not arrived. Send them first.", "parts_missing", missing=missing
        )
    return await service.arrived(ctx, medium)


async def abort(ctx: Context, media_id: str) -> None:
    """Give up: what arrived is dropped at once, the rest with the next sweep."""
    medium = await _own(ctx, media_id)
    await ctx.resources.storage.abort_parts(medium["media_key"], medium["upload_id"])
    await service.drop(ctx.resources, medium)


async def _own(ctx: Context, media_id: str) -> Raw:
    medium = await queries.own(ctx.resources, ctx.user_id, media_id)
    if medium["status"] != "pending" or not medium.get("upload_id"):
        raise queries.not_found()
    return medium


def _count(medium: Raw) -> int:
    return -(-int(medium["declared_size_bytes"]) // PART_BYTES)


def _part_bytes(medium: Raw, number: int) -> int:
    return min(PART_BYTES, int(medium["declared_size_bytes"]) - (number - 1) * PART_BYTES)


async def _arrived(ctx: Context, medium: Raw) -> list[int]:
    """Numbers of the parts in storage; of the largest video a hundred."""
    return sorted(await ctx.resources.storage.parts(medium["media_key"], medium["upload_id"]))
