"""A notification in a sentence, for where no app of ours puts it into words: push, email."""

from typing import get_args

from app.notifications.models import Kind
from app.notifications.views import NotificationView

_DID = {
    "like": "liked your post",
    "comment": "commented on your post",
    "reply": "replied to your comment",
    "mention": "mentioned you",
    "tag": "tagged you in a photo",
    "share": "shared your post",
    "comment_like": "liked your comment",
    "follow": "started following you",
    "follow_request": "asked to follow you",
    "follow_accepted": "accepted your follow request",
    "story_reaction": "reacted to your story",
    "story_mention": "mentioned you in a story",
    "message": "wrote to you",
}
assert set(_DID) == set(get_args(Kind))


def sentence(view: NotificationView) -> str:
    """`ana, ben and 11 others liked your post`."""
    names = [actor["username"] for actor in view["actors"]][:2]
    others = view["actor_count"] - len(names)
    if others > 0:
        who = f"{', '.join(names)} and {others} other{'s' if others > 1 else ''}"
    else:
        who = " and ".join(names)
    return f"{who} {_DID[view['kind']]}"


def path(view: NotificationView) -> str:
    """Where in the web app it leads to."""
    if view["post"] is not None:
        return f"/p/{view['post']['post_id']}"
    if view["story"] is not None:
        return f"/stories/{view['story']['story_id']}"
    if view["conversation_id"] is not None:
        return f"/messages/{view['conversation_id']}"
    if view["kind"] == "follow_request":
        return "/notifications"
    return f"/u/{view['actors'][0]['username']}"
