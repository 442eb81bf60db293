"""A story as trays show it, as ready JSON: all but the link and the viewer's mark is made once."""

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from app import clock
from app.audience import list_of, shown
from app.media.urls import signed_url
from app.posts.views import main_file

if TYPE_CHECKING:
    from app.settings import Settings

Raw = dict[str, Any]
LINK_SLACK_S = 600
"""A link is good for this long beyond the story's end, so that a process whose clock is ahead
still takes it; whether the story has ended is asked of the database with every fetch."""


OF_STORY = ("_id", "author_id", "audience", "origin", "created_at", "expires_at")


class Item(NamedTuple):
    """`{"story_id":…,"media_url": <link> ,…,"is_viewed": <mark> [,"view_count":…]}`"""

    story_id: str
    story: Raw
    """What is asked of it but its looks: `OF_STORY`."""
    audience: str
    ends_ms: int
    is_open: bool
    """For everyone, as far as the story itself goes."""
    is_for_some: bool
    """Following its author is not enough to see it."""
    at_ms: int
    at: bytes
    """When it was told."""
    media_id: str
    file: str | None
    links_until: int
    """When links to it run out at the latest, seconds since the epoch."""
    head: bytes
    own_tail: bytes
    tail: bytes


def make(story: Raw) -> Item:
    """Of a live story."""
    at = clock.iso(story["created_at"])
    view = {
        "media_type": story["media"]["type"],
        "thumbhash": story["media"].get("thumbhash"),
        "duration": story["duration"],
        "audience": shown(story["audience"], to_owner=True),
        "created_at": at,
        "expires_at": clock.iso(story["expires_at"]),
    }
    own_tail = _tail(view)
    view["audience"] = shown(story["audience"], to_owner=False)
    return Item(
        story_id=story["_id"],
        story={name: story.get(name) for name in OF_STORY},
        audience=story["audience"],
        ends_ms=clock.ms(story["expires_at"]),
        is_open=_is_open(story),
        is_for_some=bool(list_of(story["audience"]) or story.get("origin")),
        at_ms=clock.ms(story["created_at"]),
        at=at.encode(),
        media_id=story["media"]["media_id"],
        file=main_file(story["media"]),
        links_until=ceil(story["expires_at"].timestamp()) + LINK_SLACK_S,
        head=b'{"story_id":"%b","media_url":' % story["_id"].encode(),
        own_tail=own_tail,
        tail=_tail(view),
    )


def _tail(view: Raw) -> bytes:
    return b"," + orjson.dumps(view)[1:-1] + b',"is_viewed":'


def _is_open(story: Raw) -> bool:
    return (
        story["audience"] == "public"
        and not story.get("origin")
        and "kept" not in story  # of the archive: whoever asks is looked at
    )


def bound_to(story: Raw, viewer: str, owner: Raw) -> str:
    """Whom links to its media are bound to; empty for what everyone may see."""
    return "" if _is_open(story) and not owner.get("is_private", False) else viewer


def _link(settings: "Settings", item: Item, bound: str) -> bytes:
    if item.file is None:
        return b"null"
    url = signed_url(settings, item.media_id, item.file, bound, item.links_until)
    return b'"%b"' % url.encode()


def for_others(settings: "Settings", item: Item, bound: str, *, is_viewed: bool) -> bytes:
    """`bound` as `bound_to` gives it."""
    link = _link(settings, item, bound)
    return item.head + link + item.tail + (b"true}" if is_viewed else b"false}")


def for_author(settings: "Settings", item: Item, bound: str, view_count: int) -> bytes:
    link = _link(settings, item, bound)
    return item.head + link + item.own_tail + b'true,"view_count":%d}' % view_count
