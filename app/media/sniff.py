"""What a file is, from its first bytes. The declared type is a claim to check, never a fact."""

from app.media.rejection import MediaRejected

HEAD_BYTES = 64
"""As much of a file's beginning as `sniff` needs."""

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/gif")
VIDEO_TYPES = ("video/mp4", "video/quicktime", "video/webm")

_NAMES = {
    "image/jpeg": "a JPEG photo",
    "image/png": "a PNG image",
    "image/webp": "a WebP image",
    "image/avif": "an AVIF image",
    "image/heic": "a HEIC photo",
    "image/gif": "a GIF image",
    "video/mp4": "an MP4 video",
    "video/quicktime": "a QuickTime video",
    "video/webm": "a WebM video",
}
# Names for the same bytes: phones call a HEIC photo either way, old software says "jpg".
_ALIASES = {"image/heif": "image/heic", "image/jpg": "image/jpeg"}

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_HEIF_BRANDS = {b"mif1", b"mif2", b"msf1", b"miaf"}


def canonical_type(declared: str) -> str:
    """The one name of a media type: lower case, no parameters, aliases resolved."""
    name = declared.partition(";")[0].strip().lower()
    return _ALIASES.get(name, name)


def sniff(head: bytes) -> str | None:
    """The media type of a file that begins with `head` (64 bytes are enough); None: unknown."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm"
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    return None


def _sniff_brands(head: bytes) -> str | None:
    box_end = min(int.from_bytes(head[:4], "big"), len(head))
    if box_end < 12:
        return None
    major = head[8:12]
    brands = {major} | {head[at : at + 4] for at in range(16, box_end - 3, 4)}
    if brands & _AVIF_BRANDS:
        return "image/avif"
    if brands & (_HEIC_BRANDS | _HEIF_BRANDS):
        return "image/heic"
    return "video/quicktime" if major == b"qt  " else "video/mp4"


def check_video_type(head: bytes, declared: str) -> str:
    """The sniffed video type; raises MediaRejected as `check_photo_type`. MP4 and QuickTime are
    one container, and phones and browsers mix up the names: either may be declared."""
    if not head:
        raise MediaRejected("truncated", "The file is empty.")
    found = sniff(head)
    if found is None:
        raise MediaRejected("unsupported_type", "This is not an MP4, QuickTime or WebM file.")
    claimed = canonical_type(declared)
    if found != claimed and {found, claimed} != {"video/mp4", "video/quicktime"}:
        told = _NAMES.get(claimed, claimed[:60] or "nothing")
        raise MediaRejected(
            "type_mismatch", f"The upload was declared as {told}, but it is {_NAMES[found]}."
        )
    if found not in VIDEO_TYPES:
        raise MediaRejected("unsupported_type", f"This is {_NAMES[found]}, not a video.")
    return found


def check_photo_type(head: bytes, declared: str) -> str:
    """The sniffed photo type; raises MediaRejected (`truncated`, `unsupported_type`,
    `type_mismatch`) when `head` is no photo or not what was declared."""
    if not head:
        raise MediaRejected("truncated", "The file is empty.")
    found = sniff(head)
    if found is None:
        raise MediaRejected(
            "unsupported_type", "This is not a JPEG, PNG, WebP, AVIF, HEIC or GIF file."
        )
    claimed = canonical_type(declared)
    if found != claimed:
        told = _NAMES.get(claimed, claimed[:60] or "nothing")
        raise MediaRejected(
            "type_mismatch", f"The upload was declared as {told}, but it is {_NAMES[found]}."
        )
    if found not in PHOTO_TYPES:
        raise MediaRejected("unsupported_type", f"This is {_NAMES[found]}, not a photo.")
    return found
