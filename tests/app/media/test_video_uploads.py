"""A video from upload to screen."""

from typing import Any

import httpx
import pytest

from app.media import urls
from app.media.multipart import PART_BYTES
from tests.app.media.clips import clip
from tests.app.media.conftest import Api, Person


async def ready(api: Api, who: Person, data: bytes) -> dict[str, Any]:
    link = await who.upload(data, "video/mp4")
    await api.work(link["media_id"])
    return link


async def test_a_video_from_link_to_ready(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.upload(clip(), "video/mp4")
    await api.work(link["media_id"])
    view = await ana.call("GET", f"/media/{link['media_id']}")
    assert (view["type"], view["status"], view["percent"]) == ("video", "ready", 100)
    assert (view["width"], view["height"]) == (320, 180)
    assert view["duration"] == pytest.approx(2, abs=0.1)
    assert view["thumbhash"]
    kinds = {variant["type"] for variant in view["variants"]}
    assert kinds == {"video/mp4", "image/webp", "image/jpeg"}
    for variant in view["variants"]:
        answer = await api.http.get(variant["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == variant["type"]
    await api.work(link["media_id"])  # the event again
    assert await ana.call("GET", f"/media/{link['media_id']}") == view


async def test_parts_of_it_can_be_asked_for(api: Api) -> None:
    ana = await api.register("ana")
    link = await ready(api, ana, clip())
    view = await ana.call("GET", f"/media/{link['media_id']}")
    url = next(v["url"] for v in view["variants"] if v["type"] == "video/mp4")
    whole = (await api.http.get(url)).content
    part = await api.http.get(url, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole)}"
    assert part.headers["content-type"] == "video/mp4"
    assert "immutable" in part.headers["cache-control"]
    assert (await api.http.get(url, headers={"Range": "bytes=-50"})).content == whole[-50:]
    beyond = await api.http.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert (await api.http.get(f"{url}&w=150")).content == whole  # a width is for pictures
    forged = urls.signed_url(api.resources.settings, link["media_id"], "720p.mp4")
    assert (await api.http.get(forged)).status_code == 404


async def test_a_refusal_tells_why_and_can_be_tried_again(api: Api) -> None:
    ana = await api.register("ana")
    link = await ana.upload(clip()[:20_000], "video/mp4")
    await api.work(link["media_id"])
    failed = await ana.call("GET", f"/media/{link['media_id']}")
    assert (failed["status"], failed["reason"]["code"]) == ("failed", "truncated")
    # Still its bytes: it fails once more.
    assert (await ana.call("POST", f"/media/{link['media_id']}/retry"))["status"] == "uploaded"
    await api.work(link["media_id"])
    assert (await ana.call("GET", f"/media/{link['media_id']}"))["status"] == "failed"


async def test_a_large_one_comes_in_parts(api: Api) -> None:
    ana = await api.register("ana")
    # Bytes that a container may carry and no player looks at.
    padding = PART_BYTES.to_bytes(4, "big") + b"free" + bytes(PART_BYTES - 8)
    data = clip() + padding
    upload = await ana.call(
        "POST", "/media/multipart", {"file_type": "video/mp4", "file_size": len(data)}
    )
    path = f"/media/multipart/{upload['media_id']}"
    links = await ana.call("POST", f"{path}/parts", {"part_numbers": [1, 2]})
    async with httpx.AsyncClient() as storage:
        for at, part in enumerate(links["parts"]):
            piece = data[at * PART_BYTES :][: part["size"]]
            assert (await storage.put(part["url"], content=piece)).status_code == 200
    await ana.call("POST", f"{path}/complete")
    await api.work(upload["media_id"])
    assert (await ana.call("GET", f"/media/{upload['media_id']}"))["status"] == "ready"


async def test_stories_and_posts_show_it(api: Api) -> None:
    ana = await api.register("ana")
    link = await ready(api, ana, clip())
    body = {"media_url": link["media_key"], "media_type": "video"}
    story = await ana.call("POST", "/stories", body)
    assert story["status"] == "live"
    assert story["duration"] == story["media"]["duration"] == pytest.approx(2, abs=0.1)
    assert (await api.http.get(story["media_url"])).headers["content-type"] == "video/mp4"
    poster = await api.http.get(story["media"]["poster"])
    assert poster.headers["content-type"] == "image/jpeg"

    link = await ready(api, ana, clip())
    post = await ana.call(
        "POST", "/posts", {"media": [{"type": "video", "url": link["media_key"]}]}
    )
    [item] = post["media"]
    assert (post["status"], item["type"]) == ("published", "video")
    assert (await api.http.get(item["url"])).headers["content-type"] == "video/mp4"
    assert item["poster"]


async def test_a_story_of_61_seconds_is_refused(api: Api) -> None:
    ana = await api.register("ana")
    long = clip("mp4", "64x64", 61, 2)
    link = await ready(api, ana, long)
    body = {"media_url": link["media_key"], "media_type": "video"}
    error = await ana.call("POST", "/stories", body, status=422)
    assert error["code"] == "too_long"
    assert "60 seconds" in error["details"]["fields"]["duration"]
    # Told before its length was known: it never goes live, and says why.
    link = await ana.upload(long, "video/mp4")
    early = await ana.call("POST", "/stories", {**body, "media_url": link["media_key"]})
    assert early["status"] == "pending"
    await api.work(link["media_id"])
    from app.stories import telling

    await telling.media_settled(api.resources, link["media_id"])
    told = await ana.call("GET", f"/stories/{early['story_id']}")
    assert (told["status"], told["media"]["status"]) == ("pending", "failed")
    assert told["media"]["reason"]["code"] == "too_long"
    # A minute is no more than a minute.
    link = await ready(api, ana, clip("mp4", "64x64", 60, 2))
    assert (await ana.call("POST", "/stories", {**body, "media_url": link["media_key"]}))[
        "duration"
    ] == pytest.approx(60, abs=0.5)
