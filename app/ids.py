"""Prefixed, time-ordered ids: `post_` + 10 characters of milliseconds + 16 random ones.

Crockford base 32 in lower case, so that text order is time order and an id is safe in a
URL, a Redis key and an object key.
"""

import hashlib
import hmac
import re
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_SHAPE = re.compile(r"[a-z]{2,6}_[0-9a-hjkmnp-tv-z]{26}")


def _base32(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(letters))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def new_id(kind: str, at_ms: int | None = None) -> str:
    """A fresh id of `kind` (`usr`, `post`, `cmt`, …), ordered by `at_ms` (default: now)."""
    at = now_ms() if at_ms is None else at_ms
    return f"{kind}_{_base32(at, 10)}{_base32(secrets.randbits(80), 16)}"


def derived_id(kind: str, at_ms: int, seed: str) -> str:
    """The same id for the same `seed`: what a repeated request creates again is refused as
    a duplicate by the database instead of being stored twice."""
    digest = hmac.digest(seed.encode(), kind.encode(), hashlib.sha256)
    return f"{kind}_{_base32(at_ms, 10)}{_base32(int.from_bytes(digest[:10], 'big'), 16)}"


def id_ms(value: str) -> int:
    """When the id was made, in milliseconds since the epoch."""
    number = 0
    for letter in value.rpartition("_")[2][:10]:
        number = number * 32 + _VALUE[letter]
    return number


def lowest_id(kind: str, at_ms: int) -> str:
    """The smallest id of `kind` made at `at_ms`: a bound for range queries over time."""
    return f"{kind}_{_base32(at_ms, 10)}{'0' * 16}"


def is_id(value: object, kind: str) -> bool:
    return isinstance(value, str) and value.startswith(kind + "_") and bool(_SHAPE.fullmatch(value))
