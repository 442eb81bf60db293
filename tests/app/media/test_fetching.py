"""Fetching: signatures, expiry, audience, widths, avatars."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.media import service, urls
from app.media.sandbox import SandboxBusy
from tests.app.media.conftest import Api, Person
from tests.app.media.samples import encoded, opened, photo

JPEG = encoded(photo("astronaut.png", (1600, 1200)), "JPEG")


async def ready(api: Api, person: Person, target: str, audience: str = "public") -> dict[str, Any]:
    """A processed photo, attached to `target` (a post that need not be there)."""
    link = await person.upload(JPEG, "image/jpeg")
    await api.work(link["media_id"])
    if target:
        await api.resources.mongo.media.update_one(
            {"_id": link["media_id"]}, {"$set": {"attached_to": target, "audience": audience}}
        )
    return link


def link_to(api: Api, media_id: str, file: str = "640.webp", viewer: str = "") -> str:
    return urls.signed_url(api.resources.settings, media_id, file, viewer)


async def status(api: Api, url: str) -> int:
    api.forget()
    return (await api.http.get(url)).status_code


async def test_a_public_photo(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    url = link_to(api, media_id)
    answer = await api.http.get(url)
    assert answer.status_code == 200
    assert opened(answer.content).size == (640, 480)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    cache = answer.headers["cache-control"]
    assert cache.startswith("public, max-age=")
    assert cache.endswith("immutable")
    left = urls.expiry(api.resources.settings.media.url_life_s) - time.time()
    assert abs(int(cache.split("max-age=")[1].split(",")[0]) - left) < 5
    again = await api.http.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert link_to(api, media_id) == url  # stable within its window


async def test_through_the_proxy_only_the_address_is_told(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    answer = await api.http.get(link_to(api, media_id), headers={"X-Forwarded-For": "192.0.2.1"})
    assert (answer.status_code, answer.content) == (200, b"")
    path = answer.headers["x-accel-redirect"]
    assert media_id in path
    assert "X-Amz-Signature=" in path
    assert opened(await _object(api, path)).size == (640, 480)


async def _object(api: Api, path: str) -> bytes:
    async with httpx.AsyncClient() as storage:
        answer = await storage.get(api.resources.settings.storage.endpoint + path)
    assert answer.status_code == 200
    return answer.content


async def test_links_that_are_not_ours(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    other_id = (await ready(api, ana, "post_2"))["media_id"]
    url = link_to(api, media_id)
    wrong = [
        url.replace("640.webp", "1080.webp"),  # another variant
        url.replace("640.webp", "640.jpg"),
        url.replace(media_id, other_id),
        url.replace("?e=", "?e=9"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url + f"&u={ana.user_id}",
        url.partition("?")[0],
        url.replace("&s=", "&s=\u00e9"),
        url.replace("?e=", "?e=\u00b2"),
        link_to(api, media_id, "original"),
        link_to(api, media_id, "99.webp"),
        link_to(api, media_id, "..%2F640.webp"),
        link_to(api, "media_none"),
        link_to(api, media_id, "w320.webp"),
    ]
    for one in wrong:
        assert await status(api, one) == 404, one


async def test_expired(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    url = link_to(api, media_id)
    now = time.time()
    monkeypatch.setattr(urls.time, "time", lambda: now + 13 * 3600)
    assert await status(api, url) == 404
    monkeypatch.undo()
    assert await status(api, url) == 200


async def test_deleted_stops_at_once(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    url = link_to(api, media_id)
    assert await status(api, url) == 200
    await service.withdraw(api.resources, "post_1")
    assert await status(api, url) == 404


async def test_unattached_is_the_owners(api: Api) -> None:
    ana, bob = await api.register("ana"), await api.register("bob")
    media_id = (await ready(api, ana, ""))["media_id"]
    assert await status(api, link_to(api, media_id)) == 404
    assert await status(api, link_to(api, media_id, viewer=bob.user_id)) == 404
    assert await status(api, link_to(api, media_id, viewer=ana.user_id)) == 200


async def test_attached_takes_hold_at_once(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, ""))["media_id"]
    own = await api.http.get(link_to(api, media_id, viewer=ana.user_id))  # remembered as hidden
    assert own.status_code == 200
    await api.resources.mongo.media.update_one(
        {"_id": media_id}, {"$set": {"attached_to": "post_1"}}
    )
    assert (await api.http.get(link_to(api, media_id))).status_code == 200


@pytest.mark.parametrize("audience", ["public", "followers"])
async def test_a_restricted_audience(api: Api, audience: str) -> None:
    """A private account's photo, and a followers-only one of a public account."""
    ana, bob = await api.register("ana"), await api.register("bob")
    eve = await api.register("eve")
    await bob.call("POST", "/users/ana/follow")
    if audience == "public":
        await ana.call("PUT", "/users/ana", {"privacy_level": "private"})
    media_id = (await ready(api, ana, "post_1", audience))["media_id"]
    of_bob = link_to(api, media_id, viewer=bob.user_id)
    answer = await api.http.get(of_bob)
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private, ")
    assert await status(api, link_to(api, media_id, viewer=ana.user_id)) == 200
    assert await status(api, link_to(api, media_id)) == 404
    assert await status(api, link_to(api, media_id, viewer=eve.user_id)) == 404
    assert await status(api, of_bob.replace(bob.user_id, eve.user_id)) == 404
    await bob.call("DELETE", "/users/ana/follow")
    assert await status(api, of_bob) == 404


async def test_a_block_ends_bound_links(api: Api) -> None:
    ana, bob = await api.register("ana"), await api.register("bob")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    of_bob = link_to(api, media_id, viewer=bob.user_id)
    assert await status(api, of_bob) == 200
    await ana.call("POST", "/users/bob/block")
    assert await status(api, of_bob) == 404


async def test_going_private_ends_open_links(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    url = link_to(api, media_id)
    assert await status(api, url) == 200
    await ana.call("PUT", "/users/ana", {"privacy_level": "private"})
    assert await status(api, url) == 404


async def test_widths(api: Api) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    url = link_to(api, media_id)
    for asked, given in ((16, 40), (300, 320), (320, 320), (640, 640), (1079, 1080), (1080, 1080)):
        answer = await api.http.get(f"{url}&w={asked}")
        assert answer.status_code == 200
        assert opened(answer.content).width == given
        assert opened(answer.content).format == "WEBP"
    jpeg = await api.http.get(link_to(api, media_id, "150.jpg") + "&w=500")
    assert (opened(jpeg.content).width, opened(jpeg.content).format) == (520, "JPEG")
    for wrong in ("0", "15", "1081", "-5", "1e3", "", "99999999", "\u0663\u0662\u0660", "320px"):
        assert await status(api, f"{url}&w={wrong}") == 422, wrong


async def test_a_width_is_made_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await api.register("ana")
    media_id = (await ready(api, ana, "post_1"))["media_id"]
    made: list[int] = []
    resize = api.resources.sandbox.resize

    async def counted(data: Any, kind: str, width: int, format: Any) -> Any:
        made.append(width)
        return await resize(data, kind, width, format)

    monkeypatch.setattr(api.resources.sandbox, "resize", counted)
    url = link_to(api, media_id) + "&w=480"
    answers = await asyncio.gather(*(api.http.get(url) for _ in range(5)))
    assert {a.status_code for a in answers} == {200}
    await api.http.get(url)
    assert made == [480]

    async def busy(*_: Any) -> Any:
        raise SandboxBusy

    monkeypatch.setattr(api.resources.sandbox, "resize", busy)
    answer = await api.http.get(link_to(api, media_id) + "&w=200")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


async def test_a_small_source_is_not_enlarged(api: Api) -> None:
    ana = await api.register("ana")
    data = encoded(photo(size=(200, 100)), "PNG")
    media_id = (await ana.upload(data, "image/png"))["media_id"]
    await api.work(media_id)
    url = link_to(api, media_id, "200.webp", ana.user_id)
    for asked in (200, 400, 1080):
        assert opened((await api.http.get(f"{url}&w={asked}")).content).width == 200
    assert opened((await api.http.get(f"{url}&w=100")).content).width == 120


async def test_avatars(api: Api) -> None:
    ana = await api.register("ana")
    assert await status(api, f"/media/avatar/{ana.user_id}") == 404
    assert await status(api, "/media/avatar/usr_none") == 404
    seen = []
    for _ in range(2):
        link = await ana.upload(JPEG, "image/jpeg")
        await api.work(link["media_id"])
        me = await ana.call("PUT", "/users/ana", {"profile_picture": link["media_key"]})
        stable = me["profile_picture"]
        answer = await api.http.get(stable)
        assert answer.status_code == 302
        assert answer.headers["cache-control"] == "public, max-age=300"
        picture = await api.http.get(answer.headers["location"])
        assert opened(picture.content).width == 150
        seen.append((stable.partition("?")[0], answer.headers["location"]))
    assert seen[0][0] == seen[1][0]
    assert seen[0][1] != seen[1][1]
    plain = await api.http.get(seen[0][0])
    assert plain.headers["cache-control"] == "no-cache"
    large = await api.http.get(f"{seen[0][0]}?w=320")
    assert opened((await api.http.get(large.headers["location"])).content).width == 320
    await ana.call("PUT", "/users/ana", {"privacy_level": "private"})
    assert await status(api, plain.headers["location"]) == 200  # faces stay public


async def test_signatures_depend_on_the_secret(api: Api) -> None:
    settings = api.resources.settings
    other = replace(settings, auth=replace(settings.auth, secret="x" * 32))
    assert urls.signed_url(other, "media_1", "640.webp") != link_to(api, "media_1")
