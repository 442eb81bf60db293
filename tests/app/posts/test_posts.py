"""Posts: exact fields, what is refused, editing, deleting, archiving."""

from typing import Any

import pytest

from tests.fixtures.api import Api, Person

PUBLISHED = {
    "post_id", "user", "media", "caption", "hashtags", "location", "likes_count",
    "comments_count", "shares_count", "is_liked", "is_saved", "created_at", "edited_at",
    "comments_disabled", "audience",
}  # fmt: skip
ITEM = {"type", "url", "width", "height", "thumbhash", "alt_text", "sources"}


async def test_a_post_of_an_uploaded_photo(api: Api) -> None:
    ana, ben = await api.people(2)
    sent = {
        "caption": "Dawn #Light #light #123 with @" + ben.username,
        "media": [
            {
                "type": "photo",
                "url": await ana.photo(),
                "alt_text": "A gradient",
                "tags": [{"username": ben.username, "x": 0.25, "y": 1}],
            }
        ],
        "location": {"name": "Lake", "lat": 46.2, "lng": -6.1},
    }
    answer = await ana.send("POST", "/posts", sent)
    assert answer.status_code == 201
    post = answer.json()["data"]
    assert set(post) >= PUBLISHED
    assert post["status"] == "published"
    assert post["user"]["username"] == ana.username
    assert post["hashtags"] == ["light"]
    assert post["location"] == sent["location"]
    assert (post["audience"], post["comments_disabled"]) == ("public", False)
    [item] = post["media"]
    assert set(item) >= ITEM
    assert (item["type"], item["alt_text"]) == ("photo", "A gradient")
    assert (item["width"], item["height"]) == (64, 64)
    assert item["tags"] == [{"user_id": ben.user_id, "username": ben.username, "x": 0.25, "y": 1}]
    assert {source["type"] for source in item["sources"]} == {"image/webp", "image/jpeg"}
    for source in item["sources"]:
        assert (await api.http.get(source["url"])).status_code == 200
    assert await ben.get(f"/posts/{post['post_id']}") == post


async def test_a_post_waits_for_its_media(api: Api) -> None:
    ana, ben = await api.people(2)
    media = api.resources.mongo.media
    key = await ana.quick_photo()
    await media.update_one({"media_key": key}, {"$set": {"status": "processing"}})
    post = await ana.call("POST", "/posts", {"media": [{"url": key}]})
    assert (post["status"], post["media"][0]["status"]) == ("pending", "processing")
    assert (await ana.get(f"/feed/user/{ana.username}"))["posts"][0]["status"] == "pending"
    await ben.refused("GET", f"/posts/{post['post_id']}", status=404)
    assert (await ben.get(f"/feed/user/{ana.username}"))["posts"] == []
    await ana.refused("POST", f"/posts/{post['post_id']}/like", status=403)

    from app.posts import service

    await media.update_one({"media_key": key}, {"$set": {"status": "ready"}})
    found = await media.find_one({"media_key": key})
    assert found is not None
    await service.media_settled(api.resources, found["_id"])
    assert (await ben.get(f"/posts/{post['post_id']}"))["status"] == "published"


async def test_a_carousel_keeps_its_order(api: Api) -> None:
    ana = await api.person()
    items = [{"url": await ana.quick_photo(), "alt_text": f"{n}"} for n in range(10)]
    post = await ana.call("POST", "/posts", {"media": items})
    assert [item["alt_text"] for item in post["media"]] == [str(n) for n in range(10)]


MEDIUM = {"url": "KEY"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"caption": "x" * 2201}, "caption"),
    ({"caption": " ".join(f"#tag{n}" for n in range(31))}, "caption"),
    ({"caption": {"$ne": 1}}, "caption"),
    ({"media": []}, "media"),
    ({"media": [MEDIUM] * 11}, "media"),
    ({"media": "KEY"}, "media"),
    ({"media": [{}]}, "media.0.url"),
    ({"media": [MEDIUM, MEDIUM]}, "media"),
    ({"media": [{"url": "region/0/photo/usr_x/media_x/original"}]}, "media"),
    ({"media": [{"url": {"$ne": 1}}]}, "media.0.url"),
    ({"media": [MEDIUM | {"type": "audio"}]}, "media.0.type"),
    ({"media": [MEDIUM | {"alt_text": "x" * 1001}]}, "media.0.alt_text"),
    ({"media": [MEDIUM | {"width": 5}]}, "media.0.width"),
    ({"media": [MEDIUM | {"tags": [{"username": "nobody.here"}]}]}, "media.tags"),
    ({"media": [MEDIUM | {"tags": [{"username": "x", "x": 1.1}]}]}, "media.0.tags.0.x"),
    ({"media": [MEDIUM | {"tags": [{"username": "x", "y": -1}]}]}, "media.0.tags.0.y"),
    ({"media": [MEDIUM | {"tags": [{"username": "x"}] * 21}]}, "media.0.tags"),
    ({"location": {"name": ""}}, "location.name"),
    ({"location": {"name": "x", "lat": 91}}, "location.lat"),
    ({"location": {"name": "x", "lng": -181}}, "location.lng"),
    ({"location": {"name": "x", "lat": 10**30}}, "location.lat"),
    ({"location": {"lat": 1, "lng": 1}}, "location.name"),
    ({"location": {"name": "x", "$where": "1"}}, "location.$where"),
    ({"location": "Lake"}, "location"),
    ({"audience": "everyone"}, "audience"),
    ({"audience": ["public"]}, "audience"),
    ({"comments_disabled": "perhaps"}, "comments_disabled"),
    ({"author_id": "usr_x"}, "author_id"),
    ({"status": "published"}, "status"),
]


@pytest.mark.parametrize(("change", "field"), WRONG, ids=lambda value: str(value)[:50])
async def test_posts_that_are_refused(api: Api, change: dict[str, Any], field: str) -> None:
    import json

    ana = await api.person()
    key = await ana.quick_photo()
    text = json.dumps({"media": [MEDIUM], **change}).replace('"KEY"', json.dumps(key))
    answer = await ana.send(
        "POST", "/posts", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["error"]["details"]["fields"]
    assert await api.resources.mongo.posts.count_documents({"author_id": ana.user_id}) == 0


async def test_another_persons_upload_and_one_used_twice(api: Api) -> None:
    ana, ben = await api.people(2)
    key = await ana.quick_photo()
    error = await ben.refused("POST", "/posts", {"media": [{"url": key}]}, status=422)
    assert error["code"] == "media_not_found"
    await ana.call("POST", "/posts", {"media": [{"url": key}]})
    error = await ana.refused("POST", "/posts", {"media": [{"url": key}]}, status=409)
    assert error["code"] == "media_in_use"


async def test_an_upload_whose_bytes_never_came(api: Api) -> None:
    ana = await api.person()
    body = {"file_type": "image/jpeg", "file_size": 10}
    link = await ana.call("POST", "/media/upload-url", body)
    sent = {"media": [{"url": link["media_key"]}]}
    assert (await ana.refused("POST", "/posts", sent, status=422))["code"] == "not_uploaded"


async def test_editing(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post("Before #one")
    path = f"/posts/{post['post_id']}"
    edited = await ana.call("PUT", path, {"caption": "After #two", "alt_texts": ["Words"]})
    assert (edited["caption"], edited["hashtags"]) == ("After #two", ["two"])
    assert edited["media"][0]["alt_text"] == "Words"
    assert edited["edited_at"] is not None
    for who in (ana, ben):
        assert (await who.get(path))["caption"] == "After #two"
    off = await ana.call("PUT", path, {"comments_disabled": True})
    assert off["comments_disabled"] is True
    error = await ben.refused("POST", f"{path}/comments", {"text": "x"}, status=403)
    assert error["code"] == "comments_disabled"
    assert (await ben.refused("PUT", path, {"caption": "x"}, status=403))["code"] == "not_author"
    for change, field in (
        ({"caption": "x" * 2201}, "caption"),
        ({"alt_texts": ["a", "b"]}, "alt_texts"),
        ({"media": []}, "media"),
        ({"location": {"name": "x", "lat": "far"}}, "location.lat"),
    ):
        error = await ana.refused("PUT", path, change, status=422)
        assert field in error["details"]["fields"]


async def test_deleting_is_at_once_and_for_good(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    post = await ana.post()
    source = post["media"][0]["sources"][0]["url"]
    path = f"/posts/{post['post_id']}"
    for who in (ana, ben):
        assert len((await who.get("/feed/home"))["posts"]) == 1
    assert (await ben.refused("DELETE", path, status=403))["code"] == "not_author"
    answer = await ana.send("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    for method, where in (
        ("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/like"), ("GET", "/likes"),
        ("GET", "/comments"), ("POST", "/save"), ("POST", "/archive"), ("POST", "/unarchive"),
    ):  # fmt: skip
        await ana.refused(method, path + where, {} if method == "PUT" else None, status=404)
    api.forget()
    for who in (ana, ben):
        assert (await who.get("/feed/home"))["posts"] == []
        assert (await who.get(f"/feed/user/{ana.username}"))["posts"] == []
    assert (await api.http.get(source)).status_code == 404


async def archived(who: Person) -> list[str]:
    return [post["post_id"] for post in (await who.get("/posts/archived"))["posts"]]


async def test_an_archived_post_is_for_its_author_alone(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    post = await ana.post("Kept")
    path, post_id = f"/posts/{post['post_id']}", post["post_id"]
    await ben.call("POST", f"{path}/like")
    for _ in range(2):
        assert (await ana.call("POST", f"{path}/archive"))["status"] == "archived"
    assert await archived(ana) == [post_id]
    assert (await ana.get(path))["status"] == "archived"
    await ben.refused("GET", path, status=404)
    await ben.refused("POST", f"{path}/like", status=404)
    api.forget()
    assert (await ben.get("/feed/home"))["posts"] == []
    assert (await ana.get(f"/feed/user/{ana.username}"))["posts"] == []
    assert (await ana.refused("POST", f"{path}/like", status=403))["code"] == "not_published"
    for _ in range(2):
        assert (await ana.call("POST", f"{path}/unarchive"))["status"] == "published"
    assert await archived(ana) == []
    found = await ben.get(path)
    assert found["is_liked"] is True


async def test_posts_for_followers(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    await ben.follow(ana)
    post = await ana.post("Friends", audience="followers")
    path = f"/posts/{post['post_id']}"
    assert (await ben.get(path))["audience"] == "followers"
    await cleo.refused("GET", path, status=404)
    await cleo.refused("POST", f"{path}/like", status=404)
    assert len((await ben.get(f"/feed/user/{ana.username}"))["posts"]) == 1
    assert (await cleo.get(f"/feed/user/{ana.username}"))["posts"] == []
    await ben.call("DELETE", f"/users/{ana.username}/follow")
    await ben.refused("GET", path, status=404)
