"""Object keys: `{region}/{shard}/{kind}/{owner}/{id}/{variant}`.

Originals wait in a shard of their own, `incoming`: they hold what must not stay (EXIF, GPS),
so one lifecycle rule of the bucket removes them after a day even if every sweep failed.
"""

import zlib

_SHARDS = 256
_ORIGINAL = "original"
INCOMING = "incoming"


def incoming_prefix(region: str) -> str:
    """The beginning of all originals' keys."""
    return f"{region}/{INCOMING}/"


def original_key(region: str, kind: str, owner_id: str, media_id: str) -> str:
    """Where the client uploads to; also the `media_key`."""
    return f"{incoming_prefix(region)}{kind}/{owner_id}/{media_id}/{_ORIGINAL}"


def prefix(region: str, kind: str, owner_id: str, media_id: str) -> str:
    """The beginning of the keys of everything made from one upload, with the last slash."""
    shard = zlib.crc32(media_id.encode()) % _SHARDS
    return f"{region}/{shard:02x}/{kind}/{owner_id}/{media_id}/"
