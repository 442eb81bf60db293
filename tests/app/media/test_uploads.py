"""Uploading: links that are bound, completing, processing, refusals, retries."""

import asyncio
from typing import Any

import httpx
import pytest

from app.events import MediaUploaded
from app.media import keys, service
from tests.app.media.conftest import Api, Person
from tests.app.media.samples import encoded, exif, gif, photo, png, png_bomb
from tests.fixtures.loop import eventually
from workers import images

JPEG = encoded(photo(), "JPEG", exif=exif(6))


async def put(url: str, content: bytes, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient() as storage:
        return (await storage.put(url, content=content, headers=headers)).status_code


async def test_a_photo_from_link_to_ready(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.upload(JPEG, "image/jpeg")
    assert link["expires_in"] == 300
    media_id = link["media_id"]
    assert (await ana.call("GET", f"/media/{media_id}"))["status"] == "uploaded"
    await api.work(media_id)
    ready = await ana.call("GET", f"/media/{media_id}")
    assert (ready["status"], ready["percent"], ready["reason"]) == ("ready", 100, None)
    assert (ready["width"], ready["height"]) == (512, 512)
    assert [(v["width"], v["type"]) for v in ready["variants"]] == [
        (512, "image/webp"),
        (512, "image/jpeg"),
        (150, "image/webp"),
        (150, "image/jpeg"),
    ]
    assert ready["thumbhash"]
    for variant in ready["variants"]:
        answer = await api.http.get(variant["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == variant["type"]
        assert b"Acme" not in answer.content


WRONG: list[tuple[Any, str, str]] = [
    ({"file_type": "video/x-matroska", "file_size": 10}, "file_type", "unsupported_type"),
    ({"file_type": "video/mp4", "file_size": 500 * 2**20 + 1}, "file_size", "too_large"),
    ({"file_type": "image/svg+xml", "file_size": 10}, "file_type", "unsupported_type"),
    ({"file_type": "text/html", "file_size": 10}, "file_type", "unsupported_type"),
    ({"file_type": "image/jpeg", "file_size": 21 << 20}, "file_size", "too_large"),
    ({"file_type": "image/jpeg", "file_size": 0}, "file_size", "invalid"),
    ({"file_type": "image/jpeg", "file_size": -1}, "file_size", "invalid"),
    ({"file_type": "image/jpeg", "file_size": "12"}, "file_size", "invalid"),
    ({"file_type": "image/jpeg", "file_size": 1e300}, "file_size", "invalid"),
    ({"file_type": {"$ne": 1}, "file_size": 1}, "file_type", "invalid"),
    ({"file_type": "image/jpeg"}, "file_size", "invalid"),
    ({"file_type": "image/jpeg", "file_size": 1, "key": "x"}, "key", "invalid"),
]


async def test_wrong_requests(api: Api) -> None:
    ana = await api.register("ana")
    for path in ("/media/upload-url", "/media/multipart"):
        for body, field, code in WRONG:
            error = await ana.call("POST", path, body, status=422)
            assert error["code"] == code, body
            assert field in error["details"]["fields"], body


async def test_the_link_is_bound(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.call(
        "POST", "/media/upload-url", {"file_type": "image/jpeg", "file_size": len(JPEG)}
    )
    url, headers = link["upload_url"], link["headers"]
    assert await put(url, JPEG[:-1], headers) == 403
    assert await put(url, JPEG + b"x", headers) == 403
    assert await put(url, JPEG, {**headers, "Content-Type": "text/html"}) == 403
    assert await put(url.replace(link["media_id"], "media_other"), JPEG, headers) == 403
    assert await put(url.replace("Expires=300", "Expires=9999"), JPEG, headers) == 403
    async with httpx.AsyncClient() as storage:
        assert (await storage.get(url)).status_code == 403
        assert (await storage.delete(url)).status_code == 403
    nothing = await ana.call("POST", f"/media/{link['media_id']}/complete", status=409)
    assert nothing["code"] == "not_uploaded"
    assert await put(url, JPEG, headers) == 200
    assert await put(url, JPEG, headers) == 412  # a used link is used up
    await ana.call("POST", f"/media/{link['media_id']}/complete")
    await api.work(link["media_id"])
    assert await put(url, JPEG, headers) == 412  # also after processing


async def test_repeats_and_other_people(api: Api) -> None:
    ana, bob = await api.register("ana"), await api.register("bob")
    link = await ana.upload(JPEG, "image/jpeg")
    media_id = link["media_id"]
    again = await ana.call("POST", f"/media/{media_id}/complete")
    assert again["status"] == "uploaded"
    for method, path in [
        ("GET", f"/media/{media_id}"),
        ("POST", f"/media/{media_id}/complete"),
        ("POST", f"/media/{media_id}/retry"),
        ("GET", f"/media/multipart/{media_id}"),
        ("POST", f"/media/multipart/{media_id}/complete"),
        ("GET", "/media/media_nonsense"),
        ("POST", "/media/%00/complete"),
    ]:
        await bob.call(method, path, status=422 if "%00" in path else 404)
    assert (await ana.call("POST", f"/media/{media_id}/retry"))["status"] == "uploaded"
    await api.work(media_id)
    error = await ana.call("POST", f"/media/{media_id}/retry", status=409)
    assert error["code"] == "not_failed"


async def test_the_same_key_gives_the_same_upload(api: Api) -> None:
    ana = await api.register("ana")
    body = {"file_type": "image/jpeg", "file_size": 10}
    headers = {"Authorization": f"Bearer {ana.token}", "Idempotency-Key": "one"}
    first = await api.http.post("/api/v1/media/upload-url", json=body, headers=headers)
    second = await api.http.post("/api/v1/media/upload-url", json=body, headers=headers)
    assert first.json()["data"]["media_id"] == second.json()["data"]["media_id"]


LIES: list[tuple[bytes, str, str]] = [
    (encoded(photo(), "PNG"), "image/jpeg", "type_mismatch"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png", "unsupported_type"),
    (JPEG[: len(JPEG) // 2], "image/jpeg", "truncated"),
    (png_bomb(), "image/png", "too_many_pixels"),
    (png(50_000, 50_000), "image/png", "too_many_pixels"),
    (gif(1001), "image/gif", "too_many_frames"),
    (b"\xff\xd8\xff" + b"junk" * 100, "image/jpeg", "decode_failed"),
]


async def test_lies_end_as_failed(api: Api) -> None:
    ana = await api.register("ana")
    for data, declared, code in LIES:
        link = await ana.upload(data, declared)
        await api.work(link["media_id"])
        failed = await ana.call("GET", f"/media/{link['media_id']}")
        assert (failed["status"], failed["variants"]) == ("failed", [])
        assert failed["reason"]["code"] == code
        assert failed["reason"]["message"]
    tried = await ana.call("POST", f"/media/{link['media_id']}/retry")
    assert (tried["status"], tried["reason"]) == ("uploaded", None)
    await api.work(link["media_id"])
    assert (await ana.call("GET", f"/media/{link['media_id']}"))["reason"]["code"] == code


async def test_twice_at_the_same_time_and_after(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.upload(JPEG, "image/jpeg")
    await asyncio.gather(*(api.work(link["media_id"]) for _ in range(3)))
    first = await ana.call("GET", f"/media/{link['media_id']}")
    assert first["status"] == "ready"
    await api.work(link["media_id"])
    assert await ana.call("GET", f"/media/{link['media_id']}") == first


async def test_killed_in_the_middle(api: Api) -> None:
    ana = await api.register("ana")
    for _ in range(5):  # on a busy machine it may be over before it is looked at
        link = await ana.upload(JPEG, "image/jpeg")
        media, medium = api.resources.mongo.media, {"_id": link["media_id"]}
        begun = medium | {"status": {"$in": ["processing", "ready"]}}
        task = asyncio.create_task(api.work(link["media_id"]))
        await eventually(lambda: media.count_documents(begun), "begun", every_s=0.002)  # noqa: B023
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if await media.count_documents(medium | {"status": "processing"}):
            break
    else:
        pytest.fail("never caught in the middle")
    await api.work(link["media_id"])
    assert (await ana.call("GET", f"/media/{link['media_id']}"))["status"] == "ready"


async def test_a_worker_that_slept_does_no_harm(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.upload(JPEG, "image/jpeg")
    slept = await service.begin_processing(api.resources, link["media_id"])
    assert slept is not None
    await api.work(link["media_id"])
    assert not await service.fail(api.resources, slept, "time_limit", "late")
    assert not await service.finish(api.resources, slept, (1, 1), "", [])
    assert (await ana.call("GET", f"/media/{link['media_id']}"))["status"] == "ready"


async def test_storage_that_lies_is_not_the_pictures_fault(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await api.register("ana")
    link = await ana.upload(JPEG, "image/jpeg")
    read = api.resources.storage.read

    async def cut(key: str, bytes_max: int) -> bytes | None:
        data = await read(key, bytes_max)
        return data[:1000] if data else data

    monkeypatch.setattr(api.resources.storage, "read", cut)
    with pytest.raises(Exception, match="1000 of"):
        await api.work(link["media_id"])
    monkeypatch.undo()
    await api.work(link["media_id"])
    assert (await ana.call("GET", f"/media/{link['media_id']}"))["status"] == "ready"


async def test_progress_is_told(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.upload(JPEG, "image/jpeg")
    seen: list[str] = []
    async with api.resources.live.watch(f"media:{link['media_id']}") as updates:
        await api.work(link["media_id"])
        async with asyncio.timeout(30):
            async for update in updates:
                assert update.type == "media.progress"
                seen.append(update.message.decode())
                if "ready" in seen[-1]:
                    break
    assert [stage in text for stage, text in zip(
        ("checking", "processing", "storing", "ready"), seen, strict=True
    )] == [True] * 4  # fmt: skip


async def test_an_event_for_nothing_is_done(api: Api) -> None:
    await images.handle("1-0", MediaUploaded("media_none", "usr_none"), api.resources)


async def test_claiming(api: Api) -> None:
    ana, bob = await api.register("ana"), await api.register("bob")
    link = await ana.upload(JPEG, "image/jpeg")
    body = {"profile_picture": link["media_key"]}
    error = await bob.call("PUT", "/users/bob", body, status=422)
    assert error["code"] == "media_not_found"
    await ana.call("PUT", "/users/ana", body)
    medium = await api.resources.mongo.media.find_one({"_id": link["media_id"]})
    assert medium is not None
    assert medium["attached_to"] == ana.user_id


class TestMultipart:
    SIZE = 12 * 1024 * 1024
    FILE = JPEG + bytes(SIZE - len(JPEG))

    async def start(self, ana: Person) -> dict[str, Any]:
        body = {"file_type": "image/jpeg", "file_size": self.SIZE}
        return await ana.call("POST", "/media/multipart", body)

    def part(self, number: int, size: int) -> bytes:
        start = (number - 1) * 5 * 1024 * 1024
        return self.FILE[start : start + size]

    async def test_resumed_after_a_break(self, api: Api) -> None:
        ana = await api.register("ana")
        begun = await self.start(ana)
        path = f"/media/multipart/{begun['media_id']}"
        assert (begun["parts_count"], begun["done"]) == (3, [])
        links = await ana.call("POST", f"{path}/parts", {"part_numbers": [1, 3]})
        for link in links["parts"]:
            content = self.part(link["part_number"], link["size"])
            assert await put(link["url"], content[:-1], {}) == 403
            assert await put(link["url"], content, {}) == 200
        error = await ana.call("POST", f"{path}/complete", status=409)
        assert (error["code"], error["details"]["missing"]) == ("parts_missing", [2])
        resumed = await ana.call("GET", path)
        assert resumed["done"] == [1, 3]
        links = await ana.call("POST", f"{path}/parts", {"part_numbers": [2]})
        (link,) = links["parts"]
        assert await put(link["url"], self.part(2, link["size"]), {}) == 200
        done = await ana.call("POST", f"{path}/complete")
        assert done["status"] == "uploaded"
        assert (await ana.call("POST", f"{path}/complete"))["status"] == "uploaded"
        assert await put(link["url"], self.part(2, link["size"]), {}) == 404
        await api.work(begun["media_id"])
        assert (await ana.call("GET", f"/media/{begun['media_id']}"))["status"] == "ready"

    async def test_abort_and_wrong_numbers(self, api: Api) -> None:
        ana, bob = await api.register("ana"), await api.register("bob")
        begun = await self.start(ana)
        path = f"/media/multipart/{begun['media_id']}"
        for numbers in ([], [0], [4], ["1"], [1] * 101):
            await ana.call("POST", f"{path}/parts", {"part_numbers": numbers}, status=422)
        await bob.call("POST", f"{path}/parts", {"part_numbers": [1]}, status=404)
        await bob.call("POST", f"{path}/abort", status=404)
        error = await ana.call("POST", f"/media/{begun['media_id']}/complete", status=409)
        assert error["code"] == "multipart_upload"
        await ana.call("POST", f"{path}/abort")
        await ana.call("GET", path, status=404)
        await ana.call("POST", f"{path}/complete", status=404)


async def test_object_keys() -> None:
    original = keys.original_key("eu", "photo", "usr_1", "media_1")
    assert original == "eu/incoming/photo/usr_1/media_1/original"
    assert keys.prefix("eu", "photo", "usr_1", "media_1").split("/")[2:] == [
        "photo", "usr_1", "media_1", "",
    ]  # fmt: skip
