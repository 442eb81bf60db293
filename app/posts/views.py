"""A post as the API shows it."""

from typing import TYPE_CHECKING, Any, NotRequired

from typing_extensions import TypedDict

from app import clock
from app.audience import shown
from app.identity.views import UserView
from app.media.views import variant_views
from app.operation import Pagination

if TYPE_CHECKING:
    from app.settings import Settings

Raw = dict[str, Any]


class Source(TypedDict):
    width: int
    url: str
    type: str


class TagView(TypedDict):
    user_id: str
    username: str
    x: float
    y: float


class ReasonView(TypedDict):
    code: str
    message: str


class PostMediaView(TypedDict):
    media_id: str
    type: str
    url: str | None
    width: int | None
    height: int | None
    thumbhash: str | None
    alt_text: str
    tags: list[TagView]
    sources: list[Source]
    """Each with its media type; of a video its pictures too."""
    poster: NotRequired[str]
    """Of a video: the picture that stands for it."""
    duration: NotRequired[float]
    """Of a video: seconds."""
    status: NotRequired[str]
    reason: NotRequired[ReasonView]


class LocationView(TypedDict):
    name: str
    lat: float | None
    lng: float | None


class PostCounts(TypedDict):
    likes_count: int
    comments_count: int
    shares_count: int


class PostView(TypedDict):
    post_id: str
    user: UserView
    media: list[PostMediaView]
    caption: str
    hashtags: list[str]
    location: LocationView | None
    status: str
    audience: str
    comments_disabled: bool
    created_at: str
    edited_at: str | None
    likes_count: int
    comments_count: int
    shares_count: int
    is_liked: bool
    is_saved: bool


class Posts(TypedDict):
    posts: list[PostView]
    pagination: Pagination


def media_view(
    settings: "Settings",
    item: Raw,
    viewer: str,
    usernames: dict[str, str],
    ends_s: int | None = None,
) -> PostMediaView:
    """One item; `viewer` is empty for links that are the same for everyone. They run out at
    `ends_s` at the latest."""
    view: PostMediaView = {
        "media_id": item["media_id"],
        "type": item["type"],
        "url": None,
        "width": item.get("width"),
        "height": item.get("height"),
        "thumbhash": item.get("thumbhash"),
        "alt_text": item.get("alt_text", ""),
        "tags": [
            {
                "user_id": tag["user_id"],
                "username": usernames[tag["user_id"]],
                "x": tag["x"],
                "y": tag["y"],
            }
            for tag in item.get("tags", [])
            if tag["user_id"] in usernames
        ],
        "sources": [],
    }
    if item["status"] != "ready":
        view["status"] = item["status"]
        if item.get("reason"):
            view["reason"] = item["reason"]
        return view
    view["sources"] = [
        {"width": v["width"], "url": v["url"], "type": v["type"]}
        for v in variant_views(settings, item["media_id"], item["variants"], viewer, ends_s)
    ]
    # Everything can show a JPEG; what can do better picks from `sources`.
    picture = _first(view["sources"], "image/jpeg")
    view["url"] = picture
    if item["type"] == "video":
        view["url"] = _first(view["sources"], "video/mp4")
        view["poster"] = picture
        view["duration"] = item["duration"]
    return view


def _first(sources: list[Source], media_type: str) -> str:
    """The widest of this type, or of any."""
    return next((s for s in sources if s["type"] == media_type), sources[0])["url"]


def main_file(item: Raw) -> str | None:
    """The file behind the `url` of `media_view`."""
    if item["status"] != "ready":
        return None
    best = "mp4" if item["type"] == "video" else "jpg"
    variant = max(item["variants"], key=lambda v: (v["ext"] == best, v["width"]))
    return f"{variant['name']}.{variant['ext']}"


def static_view(settings: "Settings", post: Raw, viewer: str, usernames: dict[str, str]) -> Raw:
    """All of a post that is the same for everyone (with `viewer`, for them): no author, no
    counts, no marks."""
    return {
        "media": [media_view(settings, item, viewer, usernames) for item in post["media"]],
        "caption": post["caption"],
        "hashtags": post["hashtags"],
        "location": post.get("location"),
        "status": post["status"],
        "audience": shown(post["audience"], to_owner=viewer == post["author_id"]),
        "comments_disabled": post["comments_disabled"],
        "created_at": clock.iso(post["created_at"]),
        "edited_at": clock.iso(post["edited_at"]) if post.get("edited_at") else None,
    }


def pagination(next_cursor: str | None) -> Pagination:
    return {"next_cursor": next_cursor, "has_more": next_cursor is not None}
