"""One transaction: all of it or nothing, journaled by a majority before it returns."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

if TYPE_CHECKING:
    from app.resources import Resources

T = TypeVar("T")


async def transaction(resources: "Resources", work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """What `work(session)` gives; it may run more than once before it counts."""
    async with await resources.mongo.client.start_session() as session:
        result: T = await session.with_transaction(
            work,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority", j=True),
        )
    return result
