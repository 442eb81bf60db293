"""A person as others see them inside another object."""

from typing import Any

from typing_extensions import TypedDict

from app.identity.models import Avatar


class UserView(TypedDict):
    user_id: str
    username: str
    full_name: str
    profile_picture: str | None
    is_verified: bool


CARD_FIELDS = {"username": 1, "full_name": 1, "avatar": 1, "is_verified": 1, "is_private": 1}
"""Projection of what `user_view` needs (and what access rules ask)."""


def picture_url(user_id: str, avatar: Avatar | dict[str, Any] | None) -> str | None:
    """The stable link of the avatar: versioned, so that caches see a new one at once."""
    if avatar is None:
        return None
    version = avatar.version if isinstance(avatar, Avatar) else avatar["version"]
    return f"/media/avatar/{user_id}?v={version}"


def user_view(user: dict[str, Any]) -> UserView:
    """From a raw `users` document (at least CARD_FIELDS)."""
    return {
        "user_id": user["_id"],
        "username": user["username"],
        "full_name": user.get("full_name", ""),
        "profile_picture": picture_url(user["_id"], user.get("avatar")),
        "is_verified": user.get("is_verified", False),
    }
