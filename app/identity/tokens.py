"""Access tokens: signed JWTs of an hour. Refresh tokens: opaque, rotated at each use.

A refresh token names its session and is signed, so that one that was used up is known for what
it is, however often its session went on since.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.errors import Unauthenticated
from app.settings import Auth

_ISSUER = "glimpse"
_AUDIENCE = "glimpse-api"
_VERIFIED_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: str
    session_id: str
    expires_at: int
    """Seconds since the epoch."""


class Tokens:
    """Signs and verifies; remembers verified tokens, since one is shown with each request."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._key = OctKey.import_key(auth.secret)
        self._verified: OrderedDict[str, Claims] = OrderedDict()
        self._registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": _ISSUER},
            aud={"essential": True, "value": _AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            sid={"essential": True},
        )

    def access(self, user_id: str, session_id: str) -> str:
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": user_id,
            "sid": session_id,
            "iat": now,
            "exp": now + self._auth.access_s,
            "jti": secrets.token_urlsafe(6),
        }
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def verify(self, token: str) -> Claims:
        """The claims; raises Unauthenticated. Whether the session still lives is asked apart."""
        known = self._verified.get(token)
        if known is None:
            known = self._decode(token)
            self._verified[token] = known
            if len(self._verified) > _VERIFIED_MAX:
                self._verified.popitem(last=False)
        if known.expires_at <= time.time():
            raise Unauthenticated("The access token has expired. Refresh it.", "token_expired")
        return known

    def _decode(self, token: str) -> Claims:
        try:
            decoded = jwt.decode(token, self._key, algorithms=["HS256"])
            claims = decoded.claims
            if claims.get("exp", 0) <= time.time():
                raise Unauthenticated("The access token has expired. Refresh it.", "token_expired")
            self._registry.validate(claims)
            return Claims(str(claims["sub"]), str(claims["sid"]), int(claims["exp"]))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated("The access token is not valid. Log in.", "bad_token") from error


def new_refresh_token(auth: Auth, session_id: str) -> str:
    body = f"{session_id}.{secrets.token_urlsafe(32)}"
    return f"{body}.{_sign(auth, body)}"


def session_of(auth: Auth, refresh_token: str) -> str | None:
    """The session it was made for, used up or not; None when it was not made here."""
    body, _, signature = refresh_token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(auth, body).encode()):
        return None
    return body.partition(".")[0]


def _sign(auth: Auth, body: str) -> str:
    return hmac.digest(auth.secret.encode(), b"refresh\0" + body.encode(), hashlib.sha256).hex()[
        :32
    ]


def refresh_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
