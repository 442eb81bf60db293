"""Fixtures of all tests; each noun has its file under tests/fixtures."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

pytest_plugins = [
    "tests.fixtures.stores",
    "tests.fixtures.api",
    "tests.fixtures.loop",
    "tests.fixtures.tally",
    "tests.fixtures.limit",
    "tests.fixtures.news",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="faults: every experiment; properties: many more examples",
    )
    parser.addoption("--fault-seed", type=int, help="faults: repeat the run of this seed")


_TOGETHER = ("tests/browser/", "tests/faults/", "tests/e2e/")
"""Folders whose tests share a whole stack, and therefore a process."""
_LONGEST = (
    *_TOGETHER,
    "tests/app/web/test_matrix.py",
    "tests/realtime/test_resume_matrix.py",
    "tests/workers/test_relay.py",
    "tests/infra/test_origin.py",
    "tests/app/feed/test_home.py",
    "tests/app/web/test_schema.py",
    "tests/app/web/test_fields.py",
    "tests/app/stories/test_ending.py",
    "tests/app/stories/test_clocks.py",
    "tests/workers/test_runtime.py",
    "tests/realtime/test_blocked.py",
    "tests/app/media/test_video_uploads.py",
    "tests/app/media/test_uploads.py",
    "tests/app/media/test_fetching.py",
    "tests/app/push/test_messages.py",
    "tests/workers/test_groups.py",
)
"""What takes longest, in that order: what is left for the end is short, so that both processes of
`make test` end at the same time. (`--durations=80` shows where time goes.)"""


def _share(nodeid: str) -> str:
    """What is done in one process with `-n`: a file, or a folder that shares a whole stack."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in _TOGETHER if file.startswith(folder)), file)


def _rank(item: pytest.Item) -> int:
    share = _share(item.nodeid)
    return _LONGEST.index(share) if share in _LONGEST else len(_LONGEST)


class _Shares(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _share(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """What a process died of is not tried again by the next."""
        for share in self.assigned_work[node].values():
            for nodeid, done in share.items():
                if not done:
                    share[nodeid] = True
                    super().remove_node(node)
                    return nodeid
        return super().remove_node(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Shares:
    return _Shares(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
