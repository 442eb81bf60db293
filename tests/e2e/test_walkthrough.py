"""The scripts that drive a whole stack from outside, with the product's own limits."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from infra.local.layout import CHECKOUT
from loadtests.walk_stories import WAYS, walk_stories
from loadtests.walkthrough import walk
from tests.fixtures.full_stack import FullStack

LATE_NEVER_S, LATE_ALWAYS_S = "300", "0.00001"


async def test_the_whole_loop_over_http_and_sockets(glimpse: FullStack) -> None:
    report = await walk(glimpse.url, rounds=20, say=print)
    assert report["rounds"] == 20
    assert len(report["steps"]) == 12
    way_ms = report["post_to_event_ms"]
    assert way_ms["p50"] <= way_ms["p99"] <= way_ms["max"]


async def test_stories_over_http_and_sockets(glimpse: FullStack) -> None:
    report = await walk_stories(glimpse.url, rounds=5, say=print)
    assert report["rounds"] == 5
    assert set(report["ms"]) == set(WAYS)
    assert all(0 <= ms["p50"] <= ms["p99"] <= ms["max"] for ms in report["ms"].values())


async def load(glimpse: FullStack, to: Path, late_s: str) -> tuple[int, dict[str, Any]]:
    """Ten phones for ten seconds: (exit status, the report)."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "loadtests.run", "steady",
        "--data", str(glimpse.layout.root), "--users", "10", "--ramp-per-s", "10",
        "--minutes", "0.17", "--settle-s", "5", "--acts-per-s", "8", "--late-s", late_s,
        "--json", f"{to}.json", "--html", f"{to}.html",
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await child.communicate()
    written, page = await asyncio.to_thread(_read, to)
    assert written, output.decode()
    assert "messages.send" in page
    return child.returncode or 0, json.loads(written)


def _read(to: Path) -> tuple[str, str]:
    paths = to.with_suffix(".json"), to.with_suffix(".html")
    written, page = (path.read_text() if path.exists() else "" for path in paths)
    return written, page


async def test_phones_under_load_miss_nothing_and_a_fault_fails_the_run(
    glimpse: FullStack, tmp_path: Path
) -> None:
    (status, report), (failed, faulty) = await asyncio.gather(
        load(glimpse, tmp_path / "whole", LATE_NEVER_S),
        load(glimpse, tmp_path / "late", LATE_ALWAYS_S),
    )
    assert report["faults"] == {}, report["samples"]
    assert (status, report["passed"], report["lost"], report["doubled"]) == (0, True, 0, 0)
    assert report["sockets"]["opened"] == 10
    assert report["events"]["message.new"] > 0
    assert report["deliveries_expected"] > 0
    assert (failed, faulty["passed"]) == (1, False)
    assert faulty["faults"]["late"] > 0
    assert (faulty["lost"], faulty["doubled"]) == (0, 0)
