"""What the outside may call of stories. Replying to and sharing them belongs to messages."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.audience import Audience
from app.batch import Begun
from app.operation import Context, PageParams, Params, operation
from app.posts.operations import AltText
from app.stories import access, answers, insights, rings, scene, service, shown, telling
from app.stories.views import (
    Answered,
    AnswersPage,
    Insights,
    Noted,
    Reacted,
    StoriesOf,
    StoriesPage,
    StoryView,
    Tray,
    Viewed,
    Viewers,
)
from app.text import check_emoji

IdText = Annotated[str, Field(min_length=1, max_length=64)]
Emoji = Annotated[str, Field(min_length=1, max_length=16), AfterValidator(check_emoji)]
Seconds = Annotated[float, Field(gt=0, le=telling.DURATION_MAX_S, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1000, strict=True)]
SIGNALS_MAX = 50


class Create(Params):
    media_url: str = Field(min_length=1, max_length=512, description="The media_key of the upload.")
    media_type: Literal["photo", "image", "video"] = "photo"
    duration: Seconds | None = Field(None, description="Seconds; a photo is shown for 5.")
    audience: Audience = "followers"
    overlays: list[scene.Overlay] = Field(default_factory=list, max_length=scene.OVERLAYS_MAX)
    filter: scene.Filter = "none"
    stickers: list[scene.Sticker] = Field(default_factory=list, max_length=scene.STICKERS_MAX)
    alt_text: AltText | None = None
    allow_repost: bool = True
    allow_replies: bool = True
    archive: bool = Field(True, description="Keep it for oneself when it has ended.")
    sequence_id: Annotated[str, Field(pattern=re.compile(r"^[A-Za-z0-9_-]{1,64}$"))] | None = Field(
        None, description="Made by the client; at most 10 stories have the same."
    )


class StoryId(Params):
    id: IdText


class ViewParams(Params):
    story_id: IdText


class OfPerson(PageParams):
    username: str = Field(min_length=1, max_length=64)


class StoryPage(PageParams):
    id: IdText


class AnswersParams(StoryPage):
    sticker_id: IdText


class ReactParams(StoryId):
    reaction: Emoji


class AnswerParams(StoryId):
    sticker_id: IdText
    answer: (
        Annotated[int, Field(strict=True, ge=0, le=3)]
        | Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
        | Annotated[str, Field(min_length=1, max_length=300)]
    ) = Field(description="An index (poll, quiz), a text (question) or 0 to 1 (slider).")


class Repost(StoryId):
    audience: Audience = "followers"
    overlays: list[scene.Overlay] = Field(default_factory=list, max_length=scene.OVERLAYS_MAX)


class Signal(Params):
    """What the viewer did with a story since the last signal about it."""

    story_id: IdText
    impressions: Count = 0
    forward: Count = 0
    back: Count = 0
    exits: Count = 0


class Signals(Params):
    signals: list[Signal] = Field(min_length=1, max_length=SIGNALS_MAX)


async def _view(ctx: Context, story: service.Raw) -> StoryView:
    return (await shown.story_views(ctx.resources, ctx.user_id, [story]))[0]


def _ahead(ctx: Context, params: PageParams) -> Begun | None:
    return rings.ahead(ctx.resources, ctx.user_id)


@operation("stories.feed", "GET", "/stories/feed", ahead=_ahead)
async def feed(ctx: Context, params: PageParams) -> Tray:
    """Who has stories: those with something unseen first, then the newest."""
    return await rings.tray(  # type: ignore[return-value]
        ctx.resources, ctx.user_id, params.cursor, params.limit, ctx.ahead
    )


@operation("stories.view", "POST", "/stories/{story_id}/view", limit="reads")
async def view(ctx: Context, params: ViewParams) -> Viewed:
    """Say that one has seen a story."""
    count = await service.view(ctx, params.story_id)
    return {"story_id": params.story_id, "view_count": count}


@operation("stories.of", "GET", "/users/{username}/stories")
async def of(ctx: Context, params: OfPerson) -> StoriesOf:
    """A person's stories, oldest first."""
    return await shown.stories_of(
        ctx.resources, ctx.user_id, params.username, params.cursor, params.limit
    )


@operation("stories.create", "POST", "/stories", status=201)
async def create(ctx: Context, params: Create) -> StoryView:
    """Tell a story: a photo or a video of up to 60 s, for a day."""
    draft = telling.Draft(
        media_key=params.media_url,
        media_type=params.media_type,
        duration=params.duration,
        audience=params.audience,
        overlays=[overlay.model_dump() for overlay in params.overlays],
        filter=params.filter,
        stickers=[sticker.model_dump() for sticker in params.stickers],
        alt_text=params.alt_text or "",
        allow_repost=params.allow_repost,
        allow_replies=params.allow_replies,
        kept=params.archive,
        sequence_id=params.sequence_id,
    )
    return await _view(ctx, await telling.create(ctx, draft))


@operation("stories.signals", "POST", "/stories/signals", limit="reads")
async def signals(ctx: Context, params: Signals) -> Noted:
    """What one did while watching, for the authors' insights."""
    return {"noted": await insights.note(ctx, [s.model_dump() for s in params.signals])}


@operation("stories.archive", "GET", "/me/stories/archive")
async def archive(ctx: Context, params: PageParams) -> StoriesPage:
    """One's own stories that have ended, newest first."""
    return await shown.archive(ctx.resources, ctx.user_id, params.cursor, params.limit)


@operation("stories.forget", "DELETE", "/me/stories/archive/{id}", status=204)
async def forget(ctx: Context, params: StoryId) -> None:
    """Delete a story from one's archive and highlights."""
    await service.forget(ctx, params.id)


@operation("stories.get", "GET", "/stories/{id}")
async def get(ctx: Context, params: StoryId) -> StoryView:
    """One story, as long as it lives."""
    return await _view(ctx, await access.visible_story(ctx.resources, ctx.user_id, params.id))


@operation("stories.delete", "DELETE", "/stories/{id}", status=204)
async def delete(ctx: Context, params: StoryId) -> None:
    """Delete one's own story, from the archive too."""
    await service.delete(ctx, params.id)


@operation("stories.viewers", "GET", "/stories/{id}/viewers")
async def viewers(ctx: Context, params: StoryPage) -> Viewers:
    """Who has seen one's own story, newest first; for 14 days after its end."""
    return await shown.viewers(ctx.resources, ctx.user_id, params.id, params.cursor, params.limit)


@operation("stories.insights", "GET", "/stories/{id}/insights")
async def get_insights(ctx: Context, params: StoryId) -> Insights:
    """How one's own story did; for 14 days after its end."""
    return await insights.of(ctx.resources, ctx.user_id, params.id)


@operation("stories.react", "POST", "/stories/{id}/reactions", limit="likes")
async def react(ctx: Context, params: ReactParams) -> Reacted:
    """React to a story; a second reaction replaces the first."""
    await service.react(ctx, params.id, params.reaction)
    return {"story_id": params.id, "reaction": params.reaction}


@operation("stories.unreact", "DELETE", "/stories/{id}/reactions", limit="likes")
async def unreact(ctx: Context, params: StoryId) -> Reacted:
    """Take one's reaction back."""
    await service.unreact(ctx, params.id)
    return {"story_id": params.id, "reaction": None}


@operation("stories.answer", "POST", "/stories/{id}/answers")
async def answer(ctx: Context, params: AnswerParams) -> Answered:
    """Answer a sticker, once."""
    results = await answers.give(ctx, params.id, params.sticker_id, params.answer)
    return {"story_id": params.id, "sticker_id": params.sticker_id, "results": results}


@operation("stories.answers", "GET", "/stories/{id}/answers")
async def list_answers(ctx: Context, params: AnswersParams) -> AnswersPage:
    """Who answered what to a sticker of one's own story, newest first."""
    return await answers.page(
        ctx.resources, ctx.user_id, params.id, params.sticker_id, params.cursor, params.limit
    )


@operation("stories.repost", "POST", "/stories/{id}/repost", status=201)
async def repost(ctx: Context, params: Repost) -> StoryView:
    """Show someone's story in one's own, with their name, to those who may see it there too."""
    made = await service.repost(
        ctx, params.id, params.audience, [o.model_dump() for o in params.overlays]
    )
    return await _view(ctx, made)


OPERATIONS = [
    feed,
    view,
    of,
    create,
    signals,
    archive,
    forget,
    get,
    delete,
    viewers,
    get_insights,
    react,
    unreact,
    answer,
    list_answers,
    repost,
]
