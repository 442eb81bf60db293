"""Profiles: exact fields, editing, pictures, search."""

import asyncio
from typing import Any

import pytest

from tests.fixtures.api import Api, Person

PUBLISHED = {
    "user_id", "username", "full_name", "bio", "profile_picture", "is_verified",
    "follower_count", "following_count", "post_count", "is_private", "is_following",
    "is_followed_by",
}  # fmt: skip


async def test_a_profile_has_the_published_fields(api: Api) -> None:
    ana, ben = await api.people(2)
    profile = await ben.get(f"/users/{ana.username}")
    assert set(profile) >= PUBLISHED
    assert not {"email", "password_hash"} & set(profile)
    assert profile["username"] == ana.username
    assert profile["profile_picture"] is None
    assert [profile[f"{what}_count"] for what in ("follower", "following", "post")] == [0, 0, 0]
    me = await ana.get("/users/me")
    assert set(me) >= PUBLISHED | {"email", "privacy_level", "unread_notifications"}
    assert (me["email"], me["privacy_level"]) == (ana.email, "public")
    assert (await ben.get(f"/users/{ana.username.upper()}"))["user_id"] == ana.user_id


async def test_who_is_not_there(api: Api) -> None:
    ana = await api.person()
    error = await ana.refused("GET", "/users/nobody.here", status=404)
    assert error["code"] == "user_not_found"


async def test_editing_changes_what_was_sent_and_no_more(api: Api) -> None:
    ana = await api.person()
    path = f"/users/{ana.username}"
    me = await ana.call("PUT", path, {"full_name": "  Ana Ω  ", "bio": "x" * 150})
    assert (me["full_name"], me["bio"], me["is_private"]) == ("Ana Ω", "x" * 150, False)
    me = await ana.call("PUT", path, {"privacy_level": "private"})
    assert (me["bio"], me["is_private"], me["privacy_level"]) == ("x" * 150, True, "private")
    me = await ana.call("PUT", path, {"bio": ""})
    assert (me["bio"], me["full_name"]) == ("", "Ana Ω")
    assert (await ana.call("PUT", path, {}))["full_name"] == "Ana Ω"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bio", "x" * 151),
        ("full_name", "x" * 61),
        ("privacy_level", "secret"),
        ("privacy_level", True),
        ("profile_picture", "x" * 513),
        ("email", "new@example.org"),
        ("is_verified", True),
        ("user_id", "usr_1"),
    ],
)
async def test_edits_that_are_refused(api: Api, field: str, value: Any) -> None:
    ana = await api.person()
    error = await ana.refused("PUT", f"/users/{ana.username}", {field: value}, status=422)
    assert set(error["details"]["fields"]) == {field}


async def test_only_oneself_may_be_edited(api: Api) -> None:
    ana, ben = await api.people(2)
    error = await ana.refused("PUT", f"/users/{ben.username}", {"bio": "ha"}, status=403)
    assert error["code"] == "not_yours"
    assert (await ana.refused("PUT", "/users/nobody.here", {}, status=404))["code"] == (
        "user_not_found"
    )
    await ben.call("POST", f"/users/{ana.username}/block")
    await ana.refused("PUT", f"/users/{ben.username}", {"bio": "ha"}, status=404)


async def test_a_picture_and_a_new_picture(api: Api) -> None:
    ana, ben = await api.people(2)
    path = f"/users/{ana.username}"
    first = (await ana.call("PUT", path, {"profile_picture": await ana.photo()}))["profile_picture"]
    assert first == f"/media/avatar/{ana.user_id}?v=1"
    shown = await api.http.get(first, follow_redirects=True)
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("image/")
    second = (await ana.call("PUT", path, {"profile_picture": await ana.photo()}))[
        "profile_picture"
    ]
    assert second == f"/media/avatar/{ana.user_id}?v=2"
    assert (await ben.get(path))["profile_picture"] == second
    gone = await ana.call("PUT", path, {"profile_picture": None})
    assert gone["profile_picture"] is None


async def test_pictures_that_are_refused(api: Api) -> None:
    ana, ben = await api.people(2)
    used = await ana.quick_photo()
    await ana.call("POST", "/posts", {"media": [{"url": used}]})
    path = f"/users/{ana.username}"
    for key, status in ((await ben.quick_photo(), 422), ("nothing", 422), (used, 409)):
        await ana.refused("PUT", path, {"profile_picture": key}, status=status)
    assert (await ana.get("/users/me"))["profile_picture"] is None


async def test_the_picture_chosen_last_stays_and_the_others_go(api: Api) -> None:
    ana = await api.person()
    path, media = f"/users/{ana.username}", api.resources.mongo.media
    before = -1
    for _ in range(6):
        keys = [await ana.quick_photo() for _ in range(4)]
        bodies = [{"profile_picture": key} for key in keys]
        await asyncio.gather(*(ana.call("PUT", path, body) for body in bodies))
        link = (await ana.get(path))["profile_picture"]
        version = int(link.partition("?v=")[2])
        assert version >= before + len(keys)
        before = version
        attached = await media.find({"attached_to": ana.user_id}).to_list(None)
        left = [medium["_id"] for medium in attached if medium["status"] != "deleted"]
        user = await api.resources.mongo.users.find_one({"_id": ana.user_id})
        assert user is not None
        assert left == [user["avatar"]["media_id"]]


async def test_a_picture_that_is_taken_away_is_gone(api: Api) -> None:
    ana = await api.person()
    path = f"/users/{ana.username}"
    link = (await ana.call("PUT", path, {"profile_picture": await ana.photo()}))["profile_picture"]
    shown = await api.http.get(link, follow_redirects=True)
    assert shown.status_code == 200
    await ana.call("PUT", path, {"profile_picture": None})
    api.forget()
    assert (await api.http.get(str(shown.url))).status_code == 404
    again = await ana.call("PUT", path, {"profile_picture": await ana.photo()})
    assert again["profile_picture"] != link  # caches know that one


async def test_a_video_is_no_picture_and_stays_free_for_a_post(api: Api) -> None:
    ana = await api.person()
    key = await ana.quick_photo()
    await api.resources.mongo.media.update_one(
        {"media_key": key}, {"$set": {"kind": "video", "duration": 3.0}}
    )
    change = {"profile_picture": key}
    error = await ana.refused("PUT", f"/users/{ana.username}", change, status=422)
    assert error["code"] == "not_a_photo"
    await ana.call("POST", "/posts", {"media": [{"url": key, "type": "video"}]})


async def test_a_wrong_upload_is_named_by_the_field_it_was_sent_in(api: Api) -> None:
    ana, ben = await api.people(2)
    for method, path, field, more in (
        ("PUT", f"/users/{ana.username}", "profile_picture", {}),
        ("POST", "/stories", "media_url", {}),
        ("POST", "/messages", "media_key", {"to": ben.username}),
    ):
        error = await ana.refused(method, path, {field: "nothing", **more}, status=422)
        assert set(error["details"]["fields"]) == {field}


async def searched(who: Person, q: str) -> list[str]:
    return [user["username"] for user in (await who.get(f"/users/search?q={q}"))["users"]]


async def test_search_by_the_beginning_of_names(api: Api) -> None:
    ana = await api.person()
    found = await api.people(5, "quokka")
    names = sorted(person.username for person in found)
    assert await searched(ana, "quokka") == names
    assert await searched(ana, "QUOKKA") == names
    assert await searched(ana, "@quokka") == names
    assert await searched(ana, names[0]) == names[:1]
    pages = await ana.pages("/users/search?q=quokka", "users", 2)
    assert [user["username"] for page in pages for user in page] == names
    await ana.follow(found[0])
    rows = (await ana.get(f"/users/search?q={found[0].username}"))["users"]
    assert rows[0]["is_following"] is True
    assert "follower_count" in rows[0]


@pytest.mark.parametrize("q", ["^q", "q.*", "%25", "quokka%7C.", "$where", "(", "[a-z]", "zzzzz"])
async def test_search_words_mean_nothing_but_themselves(api: Api, q: str) -> None:
    ana = await api.person()
    await api.person("quokka")
    assert await searched(ana, q) == []


async def test_a_profile_says_what_one_made_of_the_person(api: Api) -> None:
    ana, ben = await api.people(2)
    path = f"/users/{ana.username}"
    for act, field in (("mute", "is_muted"), ("restrict", "is_restricted")):
        assert (await ben.get(path))[field] is False
        await ben.call("POST", f"{path}/{act}")
        assert (await ben.get(path))[field] is True
        assert (await ana.get(f"/users/{ben.username}"))[field] is False
        await ben.call("DELETE", f"{path}/{act}")
        assert (await ben.get(path))[field] is False


async def test_words_are_words_whatever_they_look_like(api: Api) -> None:
    ana = await api.person()
    words = {"full_name": "$password_hash", "bio": "{'$ifNull': ['$email', 1]} $$ROOT"}
    me = await ana.call("PUT", f"/users/{ana.username}", words)
    assert {name: me[name] for name in words} == words
