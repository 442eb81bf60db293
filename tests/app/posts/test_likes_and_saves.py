"""Likes, saves and collections."""

import asyncio

import pytest

from tests.fixtures.api import Api


async def test_liking_is_idempotent_and_counts_at_once(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    path = f"/posts/{post['post_id']}"
    for _ in range(3):
        liked = await ben.call("POST", f"{path}/like")
        assert liked == {"post_id": post["post_id"], "likes_count": 1}
    assert (await ben.get(path))["is_liked"] is True
    assert (await ana.get(path))["is_liked"] is False
    assert await ana.call("POST", f"{path}/like", {"reaction": "fire"}) == {
        "post_id": post["post_id"],
        "likes_count": 2,
    }
    for count in (1, 1):
        gone = await ben.call("DELETE", f"{path}/like")
        assert gone == {"post_id": post["post_id"], "likes_count": count}
    assert (await ben.get(path))["is_liked"] is False


async def test_reactions_change_and_are_checked(api: Api) -> None:
    ana = await api.person()
    path = f"/posts/{(await ana.post())['post_id']}/like"
    await ana.call("POST", path, {"reaction": "love"})
    assert (await ana.call("POST", path, {"reaction": "wow"}))["likes_count"] == 1
    row = await api.resources.mongo.likes.find_one({"user_id": ana.user_id})
    assert row is not None
    assert row["reaction"] == "wow"
    error = await ana.refused("POST", path, {"reaction": "💩"}, status=422)
    assert set(error["details"]["fields"]) == {"reaction"}


async def test_many_likes_at_once(api: Api) -> None:
    ana = await api.person()
    fans = await api.people(10, "fan")
    path = f"/posts/{(await ana.post())['post_id']}/like"
    await asyncio.gather(*(fan.call("POST", path) for fan in fans for _ in range(3)))
    assert (await ana.call("POST", path))["likes_count"] == 11


async def test_who_likes_in_the_same_moment_shares_the_work_not_the_verdict(api: Api) -> None:
    ana, ben, eve = await api.people(3)
    fans = await api.people(20, "fan")
    mine, theirs = await ana.post(), await ben.post()
    archived = await ana.post()
    await ana.call("POST", f"/posts/{archived['post_id']}/archive")
    await ana.call("POST", f"/users/{eve.username}/block")
    mongo = api.resources.mongo
    await mongo.command("profile", 2)
    try:
        answers = await asyncio.gather(
            *(fan.send("POST", f"/posts/{mine['post_id']}/like") for fan in fans),
            eve.send("POST", f"/posts/{mine['post_id']}/like"),
            eve.send("POST", f"/posts/{theirs['post_id']}/like"),
            ana.send("POST", f"/posts/{archived['post_id']}/like"),
            ben.send("POST", f"/posts/{archived['post_id']}/like"),
            ben.send("POST", "/posts/a:b:c/like"),
        )
    finally:
        await mongo.command("profile", 0)
    assert [answer.status_code for answer in answers[20:]] == [404, 200, 403, 404, 404]
    for answer in answers[:20]:
        assert answer.status_code == 200
        assert 1 <= answer.json()["data"]["likes_count"] <= 20
    rows = await mongo.likes.find({"post_id": mine["post_id"]}).to_list(None)
    assert {row["user_id"] for row in rows} == {fan.user_id for fan in fans}
    assert await mongo.likes.count_documents({"post_id": theirs["post_id"]}) == 1
    asked = {"ns": f"{mongo.name}.posts", "command.aggregate": "posts"}
    assert 1 <= await mongo["system.profile"].count_documents(asked) < 10
    await mongo["system.profile"].drop()


async def test_who_liked_page_by_page(api: Api) -> None:
    ana = await api.person()
    fans = await api.people(5, "fan")
    path = f"/posts/{(await ana.post())['post_id']}"
    for fan in fans:
        await fan.call("POST", f"{path}/like")
    await ana.follow(fans[0])
    pages = await ana.pages(f"{path}/likes", "users", 2)
    assert [u["username"] for page in pages for u in page] == [f.username for f in fans[::-1]]
    assert pages[-1][-1]["is_following"] is True


async def test_saving_and_collections(api: Api) -> None:
    ana, ben = await api.people(2)
    one, two = await ben.post("one"), await ben.post("two")
    answer = await ana.send("POST", "/collections", {"name": " Trees "})
    assert answer.status_code == 201
    trees = answer.json()["data"]
    assert (trees["name"], trees["count"], trees["cover"]) == ("Trees", 0, None)
    error = await ana.refused("POST", "/collections", {"name": "Trees"}, status=409)
    assert error["code"] == "collection_exists"
    await ben.call("POST", "/collections", {"name": "Trees"})  # another person's is another

    for _ in range(2):
        saved = await ana.call("POST", f"/posts/{one['post_id']}/save")
        assert saved == {"post_id": one["post_id"], "is_saved": True}
    into = {"collection_id": trees["collection_id"]}
    await ana.call("POST", f"/posts/{two['post_id']}/save", into)
    assert [p["caption"] for p in (await ana.get("/posts/saved"))["posts"]] == ["two", "one"]
    inside = (await ana.get(f"/collections/{trees['collection_id']}"))["posts"]
    assert [(p["caption"], p["is_saved"]) for p in inside] == [("two", True)]
    [listed] = (await ana.get("/collections"))["collections"]
    assert (listed["count"], listed["cover"]["post_id"]) == (1, two["post_id"])

    await ana.call("DELETE", f"/posts/{two['post_id']}/save", into)
    assert (await ana.get(f"/collections/{trees['collection_id']}"))["posts"] == []
    assert len((await ana.get("/posts/saved"))["posts"]) == 2
    for _ in range(2):
        gone = await ana.call("DELETE", f"/posts/{one['post_id']}/save")
        assert gone == {"post_id": one["post_id"], "is_saved": False}
    assert [p["caption"] for p in (await ana.get("/posts/saved"))["posts"]] == ["two"]


async def test_another_persons_collection_is_not_there(api: Api) -> None:
    ana, ben = await api.people(2)
    made = await ana.call("POST", "/collections", {"name": "Mine"})
    path = f"/collections/{made['collection_id']}"
    assert (await ben.refused("GET", path, status=404))["code"] == "collection_not_found"
    post = await ana.post()
    into = {"collection_id": made["collection_id"]}
    for method in ("POST", "DELETE"):
        await ben.refused(method, f"/posts/{post['post_id']}/save", into, status=404)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, None, {"$ne": 1}, 5])
async def test_collection_names_that_are_refused(api: Api, name: object) -> None:
    ana = await api.person()
    error = await ana.refused("POST", "/collections", {"name": name}, status=422)
    assert set(error["details"]["fields"]) == {"name"}


async def test_saved_posts_that_are_gone_are_left_out(api: Api) -> None:
    ana, ben = await api.people(2)
    one, two = await ben.post("one"), await ben.post("two")
    for post in (one, two):
        await ana.call("POST", f"/posts/{post['post_id']}/save")
    await ben.call("POST", f"/posts/{two['post_id']}/archive")
    assert [p["caption"] for p in (await ana.get("/posts/saved"))["posts"]] == ["one"]


async def test_a_cover_that_may_not_be_seen_any_more_is_not_shown(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ben.post()
    made = await ana.call("POST", "/collections", {"name": "Trees"})
    into = {"collection_id": made["collection_id"]}
    await ana.call("POST", f"/posts/{post['post_id']}/save", into)
    await ben.call("POST", f"/users/{ana.username}/block")
    [listed] = (await ana.get("/collections"))["collections"]
    assert listed["cover"] is None
