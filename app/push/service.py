"""Devices that want to be pushed to, and what is pushed to whom."""

import hashlib
from typing import TYPE_CHECKING, Any

from app import clock
from app.errors import Conflict
from app.notifications import preferences, service as notifications
from app.notifications.words import path, sentence
from app.operation import Context
from app.push import endpoint, webpush
from app.push.models import Service
from app.push.sender import Message

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
DEVICES_MAX = 20
"""Of one person; the newest. More sessions than that are forgotten ones."""


def subscription_id(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:40]


def _off(what: str) -> Conflict:
    return Conflict(f"This server sends no {what}.", "push_off")


async def subscribe_web(ctx: Context, url: str, p256dh: str, auth: str) -> str:
    """Push to this session's browser; the subscription's id. Raises Invalid, Conflict."""
    settings = ctx.resources.settings.push
    if not settings.vapid_private_key:
        raise _off("web push")
    endpoint.check(settings, url)
    webpush.check_keys(p256dh, auth)
    return await _keep(ctx, "web", url, {"p256dh": p256dh, "auth": auth})


async def subscribe_fcm(ctx: Context, token: str) -> str:
    """Push to this session's app; the subscription's id. Raises Conflict."""
    if not ctx.resources.settings.push.fcm_credentials:
        raise _off("mobile push")
    return await _keep(ctx, "fcm", token, {"p256dh": "", "auth": ""})


async def _keep(ctx: Context, service: Service, address: str, keys: Raw) -> str:
    subscriptions = ctx.resources.mongo.push_subscriptions
    its_id = subscription_id(address)
    row = {
        "user_id": ctx.user_id,
        "session_id": ctx.session_id,
        "service": service,
        "address": address,
        "created_at": clock.now(),
        **keys,
    }
    # A browser has one address, whoever is logged in there: it goes over to this person.
    await subscriptions.update_one({"_id": its_id}, {"$set": row}, upsert=True)
    others = {"session_id": ctx.session_id, "service": service, "_id": {"$ne": its_id}}
    await subscriptions.delete_many(others)
    return its_id


async def unsubscribe(ctx: Context) -> int:
    """Push no more to this session; how many addresses were forgotten."""
    return await forget_session(ctx.resources, ctx.session_id)


async def forget_session(resources: "Resources", session_id: str) -> int:
    gone = await resources.mongo.push_subscriptions.delete_many({"session_id": session_id})
    return int(gone.deleted_count)


async def forget(resources: "Resources", its_id: str, address: str) -> None:
    """The push service no longer knows the device."""
    await resources.mongo.push_subscriptions.delete_one({"_id": its_id, "address": address})


async def devices(resources: "Resources", user_id: str) -> list[Raw]:
    """Subscriptions of the person's live sessions, the newest first; others are forgotten."""
    mongo = resources.mongo
    found = mongo.push_subscriptions.find({"user_id": user_id}).sort("created_at", -1)
    rows = await found.to_list(DEVICES_MAX)
    sessions = {row["session_id"] for row in rows}
    live = set(
        await mongo.sessions.distinct(
            "_id",
            {
                "_id": {"$in": list(sessions)},
                "user_id": user_id,
                "revoked_at": None,
                "expires_at": {"$gt": clock.now()},
            },
        )
    )
    for session_id in sessions - live:
        await forget_session(resources, session_id)
    return [row for row in rows if row["session_id"] in live]


async def connected(resources: "Resources", user_id: str) -> bool:
    """Whether a gateway node holds a socket of the person."""
    return bool((await resources.live.logs.nodes([user_id]))[user_id])


async def notification(resources: "Resources", recipient: str, group_id: str) -> Message | None:
    """What to push of a notification group as things stand now; None: nothing (any more)."""
    row = await resources.mongo.notification_groups.find_one(
        {"_id": group_id, "recipient_id": recipient, "is_read": False}
    )
    if row is None:
        return None
    chosen = await preferences.channels(resources, recipient, row["kind"])
    if not (chosen.in_app and chosen.push):
        return None
    view = await notifications.fit_to_send(resources, row)
    if view is None:
        return None
    left = await notifications.unread(resources, recipient)
    return Message(group_id, view["kind"], sentence(view), path(view), left)
