"""Lists of people to show things to, and that what is for a list is nobody else's."""

from typing import Any

import pytest

from app.graph import audiences
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import quiet

pytestmark = pytest.mark.usefixtures("loop_at_work")


async def friends_of(who: Person) -> list[str]:
    return [user["username"] for user in (await who.get("/me/close-friends"))["users"]]


async def set_friends(who: Person, **change: list[Person]) -> Any:
    body = {name: [person.username for person in people] for name, people in change.items()}
    return await who.call("PUT", "/me/close-friends", body)


async def test_close_friends_are_added_and_removed(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    answer = await set_friends(ana, add=[ben, cem])
    assert {user["username"] for user in answer["users"]} == {ben.username, cem.username}
    await set_friends(ana, add=[ben])
    assert len(await friends_of(ana)) == 2
    await set_friends(ana, remove=[ben])
    assert await friends_of(ana) == [cem.username]
    await set_friends(ana, remove=[ben])
    assert await friends_of(ana) == [cem.username]
    assert await friends_of(cem) == []


async def test_lists_are_made_renamed_filled_and_deleted(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    made = await ana.call("POST", "/me/lists", {"name": "Sea", "usernames": [ben.username]})
    assert (made["name"], made["count"]) == ("Sea", 1)
    path = f"/me/lists/{made['list_id']}"
    changed = await ana.call("PUT", path, {"name": "Lake", "usernames": [cem.username]})
    assert [user["username"] for user in changed["users"]] == [cem.username]
    await ana.call("PUT", path, {"add": [ben.username], "remove": [cem.username]})
    found = await ana.get(path)
    assert [user["username"] for user in found["users"]] == [ben.username]
    assert [row["name"] for row in (await ana.get("/me/lists"))["lists"]] == ["Lake"]
    await ana.refused("POST", "/me/lists", {"name": "Lake"}, status=409)
    await ben.refused("PUT", path, {"name": "Mine"}, status=404)
    await ana.call("DELETE", path)
    await ana.refused("GET", path, status=404)


async def test_who_is_not_there_or_blocked_or_oneself_is_named(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.call("POST", f"/users/{ana.username}/block")
    for name in ("nobody.at.all", ben.username, ana.username):
        error = await ana.refused("PUT", "/me/close-friends", {"add": [name]}, status=422)
        assert "add" in error["details"]["fields"]


async def test_a_block_takes_off_the_lists_of_both(api: Api) -> None:
    ana, ben = await api.people(2)
    await set_friends(ana, add=[ben])
    await set_friends(ben, add=[ana])
    await ana.call("POST", f"/users/{ben.username}/block")
    await ana.call("DELETE", f"/users/{ben.username}/block")
    assert await friends_of(ana) == []
    assert await friends_of(ben) == []


async def test_the_list_of_another_is_no_audience(api: Api) -> None:
    ana, ben = await api.people(2)
    made = await ben.call("POST", "/me/lists", {"name": "Sea"})
    for audience in (f"list:{made['list_id']}", "list:list_" + "0" * 26):
        body = {"media": [{"url": await ana.quick_photo()}], "audience": audience}
        error = await ana.refused("POST", "/posts", body, status=422)
        assert error["code"] == "list_not_found"
        assert "audience" in error["details"]["fields"]
    body = {"media": [{"url": await ana.quick_photo()}], "audience": "everyone"}
    await ana.refused("POST", "/posts", body, status=422)


async def shows(who: Person, post: dict[str, Any], author: Person) -> dict[str, bool]:
    """By which ways a person sees a post."""

    async def listed(path: str) -> bool:
        return post["post_id"] in [p["post_id"] for p in (await who.get(path))["posts"]]

    return {
        "id": (await who.send("GET", f"/posts/{post['post_id']}")).status_code == 200,
        "grid": await listed(f"/feed/user/{author.username}"),
        "feed": await listed("/feed/home"),
        "like": (await who.send("POST", f"/posts/{post['post_id']}/like")).status_code == 200,
    }


@pytest.mark.parametrize("kind", ["close_friends", "list"])
async def test_what_is_for_a_list_is_seen_by_those_on_it_alone(api: Api, kind: str) -> None:
    ana, friend, other, stranger = await api.people(4)
    await friend.follow(ana)
    await other.follow(ana)
    for who in (ana, friend, other):
        await who.get("/feed/home")  # a cached feed, which fan-out writes to
    audience = "close_friends"
    change = "/me/close-friends"
    if kind == "list":
        change = f"/me/lists/{(await ana.call('POST', '/me/lists', {'name': 'Sea'}))['list_id']}"
        audience = "list:" + change.rpartition("/")[2]
    await ana.call("PUT", change, {"add": [friend.username]})
    body = {"media": [{"url": await ana.photo()}], "audience": audience}
    post = await ana.call("POST", "/posts", body)
    await quiet(api.resources)
    api.forget()

    assert all((await shows(ana, post, ana)).values())
    assert all((await shows(friend, post, ana)).values())
    for who in (other, stranger):
        assert not any((await shows(who, post, ana)).values())
    seen = await friend.get(f"/posts/{post['post_id']}")
    assert seen["audience"] == ("close_friends" if kind == "close_friends" else "list")
    link = seen["media"][0]["url"]
    assert f"u={friend.user_id}" in link
    assert (await api.http.get(link)).status_code == 200

    # The share of it says nothing to who may not see it.
    shared = {"to": [other.username]}
    sent = await friend.call("POST", f"/posts/{post['post_id']}/share", shared)
    said = await other.get(f"/messages/{sent['messages'][0]['message_id']}")
    assert said["post"] == {"unavailable": True}

    # Off the list: nothing of it from the answer on, and the link no longer opens.
    await ana.call("PUT", change, {"remove": [friend.username]})
    assert not any((await shows(friend, post, ana)).values())
    api.forget()
    assert (await api.http.get(link)).status_code == 404
    await quiet(api.resources)
    assert not any((await shows(friend, post, ana)).values())

    # On it: there again, in the feed too.
    await ana.call("PUT", change, {"add": [other.username]})
    await quiet(api.resources)
    assert all((await shows(other, post, ana)).values())


async def test_a_full_list_takes_nobody_new_and_minds_no_repeat(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    made = await ana.call("POST", "/me/lists", {"name": "Full", "usernames": [ben.username]})
    list_id = made["list_id"]
    key = f"{ana.user_id}:{list_id}:"
    rows = [{"_id": f"{key}{n}", "user_id": f"{n}"} for n in range(audiences.MEMBERS_MAX - 1)]
    [stored] = await api.resources.mongo.audience_members.find({"list_id": list_id}).to_list(2)
    await api.resources.mongo.audience_members.insert_many([stored | row for row in rows])
    path = f"/me/lists/{list_id}"
    assert (await ana.call("PUT", path, {"add": [ben.username]}))["count"] == audiences.MEMBERS_MAX
    error = await ana.refused("PUT", path, {"add": [cem.username]}, status=422)
    assert error["code"] == "list_full"
    error = await ana.refused(
        "PUT", path, {"add": [cem.username], "remove": [cem.username]}, status=422
    )
    assert error["code"] == "list_full"
    changed = {"add": [cem.username], "remove": [ben.username]}
    assert (await ana.call("PUT", path, changed))["count"] == audiences.MEMBERS_MAX
