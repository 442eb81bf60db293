"""The end-to-end script, against a whole stack with the product's own limits."""

from loadtests.walkthrough import walk
from tests.fixtures.full_stack import FullStack


async def test_the_whole_loop_over_http_and_sockets(glimpse: FullStack) -> None:
    report = await walk(glimpse.url, rounds=20, say=print)
    assert report["rounds"] == 20
    assert len(report["steps"]) == 12
    way_ms = report["post_to_event_ms"]
    assert way_ms["p50"] <= way_ms["p99"] <= way_ms["max"]
