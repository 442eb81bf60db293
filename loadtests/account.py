"""A person of a load test: HTTP calls, uploads and the socket, as a client of ours does them."""

import asyncio
import io
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from PIL import Image

from realtime.client import Client

PASSWORD = "a quiet lake at dawn"
READY_S = 30.0


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


@cache
def small_photo(width: int = 480, height: int = 480) -> bytes:
    """A JPEG with some detail in it."""
    base = Image.linear_gradient("L").resize((width, height))
    noise = Image.effect_noise((width, height), 40)
    out = io.BytesIO()
    Image.merge("RGB", (base, noise, base.rotate(90))).save(out, "JPEG", quality=80)
    return out.getvalue()


def connect(url: str, timeout_s: float = 20.0) -> httpx.AsyncClient:
    """The HTTP client that people of one server share."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    return httpx.AsyncClient(base_url=url, timeout=timeout_s, limits=limits)


@dataclass
class Account:
    http: httpx.AsyncClient
    user_id: str
    username: str
    token: str
    refresh_token: str

    @classmethod
    async def register(cls, http: httpx.AsyncClient, name: str) -> "Account":
        """A new person whose username begins with `name`."""
        username = f"{name}.{secrets.token_hex(4)}"
        body = {
            "username": username,
            "email": f"{username}@example.org",
            "password": PASSWORD,
            "full_name": name.title(),
        }
        return cls._of(http, await send(http, "POST", "/users/register", body))

    @classmethod
    def _of(cls, http: httpx.AsyncClient, data: dict[str, Any]) -> "Account":
        return cls(
            http, data["user_id"], data["username"], data["access_token"], data["refresh_token"]
        )

    async def another_device(self) -> "Account":
        """The same person, logged in once more."""
        body = {"username": self.username, "password": PASSWORD}
        return self._of(self.http, await send(self.http, "POST", "/users/login", body))

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """The answer's data; raises Refused."""
        return await send(self.http, method, path, body, self.token, key)

    async def upload(self, photo: bytes, file_type: str = "image/jpeg") -> dict[str, Any]:
        """Straight to object storage by a pre-signed link; returns the link's answer."""
        body = {"file_type": file_type, "file_size": len(photo)}
        link: dict[str, Any] = await self.call("POST", "/media/upload-url", body)
        # Not through the shared client: its base URL and cookies are of no use here.
        async with httpx.AsyncClient(timeout=20) as storage:
            stored = await storage.put(link["upload_url"], content=photo, headers=link["headers"])
        if stored.status_code != 200:
            raise Refused(stored.status_code, "upload", stored.text)
        await self.call("POST", f"/media/{link['media_id']}/complete")
        return link

    async def ready(self, media_id: str, timeout_s: float = READY_S) -> dict[str, Any]:
        """Wait until an upload is processed."""
        async with asyncio.timeout(timeout_s):
            while True:
                found: dict[str, Any] = await self.call("GET", f"/media/{media_id}")
                if found["status"] in ("ready", "failed"):
                    return found
                await asyncio.sleep(0.05)

    async def ready_photo(self) -> str:
        """The media key of a photo that is processed: a post of it is published at once."""
        link = await self.upload(small_photo())
        found = await self.ready(link["media_id"])
        if found["status"] != "ready":
            raise Refused(0, "media_failed", str(found["reason"]))
        key: str = link["media_key"]
        return key

    async def post(self, caption: str, media_key: str, key: str = "") -> dict[str, Any]:
        body = {"caption": caption, "media": [{"type": "photo", "url": media_key}]}
        made: dict[str, Any] = await self.call("POST", "/posts", body, key)
        return made

    def socket(self) -> Client:
        """The socket on the same origin; open it with `async with`."""
        url = str(self.http.base_url).rstrip("/").replace("http", "ws", 1) + "/ws"
        return Client(url, self.token, name="walkthrough", strict=True)


async def send(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    body: Any = None,
    token: str = "",
    key: str = "",
) -> Any:
    """One call of the API: the answer's data (None for 204), or Refused."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if key:
        headers["Idempotency-Key"] = key
    answer = await http.request(method, f"/api/v1{path}", json=body, headers=headers)
    if answer.status_code == 204:
        return None
    try:
        content = answer.json()
    except ValueError:
        raise Refused(answer.status_code, "not_json", answer.text[:200]) from None
    if not content.get("success"):
        error = content["error"]
        raise Refused(answer.status_code, error["code"], error["message"])
    return content["data"]
