"""Mobile push: Firebase Cloud Messaging, HTTP v1.

The service account's key signs a short assertion, which its token endpoint swaps for an access
token of an hour (RFC 7523).
"""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.push.sender import LIFE_S, Gone, Later, Message, Outcome, Raw, Refused, Sent, retry_after_s
from app.settings import Push, SettingsError

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_EARLY_S = 60
_ANSWER_BYTES_MAX = 16_384
_DEAD_TOKEN = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    project_id: str
    client_email: str
    private_key: str
    private_key_id: str
    token_uri: str

    @classmethod
    def load(cls, path: str) -> "ServiceAccount":
        """From the file that the console gives; raises SettingsError."""
        try:
            raw: dict[str, Any] = json.loads(Path(path).read_text())
            return cls(
                project_id=str(raw["project_id"]),
                client_email=str(raw["client_email"]),
                private_key=str(raw["private_key"]),
                private_key_id=str(raw.get("private_key_id", "")),
                token_uri=str(raw["token_uri"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"GLIMPSE_PUSH_FCM_CREDENTIALS={path!r}: {error!r}") from error


class NoToken(Exception):
    """The token endpoint gave none."""


class Fcm:
    def __init__(self, settings: Push, session: ClientSession) -> None:
        self._account = ServiceAccount.load(settings.fcm_credentials)
        self._key = RSAKey.import_key(self._account.private_key)
        self._session = session
        project = self._account.project_id
        self._url = f"{settings.fcm_url.rstrip('/')}/v1/projects/{project}/messages:send"
        self._token = ""
        self._token_until = 0.0
        self._asking = asyncio.Lock()

    async def send(self, subscription: Raw, message: Message) -> Outcome:
        try:
            token = await self._access()
            status, answer, retry_after = await self._post(token, subscription, message)
            if status == 401:
                # Revoked, or the clocks differ: once more with a new one.
                token = await self._access(instead_of=token)
                status, answer, retry_after = await self._post(token, subscription, message)
        except (ClientError, OSError, TimeoutError, NoToken) as error:
            return Later(repr(error))
        return _outcome(status, answer, retry_after)

    async def _post(
        self, token: str, subscription: Raw, message: Message
    ) -> tuple[int, bytes, str | None]:
        async with self._session.post(
            self._url,
            json={"message": self._body(subscription["address"], message)},
            headers={"Authorization": f"Bearer {token}"},
            allow_redirects=False,
        ) as answer:
            said = await answer.content.read(_ANSWER_BYTES_MAX)
            return answer.status, said, answer.headers.get("Retry-After")

    @staticmethod
    def _body(address: str, message: Message) -> dict[str, Any]:
        data = message.data()
        return {
            "token": address,
            "data": {name: str(value) for name, value in data.items()},
            "notification": {"title": data["title"], "body": data["text"]},
            "android": {"collapse_key": message.id, "ttl": f"{LIFE_S}s"},
            "apns": {
                "headers": {
                    "apns-collapse-id": message.id[:64],
                    "apns-expiration": str(int(time.time()) + LIFE_S),
                },
                "payload": {"aps": {"badge": message.unread}},
            },
        }

    async def _access(self, instead_of: str = "") -> str:
        """An access token that is good for a while, other than `instead_of`."""
        async with self._asking:
            if self._token == instead_of or self._token_until < time.time():
                self._token, self._token_until = await self._swap()
            return self._token

    async def _swap(self) -> tuple[str, float]:
        now = int(time.time())
        account = self._account
        claims = {
            "iss": account.client_email,
            "sub": account.client_email,
            "aud": account.token_uri,
            "scope": _SCOPE,
            "iat": now,
            "exp": now + 3600,
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": account.private_key_id}
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(header, claims, self._key),
        }
        async with self._session.post(
            account.token_uri, data=form, allow_redirects=False
        ) as answer:
            said = await answer.content.read(_ANSWER_BYTES_MAX)
        try:
            given = json.loads(said)
            return str(given["access_token"]), now + float(given["expires_in"]) - _EARLY_S
        except (ValueError, KeyError, TypeError) as error:
            raise NoToken(f"{answer.status} {said[:300]!r}") from error


def _outcome(status: int, answer: bytes, retry_after: str | None) -> Outcome:
    reason = f"{status} {answer[:300]!r}"
    if status == 200:
        return Sent()
    if _code(answer) in _DEAD_TOKEN:
        return Gone()
    if status in (401, 429) or status >= 500:
        return Later(reason, retry_after_s(retry_after))
    return Refused(reason)


def _code(answer: bytes) -> str:
    """FCM's own word for an error, in the details of Google's general one."""
    try:
        details = json.loads(answer)["error"].get("details", [])
        return next((str(d["errorCode"]) for d in details if "errorCode" in d), "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
