"""Messages from before there was search: what they are found by is made up for, bit by bit.

An index holds those alone that lack it, so that asking costs nothing once all is done. Whatever
an older process stores meanwhile is found the same way.
"""

from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from app.messages import words

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase

_PAGE = 500


async def index_some(mongo: "AsyncIOMotorDatabase[dict[str, Any]]", pages: int = 5) -> int:
    """Up to `pages` times 500 of them; how many were done. May be cut off anywhere."""
    done = 0
    for _ in range(pages):
        rows = await (
            mongo["messages"]
            .find({"words": None}, {"conversation_id": 1, "text": 1})
            .hint("wordless")
            .to_list(_PAGE)
        )
        if not rows:
            break
        # Only as it was read: who changed it meanwhile gave it the words of the new text.
        changes = [UpdateOne({**row, "words": None}, _given(row)) for row in rows]
        done += (await mongo["messages"].bulk_write(changes, ordered=False)).modified_count
    return done


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {"$set": {"words": words.tokens(row.get("text", ""))}}
