"""What the outside may call of presence. Who is active is watched: `presence:<user_id>`."""

from pydantic import StrictBool

from app.operation import Context, Nothing, Params, operation
from app.presence import service
from app.presence.service import PresenceSettings


class Update(Params):
    visible: StrictBool


@operation("presence.get", "GET", "/me/presence")
async def get(ctx: Context, params: Nothing) -> PresenceSettings:
    """Whether others see when one is active."""
    return await service.get(ctx)


@operation("presence.update", "PUT", "/me/presence")
async def update(ctx: Context, params: Update) -> PresenceSettings:
    """Show others when one is active, or hide it and see it of nobody."""
    return await service.update(ctx, params.visible)


OPERATIONS = [get, update]
