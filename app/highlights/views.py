"""Highlights as the API shows them: the shapes."""

from typing_extensions import TypedDict

from app.identity.views import UserView
from app.operation import Pagination
from app.stories.views import StoryCover, StoryView


class HighlightRow(TypedDict):
    highlight_id: str
    name: str
    cover: StoryCover | None
    """None when the viewer sees nothing that could be one."""
    count: int
    """Stories in it that the viewer sees."""
    place: int
    created_at: str
    updated_at: str


class HighlightView(HighlightRow):
    user: UserView
    stories: list[StoryView]
    """In their order."""


class Highlights(TypedDict):
    highlights: list[HighlightRow]
    pagination: Pagination
