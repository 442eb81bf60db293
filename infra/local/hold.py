"""Keep a process down on purpose: for fault experiments and maintenance of one store.

A held process is not started again until it is released. A file a name, so that whoever
holds needs no connection to the supervisor; a start of the stack clears them all.
"""

import shutil
import signal
from pathlib import Path

from infra.local.identity import is_alive, signal_group
from infra.local.layout import Layout
from infra.local.state import read_state


def _folder(layout: Layout) -> Path:
    return layout.run / "held"


def is_held(layout: Layout, name: str) -> bool:
    return (_folder(layout) / name).exists()


def hold(layout: Layout, name: str, number: signal.Signals = signal.SIGKILL) -> None:
    """Take the process called `name` down and keep it down. KeyError when there is none."""
    row = {row.name: row for row in read_state(layout).processes}[name]
    _folder(layout).mkdir(exist_ok=True)
    (_folder(layout) / name).touch()
    if row.identity is not None and is_alive(row.identity):
        signal_group(row.identity.pid, number)


def release(layout: Layout, name: str) -> None:
    """Let the supervisor start it again, which it does within a tenth of a second."""
    (_folder(layout) / name).unlink(missing_ok=True)


def release_all(layout: Layout) -> None:
    shutil.rmtree(_folder(layout), ignore_errors=True)
