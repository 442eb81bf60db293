"""What the outside may call of accounts and sessions."""

from typing import Annotated

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from app import clock, cursor as cursors
from app.errors import Unauthenticated
from app.identity import queries, service
from app.identity.passwords import LENGTH_MAX, LENGTH_MIN
from app.identity.service import SessionTokens
from app.operation import Context, Nothing, PageParams, Pagination, Params, operation
from app.text import check_name

Password = Annotated[str, Field(min_length=LENGTH_MIN, max_length=LENGTH_MAX)]


class Register(Params):
    username: str = Field(max_length=64)
    email: str = Field(max_length=254)
    password: Password
    full_name: Annotated[str, AfterValidator(check_name)] = Field("", max_length=60)


class LogIn(Params):
    username: str = Field(min_length=1, max_length=254, description="Or the email address.")
    password: str = Field(min_length=1, max_length=LENGTH_MAX)


class Refresh(Params):
    refresh_token: str | None = Field(
        None, max_length=8192, description="Browsers leave it out: their cookie has it."
    )


class SessionId(Params):
    id: str = Field(max_length=64)


class Device(TypedDict):
    session_id: str
    device: str
    address: str
    created_at: str
    last_used_at: str
    is_current: bool


class Devices(TypedDict):
    sessions: list[Device]
    pagination: Pagination


class Ended(TypedDict):
    ended: int


@operation(
    None,
    "POST",
    "/users/register",
    status=201,
    limit="registrations",
    public=True,
    secret=True,
)
async def register(ctx: Context, params: Register) -> SessionTokens:
    """Make an account and log in."""
    return await service.register(
        ctx, params.username, params.email, params.password, params.full_name
    )


@operation(None, "POST", "/users/login", limit="logins", public=True, secret=True)
async def log_in(ctx: Context, params: LogIn) -> SessionTokens:
    """Log in with username or email."""
    return await service.log_in(ctx, params.username, params.password)


@operation(None, "POST", "/auth/refresh", limit="writes", public=True, secret=True)
async def refresh(ctx: Context, params: Refresh) -> SessionTokens:
    """Swap a refresh token for a new pair."""
    token = params.refresh_token or ctx.cookies.get("glimpse_refresh")
    if not token:
        raise Unauthenticated("There is no refresh token. Log in.", "no_refresh_token")
    return await service.refresh(ctx, token, of_cookie=not params.refresh_token)


@operation(None, "POST", "/auth/logout", public=True)
async def log_out(ctx: Context, params: Refresh) -> Ended:
    """End this session."""
    await service.log_out(ctx, params.refresh_token or ctx.cookies.get("glimpse_refresh"))
    return {"ended": 1}


@operation("auth.sessions", "GET", "/auth/sessions")
async def sessions(ctx: Context, params: PageParams) -> Devices:
    """Where one is logged in, the device used last first."""
    rows, after = cursors.page(
        ctx.resources.settings.auth.secret,
        f"sessions {ctx.user_id}",
        await queries.sessions_of(ctx.user_id),
        lambda session: [clock.iso(session.last_used_at), session.id],
        params.cursor,
        params.limit,
        falling=True,
    )
    return {
        "sessions": [
            {
                "session_id": session.id,
                "device": service.device_name(session.user_agent),
                "address": session.address,
                "created_at": clock.iso(session.created_at),
                "last_used_at": clock.iso(session.last_used_at),
                "is_current": session.id == ctx.session_id,
            }
            for session in rows
        ],
        "pagination": {"next_cursor": after, "has_more": after is not None},
    }


@operation("auth.revoke", "DELETE", "/auth/sessions/{id}")
async def revoke(ctx: Context, params: SessionId) -> Ended:
    """Log out one device."""
    await service.revoke(ctx, ctx.user_id, params.id)
    return {"ended": 1}


@operation("auth.revoke_all", "DELETE", "/auth/sessions")
async def revoke_all(ctx: Context, params: Nothing) -> Ended:
    """Log out all other devices."""
    return {"ended": await service.revoke_all(ctx, ctx.user_id, keep=ctx.session_id)}


OPERATIONS = [register, log_in, refresh, log_out, sessions, revoke, revoke_all]
