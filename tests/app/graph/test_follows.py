"""Following, private accounts, lists."""

import asyncio
from random import Random

import pytest

from tests.fixtures.api import Api, Person

USER = {"user_id", "username", "full_name", "profile_picture", "is_verified"}


async def names(who: Person, path: str) -> list[str]:
    return [user["username"] for user in (await who.get(path))["users"]]


async def test_following_and_unfollowing(api: Api) -> None:
    ana, ben = await api.people(2)
    path = f"/users/{ben.username}/follow"
    wanted = {"username": ben.username, "status": "following", "pending": False}
    for _ in range(3):
        assert await ana.call("POST", path) == wanted
    profile = await ana.get(f"/users/{ben.username}")
    assert (profile["is_following"], profile["is_followed_by"]) == (True, False)
    assert (await ben.get(f"/users/{ana.username}"))["is_followed_by"] is True
    gone = {"username": ben.username, "status": "none", "pending": False}
    for _ in range(2):
        assert await ana.call("DELETE", path) == gone
    assert await names(ben, f"/users/{ben.username}/followers") == []


async def test_a_name_in_another_case_is_the_same_person(api: Api) -> None:
    ana, ben = await api.people(2)
    state = await ana.call("POST", f"/users/{ben.username.upper()}/follow")
    assert state["username"] == ben.username


async def test_lists_are_newest_first_with_is_following(api: Api) -> None:
    ana = await api.person()
    fans = await api.people(5, "fan")
    for fan in fans:
        await fan.follow(ana)
    await ana.follow(fans[1], fans[3])
    data = await ana.get(f"/users/{ana.username}/followers")
    assert [u["username"] for u in data["users"]] == [f.username for f in reversed(fans)]
    assert all(set(user) == USER | {"is_following"} for user in data["users"])
    assert [u["is_following"] for u in data["users"]] == [False, True, False, True, False]
    assert await names(fans[0], f"/users/{ana.username}/following") == [
        fans[3].username,
        fans[1].username,
    ]
    pages = await ana.pages(f"/users/{ana.username}/followers", "users", 2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [u["username"] for page in pages for u in page] == [f.username for f in fans[::-1]]


async def test_pages_go_on_while_people_come_and_go(api: Api) -> None:
    ana = await api.person()
    fans = await api.people(6, "fan")
    for fan in fans:
        await fan.follow(ana)
    path = f"/users/{ana.username}/followers"
    first = await ana.get(f"{path}?limit=3")
    assert [u["username"] for u in first["users"]] == [f.username for f in fans[:2:-1]]
    late = await api.person("late")
    await late.follow(ana)
    await fans[3].call("DELETE", f"/users/{ana.username}/follow")  # the one at the cut
    cursor = first["pagination"]["next_cursor"]
    second = await ana.get(f"{path}?limit=3&cursor={cursor}")
    assert [u["username"] for u in second["users"]] == [f.username for f in fans[2::-1]]


async def test_a_cursor_is_of_its_list(api: Api) -> None:
    ana, ben = await api.people(2)
    for fan in await api.people(3, "fan"):
        await fan.follow(ana, ben)
    path = f"/users/{ana.username}/followers?limit=1"
    cursor = (await ana.get(path))["pagination"]["next_cursor"]
    tampered = [
        cursor[:-1],
        cursor + "A",
        "A" + cursor[1:],
        cursor[:20] + ("B" if cursor[20] != "B" else "C") + cursor[21:],
        "x",
        "====",
        cursor.upper(),
    ]
    for bad in tampered:
        error = await ana.refused("GET", f"{path}&cursor={bad}", status=422)
        assert (error["code"], set(error["details"]["fields"])) == ("bad_cursor", {"cursor"})
    elsewhere = [
        f"/users/{ben.username}/followers?cursor=",
        f"/users/{ana.username}/following?cursor=",
        "/feed/home?cursor=",
        "/notifications?cursor=",
    ]
    for other in elsewhere:
        error = await ana.refused("GET", other + cursor, status=422)
        assert error["code"] == "bad_cursor"


async def test_who_cannot_be_followed(api: Api) -> None:
    ana = await api.person()
    error = await ana.refused("POST", f"/users/{ana.username}/follow", status=422)
    assert (error["code"], set(error["details"]["fields"])) == ("self_follow", {"username"})
    error = await ana.refused("POST", "/users/nobody.here/follow", status=404)
    assert error["code"] == "user_not_found"


async def test_a_private_account_is_asked(api: Api) -> None:
    ana, eve = await api.person(), await api.person("eve", privacy_level="private")
    asked = {"username": eve.username, "status": "requested", "pending": True}
    for _ in range(2):
        assert await ana.call("POST", f"/users/{eve.username}/follow") == asked
    profile = await ana.get(f"/users/{eve.username}")
    assert (profile["follow_status"], profile["is_following"]) == ("requested", False)
    assert await names(eve, "/follow-requests") == [ana.username]
    assert (await eve.get("/users/me"))["pending_follow_requests"] == 1
    for path in ("followers", "following"):
        error = await ana.refused("GET", f"/users/{eve.username}/{path}", status=403)
        assert error["code"] == "account_private"

    accept = f"/follow-requests/{ana.username}/accept"
    state = {"username": ana.username, "status": "following", "pending": False}
    for _ in range(2):  # a repeat is no error
        assert await eve.call("POST", accept) == state
    assert await names(eve, "/follow-requests") == []
    assert await names(ana, f"/users/{eve.username}/followers") == [ana.username]


async def test_requests_declined_withdrawn_or_never_made(api: Api) -> None:
    ana, eve = await api.person(), await api.person("eve", privacy_level="private")
    follow = f"/users/{eve.username}/follow"
    decline = f"/follow-requests/{ana.username}/decline"
    for path in (decline, f"/follow-requests/{ana.username}/accept"):
        assert (await eve.refused("POST", path, status=404))["code"] == "request_not_found"
    await ana.call("POST", follow)
    assert (await eve.call("POST", decline))["status"] == "none"
    await ana.call("POST", follow)
    assert (await ana.call("DELETE", follow))["status"] == "none"
    assert await names(eve, "/follow-requests") == []
    await eve.refused("POST", f"/follow-requests/{ana.username}/accept", status=404)


async def test_going_public_accepts_who_asked(api: Api) -> None:
    eve = await api.person("eve", privacy_level="private")
    fans = await api.people(3, "fan")
    for fan in fans:
        await fan.follow(eve)
    await eve.call("PUT", f"/users/{eve.username}", {"privacy_level": "public"})
    assert await names(eve, "/follow-requests") == []
    found = await names(eve, f"/users/{eve.username}/followers")
    assert sorted(found) == sorted(fan.username for fan in fans)


async def test_a_follower_is_removed(api: Api) -> None:
    ana, eve = await api.person(), await api.person("eve", privacy_level="private")
    await ana.follow(eve)
    await eve.call("POST", f"/follow-requests/{ana.username}/accept")
    post = await eve.post()
    assert len((await ana.get("/feed/home"))["posts"]) == 1
    state = await eve.call("DELETE", f"/users/{ana.username}/follower")
    assert state == {"username": ana.username, "status": "none", "pending": False}
    assert (await ana.get("/feed/home"))["posts"] == []
    await ana.refused("GET", f"/posts/{post['post_id']}", status=404)


async def test_many_follows_at_once_are_one(api: Api) -> None:
    ana, ben = await api.people(2)
    path = f"/users/{ben.username}/follow"
    await asyncio.gather(*(ana.call("POST", path) for _ in range(10)))
    assert await names(ben, f"/users/{ben.username}/followers") == [ana.username]


@pytest.mark.parametrize("times", range(8))
async def test_no_follow_outlives_a_block_that_crosses_it(api: Api, times: int) -> None:
    ana, ben = await api.people(2)
    await asyncio.gather(
        ana.send("POST", f"/users/{ben.username}/follow"),
        ben.send("POST", f"/users/{ana.username}/block"),
    )
    rows = api.resources.mongo.follows
    assert await rows.count_documents({"follower_id": ana.user_id}) == 0


async def test_who_withdraws_while_they_are_accepted_does_not_follow(api: Api) -> None:
    eve = await api.person("eve", privacy_level="private")
    fans = await api.people(40, "fan")
    await asyncio.gather(*(fan.follow(eve) for fan in fans))
    follow, accept = f"/users/{eve.username}/follow", "/follow-requests/{}/accept"
    random = Random(3)

    async def late(who: Person, method: str, path: str) -> None:
        await asyncio.sleep(random.random() * 0.01)
        assert (await who.send(method, path)).status_code in (200, 404)

    for fan in fans:
        await asyncio.gather(
            late(fan, "DELETE", follow), late(eve, "POST", accept.format(fan.username))
        )
    assert await names(eve, f"/users/{eve.username}/followers") == []
    assert await names(eve, "/follow-requests") == []
