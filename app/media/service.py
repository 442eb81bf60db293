"""Rules and writes of uploaded media."""

from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument

from app import clock
from app.errors import Conflict, Invalid
from app.operation import Context

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


async def by_ids(resources: "Resources", media_ids: list[str]) -> dict[str, Raw]:
    """Raw documents by id."""
    found = resources.mongo.media.find({"_id": {"$in": media_ids}})
    return {document["_id"]: document async for document in found}


async def confirm(resources: "Resources", document: Raw) -> Raw:
    """The document, `uploaded` from now on if its bytes have arrived since it was `pending`.

    Raises Invalid when the bytes are not of the length that was announced.
    """
    if document["status"] != "pending":
        return document
    stored = await resources.storage.head(document["media_key"])
    if stored is None:
        return document
    if stored.size_bytes != document["declared_size_bytes"]:
        raise Invalid.field(
            "media",
            f"{document['media_key']}: {stored.size_bytes} bytes arrived, "
            f"{document['declared_size_bytes']} were announced. Upload it again.",
            "size_mismatch",
        )
    confirmed: Raw | None = await resources.mongo.media.find_one_and_update(
        {"_id": document["_id"], "status": "pending"},
        {"$set": {"status": "uploaded", "updated_at": clock.now()}},
        return_document=ReturnDocument.AFTER,
    )
    if confirmed is None:  # someone else confirmed it meanwhile
        confirmed = (await by_ids(resources, [document["_id"]]))[document["_id"]]
    return confirmed


async def claim_all(ctx: Context, media_keys: list[str], target: str) -> list[Raw]:
    """The caller's uploads, attached to `target` (a post or user id) from now on, in order.

    Raises Invalid for a key that is not an upload of the caller, whose bytes have not arrived,
    or whose processing failed; Conflict when it belongs to something else already.
    """
    if len(set(media_keys)) != len(media_keys):
        raise Invalid.field("media", "The same upload stands twice.", "media_twice")
    found = ctx.resources.mongo.media.find(
        {"media_key": {"$in": media_keys}, "owner_id": ctx.user_id}
    )
    by_key = {document["media_key"]: document async for document in found}
    claimed = []
    for key in media_keys:
        document = by_key.get(key)
        if document is None or document["status"] == "deleted":
            raise Invalid.field("media", f"{key}: not an upload of yours.", "media_not_found")
        document = await confirm(ctx.resources, document)
        if document["status"] == "pending":
            raise Invalid.field(
                "media", f"{key}: its bytes have not arrived. Upload them first.", "not_uploaded"
            )
        if document["status"] == "failed":
            raise Invalid.field(
                "media", f"{key}: {document['reason']['message']}", document["reason"]["code"]
            )
        if document["attached_to"] not in (None, target):
            raise Conflict(
                f"{key} is used already. Upload the photo again to use it twice.", "media_in_use"
            )
        claimed.append(document)
    for document in claimed:
        await _attach(ctx.resources, document, target)
    return claimed


async def _attach(resources: "Resources", document: Raw, target: str) -> None:
    result = await resources.mongo.media.update_one(
        {"_id": document["_id"], "attached_to": {"$in": [None, target]}},
        {"$set": {"attached_to": target}},
    )
    if result.matched_count == 0:
        raise Conflict(f"{document['media_key']} is used already.", "media_in_use")


async def withdraw(resources: "Resources", target: str) -> None:
    """What is attached to `target` is gone: links stop at once, the sweep removes the bytes."""
    await resources.mongo.media.update_many(
        {"attached_to": target, "status": {"$ne": "deleted"}},
        {"$set": {"status": "deleted", "updated_at": clock.now()}},
    )
