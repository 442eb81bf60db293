"""Pages of the rows of a collection: from the database, with the cursor that goes on from there.

Rows that arrive while someone turns pages are neither shown twice nor do they push others out.
For short lists that are at hand as a whole there is `app.cursor.page`.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app import clock, cursor as cursors

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
Page = tuple[list[Raw], str | None]
"""The rows, and the next cursor; None: there are no more."""


def before(field: str, position: list[Any]) -> Raw:
    """The filter for what comes after a page that ended at [ms of `field`, id], newest first."""
    at = datetime.fromtimestamp(position[0] / 1000, UTC)
    return {
        field: {"$lte": at},  # where the index begins; `$or` alone reads from the top
        "$or": [{field: {"$lt": at}}, {field: at, "_id": {"$lt": position[1]}}],
    }


async def by_time(
    resources: "Resources",
    collection: str,
    match: Raw,
    field: str,
    purpose: str,
    cursor: str | None,
    limit: int,
    fields: Raw | None = None,
) -> Page:
    """Rows that match, the latest `field` (a time) first. `purpose` names the list, and whose it
    is: Invalid for a cursor of another one. `fields`: what of them is wanted, `field` included."""
    secret = resources.settings.auth.secret
    if cursor is not None:
        match = {"$and": [match, before(field, cursors.decode(secret, purpose, cursor))]}
    rows = resources.mongo[collection].find(match, fields).sort([(field, -1), ("_id", -1)])
    found = await rows.to_list(limit + 1)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], cursors.encode(secret, purpose, [clock.ms(last[field]), last["_id"]])


async def by_id(
    resources: "Resources",
    collection: str,
    match: Raw,
    purpose: str,
    cursor: str | None,
    limit: int,
    *,
    field: str = "_id",
    oldest_first: bool = False,
) -> Page:
    """Rows that match, the highest `field` first: an id, which sorts by time."""
    secret = resources.settings.auth.secret
    if cursor is not None:
        [last] = cursors.decode(secret, purpose, cursor)
        match = {"$and": [match, {field: {"$gt" if oldest_first else "$lt": last}}]}
    rows = resources.mongo[collection].find(match).sort(field, 1 if oldest_first else -1)
    found = await rows.to_list(limit + 1)
    if len(found) <= limit:
        return found, None
    return found[:limit], cursors.encode(secret, purpose, [found[limit - 1][field]])
