"""Opaque, signed page cursors: where a list goes on, tied to the list that gave them."""

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import orjson

from app.errors import Invalid
from app.macs import sign

_SIGNATURE_BYTES = 12
Row = TypeVar("Row")


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


def page(
    secret: str,
    purpose: str,
    rows: Iterable[Row],
    key: Callable[[Row], list[Any]],
    cursor: str | None,
    limit: int,
    *,
    falling: bool = False,
) -> tuple[list[Row], str | None]:
    """A page of a short list that is at hand as a whole, sorted by `key` (the highest first when
    `falling`), and the next cursor. `key` ends with an id, so that no two are alike."""
    ordered = sorted(rows, key=key, reverse=falling)
    if cursor is not None:
        after = decode(secret, purpose, cursor)
        ordered = [row for row in ordered if (key(row) < after if falling else key(row) > after)]
    shown = ordered[:limit]
    more = len(ordered) > limit
    return shown, encode(secret, purpose, key(shown[-1])) if more else None
