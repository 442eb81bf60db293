"""Registering, logging in, and the life of a session."""

import re
from contextlib import suppress
from datetime import timedelta

from pymongo.errors import DuplicateKeyError
from typing_extensions import TypedDict

from app import clock, ids
from app.errors import Conflict, Invalid, NotFound, Unauthenticated
from app.identity import passwords, queries
from app.identity.models import Session, User
from app.identity.tokens import new_refresh_token, refresh_hash, session_of
from app.limits import session_key
from app.operation import Context

USERNAME = re.compile(r"[a-z0-9._]{3,30}")
RESERVED = frozenset(
    [
        "about",
        "account",
        "admin",
        "api",
        "archived",
        "auth",
        "collections",
        "comments",
        "docs",
        "explore",
        "feed",
        "glimpse",
        "graphql",
        "healthz",
        "help",
        "home",
        "login",
        "logout",
        "me",
        "media",
        "messages",
        "moderation",
        "moderator",
        "new",
        "notifications",
        "oauth",
        "post",
        "posts",
        "privacy",
        "readyz",
        "reels",
        "register",
        "reports",
        "root",
        "search",
        "settings",
        "stories",
        "suggestions",
        "support",
        "system",
        "tags",
        "trending",
        "ui",
        "users",
        "ws",
        "www",
    ]
)
_UNHEARD = timedelta(seconds=30)
"""How long after a cookie was renewed the one before may still be shown."""
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class SessionTokens(TypedDict):
    user_id: str
    username: str
    access_token: str
    refresh_token: str


def clean_username(username: str) -> str:
    """In lower case; raises Invalid."""
    name = username.lower()
    if not username.isascii() or not USERNAME.fullmatch(name) or not re.search("[a-z0-9]", name):
        raise Invalid.field("username", "3 to 30 of the letters a-z, digits, '.' and '_'.")
    if name in RESERVED:
        raise Invalid.field("username", "This name is reserved. Choose another.")
    return name


def clean_email(email: str) -> str:
    address = email.lower()
    if len(address) > 254 or not address.isascii() or not _EMAIL.fullmatch(address):
        raise Invalid.field("email", "Not an email address.")
    return address


async def register(
    ctx: Context, username: str, email: str, password: str, full_name: str
) -> SessionTokens:
    """Make the account and its first session. Conflict when the name or email is taken."""
    name, address = clean_username(username), clean_email(email)
    passwords.check_strength(password, name)
    user = User(
        id=ctx.new_id("usr"),
        username=name,
        email=address,
        password_hash=await passwords.hash_password(ctx.resources.settings.auth, password),
        full_name=full_name,
        created_at=clock.now(),
    )
    try:
        await user.insert()
    except DuplicateKeyError as error:
        fields = error.details or {}
        clash = next(iter(fields.get("keyPattern", {"username": 1})))
        if clash != "_id":
            raise _taken(clash) from error
    return await open_session(ctx, user.id, name)


def _taken(field: str) -> Conflict:
    return Conflict(
        f"This {field} is taken. Choose another, or log in.",
        f"{field}_taken",
        fields={field: "Already taken."},
    )


async def log_in(ctx: Context, login: str, password: str) -> SessionTokens:
    """A new session. One answer for a wrong name and a wrong password, in the same time."""
    user = await queries.login_user(login)
    stored = user.password_hash if user else None
    auth = ctx.resources.settings.auth
    if not await passwords.verify_password(auth, stored, password) or user is None:
        raise Unauthenticated("The name or the password is wrong.", "bad_credentials")
    return await open_session(ctx, user.id, user.username)


async def open_session(ctx: Context, user_id: str, username: str) -> SessionTokens:
    settings = ctx.resources.settings.auth
    session_id = ids.new_id("ses")
    refresh = new_refresh_token(settings, session_id)
    now = clock.now()
    session = Session(
        id=session_id,
        user_id=user_id,
        refresh_hash=refresh_hash(refresh),
        user_agent=ctx.user_agent[:200],
        address=ctx.address,
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(seconds=settings.refresh_s),
    )
    await session.insert()
    _remember_cookie(ctx, refresh)
    access = ctx.resources.tokens.access(user_id, session.id)
    return {
        "user_id": user_id,
        "username": username,
        "access_token": access,
        "refresh_token": refresh,
    }


def _remember_cookie(ctx: Context, refresh: str) -> None:
    """The browser app keeps the refresh token where no script can read it."""
    life = ctx.resources.settings.auth.refresh_s if refresh else 0
    secure = "; Secure" if ctx.origin.startswith("https:") else ""
    ctx.set_cookies.append(
        f"glimpse_refresh={refresh}; Path=/api/v1/auth; Max-Age={life};"
        f" HttpOnly; SameSite=Strict{secure}"
    )


async def refresh(ctx: Context, token: str, *, of_cookie: bool) -> SessionTokens:
    """Rotate: the old token is used up. One that was used before revokes the whole family.

    But for a browser's cookie: a page that is left while it asks never hears of the new one, and
    its person would be logged out by reloading. So the cookie just before, whose successor was
    not used, is good for a moment longer.
    """
    digest = refresh_hash(token)
    settings = ctx.resources.settings.auth
    family = session_of(settings, token) or ""
    fresh = new_refresh_token(settings, family)
    now = clock.now()
    sessions = Session.get_motor_collection()
    good = {"_id": family, "revoked_at": None, "expires_at": {"$gt": now}}
    change = {
        "refresh_hash": refresh_hash(fresh),
        "last_used_at": now,
        "expires_at": now + timedelta(seconds=settings.refresh_s),
        "address": ctx.address,
    }
    session = await sessions.find_one_and_update(
        {**good, "refresh_hash": digest},
        {"$set": {**change, "before_hash": digest, "renewed_at": now}},
    )
    if session is None and of_cookie:
        lately = {"before_hash": digest, "renewed_at": {"$gt": now - _UNHEARD}}
        session = await sessions.find_one_and_update({**good, **lately}, {"$set": change})
    if session is None:
        await _revoke_family(ctx, family)
        _remember_cookie(ctx, "")
        raise Unauthenticated(
            "The refresh token is not valid any more. Log in again.", "bad_refresh_token"
        )
    user = await queries.profile_by_id(ctx.resources, session["user_id"])
    _remember_cookie(ctx, fresh)
    return {
        "user_id": user["_id"],
        "username": user["username"],
        "access_token": ctx.resources.tokens.access(user["_id"], session["_id"]),
        "refresh_token": fresh,
    }


async def _revoke_family(ctx: Context, session_id: str) -> None:
    reused = await Session.find_one({"_id": session_id, "revoked_at": None})
    if reused is not None:
        with suppress(NotFound):  # of several reuses at once, one ends it
            await revoke(ctx, reused.user_id, reused.id)


async def revoke(ctx: Context, user_id: str, session_id: str) -> None:
    """End a session of `user_id`; NotFound when it is not a live one of theirs."""
    result = await Session.get_motor_collection().update_one(
        {"_id": session_id, "user_id": user_id, "revoked_at": None},
        {"$set": {"revoked_at": clock.now()}},
    )
    if result.matched_count == 0:
        raise NotFound("There is no such session.", "session_not_found")
    key = session_key(user_id, session_id)
    await ctx.resources.cache.put(key, b"0", ctx.resources.settings.auth.access_s)


async def revoke_all(ctx: Context, user_id: str, keep: str = "") -> int:
    """End all sessions but `keep`; how many ended."""
    ended = 0
    while True:
        others = [s for s in await queries.sessions_of(user_id) if s.id != keep]
        for session in others:
            with suppress(NotFound):  # it ended by itself meanwhile
                await revoke(ctx, user_id, session.id)
                ended += 1
        if not others:
            return ended


async def log_out(ctx: Context, refresh_token: str | None) -> None:
    """End the session that the caller's token, or the given refresh token, belongs to."""
    session_id, user_id = ctx.session_id, ctx.user_id
    if not session_id and refresh_token:
        session = await Session.find_one(
            {"refresh_hash": refresh_hash(refresh_token), "revoked_at": None}
        )
        if session is not None:
            session_id, user_id = session.id, session.user_id
    _remember_cookie(ctx, "")
    if not session_id:
        raise Unauthenticated("Say which session: send its token.", "unauthenticated")
    await revoke(ctx, user_id, session_id)


def device_name(user_agent: str) -> str:
    """A few words for a list of devices."""
    for mark, name in (
        ("iPhone", "iPhone"),
        ("Android", "Android"),
        ("Macintosh", "Mac"),
        ("Windows", "Windows"),
        ("Linux", "Linux"),
    ):
        if mark in user_agent:
            return name
    return user_agent.partition("/")[0][:40] or "Unknown device"
