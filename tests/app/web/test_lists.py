"""Lists that are short, and answer by pages all the same."""

from typing import Any

import pytest

from app.text import is_blank
from tests.app.stories.telling import story
from tests.fixtures.api import PASSWORD, Api, Person


async def stocked(api: Api) -> Person:
    """Someone with five of everything."""
    ana = await api.person()
    for number in range(5):
        await ana.call("POST", "/collections", {"name": f"Trees {number}"})
        await ana.call("POST", "/me/lists", {"name": f"Friends {number}"})
        login = {"username": ana.username, "password": PASSWORD}
        assert (await api.send("POST", "/users/login", login)).is_success
        friend = await api.person()
        await ana.follow(friend)
        await story(friend)
        told = await story(ana)
        await ana.call(
            "POST", "/highlights", {"name": f"Best {number}", "story_ids": [told["story_id"]]}
        )
    return ana


async def test_short_lists_have_pages(api: Api) -> None:
    ana = await stocked(api)
    lists = {
        "/collections": ("collections", "collection_id", 5),
        "/me/lists": ("lists", "list_id", 5),
        "/auth/sessions": ("sessions", "session_id", 6),
        "/stories/feed": ("stories", "user", 6),
        f"/users/{ana.username}/stories": ("stories", "story_id", 5),
        f"/users/{ana.username}/highlights": ("highlights", "highlight_id", 5),
    }
    for path, (rows, name, count) in lists.items():
        whole = (await ana.get(path))[rows]
        assert len(whole) == count, path
        paged = await ana.pages(path, rows, 2)
        assert [len(page) for page in paged] == [2] * (count // 2) + [1] * (count % 2), path
        assert [row[name] for page in paged for row in page] == [row[name] for row in whole], path


async def test_a_page_goes_on_after_new_rows_and_stays_its_lists(api: Api) -> None:
    ana = await stocked(api)
    first = await ana.get("/stories/feed?limit=3")
    cursor = first["pagination"]["next_cursor"]
    newest = await api.person()
    await ana.follow(newest)
    await story(newest)
    second = await ana.get(f"/stories/feed?limit=3&cursor={cursor}")
    people = [entry["user"]["username"] for page in (first, second) for entry in page["stories"]]
    assert len(set(people)) == 6
    assert newest.username not in people
    for path in ("/collections", "/auth/sessions", f"/users/{ana.username}/stories"):
        error = await ana.refused("GET", f"{path}?cursor={cursor}", status=422)
        assert error["code"] == "bad_cursor"
    assert (await newest.refused("GET", f"/stories/feed?cursor={cursor}", status=422))["details"]


async def test_twenty_by_default_and_no_collection_is_out_of_reach(api: Api) -> None:
    ana = await api.person()
    names = [f"Trees {number:03}" for number in range(45)]
    for name in names:
        await ana.call("POST", "/collections", {"name": name})
    assert len((await ana.get("/collections"))["collections"]) == 20
    pages = await ana.pages("/collections", "collections", 20)
    assert [row["name"] for page in pages for row in page] == names


UNSEEN = (
    "\u200b",
    "\u200d\u200b",
    "\ufeff",
    "\u2060 \u00a0",
    "\u3164",
    "\u2800",
    "\u202e",
    "\ufe0f",
)


@pytest.mark.parametrize("unseen", UNSEEN)
async def test_what_nobody_can_see_is_empty(api: Api, unseen: str) -> None:
    ana, ben = await api.person(), await api.person()
    post = await ana.post()
    asked: list[tuple[str, dict[str, Any]]] = [
        (f"/posts/{post['post_id']}/comments", {"text": unseen}),
        ("/messages", {"to": ben.username, "text": unseen}),
        ("/collections", {"name": unseen}),
        ("/me/lists", {"name": unseen}),
    ]
    for path, body in asked:
        await ana.refused("POST", path, body, status=422)
    named = await ana.call("PUT", f"/users/{ana.username}", {"full_name": unseen})
    assert named["full_name"] == ""


def test_what_can_be_seen_is_not_blank() -> None:
    for text in ("", " ", "a", "\u200ba", "❤\ufe0f", "نام\u200cها", "👩\u200d👧", "\u0301"):
        assert not is_blank(text)


async def test_a_name_does_not_turn_what_follows_it(api: Api) -> None:
    ana = await api.person()
    for name in ("ana\u202egnp", "\u2067ana"):
        error = await ana.refused("PUT", f"/users/{ana.username}", {"full_name": name}, status=422)
        assert set(error["details"]["fields"]) == {"full_name"}
    for name in ("\u0622\u0646\u0627", "ana\u200f", "نام\u200cها"):
        kept = await ana.call("PUT", f"/users/{ana.username}", {"full_name": name})
        assert kept["full_name"] == name
