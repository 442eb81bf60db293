"""Sweeping reads what is to be removed, and nothing else, however much there is."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock, ids, sweep
from tests.fixtures.api import Api

SWEEPS = {
    "posts": sweep.sweep_posts,
    "comments": sweep.sweep_comments,
    "messages": sweep.sweep_messages,
}


def row(n: int) -> dict[str, Any]:
    """Most live, some deleted just now, some long ago."""
    deleted = {0: clock.now() - timedelta(days=8), 1: clock.now()}.get(n % 100)
    return {
        "_id": ids.new_id("x"),
        "status": "deleted" if deleted else "published",
        "author_id": "usr_1",
        "post_id": "post_1",
        "conversation_id": "conv_1",
        "key": f"{n}",
        "deleted_at": deleted,
    }


@pytest.mark.parametrize("name", SWEEPS)
async def test_only_what_is_due_is_read(api: Api, name: str) -> None:
    mongo = api.resources.mongo
    await mongo[name].insert_many(row(n) for n in range(1000))
    await mongo.command("profile", 2)
    try:
        await SWEEPS[name](api.resources)
    finally:
        await mongo.command("profile", 0)
    asked = {
        "op": "query",
        "ns": f"{mongo.name}.{name}",
        "command.filter.deleted_at": {"$ne": None},
    }
    [found] = await mongo["system.profile"].find(asked).to_list(None)
    assert found["planSummary"] == "IXSCAN { deleted_at: 1 }"
    assert found["nreturned"] == found["docsExamined"] == 10
    assert await mongo[name].count_documents(sweep.deleted_before(clock.now())) >= 10
