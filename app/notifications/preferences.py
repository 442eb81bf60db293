"""What a person wants to hear of, by kind and channel.

`in_app` off: nothing is stored, so nothing is pushed or mailed either. Email needs a digest
besides, which is off until asked for: addresses are not verified.
"""

from typing import TYPE_CHECKING, Any, get_args

from pydantic import StrictBool
from typing_extensions import TypedDict

from app import clock
from app.notifications.models import Channels, Kind
from app.notifications.periods import Digest, period
from app.operation import Context, Params

if TYPE_CHECKING:
    from app.resources import Resources

KINDS: tuple[str, ...] = get_args(Kind)
_DEFAULT = Channels(in_app=True, push=True, email=True)
_QUIET = Channels(in_app=True, push=False, email=False)
_DEFAULTS = {"comment_like": _QUIET}
"""Kinds that few want to be woken for."""


class ChannelsView(TypedDict):
    in_app: bool
    push: bool
    email: bool


class KindsView(TypedDict):
    like: ChannelsView
    comment: ChannelsView
    reply: ChannelsView
    mention: ChannelsView
    tag: ChannelsView
    share: ChannelsView
    comment_like: ChannelsView
    follow: ChannelsView
    follow_request: ChannelsView
    follow_accepted: ChannelsView
    story_reaction: ChannelsView
    story_mention: ChannelsView
    message: ChannelsView


class PreferencesView(TypedDict):
    kinds: KindsView
    digest: Digest


class ChannelsParam(Params):
    in_app: StrictBool | None = None
    push: StrictBool | None = None
    email: StrictBool | None = None


class KindsParam(Params):
    like: ChannelsParam | None = None
    comment: ChannelsParam | None = None
    reply: ChannelsParam | None = None
    mention: ChannelsParam | None = None
    tag: ChannelsParam | None = None
    share: ChannelsParam | None = None
    comment_like: ChannelsParam | None = None
    follow: ChannelsParam | None = None
    follow_request: ChannelsParam | None = None
    follow_accepted: ChannelsParam | None = None
    story_reaction: ChannelsParam | None = None
    story_mention: ChannelsParam | None = None
    message: ChannelsParam | None = None


class PreferencesParam(Params):
    """What is left out stays as it is."""

    kinds: KindsParam | None = None
    digest: Digest | None = None


assert set(KindsView.__annotations__) == set(KindsParam.model_fields) == set(KINDS)


def default(kind: str) -> Channels:
    return _DEFAULTS.get(kind, _DEFAULT)


async def channels(resources: "Resources", user_id: str, kind: str) -> Channels:
    """What the person chose for `kind`."""
    row = await resources.mongo.notification_preferences.find_one(
        {"_id": user_id}, {f"kinds.{kind}": 1}
    )
    return _merged(row, kind)


async def emailed(resources: "Resources", user_id: str) -> list[str]:
    """The kinds that may stand in the person's digest."""
    row = await resources.mongo.notification_preferences.find_one({"_id": user_id})
    chosen = {kind: _merged(row, kind) for kind in KINDS}
    return [kind for kind, of in chosen.items() if of.in_app and of.email]


def _merged(row: dict[str, Any] | None, kind: str) -> Channels:
    stored = ((row or {}).get("kinds") or {}).get(kind) or {}
    return default(kind).model_copy(update=stored)


async def get(ctx: Context) -> PreferencesView:
    row = await ctx.resources.mongo.notification_preferences.find_one({"_id": ctx.user_id})
    kinds: Any = {kind: _merged(row, kind).model_dump() for kind in KINDS}
    return {"kinds": kinds, "digest": row.get("digest", "off") if row else "off"}


async def put(ctx: Context, wanted: PreferencesParam) -> PreferencesView:
    """Change what is named; the whole afterwards."""
    change: dict[str, Any] = {}
    for kind, chosen in (wanted.kinds.model_dump() if wanted.kinds else {}).items():
        for channel, value in (chosen or {}).items():
            if value is not None:
                change[f"kinds.{kind}.{channel}"] = value
    if wanted.digest is not None:
        change["digest"] = wanted.digest
        before = await get(ctx)
        if wanted.digest != "off" and wanted.digest != before["digest"]:
            # The first digest comes with the next period, not at once.
            hour = ctx.resources.settings.email.digest_hour
            change["digested"] = period(wanted.digest, clock.now(), hour).name
    if change:
        await ctx.resources.mongo.notification_preferences.update_one(
            {"_id": ctx.user_id}, {"$set": change}, upsert=True
        )
    return await get(ctx)
