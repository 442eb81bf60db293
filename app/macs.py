"""HMAC-SHA256 for what is signed by the dozen.

`hmac.digest` gives up the interpreter lock for each call, however short the message: while another
thread computes, 1 µs becomes 80, and the database driver has threads.
"""

import hmac
from functools import lru_cache


@lru_cache(maxsize=8)
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")


def sign(key: str, message: bytes) -> bytes:
    """32 bytes."""
    mac = _keyed(key).copy()
    mac.update(message)
    return mac.digest()
