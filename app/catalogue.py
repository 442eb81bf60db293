"""All operations, feature by feature: what both edges serve."""

from app.comments import operations as comments
from app.feed import operations as feed
from app.graph import operations as graph
from app.highlights import operations as highlights
from app.identity import operations as identity
from app.media import operations as media
from app.messages import operations as messages
from app.notifications import operations as notifications
from app.operation import Operation
from app.posts import operations as posts
from app.presence import operations as presence
from app.profiles import operations as profiles
from app.push import operations as push
from app.stories import operations as stories

# The router tries routes in this order: what is asked most stands first.
OPERATIONS: list[Operation] = [
    *feed.OPERATIONS,
    *identity.OPERATIONS,
    *profiles.OPERATIONS,
    *graph.OPERATIONS,
    *media.OPERATIONS,
    *posts.OPERATIONS,
    *comments.OPERATIONS,
    *notifications.OPERATIONS,
    *messages.OPERATIONS,
    *stories.OPERATIONS,
    *highlights.OPERATIONS,
    *push.OPERATIONS,
    *presence.OPERATIONS,
]

BY_NAME: dict[str, Operation] = {op.name: op for op in OPERATIONS if op.name}
"""Socket methods."""

assert len(BY_NAME) == sum(1 for op in OPERATIONS if op.name), "two operations share a name"
