"""Telling a story, who sees it, and what they do with it."""

import asyncio
from typing import Any

import pytest

from tests.app.stories.telling import SCENE, early_story, ids, process, real_story, story, tray
from tests.fixtures.api import Api
from tests.fixtures.loop import eventually, quiet

pytestmark = pytest.mark.usefixtures("loop_at_work")


async def test_a_scene_comes_back_as_it_was_sent(api: Api) -> None:
    ana, ben = await api.people(2)
    mention = {"kind": "mention", "username": ben.username.upper(), "y": 0.9}
    sent = {**SCENE, "overlays": [*SCENE["overlays"], mention], "duration": 7}
    made = await story(ana, **sent)
    assert set(made) >= {"story_id", "user_id", "media_url", "expires_at", "created_at"}
    assert made["user_id"] == ana.user_id
    assert (made["filter"], made["duration"]) == ("warm", 7)
    for got, wanted in zip(made["overlays"], sent["overlays"], strict=True):
        plain = wanted | {"tag": "sea"} if wanted["kind"] == "hashtag" else wanted
        plain = plain | {"username": ben.username} if wanted["kind"] == "mention" else plain
        plain = {**plain, "strokes": got["strokes"]} if wanted["kind"] == "drawing" else plain
        assert got == {**got, **plain}
    assert made["overlays"][-1]["user_id"] == ben.user_id
    assert [s["kind"] for s in made["stickers"]] == ["poll", "question", "quiz", "slider"]
    assert len({s["sticker_id"] for s in made["stickers"]}) == 4
    await ben.follow(ana)
    seen = await ben.get(f"/stories/{made['story_id']}")
    assert seen["overlays"] == made["overlays"]
    assert "correct" not in seen["stickers"][2]
    assert all("results" not in sticker for sticker in seen["stickers"])
    assert "view_count" not in seen
    of = await ben.get(f"/users/{ana.username}/stories")
    assert [row["story_id"] for row in of["stories"]] == [made["story_id"]]
    assert of["ring"]["has_unseen"] is True


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "out of bounds": ({"overlays": [{"kind": "text", "text": "a", "x": 1.1}]}, "overlays.0.x"),
    "not a number": ({"overlays": [{"kind": "text", "text": "a", "y": "x"}]}, "overlays.0.y"),
    "an unknown kind": ({"overlays": [{"kind": "html", "text": "a"}]}, "overlays.0"),
    "an unknown field": (
        {"overlays": [{"kind": "text", "text": "a", "onclick": "x"}]},
        "overlays.0.onclick",
    ),
    "an unknown font": (
        {"overlays": [{"kind": "text", "text": "a", "font": "Comic"}]},
        "overlays.0.font",
    ),
    "script in a link": (
        {"overlays": [{"kind": "link", "url": "javascript:alert(1)"}]},
        "overlays.0.url",
    ),
    "a link to a file": (
        {"overlays": [{"kind": "link", "url": "file:///etc/passwd"}]},
        "overlays.0.url",
    ),
    "a link with a password": (
        {"overlays": [{"kind": "link", "url": "https://a:b@example.org/"}]},
        "overlays.0.url",
    ),
    "a link with a line in it": (
        {"overlays": [{"kind": "link", "url": "https://example.org/\njavascript:x"}]},
        "overlays.0.url",
    ),
    "a text without words": ({"overlays": [{"kind": "text"}]}, "overlays.0.text"),
    "31 overlays": ({"overlays": [{"kind": "emoji", "emoji": "🌊"}] * 31}, "overlays"),
    "61 seconds": ({"duration": 61}, "duration"),
    "one option": (
        {"stickers": [{"kind": "poll", "question": "a", "options": ["b"]}]},
        "stickers.0.options",
    ),
    "no right answer": (
        {"stickers": [{"kind": "quiz", "question": "a", "options": ["b", "c"], "correct": 2}]},
        "stickers.0",
    ),
    "nobody of that name": (
        {"overlays": [{"kind": "mention", "username": "nobody.there"}]},
        "overlays.0.username",
    ),
    "an unknown filter": ({"filter": "loud"}, "filter"),
    "a list of nobody": ({"audience": "list:list_" + "0" * 26}, "audience"),
    "a video that is a photo": ({"media_type": "video"}, "media_type"),
}


async def test_what_is_wrong_is_refused_by_name_and_takes_nothing(api: Api) -> None:
    ana = await api.person()
    photo = await ana.quick_photo()
    for what, (wrong, field) in WRONG.items():
        body = {"media_url": photo, "media_type": "photo", **wrong}
        error = await ana.refused("POST", "/stories", body, status=422)
        assert field in error["details"]["fields"], what
    again = {"media_url": photo, "media_type": "photo"}
    assert (await ana.call("POST", "/stories", again))["status"] == "live"


async def test_a_sequence_has_ten_items(api: Api) -> None:
    ana = await api.person()
    bodies = [{"media_url": await ana.quick_photo(), "sequence_id": "trip"} for _ in range(12)]
    answers = await asyncio.gather(*(ana.send("POST", "/stories", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [422] * 2
    refused = [answer.json()["error"] for answer in answers if answer.status_code == 422]
    assert {error["code"] for error in refused} == {"too_many_items"}
    left = next(b for b, a in zip(bodies, answers, strict=True) if a.status_code == 422)
    await ana.call("POST", "/stories", {**left, "sequence_id": "another"})


async def test_the_same_request_twice_tells_one_story(api: Api) -> None:
    ana = await api.person()
    body = {"media_url": await ana.quick_photo(), **SCENE}
    first = await ana.call("POST", "/stories", body, key="once")
    again = await ana.call("POST", "/stories", body, key="once")
    assert first == again
    assert ids((await tray(ana))[ana.username]) == [first["story_id"]]


async def test_a_story_is_live_when_its_photo_is_ready(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    made, waiting = await early_story(ana)
    assert (made["status"], made["media_url"]) == ("pending", None)
    await ben.refused("GET", f"/stories/{made['story_id']}", status=404)
    assert await tray(ben) == {}
    await process(api, waiting)
    await eventually(lambda: tray(ben), "the story is in the tray")
    seen = await ben.get(f"/stories/{made['story_id']}")
    assert seen["expires_at"] == made["expires_at"]
    assert (await api.http.get(seen["media_url"])).status_code == 200


async def test_unseen_stands_first_then_the_newest(api: Api) -> None:
    me, *authors = await api.people(4)
    await me.follow(*authors)
    made = [await story(author) for author in authors]
    await story(me)
    await quiet(api.resources)
    api.forget()
    names = [author.username for author in authors]
    assert list(await tray(me)) == [*reversed(names), me.username]
    viewed = await me.call("POST", f"/stories/{made[2]['story_id']}/view")
    assert viewed == {"story_id": made[2]["story_id"], "view_count": 1}
    found = await tray(me)
    assert list(found) == [names[1], names[0], me.username, names[2]]
    assert found[names[2]]["unviewed_count"] == 0
    assert found[names[2]]["items"][0]["is_viewed"] is True
    item = found[names[1]]["items"][0]
    assert set(item) >= {
        "story_id", "media_url", "media_type", "created_at", "expires_at", "is_viewed",
    }  # fmt: skip
    assert "view_count" not in item
    assert found[me.username]["items"][0]["view_count"] == 0


async def test_views_count_people_and_not_oneself(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    await ben.follow(ana)
    await cem.follow(ana)
    story_id = (await story(ana))["story_id"]
    path = f"/stories/{story_id}/view"
    assert (await ana.call("POST", path))["view_count"] == 0
    counts = await asyncio.gather(*(who.call("POST", path) for who in (ben, cem) * 3))
    assert max(count["view_count"] for count in counts) == 2
    await quiet(api.resources)
    viewers = await ana.get(f"/stories/{story_id}/viewers")
    assert {row["username"] for row in viewers["viewers"]} == {ben.username, cem.username}
    assert viewers["view_count"] == 2
    api.forget()
    assert (await tray(ana))[ana.username]["items"][0]["view_count"] == 2
    await ben.refused("GET", f"/stories/{story_id}/viewers", status=403)


@pytest.mark.parametrize("audience", ["close_friends", "list", "followers"])
async def test_who_is_outside_the_audience_finds_nothing(api: Api, audience: str) -> None:
    ana, inside, outside = await api.people(3)
    await inside.follow(ana)
    if audience == "list":
        body = {"name": "Sea", "usernames": [inside.username]}
        made = await ana.call("POST", "/me/lists", body)
        audience = f"list:{made['list_id']}"
    elif audience == "close_friends":
        await ana.call("PUT", "/me/close-friends", {"add": [inside.username]})
    if audience != "followers":
        await outside.follow(ana)
    await tray(outside)
    made = await real_story(ana, audience=audience, **SCENE)
    await quiet(api.resources)
    api.forget()
    story_id, sticker = made["story_id"], made["stickers"][0]["sticker_id"]

    seen = await inside.get(f"/stories/{story_id}")
    assert seen["audience"] == ("list" if audience.startswith("list") else audience)
    assert ids((await tray(inside))[ana.username]) == [story_id]
    assert (await api.http.get(seen["media_url"])).status_code == 200
    shared = await inside.call("POST", f"/stories/{story_id}/share", {"to": [outside.username]})
    again = await inside.call("POST", f"/stories/{story_id}/repost", {"audience": "public"})
    kept = await ana.call("POST", "/highlights", {"name": "Sea", "story_ids": [story_id]})

    assert await tray(outside) == {}
    for method, path, sent in (
        ("GET", f"/stories/{story_id}", None),
        ("POST", f"/stories/{story_id}/view", None),
        ("POST", f"/stories/{story_id}/reactions", {"reaction": "🔥"}),
        ("DELETE", f"/stories/{story_id}/reactions", None),
        ("POST", f"/stories/{story_id}/replies", {"text": "hi"}),
        ("POST", f"/stories/{story_id}/repost", None),
        ("POST", f"/stories/{story_id}/share", {"to": [inside.username]}),
        ("POST", f"/stories/{story_id}/answers", {"sticker_id": sticker, "answer": 0}),
        ("GET", f"/stories/{story_id}/viewers", None),
        ("GET", f"/stories/{story_id}/insights", None),
        ("DELETE", f"/stories/{story_id}", None),
        ("GET", f"/stories/{again['story_id']}", None),
        ("GET", f"/highlights/{kept['highlight_id']}", None),
    ):
        error = await outside.refused(method, path, sent, status=404)
        assert error["code"] in ("story_not_found", "highlight_not_found")
    assert (await outside.get(f"/users/{ana.username}/stories"))["stories"] == []
    assert (await outside.get(f"/users/{inside.username}/stories"))["stories"] == []
    assert (await outside.get(f"/users/{ana.username}/highlights?q=sea"))["highlights"] == []
    said = await outside.get(f"/messages/{shared['messages'][0]['message_id']}")
    assert said["story"] == {"story_id": story_id, "kind": "share", "state": "unavailable"}
    for link in (seen["media_url"], again["media_url"]):
        stolen = link.replace(inside.user_id, outside.user_id)
        assert (await api.http.get(stolen)).status_code == 404
        assert (await api.http.get(link.partition("&u=")[0])).status_code == 404


async def test_off_the_list_is_out_at_once(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    await ana.call("PUT", "/me/close-friends", {"add": [ben.username]})
    made = await real_story(ana, audience="close_friends")
    await quiet(api.resources)
    link = (await ben.get(f"/stories/{made['story_id']}"))["media_url"]
    assert list(await tray(ben)) == [ana.username]
    await ana.call("PUT", "/me/close-friends", {"remove": [ben.username]})
    assert await tray(ben) == {}
    await ben.refused("GET", f"/stories/{made['story_id']}", status=404)
    api.forget()
    assert (await api.http.get(link)).status_code == 404


async def test_deleted_is_gone_for_everyone(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    made = await real_story(ana)
    path = f"/stories/{made['story_id']}"
    link = (await ben.get(path))["media_url"]
    await ben.refused("DELETE", path, status=403)
    await ana.call("DELETE", path)
    for who in (ana, ben):
        await who.refused("GET", path, status=404)
        api.forget()
        assert await tray(who) == {}
    await ana.refused("GET", f"{path}/insights", status=404)
    assert (await api.http.get(link)).status_code == 404
