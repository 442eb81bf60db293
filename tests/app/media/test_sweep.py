"""What nobody wants goes; what somebody might want stays."""

from datetime import timedelta
from typing import Any

from app import clock
from app.media import keys
from app.media.sweep import Swept, sweep
from tests.app.media.conftest import Api, Person
from tests.app.media.samples import encoded, photo

JPEG = encoded(photo(size=(300, 200)), "JPEG")
NOTHING = Swept(0, 0, 0, 0)


async def made(api: Api, person: Person, processed: bool = True) -> str:
    link = await person.upload(JPEG, "image/jpeg")
    if processed:
        await api.work(link["media_id"])
    return str(link["media_id"])


async def change(api: Api, media_id: str, age: timedelta, **fields: Any) -> None:
    """Make it older, and whatever else."""
    then = clock.now() - age
    await api.resources.mongo.media.update_one(
        {"_id": media_id}, {"$set": {"created_at": then, "updated_at": then, **fields}}
    )


async def objects(api: Api, owner: Person, media_id: str) -> list[str]:
    region = api.resources.settings.storage.region
    original = keys.original_key(region, "photo", owner.user_id, media_id)
    prefix = keys.prefix(region, "photo", owner.user_id, media_id)
    storage = api.resources.storage
    return [*await storage.list_keys(original), *await storage.list_keys(prefix)]


async def test_orphans_after_a_day(api: Api) -> None:
    ana = await api.register("ana")
    orphan, young, kept = [await made(api, ana) for _ in range(3)]
    body = {"file_type": "image/jpeg", "file_size": 10}
    never = (await ana.call("POST", "/media/upload-url", body))["media_id"]
    parts = (await ana.call("POST", "/media/multipart", body))["media_id"]
    day = timedelta(hours=25)
    for media_id in (orphan, never, parts):
        await change(api, media_id, day)
    await change(api, kept, day, attached_to="post_1", original_stored=False)
    assert await sweep(api.resources) == Swept(abandoned=3, stalled=0, deleted=3, originals=0)
    left = {m["_id"] async for m in api.resources.mongo.media.find()}
    assert left == {young, kept}
    assert await objects(api, ana, orphan) == []
    assert len(await objects(api, ana, young)) == 5
    assert await sweep(api.resources) == NOTHING


async def test_deleted_media_and_their_extra_widths(api: Api) -> None:
    ana = await api.register("ana")
    media_id = await made(api, ana)
    region = api.resources.settings.storage.region
    extra = keys.prefix(region, "photo", ana.user_id, media_id) + "w80.webp"
    await api.resources.storage.write(extra, b"x", "image/webp")
    await change(api, media_id, timedelta(minutes=1), status="deleted")
    assert await sweep(api.resources) == NOTHING  # its upload link still lives
    await change(api, media_id, timedelta(minutes=10))
    assert (await sweep(api.resources)).deleted == 1
    assert await objects(api, ana, media_id) == []
    assert await api.resources.mongo.media.count_documents({}) == 0


async def test_originals_go_once_their_link_is_dead(api: Api) -> None:
    ana = await api.register("ana")
    media_id = await made(api, ana)
    assert await sweep(api.resources) == NOTHING
    await change(api, media_id, timedelta(minutes=10))
    assert (await sweep(api.resources)).originals == 1
    left = await objects(api, ana, media_id)
    assert len(left) == 4
    assert not any("original" in key for key in left)
    assert await sweep(api.resources) == NOTHING


async def test_stalled_processing_is_told(api: Api) -> None:
    ana = await api.register("ana")
    media_id = await made(api, ana, processed=False)
    await change(api, media_id, timedelta(minutes=40), status="processing")
    assert (await sweep(api.resources)).stalled == 1
    failed = await ana.call("GET", f"/media/{media_id}")
    assert failed["reason"]["code"] == "processing_failed"
    assert (await ana.call("POST", f"/media/{media_id}/retry"))["status"] == "uploaded"
    await api.work(media_id)
    assert (await ana.call("GET", f"/media/{media_id}"))["status"] == "ready"


async def test_the_buckets_own_rules(api: Api) -> None:
    storage = api.resources.storage
    answer = await storage._client.get_bucket_lifecycle_configuration(Bucket=storage.bucket)
    rules = {rule["ID"]: rule for rule in answer["Rules"]}
    assert rules["incoming"]["Expiration"]["Days"] == 1
