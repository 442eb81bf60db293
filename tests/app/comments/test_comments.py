"""Comments, replies, their likes, and who may delete."""

import asyncio
from typing import Any

import pytest

from tests.fixtures.api import Api, Person


async def comment(who: Person, post: dict[str, Any], text: str, parent: str = "") -> Any:
    sent = {"text": text} | ({"parent_comment_id": parent} if parent else {})
    return await who.call("POST", f"/posts/{post['post_id']}/comments", sent)


async def test_commenting_answers_with_exactly_what_is_published(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    path = f"/posts/{post['post_id']}/comments"
    answer = await ben.send("POST", path, {"text": f"  Hello @{ana.username}  "})
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert set(made) >= {"comment_id", "post_id", "user", "text", "created_at"}
    assert (made["text"], made["post_id"]) == (f"Hello @{ana.username}", post["post_id"])
    assert made["user"]["username"] == ben.username
    assert made["mentions"] == [ana.username]
    [listed] = (await ana.get(path))["comments"]
    assert listed == made
    assert (listed["likes_count"], listed["replies_count"]) == (0, 0)


async def test_replies_are_two_levels(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    top = await comment(ben, post, "top")
    first = await comment(ana, post, "first", top["comment_id"])
    second = await comment(ben, post, "second", first["comment_id"])
    assert first["parent_comment_id"] == second["parent_comment_id"] == top["comment_id"]
    path = f"/comments/{top['comment_id']}/replies"
    assert [c["text"] for c in (await ana.get(path))["comments"]] == ["first", "second"]
    tops = (await ana.get(f"/posts/{post['post_id']}/comments"))["comments"]
    assert [c["text"] for c in tops] == ["top"]


async def test_pages_without_gaps_while_comments_come(api: Api) -> None:
    ana = await api.person()
    post = await ana.post()
    for number in range(7):
        await comment(ana, post, str(number))
    path = f"/posts/{post['post_id']}/comments"
    found, cursor = [], ""
    for _ in range(3):
        data = await ana.get(f"{path}?limit=3{cursor}")
        found += [c["text"] for c in data["comments"]]
        cursor = f"&cursor={data['pagination']['next_cursor']}"
        await comment(ana, post, "late")
    assert found == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "  \n "}, "text"),
        ({"text": "x" * 2201}, "text"),
        ({"text": None}, "text"),
        ({"text": {"$ne": 1}}, "text"),
        ({"text": "x", "parent_comment_id": {"$ne": 1}}, "parent_comment_id"),
        ({"text": "x", "parent_comment_id": "c" * 65}, "parent_comment_id"),
        ({"text": "x", "user_id": "usr_1"}, "user_id"),
        ({"text": "a\0b"}, "text"),
    ],
)
async def test_comments_that_are_refused(api: Api, sent: dict[str, Any], field: str) -> None:
    ana = await api.person()
    post = await ana.post()
    error = await ana.refused("POST", f"/posts/{post['post_id']}/comments", sent, status=422)
    assert set(error["details"]["fields"]) == {field}


async def test_where_one_cannot_comment(api: Api) -> None:
    ana, ben = await api.people(2)
    one, two = await ana.post(), await ana.post()
    under_one = (await comment(ben, one, "x"))["comment_id"]
    path = f"/posts/{two['post_id']}/comments"
    error = await ben.refused(
        "POST", path, {"text": "x", "parent_comment_id": under_one}, status=422
    )
    assert set(error["details"]["fields"]) == {"parent_comment_id"}
    error = await ben.refused(
        "POST", path, {"text": "x", "parent_comment_id": "cmt_none"}, status=404
    )
    assert error["code"] == "comment_not_found"
    await ben.refused("POST", "/posts/post_none/comments", {"text": "x"}, status=404)


async def test_liking_comments(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    made = await comment(ana, post, "x")
    path = f"/comments/{made['comment_id']}/like"
    liked = {"comment_id": made["comment_id"], "likes_count": 1}
    assert await asyncio.gather(*(ben.call("POST", path) for _ in range(4))) == [liked] * 4
    [seen] = (await ben.get(f"/posts/{post['post_id']}/comments"))["comments"]
    assert seen["is_liked"] is True
    for _ in range(2):
        assert (await ben.call("DELETE", path))["likes_count"] == 0


async def test_who_may_delete(api: Api) -> None:
    ana, ben, cleo = await api.people(3)
    post = await ana.post()
    bens, cleos = await comment(ben, post, "b"), await comment(cleo, post, "c")
    reply = await comment(ana, post, "r", bens["comment_id"])
    await ben.refused("DELETE", f"/comments/{cleos['comment_id']}", status=403)
    answer = await ana.send("DELETE", f"/comments/{cleos['comment_id']}")  # under her post
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await ben.send("DELETE", f"/comments/{bens['comment_id']}")).status_code == 204
    assert (await ana.get(f"/posts/{post['post_id']}/comments"))["comments"] == []
    for gone in (bens, cleos, reply):  # a top comment takes its replies along
        await ana.refused("POST", f"/comments/{gone['comment_id']}/like", status=404)
        await ana.refused("DELETE", f"/comments/{gone['comment_id']}", status=404)
        await ana.refused("GET", f"/comments/{gone['comment_id']}/replies", status=404)
