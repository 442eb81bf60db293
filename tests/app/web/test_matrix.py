"""Every operation tried by everyone, over HTTP and over the socket: `matrix.py` has the table."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.catalogue import OPERATIONS
from app.operation import Operation
from realtime.client import CallFailed, Client
from tests.app.stories.telling import end, story
from tests.app.web.matrix import COLUMNS, TABLE
from tests.fixtures.api import PASSWORD, Api, Person
from tests.realtime.nodes import Node, start

_numbers = itertools.count(1)


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def test_every_operation_has_its_row() -> None:
    assert {name_of(operation) for operation in OPERATIONS} == set(TABLE)


@dataclass
class Cast:
    """One of each column, new for each operation."""

    api: Api
    callers: dict[str, Person | None]
    public: Person
    private: Person

    def owner(self, column: str) -> Person:
        return self.public if column in ("anonymous", "stranger", "blocked") else self.private


async def make_cast(api: Api) -> Cast:
    public, private = await api.person("pub"), await api.person("pri", privacy_level="private")
    stranger, outsider, follower, blocked = await api.people(4, "other")
    await follower.follow(private)
    await private.call("POST", f"/follow-requests/{follower.username}/accept")
    await blocked.follow(public)
    await public.call("POST", f"/users/{blocked.username}/block")
    people = (None, stranger, outsider, follower, blocked, private)
    return Cast(api, dict(zip(COLUMNS, people, strict=True)), public, private)


async def parameters(operation: Operation, cast: Cast, column: str) -> dict[str, Any]:
    """Right parameters about a new thing of the owner's."""
    api, owner = cast.api, cast.owner(column)
    number = next(_numbers)
    match operation.path:
        case "/users/register":
            name = f"new{number}"
            return {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        case "/users/login":
            return {"username": owner.username, "password": PASSWORD}
        case "/auth/refresh":
            return {"refresh_token": (await api.log_in(owner)).refresh_token}
        case "/auth/sessions/{id}":
            await api.log_in(owner)
            sessions = (await owner.get("/auth/sessions"))["sessions"]
            return {"id": next(s["session_id"] for s in sessions if not s["is_current"])}
        case "/follow-requests/{username}/accept" | "/follow-requests/{username}/decline":
            asking = await api.person("asking")
            await asking.follow(cast.private)
            return {"username": asking.username}
        case "/users/{username}" if operation.method == "PUT":
            return {"username": owner.username, "bio": "new"}
        case "/users/search" | "/messages/search":
            return {"q": "pub"}
        case "/media/upload-url" | "/media/multipart":
            return {"file_type": "image/jpeg", "file_size": 17_000_000}
        case "/posts":
            return {"media": [{"url": await owner.quick_photo()}]}
        case "/collections" if operation.method == "POST":
            return {"name": f"Trees {number}"}
        case "/collections/{id}":
            made = await owner.call("POST", "/collections", {"name": f"Trees {number}"})
            return {"id": made["collection_id"]}
        case "/posts/{post_id}/comments" if operation.method == "POST":
            return {"post_id": (await owner.post())["post_id"], "text": "hello"}
        case "/conversations" if operation.method == "POST":
            return {"usernames": [owner.username]}
        case "/messages":
            return {"to": owner.username, "text": "hello"}
        case "/me/lists" if operation.method == "POST":
            return {"name": f"Trees {number}"}
        case "/me/lists/{list_id}":
            made = await owner.call("POST", "/me/lists", {"name": f"Trees {number}"})
            return {"list_id": made["list_id"]}
        case "/stories":
            return {"media_url": await owner.quick_photo(), "media_type": "photo"}
        case "/stories/signals":
            return {"signals": [{"story_id": (await story(owner))["story_id"]}]}
        case "/highlights":
            return {"name": "Sea", "story_ids": [(await story(owner))["story_id"]]}
        case path if path.startswith(("/stories/{", "/highlights/{", "/me/stories/archive/{")):
            return await of_a_story(operation, api, owner)
        case "/posts/{post_id}/share":
            friend = await api.person("friend")
            return {"post_id": (await owner.post())["post_id"], "to": [friend.username]}
        case "/me/presence" if operation.method == "PUT":
            return {"visible": True}
        case "/push/subscriptions" if operation.method == "POST":
            return {"fcm_token": "a-token-of-a-phone"}
        case path if path.startswith(("/conversations/{id}", "/messages/{id}")):
            return await in_a_group(operation, api, owner)
        case path if "multipart/{media_id}" in path:
            body = {"file_type": "image/jpeg", "file_size": 17_000_000}
            begun = await owner.call("POST", "/media/multipart", body)
            numbers = {"part_numbers": [1]} if path.endswith("/parts") else {}
            return {"media_id": begun["media_id"], **numbers}
        case path if "{media_id}" in path:
            return {"media_id": (await owner.quick_photo()).split("/")[-2]}
        case path if "/comments/{id}" in path:
            post = (await owner.post())["post_id"]
            sent = {"text": "mine"}
            made = await owner.call("POST", f"/posts/{post}/comments", sent)
            return {"id": made["comment_id"]}
        case path if "{post_id}" in path:
            return {"post_id": (await owner.post())["post_id"]}
        case path if "{username}" in path:
            return {"username": owner.username}
        case _:
            return {}


async def of_a_story(operation: Operation, api: Api, owner: Person) -> dict[str, Any]:
    """Right parameters about a story of the owner's, or a highlight with it."""
    sticker = {"kind": "poll", "question": "Sea?", "options": ["yes", "no"]}
    made = await story(owner, audience="public", stickers=[sticker])
    story_id, sticker_id = made["story_id"], made["stickers"][0]["sticker_id"]
    if operation.path.startswith("/highlights/"):
        body = {"name": "Sea", "story_ids": [story_id]}
        kept = await owner.call("POST", "/highlights", body)
        return {"id": kept["highlight_id"]}
    if operation.path.startswith("/me/stories/archive/"):
        await end(api, story_id)
    if operation.path == "/stories/{story_id}/view":
        return {"story_id": story_id}
    more: dict[str, dict[str, Any]] = {
        "stories.react": {"reaction": "🔥"},
        "stories.answer": {"sticker_id": sticker_id, "answer": 1},
        "stories.answers": {"sticker_id": sticker_id},
        "stories.reply": {"text": "lovely"},
    }
    if operation.name == "stories.share":
        return {"id": story_id, "to": [(await api.person("friend")).username]}
    return {"id": story_id, **more.get(operation.name or "", {})}


async def in_a_group(operation: Operation, api: Api, owner: Person) -> dict[str, Any]:
    """Right parameters about a group of the owner's, or a message in it."""
    friend, other = await api.people(2, "friend")
    body = {"usernames": [friend.username], "name": "Trip"}
    group_id = (await owner.call("POST", "/conversations", body))["conversation_id"]
    said = await owner.call("POST", f"/conversations/{group_id}/messages", {"text": "hello"})
    more: dict[str, dict[str, Any]] = {
        "conversations.update": {"name": "Sea"},
        "conversations.add": {"usernames": [other.username]},
        "conversations.set_admin": {"username": friend.username, "is_admin": True},
        "conversations.remove": {"username": friend.username},
        "messages.create": {"text": "again"},
        "messages.edit": {"text": "hallo"},
        "messages.react": {"emoji": "🔥"},
    }
    of_message = operation.path.startswith("/messages/")
    return {
        "id": said["message_id"] if of_message else group_id,
        **more.get(operation.name or "", {}),
    }


async def over_http(
    api: Api, caller: Person | None, operation: Operation, given: dict[str, Any]
) -> tuple[int, str]:
    """(status, error code or nothing)."""
    path, rest = operation.path, dict(given)
    for part in operation.path_names:
        path = path.replace(f"{{{part}}}", rest.pop(part))
    if operation.method == "GET" and rest:
        path += "?" + "&".join(f"{name}={value}" for name, value in rest.items())
    body = rest if operation.method != "GET" and rest else None
    api.http.cookies.clear()
    if caller is None:
        answer = await api.send(operation.method, path, body)
    else:
        answer = await caller.send(operation.method, path, body)
    code = answer.json()["error"]["code"] if answer.status_code >= 400 else ""
    return answer.status_code, code


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_over_http(api: Api, operation: Operation) -> None:
    cast = await make_cast(api)
    found = {}
    for column in COLUMNS:
        given = await parameters(operation, cast, column)
        found[column], _ = await over_http(api, cast.callers[column], operation, given)
    assert found == dict(zip(COLUMNS, TABLE[name_of(operation)], strict=True))


@pytest.fixture(scope="module")
async def node(api: Api) -> AsyncIterator[Node]:
    started = await start(api.settings, "matrix")
    yield started
    await started.stop()


@pytest.mark.parametrize(
    "operation", [operation for operation in OPERATIONS if operation.name], ids=name_of
)
async def test_over_the_socket_it_is_the_same(api: Api, node: Node, operation: Operation) -> None:
    """Twice the same, with a thing of its own each: the outcome and its code."""
    assert operation.name is not None
    cast = await make_cast(api)
    for column in COLUMNS[1:]:
        caller = cast.callers[column]
        assert caller is not None
        given = await parameters(operation, cast, column)
        async with Client(node.url, caller.token) as client:
            try:
                await client.call(operation.name, given)
                code = ""
            except CallFailed as failed:
                code = failed.code
        again = await parameters(operation, cast, column)
        status, wanted = await over_http(api, caller, operation, again)
        assert code == wanted, column
        assert status == TABLE[name_of(operation)][COLUMNS.index(column)], column
