"""A demo person acting: the operations that the API offers, run in this process.

The checks of parameters and all rules are the product's own; only tokens and rate limits are
left out, since nobody could fill a system at the pace of a person.
"""

import asyncio
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import orjson

from app import dispatch
from app.catalogue import BY_NAME, OPERATIONS
from app.errors import Conflict
from app.operation import Context

if TYPE_CHECKING:
    from app.resources import Resources

_REGISTER = next(op for op in OPERATIONS if op.path == "/users/register")
_THERE_ALREADY = 412
_PUT_TIMEOUT_S = 30


class DemoRefused(RuntimeError):
    """The demo can't be put into this system; the message says why and what to do."""


class UploadRefused(RuntimeError):
    """Object storage did not take the bytes."""


class Actor:
    """Runs operations as `username`. Ids derive from what is done, so a repeat makes nothing
    twice; they carry the time it is said to have happened."""

    def __init__(self, resources: "Resources", origin: str, username: str, joined_ms: int) -> None:
        self.username = username
        self.user_id = ""
        self._joined_ms = joined_ms
        self._resources = resources
        self._origin = origin

    def _context(self, what: str, at_ms: int) -> Context:
        return Context(
            self._resources,
            user_id=self.user_id,
            origin=self._origin,
            user_agent="glimpse demo",
            seed=what and f"demo:{self.username}:{what}",
            seed_ms=at_ms,
        )

    async def register(self, email: str, password: str, full_name: str) -> None:
        """Make the account, or find it made. Raises DemoRefused when a stranger has the name."""
        raw = {
            "username": self.username,
            "email": email,
            "password": password,
            "full_name": full_name,
        }
        try:
            outcome = await dispatch.run(_REGISTER, self._context("join", self._joined_ms), raw)
            self.user_id = orjson.loads(outcome.data)["user_id"]
            # Nobody holds the tokens, so it must not stand among the person's devices.
            await self.do("auth.revoke_all")
        except Conflict:
            if not await self.find(email):
                raise DemoRefused(
                    f"{self.username} is somebody's account here. The demo is for a Glimpse "
                    "without people of its own: start another with `glimpse up --data DIR`."
                ) from None

    async def find(self, email: str) -> bool:
        """Be the account that was made before; false when it is not there (any more)."""
        found = await self._resources.mongo.users.find_one(
            {"username": self.username, "email": email}, {"_id": 1}
        )
        self.user_id = found["_id"] if found is not None else ""
        return found is not None

    async def do(self, method: str, what: str = "", at_ms: int = 0, **raw: Any) -> Any:
        """The result of an operation by its socket name. Acts that make something say `what`
        (unique for the person) and when."""
        outcome = await dispatch.run(BY_NAME[method], self._context(what, at_ms), raw)
        return orjson.loads(bytes(outcome.data))

    async def upload(self, what: str, at_ms: int, content: bytes) -> dict[str, Any]:
        """Send a JPEG through a pre-signed link; the medium as `media.get` shows it."""
        link = await self.do(
            "media.upload_url", what, at_ms, file_type="image/jpeg", file_size=len(content)
        )
        medium: dict[str, Any] = await self.do("media.get", media_id=link["media_id"])
        if medium["status"] == "pending":
            await asyncio.to_thread(_put, link["upload_url"], link["headers"], content)
            medium = await self.do("media.complete", media_id=link["media_id"])
        return {**medium, "media_key": link["media_key"]}


def _put(url: str, headers: dict[str, str], content: bytes) -> None:
    request = urllib.request.Request(url, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=_PUT_TIMEOUT_S):
            return
    except urllib.error.HTTPError as error:
        # An earlier run was cut off between sending and saying so.
        if error.code != _THERE_ALREADY:
            raise UploadRefused(f"{error.code}: {error.read(300)!r}") from error
