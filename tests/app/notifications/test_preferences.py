"""What one wants to hear of: by kind and channel, of a post, of a person."""

from typing import Any

import pytest

from app.notifications.preferences import KINDS
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import quiet

pytestmark = pytest.mark.usefixtures("loop_at_work")
PATH = "/notifications/preferences"


async def kinds(api: Api, who: Person) -> list[str]:
    await quiet(api.resources)
    return sorted(row["kind"] for row in (await who.get("/notifications"))["notifications"])


async def test_what_is_chosen_stays_and_the_rest_is_as_by_default(api: Api) -> None:
    ana = await api.person()
    before = await ana.get(PATH)
    assert set(before["kinds"]) == set(KINDS)
    assert before["digest"] == "off"
    assert before["kinds"]["comment"] == {"in_app": True, "push": True, "email": True}
    sent = {"kinds": {"like": {"push": False}, "follow": {"in_app": False}}, "digest": "weekly"}
    for _ in range(2):
        after = await ana.call("PUT", PATH, sent)
    assert after == await ana.get(PATH)
    assert after["digest"] == "weekly"
    assert after["kinds"]["like"] == {**before["kinds"]["like"], "push": False}
    assert after["kinds"]["follow"] == {**before["kinds"]["follow"], "in_app": False}
    changed = {"like", "follow"}
    assert all(after["kinds"][k] == before["kinds"][k] for k in set(KINDS) - changed)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kinds": {"likes": {"push": False}}}, "kinds.likes"),
        ({"kinds": {"like": {"sms": False}}}, "kinds.like.sms"),
        ({"kinds": {"like": {"push": "no"}}}, "kinds.like.push"),
        ({"kinds": {"like": {"push": 0}}}, "kinds.like.push"),
        ({"kinds": {"like": False}}, "kinds.like"),
        ({"kinds": {"like": {"push": {"$ne": 1}}}}, "kinds.like.push"),
        ({"digest": "hourly"}, "digest"),
        ({"like": {"push": False}}, "like"),
    ],
)
async def test_what_is_refused(api: Api, sent: dict[str, Any], field: str) -> None:
    ana = await api.person()
    error = await ana.refused("PUT", PATH, sent, status=422)
    assert set(error["details"]["fields"]) == {field}


async def test_a_kind_that_is_off_is_not_heard_of(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    await ana.call("PUT", PATH, {"kinds": {"like": {"in_app": False}}})
    await ben.call("POST", f"/posts/{post['post_id']}/like")
    await ben.call("POST", f"/posts/{post['post_id']}/comments", {"text": "hi"})
    assert await kinds(api, ana) == ["comment"]


async def test_a_muted_post_is_not_heard_of(api: Api) -> None:
    ana, ben = await api.people(2)
    muted, other = [(await ana.post())["post_id"] for _ in range(2)]
    for _ in range(2):
        answer = await ana.call("POST", f"/posts/{muted}/mute")
        assert answer == {"post_id": muted, "is_muted": True}
    assert (await ana.get(f"/posts/{muted}/mute"))["is_muted"] is True
    assert (await ben.get(f"/posts/{muted}/mute"))["is_muted"] is False
    for post_id in (muted, other):
        await ben.call("POST", f"/posts/{post_id}/like")
    await ben.call("POST", f"/posts/{muted}/comments", {"text": f"@{ana.username}"})
    assert await kinds(api, ana) == ["like"]
    assert (await ana.call("DELETE", f"/posts/{muted}/mute"))["is_muted"] is False
    await ben.call("POST", f"/posts/{muted}/comments", {"text": "still there?"})
    assert await kinds(api, ana) == ["comment", "like"]


async def test_muted_posts_are_listed_while_one_may_see_them(api: Api) -> None:
    ana, ben = await api.people(2)
    posts = [await ana.post(f"number {number}") for number in range(5)]
    for post in posts:
        await ben.call("POST", f"/posts/{post['post_id']}/mute")
    await ana.call("DELETE", f"/posts/{posts[4]['post_id']}")
    pages = await ben.pages("/me/muted-posts", "posts", 2)
    rows = [row for page in pages for row in page]
    assert [row["caption"] for row in rows] == [f"number {number}" for number in (3, 2, 1, 0)]
    assert rows[0]["user"]["username"] == ana.username
    assert rows[0]["thumbnail"]
    await ben.call("DELETE", f"/posts/{posts[3]['post_id']}/mute")
    assert len((await ben.get("/me/muted-posts"))["posts"]) == 3
    assert (await ana.get("/me/muted-posts"))["posts"] == []
    await ana.call("POST", f"/users/{ben.username}/block")
    assert (await ben.get("/me/muted-posts"))["posts"] == []


async def test_only_what_one_may_see_can_be_muted(api: Api) -> None:
    ana, ben = await api.person("ana", privacy_level="private"), await api.person("ben")
    post = await ana.post()
    for method in ("GET", "POST"):
        await ben.refused(method, f"/posts/{post['post_id']}/mute", status=404)
    await ben.refused("POST", "/posts/post_none/mute", status=404)


async def test_a_muted_person_is_not_heard_of_until_unmuted(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    await ana.call("POST", f"/users/{ben.username}/mute")
    await ben.call("POST", f"/posts/{post['post_id']}/like")
    assert await kinds(api, ana) == []
    await ana.call("DELETE", f"/users/{ben.username}/mute")
    await ben.follow(ana)
    assert await kinds(api, ana) == ["follow"]
