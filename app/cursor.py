"""Opaque, signed page cursors: where a list goes on, tied to the list that gave them."""

import base64
import binascii
import hmac
from typing import Any

import orjson

from app.errors import Invalid
from app.macs import sign

_SIGNATURE_BYTES = 12


def _sign(secret: str, purpose: str, payload: bytes) -> bytes:
    message = purpose.encode() + b"\0" + payload
    return sign(secret, b"cursor\0" + message)[:_SIGNATURE_BYTES]


def encode(secret: str, purpose: str, position: list[Any]) -> str:
    """`position` is what the query compares with; `purpose` names the list."""
    payload = orjson.dumps(position)
    return base64.urlsafe_b64encode(_sign(secret, purpose, payload) + payload).decode().rstrip("=")


def decode(secret: str, purpose: str, cursor: str) -> list[Any]:
    """The position; raises Invalid for a cursor that this list did not give."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not payload or not hmac.compare_digest(signature, _sign(secret, purpose, payload)):
        raise Invalid.field(
            "cursor", "Not a cursor of this list. Leave it out to start from the top.", "bad_cursor"
        )
    position: list[Any] = orjson.loads(payload)
    return position
