"""Every stored document, so that one list makes the indexes and opens the models."""

from typing import Any

from app.comments.models import Comment, CommentLike
from app.counts.models import Count, CounterOffset, Recount
from app.digest.models import Digest
from app.graph.models import Block, Follow, FollowRequest, Mute, Popular, Restrict
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

ALL: list[Any] = [
    User,
    Session,
    KeptAnswer,
    Follow,
    FollowRequest,
    Block,
    Mute,
    Restrict,
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
]
