"""The app over real stores, and people who upload to it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.events import MediaUploaded, VideoUploaded
from app.main import create_app
from app.resources import Resources
from app.settings import Settings
from app.setup import prepare
from workers import images, transcode


@dataclass
class Person:
    """A logged-in client. Calls return the answer's `data`, or with `status` the `error`."""

    http: httpx.AsyncClient
    user_id: str
    username: str
    token: str

    async def call(
        self, method: str, path: str, body: Any = None, status: int | None = None
    ) -> dict[str, Any]:
        answer = await self.http.request(
            method,
            f"/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        if status is None:
            assert answer.is_success, answer.text
            data: dict[str, Any] = answer.json()["data"]
            return data
        assert answer.status_code == status, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error

    async def upload(self, data: bytes, file_type: str) -> dict[str, Any]:
        """Link, PUT and complete; the link's answer."""
        link = await self.call(
            "POST", "/media/upload-url", {"file_type": file_type, "file_size": len(data)}
        )
        async with httpx.AsyncClient() as storage:
            stored = await storage.put(link["upload_url"], content=data, headers=link["headers"])
        assert stored.status_code == 200, stored.text
        await self.call("POST", f"/media/{link['media_id']}/complete")
        return link


@dataclass
class Api:
    http: httpx.AsyncClient
    resources: Resources

    async def register(self, username: str, **profile: Any) -> Person:
        answer = await self.http.post(
            "/api/v1/users/register",
            json={
                "username": username,
                "email": f"{username}@example.org",
                "password": "a long enough password",
                "full_name": username.title(),
            },
        )
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        person = Person(self.http, data["user_id"], username, data["access_token"])
        if profile:
            await person.call("PUT", f"/users/{username}", profile)
        return person

    async def work(self, media_id: str) -> None:
        """What the worker for its kind does on the upload's event."""
        medium = await self.resources.mongo.media.find_one({"_id": media_id})
        assert medium is not None
        owner_id = medium["owner_id"]
        if medium["kind"] == "video":
            await transcode.handle("1-0", VideoUploaded(media_id, owner_id), self.resources)
        else:
            await images.handle("1-0", MediaUploaded(media_id, owner_id), self.resources)

    def forget(self) -> None:
        """What is remembered for a second is asked for again."""
        self.resources.memory.media = type(self.resources.memory.media)(100, 1.0)


@pytest.fixture
async def api(fresh_settings: Settings) -> AsyncIterator[Api]:
    await prepare(fresh_settings)
    app = create_app(fresh_settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        # The address of the store itself: no proxy stands between in these tests.
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url=fresh_settings.storage.endpoint,
            )
        )
        yield Api(http, app.state.resources)
