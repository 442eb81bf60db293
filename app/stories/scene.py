"""What lies over a story's picture: overlays, a filter and stickers, as clients send them.

A scene is data, never markup: positions from 0 to 1 (the middle of the thing, from the top left),
rotation in degrees, scale as a factor, fonts and colours by name. So every screen draws the same.
"""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from app.operation import Params
from app.text import check_emoji

OVERLAYS_MAX = 30
STICKERS_MAX = 5
Filter = Literal[
    "none", "warm", "cool", "mono", "noir", "fade", "vivid", "vintage", "dream", "sharp"
]
Font = Literal["classic", "modern", "neon", "typewriter", "strong", "serif"]
Colour = Literal[
    "white", "black", "grey", "red", "orange", "yellow", "green", "teal", "blue", "purple",
    "pink", "brown",
]  # fmt: skip
Background = Literal["none", "soft", "solid"]
Align = Literal["left", "center", "right"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_TAG = re.compile(r"\w{1,50}")


def check_link(url: str) -> str:
    """The link; raises ValueError for anything but http and https to a named host."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        raise ValueError("Is not a link") from None
    broken = any(letter.isspace() or not letter.isprintable() for letter in url) or "\\" in url
    if broken or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("A link begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("A link has no user name in it")
    return url


def check_tag(tag: str) -> str:
    tag = tag.removeprefix("#").lower()
    if not _TAG.fullmatch(tag) or tag.isdigit():
        raise ValueError("Is not a hashtag")
    return tag


class Placed(Params):
    """Where something lies; the middle of the picture when nothing is said."""

    x: Share = 0.5
    y: Share = 0.5
    rotation: float = Field(0, ge=-360, le=360, allow_inf_nan=False)
    scale: float = Field(1, ge=0.1, le=10, allow_inf_nan=False)


class TextOverlay(Placed):
    kind: Literal["text"]
    text: str = Field(min_length=1, max_length=500)
    font: Font = "classic"
    color: Colour = "white"
    background: Background = "none"
    align: Align = "center"


class MentionOverlay(Placed):
    kind: Literal["mention"]
    username: str = Field(min_length=1, max_length=64)
    color: Colour = "white"


class HashtagOverlay(Placed):
    kind: Literal["hashtag"]
    tag: Annotated[str, Field(min_length=1, max_length=51), AfterValidator(check_tag)]
    color: Colour = "white"


class PlaceOverlay(Placed):
    kind: Literal["place"]
    name: str = Field(min_length=1, max_length=120)
    lat: float | None = Field(None, ge=-90, le=90)
    lng: float | None = Field(None, ge=-180, le=180)


class LinkOverlay(Placed):
    kind: Literal["link"]
    url: Annotated[str, Field(min_length=8, max_length=2048), AfterValidator(check_link)]
    label: str = Field("", max_length=60)


class EmojiOverlay(Placed):
    kind: Literal["emoji"]
    emoji: Annotated[str, Field(min_length=1, max_length=16), AfterValidator(check_emoji)]


class Stroke(Params):
    """One line of a drawing; `width` as a share of the picture's width."""

    points: list[tuple[Share, Share]] = Field(min_length=1, max_length=500)
    color: Colour = "white"
    width: float = Field(0.01, ge=0.001, le=0.2, allow_inf_nan=False)


class DrawingOverlay(Placed):
    kind: Literal["drawing"]
    strokes: list[Stroke] = Field(min_length=1, max_length=60)


Overlay = Annotated[
    TextOverlay
    | MentionOverlay
    | HashtagOverlay
    | PlaceOverlay
    | LinkOverlay
    | EmojiOverlay
    | DrawingOverlay,
    Field(discriminator="kind"),
]

Question = Annotated[str, Field(min_length=1, max_length=140)]
Options = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=60)]], Field(min_length=2, max_length=4)
]


class PollSticker(Placed):
    kind: Literal["poll"]
    question: Question
    options: Options


class QuestionSticker(Placed):
    kind: Literal["question"]
    prompt: Question


class QuizSticker(Placed):
    kind: Literal["quiz"]
    question: Question
    options: Options
    correct: int = Field(ge=0, le=3, strict=True, description="The index of the right option.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.correct >= len(self.options):
            raise ValueError("correct is not one of the options")
        return self


class SliderSticker(Placed):
    kind: Literal["slider"]
    prompt: Question
    emoji: Annotated[str, Field(min_length=1, max_length=16), AfterValidator(check_emoji)]


Sticker = Annotated[
    PollSticker | QuestionSticker | QuizSticker | SliderSticker, Field(discriminator="kind")
]
