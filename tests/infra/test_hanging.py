"""What is said of a test that fails, hangs, or can't even be interrupted; and when."""

import os
import subprocess
import sys
from pathlib import Path

from infra.local.layout import CHECKOUT

CONFTEST = """
from tests.fixtures import limit
limit.PHASE_MAX_S, limit.GRACE_S = 2.0, 3.0
pytest_plugins = ["tests.fixtures.limit", "tests.fixtures.news"]
def pytest_addoption(parser):
    parser.addoption("--long", action="store_true")
"""
TESTS = """
import asyncio, time
def test_wrong():
    assert 1 == 2
async def the_answer():
    await asyncio.Event().wait()
async def test_hangs():
    await the_answer()
async def test_goes_on():
    print("went on")
def test_stuck():
    while True:
        try:
            time.sleep(9)
        except BaseException:
            pass
def test_never():
    print("came too far")
"""


def test_failures_are_told_at_once_and_what_hangs_is_ended_by_name(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    options = "-s -p no:cacheprovider -p no:xdist -o asyncio_mode=auto"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options.split(), "-c", os.devnull, "--rootdir", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout
    print(said, done.stderr)
    assert done.returncode
    assert "short test summary" not in said  # it was ended, not over
    wrong, hung, after = (
        said.index(part)
        for part in ("FAILED in its call: test_it.py::test_wrong", "hung: not done", "went on")
    )
    assert wrong < hung < after
    assert "assert 1 == 2" in said[wrong:hung]
    [awaited] = [line for line in said.splitlines() if " test_hangs at " in line]
    assert "locks.py" in awaited  # where it waited, not where it began
    assert "in test_stuck" in done.stderr
    assert "came too far" not in said
