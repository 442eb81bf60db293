"""MongoDB stopped: 503 with Retry-After, never a success, and nothing half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from infra.local import hold
from tests.fixtures.api import PASSWORD, Api, refusal
from tests.fixtures.loop import eventually
from tests.fixtures.stores import Stores


async def mongo_answers(api: Api) -> bool:
    try:
        await api.resources.mongo.command("ping")
        hello = await api.resources.mongo.command("hello")
    except Exception:
        return False
    return bool(hello.get("isWritablePrimary"))


@asynccontextmanager
async def away(api: Api, stores: Stores) -> AsyncIterator[None]:
    hold.hold(stores.layout, "mongod")
    try:
        yield
    finally:
        hold.release(stores.layout, "mongod")
        await eventually(lambda: mongo_answers(api), "MongoDB is back", within_s=30)


async def test_without_mongodb_nothing_is_a_success(api: Api, frail_stores: Stores) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    path, key = f"/posts/{post['post_id']}", await ana.quick_photo()
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/posts", {"media": [{"url": key}]}),
        ("GET", path, None),
        ("PUT", path, {"caption": "new"}),
        ("DELETE", path, None),
        ("POST", f"{path}/like", None),
        ("DELETE", f"{path}/like", None),
        ("POST", f"{path}/comments", {"text": "x"}),
        ("POST", f"{path}/save", None),
        ("POST", f"/users/{ben.username}/follow", None),
        ("POST", f"/users/{ben.username}/block", None),
        ("PUT", f"/users/{ana.username}", {"bio": "new"}),
        ("POST", "/collections", {"name": "x"}),
        ("POST", "/media/upload-url", {"file_type": "image/jpeg", "file_size": 5}),
        ("GET", "/users/me", None),
        ("GET", "/feed/home", None),
        ("GET", "/notifications", None),
        ("GET", "/users/search?q=a", None),
        ("POST", "/auth/logout", None),
    ]
    async with away(api, frail_stores):
        answers = await asyncio.gather(
            *(ana.send(method, where, body) for method, where, body in calls),
            *(ana.send(m, w, b, key=f"k{n}") for n, (m, w, b) in enumerate(calls) if m == "POST"),
            api.send("POST", "/users/login", {"username": "x", "password": PASSWORD}),
            api.send("POST", "/auth/refresh", {"refresh_token": ana.refresh_token}),
        )
        for answer in answers:
            error = refusal(answer, 503)
            assert error["code"] == "unavailable"
            assert int(answer.headers["Retry-After"]) >= 1
        ready = await api.http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
        assert ready.json()["dependencies"]["mongodb"] == "down"
        assert (await api.http.get("/healthz")).status_code == 200

    api.forget()
    mongo = api.resources.mongo
    assert (await ana.get(path))["caption"] == ""
    assert await mongo.likes.count_documents({"post_id": post["post_id"]}) == 0
    assert await mongo.comments.count_documents({"post_id": post["post_id"]}) == 0
    assert await mongo.posts.count_documents({"author_id": ana.user_id}) == 1
    assert await mongo.follows.count_documents({"follower_id": ana.user_id}) == 0
    # The repeat of a refused request, with its key, works.
    body = {"media": [{"url": key}]}
    made = await ana.call("POST", "/posts", body, key="k0")
    assert made == await ana.call("POST", "/posts", body, key="k0")
    assert await mongo.posts.count_documents({"author_id": ana.user_id}) == 2
