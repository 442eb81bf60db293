"""A medium as its owner sees it."""

from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from app.media.urls import EXTENSIONS, signed_url

if TYPE_CHECKING:
    from app.settings import Settings

_PERCENT = {"pending": 0, "uploaded": 5, "processing": 10, "ready": 100, "failed": 100}


class VariantView(TypedDict):
    width: int
    height: int
    type: str
    url: str


class ReasonView(TypedDict):
    code: str
    message: str


class MediaView(TypedDict):
    media_id: str
    media_key: str
    type: str
    status: str
    percent: int
    """Roughly; the topic `media:<id>` tells it live."""
    reason: ReasonView | None
    variants: list[VariantView]
    thumbhash: str | None
    width: int | None
    height: int | None
    duration: float | None


def variant_views(
    settings: "Settings",
    media_id: str,
    variants: list[dict[str, Any]],
    viewer: str,
    ends_s: int | None = None,
) -> list[VariantView]:
    """Widest first, WebP before JPEG; `viewer` binds the links to a person, and they run out at
    `ends_s` at the latest."""
    return [
        {
            "width": variant["width"],
            "height": variant["height"],
            "type": EXTENSIONS[variant["ext"]],
            "url": signed_url(
                settings, media_id, f"{variant['name']}.{variant['ext']}", viewer, ends_s
            ),
        }
        for variant in sorted(variants, key=lambda v: (-v["width"], v["ext"] != "webp"))
    ]


def media_view(settings: "Settings", medium: dict[str, Any]) -> MediaView:
    """From a raw `media` document; links are bound to the owner."""
    return {
        "media_id": medium["_id"],
        "media_key": medium["media_key"],
        "type": medium["kind"],
        "status": medium["status"],
        "percent": _PERCENT[medium["status"]],
        "reason": medium.get("reason"),
        "variants": variant_views(settings, medium["_id"], medium["variants"], medium["owner_id"]),
        "thumbhash": medium.get("thumbhash"),
        "width": medium.get("width"),
        "height": medium.get("height"),
        "duration": medium.get("duration"),
    }
