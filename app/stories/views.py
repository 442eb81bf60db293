"""Stories as the API shows them: the shapes."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from app.identity.views import UserView
from app.operation import Pagination
from app.posts.views import PostMediaView


class RingView(TypedDict):
    """The ring around a person's picture, as one viewer sees it."""

    has_stories: bool
    has_unseen: bool
    latest_at: str | None


class StrokeView(TypedDict):
    points: list[list[float]]
    color: str
    width: float


class OverlayView(TypedDict):
    """`kind` says which of the others are there. `username` and `user_id` of a mention are
    missing when that person is gone or hidden from the viewer."""

    kind: Literal["text", "mention", "hashtag", "place", "link", "emoji", "drawing"]
    x: float
    y: float
    rotation: float
    scale: float
    text: NotRequired[str]
    font: NotRequired[str]
    color: NotRequired[str]
    background: NotRequired[str]
    align: NotRequired[str]
    user_id: NotRequired[str]
    username: NotRequired[str]
    tag: NotRequired[str]
    name: NotRequired[str]
    lat: NotRequired[float | None]
    lng: NotRequired[float | None]
    url: NotRequired[str]
    label: NotRequired[str]
    emoji: NotRequired[str]
    strokes: NotRequired[list[StrokeView]]


class ResultsView(TypedDict):
    """What people answered to one sticker."""

    total: int
    counts: NotRequired[list[int]]
    """Of a poll or quiz: one for each option."""
    average: NotRequired[float | None]
    """Of a slider, from 0 to 1."""


class StickerView(TypedDict):
    """`kind` says which of the others are there. `results` are for the author, and for who has
    answered; `correct` too."""

    sticker_id: str
    kind: Literal["poll", "question", "quiz", "slider"]
    x: float
    y: float
    rotation: float
    scale: float
    question: NotRequired[str]
    prompt: NotRequired[str]
    options: NotRequired[list[str]]
    emoji: NotRequired[str]
    correct: NotRequired[int]
    answer: int | str | float | None
    """The viewer's own: an index, a text, or 0 to 1."""
    results: NotRequired[ResultsView]


class OriginView(TypedDict):
    """The story that is shown again, and whose it is."""

    story_id: str
    user: UserView


class StoryView(TypedDict):
    story_id: str
    user_id: str
    user: UserView
    media_url: str | None
    """None while the medium is in work, or failed (`media.status`)."""
    media_type: str
    media: PostMediaView
    duration: float
    status: Literal["pending", "live", "ended"]
    audience: str
    overlays: list[OverlayView]
    filter: str
    stickers: list[StickerView]
    allow_repost: bool
    allow_replies: bool
    reposted_from: OriginView | None
    sequence_id: str | None
    created_at: str
    expires_at: str
    is_viewed: bool
    reaction: str | None
    """The viewer's own."""
    view_count: NotRequired[int]
    """This and the two below: on one's own alone."""
    reactions_count: NotRequired[int]
    replies_count: NotRequired[int]


class TrayItem(TypedDict):
    story_id: str
    media_url: str | None
    media_type: str
    thumbhash: str | None
    duration: float
    audience: str
    created_at: str
    expires_at: str
    view_count: NotRequired[int]
    """On one's own alone."""
    is_viewed: bool


class TrayEntry(TypedDict):
    """A person with stories, oldest first."""

    user: UserView
    items: list[TrayItem]
    unviewed_count: int
    latest_at: str


class Tray(TypedDict):
    """Those with something unseen first, then the newest."""

    stories: list[TrayEntry]
    pagination: Pagination


class StoriesOf(TypedDict):
    """One person's stories, oldest first."""

    user: UserView
    stories: list[StoryView]
    ring: RingView
    """Of all of them, whatever the page."""
    pagination: Pagination


class Viewed(TypedDict):
    story_id: str
    view_count: int


class Reacted(TypedDict):
    story_id: str
    reaction: str | None


class Answered(TypedDict):
    story_id: str
    sticker_id: str
    results: ResultsView


class ViewerView(UserView):
    viewed_at: str
    reaction: str | None


class Viewers(TypedDict):
    """Who has seen it, newest first."""

    viewers: list[ViewerView]
    view_count: int
    pagination: Pagination


class AnswerView(TypedDict):
    user: UserView
    answer: int | str | float
    created_at: str


class AnswersPage(TypedDict):
    answers: list[AnswerView]
    pagination: Pagination


class ReactionCount(TypedDict):
    reaction: str
    count: int


class StickerResults(TypedDict):
    sticker_id: str
    kind: str
    results: ResultsView


class HourView(TypedDict):
    """Views in one hour of the story's life, from 0."""

    hour: int
    views: int


class Insights(TypedDict):
    story_id: str
    reach: int
    """Distinct people."""
    view_count: int
    impressions: int
    taps_forward: int
    taps_back: int
    exits: int
    replies: int
    shares: int
    reposts: int
    reactions: int
    reactions_by: list[ReactionCount]
    stickers: list[StickerResults]
    hours: list[HourView]
    expires_at: str
    kept_until: str | None
    """After that they are gone."""


class StoryCover(TypedDict):
    story_id: str
    url: str | None
    thumbhash: str | None


class StoriesPage(TypedDict):
    stories: list[StoryView]
    pagination: Pagination


class Noted(TypedDict):
    noted: int
    """How many of the signals were of stories that one has viewed."""
