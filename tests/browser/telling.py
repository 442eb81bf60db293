"""Somebody who tells stories from a phone of theirs: by the API alone, without a browser."""

from types import TracebackType
from typing import Any, Self

import httpx

from infra.demo.pictures import upright
from tests.browser.visitor import Site


class Teller:
    def __init__(self, site: Site, username: str) -> None:
        self.site = site
        self.username = username
        self._http = httpx.AsyncClient(base_url=f"{site.url}/api/v1", timeout=30)

    async def __aenter__(self) -> Self:
        login = {"username": self.username, "password": self.site.password}
        data = await self.ask("POST", "/users/login", login)
        self._http.headers["Authorization"] = f"Bearer {data['access_token']}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The `data` of the answer; None for an empty one."""
        answer = await self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()["data"] if answer.content else None

    async def tell(self, photo: str, **scene: Any) -> dict[str, Any]:
        """Post a story; `scene` as in POST /stories."""
        content = upright(photo)
        link = await self.ask(
            "POST",
            "/media/upload-url",
            {"file_type": "image/jpeg", "file_size": len(content)},
        )
        async with httpx.AsyncClient(timeout=30) as storage:
            put = await storage.put(link["upload_url"], content=content, headers=link["headers"])
            put.raise_for_status()
        await self.ask("POST", f"/media/{link['media_id']}/complete")
        story = {"media_url": link["media_key"], "alt_text": f"A picture of {photo}", **scene}
        made: dict[str, Any] = await self.ask("POST", "/stories", story)
        return made

    async def end_all(self) -> None:
        """Delete all of one's live stories and highlights."""
        kept = await self.ask("GET", f"/users/{self.username}/highlights")
        for highlight in kept["highlights"]:
            await self.ask("DELETE", f"/highlights/{highlight['highlight_id']}")
        own = await self.ask("GET", f"/users/{self.username}/stories")
        for story in own["stories"]:
            await self.ask("DELETE", f"/stories/{story['story_id']}")
