"""Signed media links: `/media/{media_id}/{variant}.{ext}?e=…&s=…[&u=…]`.

The expiry is rounded up to the end of the next window, so that a link stays the same for a
whole window and caches can keep what it names. A link for a restricted audience names the
viewer (`u`), who is checked again when the bytes are asked for.
"""

import base64
import hmac
import time

from app.macs import sign
from app.settings import Settings

EXTENSIONS = {"webp": "image/webp", "jpg": "image/jpeg", "mp4": "video/mp4"}
PICTURES = frozenset({"webp", "jpg"})


def _signature(secret: str, media_id: str, file: str, expires: int, viewer: str) -> str:
    message = f"media\0{media_id}\0{file}\0{expires}\0{viewer}".encode()
    return base64.urlsafe_b64encode(sign(secret, message)[:15]).decode()


def expiry(life_s: int, now_s: float | None = None) -> int:
    """When a link made now runs out: between one and two lives from now, on a window's edge."""
    now = time.time() if now_s is None else now_s
    return (int(now) // life_s + 2) * life_s


def signed_url(
    settings: Settings, media_id: str, file: str, viewer: str = "", ends_s: int | None = None
) -> str:
    """A link to one file of a medium, such as `1080.webp`; `viewer` binds it to a person, and it
    runs out at `ends_s` (seconds since the epoch) at the latest."""
    expires = expiry(settings.media.url_life_s)
    if ends_s is not None:
        expires = min(expires, ends_s)
    signature = _signature(settings.auth.secret, media_id, file, expires, viewer)
    bound = f"&u={viewer}" if viewer else ""
    return f"/media/{media_id}/{file}?e={expires}&s={signature}{bound}"


def verify(
    settings: Settings, media_id: str, file: str, expires: str, signature: str, viewer: str
) -> int | None:
    """Seconds that the link has left; None when it is not ours or has run out.

    `?w=` is not part of the signature: any width of a file that one may see may be seen.
    """
    if not (expires.isascii() and expires.isdigit()) or len(expires) > 12:
        return None
    right = _signature(settings.auth.secret, media_id, file, int(expires), viewer)
    if not hmac.compare_digest(right.encode(), signature.encode()):
        return None
    left = int(expires) - int(time.time())
    return left if left > 0 else None
