"""The life of an upload. Each step is one majority write; what follows from it (processing,
events) comes out of the change stream."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError
from typing_extensions import TypedDict

from app import clock
from app.errors import Conflict, Invalid
from app.media import keys, queries, uploads
from app.media.models import Variant
from app.media.queries import Raw
from app.operation import Context

if TYPE_CHECKING:
    from app.resources import Resources


class Upload(TypedDict):
    upload_url: str
    media_key: str
    media_id: str
    expires_in: int
    method: str
    headers: dict[str, str]
    """To be sent with the PUT, all of them."""


async def upload_url(ctx: Context, file_type: str, file_size: int) -> Upload:
    """A pre-signed PUT, good once, for exactly this type and length; Invalid otherwise."""
    media_type = uploads.check(ctx, file_type, file_size)
    medium = uploads.begin(ctx, media_type, file_size)
    try:
        await medium.insert()
    except DuplicateKeyError:
        await queries.own(ctx.resources, ctx.user_id, medium.id)  # a repeat of the same request
    life_s = ctx.resources.settings.media.upload_life_s
    url = await ctx.resources.storage.presign(
        "put_object",
        {
            "Key": medium.media_key,
            "ContentType": media_type,
            "ContentLength": file_size,
            # The link makes the object and can't replace it: a second PUT is refused with 412.
            "IfNoneMatch": "*",
        },
        life_s,
        ctx.origin,
    )
    return {
        "upload_url": url,
        "media_key": medium.media_key,
        "media_id": medium.id,
        "expires_in": life_s,
        "method": "PUT",
        "headers": {"Content-Type": media_type, "If-None-Match": "*"},
    }


async def complete(ctx: Context, media_id: str) -> Raw:
    """The bytes are there: from here on it is processed. A repeat changes nothing.

    Raises NotFound, or Conflict when nothing (or something of another size) was uploaded.
    """
    medium = await queries.own(ctx.resources, ctx.user_id, media_id)
    if medium["status"] != "pending":
        return medium
    if medium.get("upload_id"):
        raise Conflict("This is an upload in parts. Complete it as one.", "multipart_upload")
    return await arrived(ctx, medium)


async def arrived(ctx: Context, medium: Raw) -> Raw:
    """Marks it uploaded; Conflict when nothing is stored."""
    confirmed = await confirm(ctx.resources, medium)
    if confirmed["status"] == "pending":
        raise Conflict("Nothing was uploaded yet. Send the file first.", "not_uploaded")
    return confirmed


async def retry(ctx: Context, media_id: str) -> Raw:
    """Process a failed one again; Conflict when it did not fail or its original is gone."""
    medium = await queries.own(ctx.resources, ctx.user_id, media_id)
    if medium["status"] in ("uploaded", "processing"):
        return medium
    if medium["status"] != "failed":
        raise Conflict("Only a failed upload can be tried again.", "not_failed")
    if await ctx.resources.storage.head(medium["media_key"]) is None:
        raise Conflict("The file is gone. Upload it again.", "upload_gone")
    updated = await _change(
        ctx.resources,
        {"_id": media_id, "status": "failed"},
        {"status": "uploaded", "reason": None},
    )
    return updated or await queries.own(ctx.resources, ctx.user_id, media_id)


async def by_ids(resources: "Resources", media_ids: list[str]) -> dict[str, Raw]:
    """Raw documents by id."""
    return await queries.by_ids(resources, media_ids)


async def confirm(resources: "Resources", document: Raw, field: str = "media") -> Raw:
    """The document, `uploaded` from now on if its bytes have arrived since it was `pending`.

    Raises Invalid (of `field`) when the bytes are not of the length that was announced.
    """
    if document["status"] != "pending":
        return document
    stored = await resources.storage.head(document["media_key"])
    if stored is None:
        return document
    if stored.size_bytes != document["declared_size_bytes"]:
        raise Invalid.field(
            field,
            f"{document['media_key']}: {stored.size_bytes} bytes arrived, "
            f"{document['declared_size_bytes']} were announced. Upload it again.",
            "size_mismatch",
        )
    confirmed = await _change(
        resources, {"_id": document["_id"], "status": "pending"}, {"status": "uploaded"}
    )
    if confirmed is None:  # someone else confirmed it meanwhile
        confirmed = (await by_ids(resources, [document["_id"]]))[document["_id"]]
    return confirmed


async def claim_all(
    ctx: Context,
    media_keys: list[str],
    target: str,
    *,
    audience: str = "public",
    field: str = "media",
) -> list[Raw]:
    """The caller's uploads, attached to `target` (of a post, story, user or message) from now on,
    in order, for `audience` to fetch. The caller sent their keys in `field`.

    Raises Invalid for a key that is not an upload of the caller, whose bytes have not arrived,
    or whose processing failed; Conflict when it belongs to something else already.
    """
    if len(set(media_keys)) != len(media_keys):
        raise Invalid.field(field, "The same upload stands twice.", "media_twice")
    found = ctx.resources.mongo.media.find(
        {"media_key": {"$in": media_keys}, "owner_id": ctx.user_id}
    )
    by_key = {document["media_key"]: document async for document in found}
    claimed = []
    for key in media_keys:
        document = by_key.get(key)
        if document is None or document["status"] == "deleted":
            raise Invalid.field(field, f"{key}: not an upload of yours.", "media_not_found")
        document = await confirm(ctx.resources, document, field)
        if document["status"] == "pending":
            raise Invalid.field(
                field, f"{key}: its bytes have not arrived. Upload them first.", "not_uploaded"
            )
        if document["status"] == "failed":
            raise Invalid.field(
                field, f"{key}: {document['reason']['message']}", document["reason"]["code"]
            )
        if document["attached_to"] not in (None, target):
            raise Conflict(
                f"{key} is used already. Upload the photo again to use it twice.", "media_in_use"
            )
        claimed.append(document)
    for document in claimed:
        await _attach(ctx.resources, document, target, audience)
    return claimed


async def _attach(resources: "Resources", document: Raw, target: str, audience: str) -> None:
    result = await resources.mongo.media.update_one(
        {
            "_id": document["_id"],
            "attached_to": {"$in": [None, target]},
            "status": {"$ne": "deleted"},
        },
        {"$set": {"attached_to": target, "audience": audience}},
    )
    if result.matched_count == 0:
        raise Conflict(f"{document['media_key']} is used already.", "media_in_use")


async def release(resources: "Resources", target: str, *media_ids: str) -> None:
    """What was claimed for `target` (all, or these media), which is then not made, may be used
    for something else."""
    claimed: Raw = {"attached_to": target, "status": {"$ne": "deleted"}}
    if media_ids:
        claimed["_id"] = {"$in": list(media_ids)}
    await resources.mongo.media.update_many(claimed, {"$set": {"attached_to": None}})


async def withdraw(resources: "Resources", target: str, *, keep: str = "") -> None:
    """What is attached to `target` is gone, except the medium `keep` (the copy of a story that is
    kept): links stop at once, the sweep removes the bytes."""
    await resources.mongo.media.update_many(
        {"attached_to": target, "status": {"$ne": "deleted"}, "_id": {"$ne": keep}},
        {"$set": {"status": "deleted", "updated_at": clock.now()}},
    )


async def discard(resources: "Resources", media_id: str) -> None:
    """As `withdraw`, of one medium: an avatar that another took the place of."""
    await _change(resources, {"_id": media_id, "status": {"$ne": "deleted"}}, {"status": "deleted"})


async def drop(resources: "Resources", medium: Raw) -> bool:
    """Delete one that nothing shows; False when something took it meanwhile."""
    dropped = await _change(
        resources,
        {"_id": medium["_id"], "attached_to": None, "status": medium["status"]},
        {"status": "deleted"},
    )
    return dropped is not None


async def forget(resources: "Resources", media_id: str) -> None:
    """The last trace of a deleted one, after its objects."""
    await resources.mongo.media.delete_one({"_id": media_id, "status": "deleted"})


async def original_removed(resources: "Resources", media_ids: list[str]) -> None:
    await resources.mongo.media.update_many(
        {"_id": {"$in": media_ids}}, {"$set": {"original_stored": False}}
    )


async def copy(
    resources: "Resources", medium: Raw, owner_id: str, media_id: str, fields: Raw
) -> Raw:
    """A ready medium once more, with files of its own, for `owner_id`; the copy. `fields`: what
    it is attached to, and for whom. A repeat with the same id makes it once."""
    region = resources.settings.storage.region
    made = await queries.by_id(resources, media_id)
    if made is not None:
        return made
    here = keys.prefix(region, medium["kind"], medium["owner_id"], medium["_id"])
    there = keys.prefix(region, medium["kind"], owner_id, media_id)
    for key in await resources.storage.list_keys(here):
        await resources.storage.copy(key, there + key.removeprefix(here))
    now = clock.now()
    document = {
        **medium,
        "_id": media_id,
        "owner_id": owner_id,
        "media_key": keys.original_key(region, medium["kind"], owner_id, media_id),
        "original_stored": False,
        "upload_id": None,
        "copy_of": medium["_id"],
        "origin": None,
        "expires_at": None,
        "created_at": now,
        "updated_at": now,
        **fields,
    }
    with suppress(DuplicateKeyError):  # another made it meanwhile, of the same files
        await resources.mongo.media.insert_one(document)
    return document


# What the images and transcode workers write. Each counts only for the attempt it belongs to, so that a
# worker that was asleep meanwhile does no harm.


async def begin_processing(resources: "Resources", media_id: str) -> Raw | None:
    """Start an attempt: the medium, or None when there is nothing (left) to do."""
    return await _change(
        resources,
        {"_id": media_id, "status": {"$in": ["uploaded", "processing"]}},
        {"status": "processing"},
        {"$inc": {"attempts": 1}},
    )


async def finish(
    resources: "Resources",
    medium: Raw,
    size: tuple[int, int],
    thumbhash: str,
    variants: list[Variant],
    duration: float | None = None,
) -> bool:
    """Ready, `duration` seconds long when it is a video; False when another attempt or a deletion came first."""
    written = await _change(
        resources,
        _same_attempt(medium),
        {
            "status": "ready",
            "reason": None,
            "width": size[0],
            "height": size[1],
            "thumbhash": thumbhash,
            "duration": duration,
            "variants": [variant.model_dump() for variant in variants],
        },
    )
    return written is not None


async def fail(resources: "Resources", medium: Raw, code: str, message: str) -> bool:
    """Failed, with the reason; False when another attempt or a deletion came first."""
    written = await _change(
        resources,
        _same_attempt(medium),
        {"status": "failed", "reason": {"code": code, "message": message}},
    )
    return written is not None


def _same_attempt(medium: Raw) -> Raw:
    return {"_id": medium["_id"], "status": medium["status"], "attempts": medium["attempts"]}


async def _change(
    resources: "Resources", where: Raw, fields: Raw, also: dict[str, Any] | None = None
) -> Raw | None:
    changed: Raw | None = await resources.mongo.media.find_one_and_update(
        where,
        {"$set": {**fields, "updated_at": clock.now()}, **(also or {})},
        return_document=ReturnDocument.AFTER,
    )
    return changed
