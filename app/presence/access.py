"""Who may see when a person is active: who may see their profile, unless one of the two hides or
the viewer is restricted."""

from typing import TYPE_CHECKING

from app.graph.sight import Asked, Claim, Claims
from app.messages import queries as messages
from app.messages.conversations import direct_id

if TYPE_CHECKING:
    from app.resources import Resources


async def claims(resources: "Resources", asked: list[Asked]) -> Claims:
    """Everyone's own; of a private account, its followers."""
    return {one: one.id == one.viewer or Claim(one.id, "public", activity=True) for one in asked}


async def claims_of_partners(resources: "Resources", asked: list[Asked]) -> Claims:
    """Besides, the two of a conversation that both have accepted."""
    between = {one: direct_id(one.viewer, one.id) for one in asked}
    rows = await messages.places(resources, set(between.values()))
    return {
        one: Claim(one.id, "anyone", activity=True)
        for one, conversation_id in between.items()
        if {one.viewer, one.id} <= set(rows.get(conversation_id, {}).get("inbox", ()))
    }
