"""What is asked all the time reads an index, and of it no more than it gives."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock, ids
from tests.fixtures.api import Api

NOW = clock.now()
AT = NOW - timedelta(seconds=1500)
NEWEST_FIRST = {"updated_at": -1, "_id": -1}
AFTER = {"$or": [{"updated_at": {"$lt": AT}}, {"updated_at": AT, "_id": {"$lt": "ntf_z"}}]}
QUERIES: list[tuple[str, dict[str, Any], dict[str, int], int]] = [
    ("notification_groups", {"recipient_id": "u1", "actor_count": {"$gt": 0}}, NEWEST_FIRST, 21),
    (
        "notification_groups",
        {"recipient_id": "u1", "actor_count": {"$gt": 0}, "updated_at": {"$lte": AT}, **AFTER},
        NEWEST_FIRST,
        21,
    ),
    ("notification_groups", {"recipient_id": "u1", "is_read": False}, {"_id": 1}, 999),
    ("notification_groups", {"due_at": {"$lte": NOW}}, {"due_at": 1}, 1),
    ("notification_groups", {"due_at": {"$exists": True}}, {"due_at": 1}, 999),
    ("push_jobs", {"due_at": {"$lte": NOW}}, {"due_at": 1}, 1),
]


@pytest.fixture(scope="module")
async def rows(api: Api) -> None:
    """Some thousand, of 50 people; one in a hundred is due."""
    for collection in ("notification_groups", "push_jobs"):
        await api.resources.mongo[collection].insert_many(
            {
                "_id": ids.new_id("ntf"),
                "recipient_id": f"u{n % 50}",
                "updated_at": NOW - timedelta(seconds=n),
                "touched_at": NOW,
                "is_read": n % 3 == 0,
                "actor_count": 1,
                **({"due_at": NOW} if n % 100 == 0 else {}),
            }
            for n in range(3000)
        )


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(("collection", "query", "order", "limit"), QUERIES)
async def test_no_more_is_read_than_is_given(
    api: Api, collection: str, query: dict[str, Any], order: dict[str, int], limit: int
) -> None:
    find = {"find": collection, "filter": query, "sort": order, "limit": limit}
    explained = await api.resources.mongo.command("explain", find, verbosity="executionStats")
    stats = explained["executionStats"]
    assert "COLLSCAN" not in str(explained["queryPlanner"]["winningPlan"])
    assert 0 < stats["nReturned"] == stats["totalDocsExamined"]
