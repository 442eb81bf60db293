"""Reads of people and sessions. Raw documents: lists of cards are hot, models are not."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.errors import NotFound
from app.identity.models import Session, User
from app.identity.views import CARD_FIELDS

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


def not_found(username: str) -> NotFound:
    return NotFound(f"There is no account {username!r}.", "user_not_found")


async def cards(resources: "Resources", user_ids: Iterable[str]) -> dict[str, Raw]:
    """Cards (see CARD_FIELDS) of those that exist, by id."""
    wanted = list(set(user_ids))
    if not wanted:
        return {}
    found = resources.mongo.users.find({"_id": {"$in": wanted}}, CARD_FIELDS)
    return {user["_id"]: user for user in await found.to_list(None)}


async def cards_by_name(resources: "Resources", usernames: Iterable[str]) -> dict[str, Raw]:
    wanted = list({name.lower() for name in usernames})
    if not wanted:
        return {}
    found = resources.mongo.users.find({"username": {"$in": wanted}}, CARD_FIELDS)
    return {user["username"]: user async for user in found}


async def card_by_name(resources: "Resources", username: str) -> Raw:
    """The card, or NotFound."""
    user = await resources.mongo.users.find_one({"username": username.lower()}, CARD_FIELDS)
    if user is None:
        raise not_found(username)
    return user


async def profile_by_name(resources: "Resources", username: str) -> Raw:
    """The whole document but the password, or NotFound."""
    user = await resources.mongo.users.find_one(
        {"username": username.lower()}, {"password_hash": 0}
    )
    if user is None:
        raise not_found(username)
    return user


async def profile_by_id(resources: "Resources", user_id: str) -> Raw:
    user = await resources.mongo.users.find_one({"_id": user_id}, {"password_hash": 0})
    if user is None:
        raise not_found(user_id)
    return user


async def login_user(login: str) -> User | None:
    """By username or email."""
    field = "email" if "@" in login else "username"
    return await User.find_one({field: login.lower()})


async def session_alive(resources: "Resources", user_id: str, session_id: str) -> bool:
    session = await resources.mongo.sessions.find_one(
        {"_id": session_id, "user_id": user_id}, {"revoked_at": 1}
    )
    return session is not None and session.get("revoked_at") is None


async def sessions_alive(
    resources: "Resources", session_ids: Iterable[str]
) -> set[tuple[str, str]]:
    """(user id, session id) of those that were not revoked."""
    found = resources.mongo.sessions.find(
        {"_id": {"$in": list(session_ids)}, "revoked_at": None}, {"user_id": 1}
    )
    return {(session["user_id"], session["_id"]) async for session in found}


async def sessions_of(user_id: str) -> list[Session]:
    """Live sessions, the one used last first."""
    return (
        await Session.find({"user_id": user_id, "revoked_at": None}).sort("-last_used_at").to_list()
    )
