"""Web push: VAPID (RFC 8292) and message encryption (RFC 8291), by pywebpush.

Only its encryption and signing are used. The request is made here: its own would follow
redirects, and connect to wherever a name leads.
"""

import asyncio
import base64
import hashlib
import json
import logging
import time
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher

from app.errors import Invalid
from app.push import endpoint
from app.push.sender import LIFE_S, Gone, Later, Message, Outcome, Raw, Refused, Sent, retry_after_s
from app.settings import Push

log = logging.getLogger(__name__)
_TOKEN_LIFE_S = 12 * 3600
_TOKENS_MAX = 64
_CRYPTO_AT_ONCE = 4
_ANSWER_BYTES_MAX = 300


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check_keys(p256dh: str, auth: str) -> None:
    """Raises Invalid unless these are a browser's keys: a point of P-256, 16 secret bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _unb64(p256dh))
    except ValueError as error:
        raise Invalid.field("keys.p256dh", "Not a public key of P-256.", "bad_keys") from error
    try:
        length = len(_unb64(auth))
    except ValueError:
        length = 0
    if length != 16:
        raise Invalid.field("keys.auth", "Not 16 bytes in base64.", "bad_keys")


def public_key(settings: Push) -> str | None:
    """What a browser subscribes with (`applicationServerKey`); None: web push is off."""
    if not settings.vapid_private_key:
        return None
    point = (
        _vapid(settings)
        .private_key.public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return _b64(point)


def _vapid(settings: Push) -> Vapid02:
    return Vapid02.from_raw(settings.vapid_private_key.encode())


def topic(message_id: str) -> str:
    """What a push service replaces an undelivered message by: 32 letters at most."""
    return _b64(hashlib.sha256(message_id.encode()).digest()[:24])


class WebPush:
    def __init__(self, settings: Push, session: ClientSession) -> None:
        self._settings = settings
        self._session = session
        self._vapid = _vapid(settings)
        self._tokens: dict[str, tuple[float, dict[str, str]]] = {}
        self._crypto = asyncio.Semaphore(_CRYPTO_AT_ONCE)

    async def send(self, subscription: Raw, message: Message) -> Outcome:
        url = subscription["address"]
        try:
            endpoint.check(self._settings, url)  # settings may have changed since
        except Invalid as error:
            return Refused(error.message)
        async with self._crypto:
            body = await asyncio.to_thread(_encrypt, subscription, message)
        headers = {
            **self._authorization(url),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIFE_S),
            "Topic": topic(message.id),
            "Urgency": "normal",
        }
        try:
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                said = await answer.content.read(_ANSWER_BYTES_MAX)
                return _outcome(answer.status, answer.headers.get("Retry-After"), said)
        except endpoint.Forbidden as error:
            return Refused(str(error))
        except (ClientError, OSError, TimeoutError) as error:
            if isinstance(error.__cause__, endpoint.Forbidden):
                return Refused(str(error.__cause__))
            return Later(repr(error))

    def _authorization(self, url: str) -> dict[str, str]:
        """A token for the push service's origin, made anew at half its life."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        now = time.time()
        known = self._tokens.get(origin)
        if known is None or known[0] < now:
            claims = {
                "aud": origin,
                "exp": int(now) + _TOKEN_LIFE_S,
                "sub": self._settings.contact,
            }
            if len(self._tokens) >= _TOKENS_MAX:
                self._tokens.clear()
            known = now + _TOKEN_LIFE_S / 2, dict(self._vapid.sign(claims))
            self._tokens[origin] = known
        return known[1]


def _encrypt(subscription: Raw, message: Message) -> bytes:
    keys = {"p256dh": subscription["p256dh"], "auth": subscription["auth"]}
    pusher = WebPusher({"endpoint": subscription["address"], "keys": keys})
    body = pusher.encode(json.dumps(message.data()).encode(), "aes128gcm")["body"]
    assert isinstance(body, bytes)
    return body


def _outcome(status: int, retry_after: str | None, said: bytes) -> Outcome:
    match status:
        case 200 | 201 | 202 | 204:
            return Sent()
        case 404 | 410:
            return Gone()
        case 429 | 500 | 502 | 503 | 504:
            return Later(f"{status} {said!r}", retry_after_s(retry_after))
        case _:
            return Refused(f"{status} {said!r}")
