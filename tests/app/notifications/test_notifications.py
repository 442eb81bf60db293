"""Notifications: who hears of what, once; unread counts; reading."""

from typing import Any

import pytest

from app import clock
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import eventually, quiet

pytestmark = pytest.mark.usefixtures("loop_at_work")
FIELDS = {
    "notification_id", "kind", "actors", "actor_count", "post", "comment", "story",
    "conversation_id", "is_read", "created_at", "updated_at",
}  # fmt: skip


async def heard(api: Api, who: Person) -> list[tuple[str, str]]:
    """(kind, actor) of all that stands in groups, oldest group first."""
    await quiet(api.resources)
    listed = (await who.get("/notifications?limit=100"))["notifications"]
    assert all(set(row) == FIELDS for row in listed)
    assert all(row["actor_count"] == len(row["actors"]) for row in listed)
    return [
        (row["kind"], actor["username"])
        for row in reversed(listed)
        for actor in reversed(row["actors"])
    ]


async def liked_posts(ana: Person, ben: Person, count: int) -> list[str]:
    """Posts of ana's that ben likes: a group each."""
    posts = [(await ana.post())["post_id"] for _ in range(count)]
    for post_id in posts:
        await ben.call("POST", f"/posts/{post_id}/like")
    return posts


async def test_what_one_hears_of(api: Api) -> None:
    ana, ben, eve = *(await api.people(2)), await api.person("eve", privacy_level="private")
    post = await ana.post()
    path = f"/posts/{post['post_id']}"
    await ben.follow(ana, eve)
    await ben.call("POST", f"{path}/like")
    made = await ben.call("POST", f"{path}/comments", {"text": "hi"})
    reply = {"text": "hello", "parent_comment_id": made["comment_id"]}
    await ana.call("POST", f"{path}/comments", reply)
    await ana.call("POST", f"/comments/{made['comment_id']}/like")
    await eve.call("POST", f"{path}/comments", {"text": f"see @{ben.username}"})
    await eve.post(f"not for @{ana.username}")  # private: she may not see it
    await eve.call("POST", f"/follow-requests/{ben.username}/accept")
    media = [{"url": await ana.quick_photo(), "tags": [{"username": ben.username}]}]
    await ana.call("POST", "/posts", {"caption": f"@{eve.username}", "media": media})

    a, b, e = ana.username, ben.username, eve.username
    assert sorted(await heard(api, ana)) == sorted(
        [("follow", b), ("like", b), ("comment", b), ("comment", e)]
    )
    assert sorted(await heard(api, ben)) == sorted(
        [("reply", a), ("comment_like", a), ("mention", e), ("follow_accepted", e), ("tag", a)]
    )
    assert sorted(await heard(api, eve)) == [("mention", a)]  # the request was answered


async def test_the_same_act_again_is_not_told_again(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    for _ in range(3):
        await ben.call("POST", f"/posts/{post['post_id']}/like")
        await ben.follow(ana)
    assert sorted(await heard(api, ana)) == [("follow", ben.username), ("like", ben.username)]


async def test_what_is_taken_back_is_forgotten(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    path = f"/posts/{post['post_id']}"
    await ben.follow(ana)
    await ben.call("POST", f"{path}/like")
    made = await ben.call("POST", f"{path}/comments", {"text": "x"})
    await ana.call("POST", f"/comments/{made['comment_id']}/like")
    assert len(await heard(api, ana)) == 3
    assert len(await heard(api, ben)) == 1
    await ana.call("DELETE", f"/comments/{made['comment_id']}/like")
    await ben.call("DELETE", f"{path}/like")
    await ben.call("DELETE", f"/comments/{made['comment_id']}")
    await ben.call("DELETE", f"/users/{ana.username}/follow")
    assert await heard(api, ana) == []
    assert await heard(api, ben) == []
    assert (await ana.get("/users/me"))["unread_notifications"] == 0


async def test_a_deleted_post_takes_its_notifications(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    await ben.call("POST", f"/posts/{post['post_id']}/like")
    assert len(await heard(api, ana)) == 1
    await ana.call("DELETE", f"/posts/{post['post_id']}")
    assert await heard(api, ana) == []
    assert (await ana.get("/notifications"))["unread"] == 0


async def test_one_hears_nothing_of_oneself_muted_or_blocked_people(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    post = await ana.post(f"me: @{ana.username}")
    path = f"/posts/{post['post_id']}"
    await ana.call("POST", f"/users/{ben.username}/mute")
    await cleo.call("POST", f"{path}/like")
    assert await heard(api, ana) == [("like", cleo.username)]
    await ana.call("POST", f"/users/{cleo.username}/block")
    for who in (ana, ben):
        await who.call("POST", f"{path}/like")
        await who.call("POST", f"{path}/comments", {"text": f"@{ana.username}"})
    assert await heard(api, ana) == []


async def test_reading_some_and_all(api: Api) -> None:
    ana, ben = await api.people(2)
    await liked_posts(ana, ben, 5)
    await heard(api, ana)
    listed = (await ana.get("/notifications"))["notifications"]
    assert (await ana.get("/notifications"))["unread"] == 5
    some = [row["notification_id"] for row in listed[:2]]
    for _ in range(2):
        assert await ana.call("POST", "/notifications/read", {"ids": some}) == {"unread": 3}
    seen = {
        row["notification_id"]: row["is_read"]
        for row in (await ana.get("/notifications"))["notifications"]
    }
    assert [seen[row["notification_id"]] for row in listed] == [True, True, False, False, False]
    assert await ana.call("POST", "/notifications/read") == {"unread": 0}
    await quiet(api.resources)
    assert (await ana.get("/users/me"))["unread_notifications"] == 0


async def test_another_persons_notifications_stay_unread(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    await heard(api, ana)
    [row] = (await ana.get("/notifications"))["notifications"]
    await ben.call("POST", "/notifications/read", {"ids": [row["notification_id"]]})
    assert (await ana.get("/notifications"))["unread"] == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"ids": "all"}, "ids"),
        ({"ids": [{"$ne": 1}]}, "ids.0"),
        ({"ids": ["x" * 65]}, "ids.0"),
        ({"ids": ["x"] * 201}, "ids"),
        ({"ids": {"$gt": ""}}, "ids"),
        ({"user_id": "usr_x"}, "user_id"),
    ],
)
async def test_what_reading_refuses(api: Api, sent: dict[str, Any], field: str) -> None:
    ana = await api.person()
    error = await ana.refused("POST", "/notifications/read", sent, status=422)
    assert set(error["details"]["fields"]) == {field}


async def test_pages(api: Api) -> None:
    ana, ben = await api.people(2)
    posts = await liked_posts(ana, ben, 7)
    await quiet(api.resources)
    pages = await ana.pages("/notifications", "notifications", 3)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [row["post"]["post_id"] for page in pages for row in page] == posts[::-1]


async def test_a_group_that_grows_while_one_pages_comes_once(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    posts = await liked_posts(ana, ben, 5)
    await quiet(api.resources)
    first = await ana.get("/notifications?limit=2")
    await cleo.call("POST", f"/posts/{posts[-1]}/like")  # seen already: it moves up
    await quiet(api.resources)
    cursor = first["pagination"]["next_cursor"]
    rest = await ana.get(f"/notifications?limit=100&cursor={cursor}")
    shown = [row["post"]["post_id"] for page in (first, rest) for row in page["notifications"]]
    assert shown == posts[::-1]
    newest = (await ana.get("/notifications?limit=1"))["notifications"][0]
    assert newest["post"]["post_id"] == posts[-1]
    assert [actor["username"] for actor in newest["actors"]] == [cleo.username, ben.username]


async def test_many_likes_are_one_notification(api: Api) -> None:
    ana, *fans = await api.people(6)
    post = await ana.post()
    path = f"/posts/{post['post_id']}/like"
    for fan in fans:
        await fan.call("POST", path)
    await quiet(api.resources)
    [row] = (await ana.get("/notifications"))["notifications"]
    assert row["actor_count"] == 5
    names = [actor["username"] for actor in row["actors"]]
    assert names == [fan.username for fan in fans[:-4:-1]]
    assert (await ana.call("POST", "/notifications/read")) == {"unread": 0}
    for _ in range(2):
        await fans[0].call("DELETE", path)
        await quiet(api.resources)
    [row] = (await ana.get("/notifications"))["notifications"]
    assert (row["actor_count"], row["is_read"]) == (4, True)
    await fans[0].call("POST", path)
    await quiet(api.resources)
    [again] = (await ana.get("/notifications"))["notifications"]
    assert again["notification_id"] == row["notification_id"]
    assert (again["actor_count"], again["is_read"]) == (5, False)
    assert (await ana.get("/users/me"))["unread_notifications"] == 1


async def test_counters_equal_the_rows_once_quiet(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    post = await ana.post()
    path = f"/posts/{post['post_id']}"
    for who in (ben, cleo):
        await who.follow(ana)
        await who.call("POST", f"{path}/like")
        made = await who.call("POST", f"{path}/comments", {"text": "x"})
        await ana.call("POST", f"/comments/{made['comment_id']}/like")
    await cleo.call("DELETE", f"{path}/like")
    await quiet(api.resources)

    async def right() -> bool:
        api.forget()
        found = await ana.get(path)
        profile = await ben.get(f"/users/{ana.username}")
        followed = await ana.get(f"/users/{ben.username}")
        comments = (await ana.get(f"{path}/comments"))["comments"]
        return (
            (found["likes_count"], found["comments_count"]) == (1, 2)
            and (profile["follower_count"], profile["post_count"]) == (2, 1)
            and followed["following_count"] == 1
            and [c["likes_count"] for c in comments] == [1, 1]
        )

    await eventually(right, "counters")


async def test_the_loop_too_ends_what_a_cache_remembers_of_a_session(api: Api) -> None:
    """A process ends a session while Redis is away, and dies before Redis is back."""
    from app.limits import session_key

    ana = await api.person()
    phone = await api.log_in(ana)
    sessions = (await phone.get("/auth/sessions"))["sessions"]
    current = next(s["session_id"] for s in sessions if s["is_current"])
    await api.resources.redis.set(session_key(ana.user_id, current), b"1", ex=60)
    await api.resources.mongo.sessions.update_one(
        {"_id": current}, {"$set": {"revoked_at": clock.now()}}
    )
    await quiet(api.resources)
    assert (await phone.refused("GET", "/users/me", status=401))["code"] == "session_revoked"


async def test_what_one_may_no_longer_see_is_no_longer_shown(api: Api) -> None:
    """A mention of someone in a post that they lose sight of: no picture, no words."""
    ana, ben = await api.person("ana", privacy_level="private"), await api.person("ben")
    await ben.follow(ana)
    await ana.call("POST", f"/follow-requests/{ben.username}/accept")
    post = await ana.post()
    said = {"text": f"look @{ben.username}"}
    await ana.call("POST", f"/posts/{post['post_id']}/comments", said)
    both = [("mention", ana.username), ("follow_accepted", ana.username)]
    assert sorted(await heard(api, ben)) == sorted(both)
    await ana.call("DELETE", f"/users/{ben.username}/follower")
    assert await heard(api, ben) == []
    await ben.refused("GET", f"/posts/{post['post_id']}", status=404)


async def test_an_archived_post_is_shown_to_nobody(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post(f"with @{ben.username}")
    assert await heard(api, ben) == [("mention", ana.username)]
    await ana.call("POST", f"/posts/{post['post_id']}/archive")
    api.forget()
    assert await heard(api, ben) == []
