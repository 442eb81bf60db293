"""The link that ends the digest: signed, so that it works without logging in, and for its
owner's digest alone."""

import base64
import binascii
import hashlib
import hmac

from app.errors import NotFound

PATH = "/api/v1/email/unsubscribe"


def _sign(secret: str, user_id: str) -> str:
    digest = hmac.digest(secret.encode(), b"unsubscribe\0" + user_id.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:18]).decode()


def token(secret: str, user_id: str) -> str:
    return base64.urlsafe_b64encode(user_id.encode()).decode().rstrip("=") + _sign(secret, user_id)


def user_of(secret: str, text: str) -> str:
    """Whose digest it ends; raises NotFound."""
    name, signature = text[:-24], text[-24:]
    try:
        user_id = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except (binascii.Error, ValueError):
        user_id = ""
    if not user_id or not hmac.compare_digest(signature.encode(), _sign(secret, user_id).encode()):
        raise NotFound("This link is not complete. Copy all of it from the email.", "bad_link")
    return user_id


def url(origin: str, secret: str, user_id: str) -> str:
    return f"{origin.rstrip('/')}{PATH}/{token(secret, user_id)}"
