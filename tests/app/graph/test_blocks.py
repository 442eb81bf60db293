"""A block hides both from each other, in every list; a mute hides one from one's feed."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.fixtures.api import Api, Person


@dataclass
class Pair:
    """Two friends who did everything to each other and to a third person's post."""

    ana: Person
    ben: Person
    cleo: Person
    post: dict[str, Any]
    """Of Cleo, liked and commented by both."""
    anas: dict[str, Any]
    bens_comment: dict[str, Any]
    """Under Cleo's post."""


@pytest.fixture
async def pair(api: Api) -> Pair:
    ana, ben, cleo = await api.people(3)
    for one in (ana, ben, cleo):
        await one.follow(*(other for other in (ana, ben, cleo) if other is not one))
    post, anas = await cleo.post(), await ana.post(f"with @{ben.username}")
    comments = []
    for who in (ana, ben):
        await who.call("POST", f"/posts/{post['post_id']}/like")
        path = f"/posts/{post['post_id']}/comments"
        comments.append(await who.call("POST", path, {"text": f"by {who.username}"}))
    await ben.call("POST", f"/posts/{anas['post_id']}/save")
    return Pair(ana, ben, cleo, post, anas, comments[1])


async def people_in(who: Person, path: str) -> set[str]:
    return {user["username"] for user in (await who.get(path))["users"]}


@pytest.mark.parametrize("by", ["ana", "ben"])
async def test_a_block_hides_both_ways_in_every_list(pair: Pair, api: Api, by: str) -> None:
    ana, ben, cleo = pair.ana, pair.ben, pair.cleo
    blocker, blocked = (ana, ben) if by == "ana" else (ben, ana)
    done = {"username": blocked.username, "done": True}
    for _ in range(2):
        assert await blocker.call("POST", f"/users/{blocked.username}/block") == done

    for one, other in ((ana, ben), (ben, ana)):
        profile = await one.refused("GET", f"/users/{other.username}", status=404)
        assert profile["code"] == "user_not_found"
        for what in ("followers", "following"):
            await one.refused("GET", f"/users/{other.username}/{what}", status=404)
        await one.refused("GET", f"/feed/user/{other.username}", status=404)
        await one.refused("POST", f"/users/{other.username}/follow", status=404)
        await one.refused("POST", f"/users/{other.username}/mute", status=404)
        assert other.username not in await people_in(one, f"/users/{cleo.username}/followers")
        assert other.username not in await people_in(one, f"/users/{cleo.username}/following")
        assert other.username not in await people_in(one, f"/posts/{pair.post['post_id']}/likes")
        assert other.username not in await people_in(one, f"/users/search?q={other.username}")
        assert other.username not in await people_in(one, "/users/suggestions?limit=20")
        comments = await one.get(f"/posts/{pair.post['post_id']}/comments")
        assert {c["user"]["username"] for c in comments["comments"]} == {one.username}
        authors = {p["user"]["username"] for p in (await one.get("/feed/home"))["posts"]}
        assert other.username not in authors
        assert cleo.username in authors
    # The third person sees everything still.
    assert len((await cleo.get(f"/posts/{pair.post['post_id']}/comments"))["comments"]) == 2

    for path in ("", "/likes", "/comments"):
        error = await ben.refused("GET", f"/posts/{pair.anas['post_id']}{path}", status=404)
        assert error["code"] == "post_not_found"
    for path in ("like", "save"):
        await ben.refused("POST", f"/posts/{pair.anas['post_id']}/{path}", status=404)
    assert (await ben.get("/posts/saved"))["posts"] == []
    on_comment = f"/comments/{pair.bens_comment['comment_id']}"
    for method, path in (("POST", "/like"), ("GET", "/replies"), ("DELETE", "")):
        error = await ana.refused(method, on_comment + path, status=404)
        assert error["code"] == "comment_not_found"
    reply = {"text": "x", "parent_comment_id": pair.bens_comment["comment_id"]}
    await ana.refused("POST", f"/posts/{pair.post['post_id']}/comments", reply, status=404)


async def test_a_block_ends_follows_and_an_end_of_it_does_not_restore_them(pair: Pair) -> None:
    ana, ben = pair.ana, pair.ben
    await ana.call("POST", f"/users/{ben.username}/block")
    assert await people_in(ana, "/me/blocked") == {ben.username}
    assert await people_in(ben, "/me/blocked") == set()
    await ana.call("DELETE", f"/users/{ben.username}/block")
    assert await people_in(ana, "/me/blocked") == set()
    profile = await ana.get(f"/users/{ben.username}")
    assert (profile["is_following"], profile["is_followed_by"]) == (False, False)
    assert ben.username not in await people_in(ana, f"/users/{ana.username}/followers")


async def test_ending_a_block_is_for_who_made_it(pair: Pair) -> None:
    await pair.ana.call("POST", f"/users/{pair.ben.username}/block")
    await pair.ben.send("DELETE", f"/users/{pair.ana.username}/block")
    await pair.ben.refused("GET", f"/users/{pair.ana.username}", status=404)


async def test_blocked_people_are_not_mentioned_or_tagged(pair: Pair, api: Api) -> None:
    ana, ben = pair.ana, pair.ben
    await ben.call("POST", f"/users/{ana.username}/block")
    post = await ana.post(f"hello @{ben.username} @{pair.cleo.username}")
    stored = await api.resources.mongo.posts.find_one({"_id": post["post_id"]})
    assert stored is not None
    assert stored["mentions"] == [pair.cleo.user_id]
    sent = {"media": [{"url": await ana.quick_photo(), "tags": [{"username": ben.username}]}]}
    error = await ana.refused("POST", "/posts", sent, status=422)
    assert set(error["details"]["fields"]) == {"media.tags"}


async def test_oneself_cannot_be_blocked_or_muted(api: Api) -> None:
    ana = await api.person()
    for what in ("block", "mute"):
        error = await ana.refused("POST", f"/users/{ana.username}/{what}", status=422)
        assert error["code"] == f"self_{what}"
        await ana.refused("POST", f"/users/nobody.here/{what}", status=404)


async def test_a_mute_hides_from_the_feed_alone(pair: Pair) -> None:
    ana, ben = pair.ana, pair.ben
    assert len((await ben.get("/feed/home"))["posts"]) == 2
    for _ in range(2):
        done = {"username": ana.username, "done": True}
        assert await ben.call("POST", f"/users/{ana.username}/mute") == done
    assert await people_in(ben, "/me/muted") == {ana.username}
    authors = [p["user"]["username"] for p in (await ben.get("/feed/home"))["posts"]]
    assert authors == [pair.cleo.username]
    assert len((await ben.get(f"/feed/user/{ana.username}"))["posts"]) == 1
    assert (await ben.get(f"/users/{ana.username}"))["is_muted"] is True
    await ben.call("DELETE", f"/users/{ana.username}/mute")
    assert len((await ben.get("/feed/home"))["posts"]) == 2
    assert await people_in(ben, "/me/muted") == set()
