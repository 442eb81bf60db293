"""What the outside may call of push."""

from typing import Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.errors import Invalid
from app.operation import Context, Nothing, Params, operation
from app.push import endpoint, service, webpush


class KeysParam(Params):
    p256dh: str = Field(min_length=1, max_length=128)
    auth: str = Field(min_length=1, max_length=64)


class Subscribe(Params):
    """A browser's `PushSubscription` as it stands, or a mobile app's registration token."""

    endpoint: str | None = Field(None, max_length=endpoint.LENGTH_MAX)
    keys: KeysParam | None = None
    expirationTime: float | None = Field(
        None, ge=0, le=1e16, description="As browsers send it; not used."
    )
    fcm_token: str | None = Field(None, min_length=8, max_length=4096)


class PushKey(TypedDict):
    key: str | None
    """`applicationServerKey`; null: the server sends no web push."""


class Subscribed(TypedDict):
    subscription_id: str
    service: Literal["web", "fcm"]


class Unsubscribed(TypedDict):
    ended: int


@operation("push.key", "GET", "/push/key")
async def key(ctx: Context, params: Nothing) -> PushKey:
    """What a browser subscribes to push with."""
    return {"key": webpush.public_key(ctx.resources.settings.push)}


@operation("push.subscribe", "POST", "/push/subscriptions", status=201)
async def subscribe(ctx: Context, params: Subscribe) -> Subscribed:
    """Push to this device while it has no socket open."""
    if params.fcm_token is not None:
        if params.endpoint is not None:
            raise Invalid.field("fcm_token", "Either this or an endpoint.")
        its_id = await service.subscribe_fcm(ctx, params.fcm_token)
        return {"subscription_id": its_id, "service": "fcm"}
    if params.endpoint is None:
        raise Invalid.field("endpoint", "This field is needed.")
    if params.keys is None:
        raise Invalid.field("keys", "This field is needed.")
    its_id = await service.subscribe_web(ctx, params.endpoint, params.keys.p256dh, params.keys.auth)
    return {"subscription_id": its_id, "service": "web"}


@operation("push.unsubscribe", "DELETE", "/push/subscriptions")
async def unsubscribe(ctx: Context, params: Nothing) -> Unsubscribed:
    """Push no more to this device."""
    return {"ended": await service.unsubscribe(ctx)}


OPERATIONS = [key, subscribe, unsubscribe]
