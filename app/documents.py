"""Every stored document, so that one list makes the indexes and opens the models."""

from typing import Any

from app.comments.models import Comment, CommentLike
from app.counts.models import Count, CounterOffset, Recount
from app.digest.models import Digest
from app.graph.models import (
    AudienceList,
    AudienceMember,
    Block,
    Follow,
    FollowRequest,
    Mute,
    Popular,
    Restrict,
)
from app.highlights.models import Highlight
from app.identity.models import KeptAnswer, Session, User
from app.media.models import Media
from app.messages.models import Conversation, Message
from app.notifications.models import (
    NotificationAct,
    NotificationGroup,
    NotificationPreferences,
    NotificationState,
    PostMute,
)
from app.posts.models import Collection, Like, Post, Save
from app.presence.models import Activity
from app.push.models import PushJob, PushSubscription
from app.stories.models import (
    Story,
    StoryAnswer,
    StoryPull,
    StoryReaction,
    StoryRecord,
    StoryView,
)

ALL: list[Any] = [
    User,
    Session,
    KeptAnswer,
    Follow,
    FollowRequest,
    Block,
    Mute,
    Restrict,
    AudienceList,
    AudienceMember,
    Popular,
    Media,
    Post,
    Like,
    Save,
    Collection,
    Comment,
    CommentLike,
    Count,
    CounterOffset,
    Recount,
    NotificationAct,
    NotificationGroup,
    NotificationState,
    Conversation,
    Message,
    NotificationPreferences,
    PostMute,
    PushSubscription,
    PushJob,
    Digest,
    Activity,
    Story,
    StoryRecord,
    StoryView,
    StoryReaction,
    StoryAnswer,
    StoryPull,
    Highlight,
]
