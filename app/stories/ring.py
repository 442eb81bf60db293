"""The ring around a person's picture."""

from collections.abc import Collection
from typing import Any

from app import clock
from app.stories.views import RingView

Raw = dict[str, Any]
NO_RING: RingView = {"has_stories": False, "has_unseen": False, "latest_at": None}


def ring(stories: list[Raw], marks: Collection[str], *, own: bool) -> RingView:
    """Of what one viewer may see, oldest first."""
    if not stories:
        return NO_RING
    return {
        "has_stories": True,
        "has_unseen": not own and any(story["_id"] not in marks for story in stories),
        "latest_at": clock.iso(stories[-1]["created_at"]),
    }
