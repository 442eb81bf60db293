"""`.glimpse/state.json`: written by the supervisor, read by `status`, `down` and the tests."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal

from infra.local.identity import Identity, is_alive
from infra.local.layout import Layout

ProcessState = Literal["starting", "running", "backoff", "stopped"]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One supervised process as `glimpse status` shows it."""

    role: str
    name: str
    pid: int | None
    state: ProcessState
    restarts: int
    port: int | None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class StackState:
    """What is known of a stack. `ports` outlives it, so the next start finds the same ones."""

    supervisor: Identity | None = None
    url: str = ""
    ready: bool = False
    failure: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """The GLIMPSE_* variables every process got: enough to join the stack from outside."""
    processes: tuple[ProcessRow, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        return self.supervisor is not None and is_alive(self.supervisor)

    @property
    def all_running(self) -> bool:
        return self.alive and all(row.state == "running" for row in self.processes)

    def seen(self) -> "StackState":
        """The same, corrected where the supervisor died without writing it down."""
        if self.alive:
            return self
        rows = tuple(replace(row, state="stopped", pid=None) for row in self.processes)
        return replace(self, ready=False, processes=rows)

    def public(self) -> dict[str, Any]:
        """The shape of `glimpse status --json`."""
        rows = [asdict(row) for row in self.processes]
        for row in rows:
            del row["identity"]
        return {"url": self.url, "ready": self.ready, "processes": rows}


def _identity(raw: Any) -> Identity | None:
    return Identity(**raw) if raw else None


def read_state(layout: Layout) -> StackState:
    """The last written state; an empty one when there is none, or it cannot be read."""
    try:
        raw = json.loads(layout.state.read_text())
        rows = tuple(
            ProcessRow(**{**row, "identity": _identity(row["identity"])})
            for row in raw.pop("processes")
        )
        supervisor = _identity(raw.pop("supervisor"))
        return StackState(**raw, supervisor=supervisor, processes=rows)
    except (OSError, ValueError, KeyError, TypeError):
        return StackState()


def write_state(layout: Layout, state: StackState) -> None:
    """Replace the file in one step: a reader sees the old state or the new one, whole."""
    # It holds the store's keys, so nobody else may read it.
    draft = layout.state.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(state), file, indent=1)
    draft.replace(layout.state)


class AlreadyRunningError(RuntimeError):
    """Another supervisor holds this data folder."""


def take_lock(path: Path) -> TextIOWrapper:
    """Hold the data folder until the returned file is closed, or the process dies in any way.

    Raises AlreadyRunningError.
    """
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunningError(f"{path.parent} is in use by another supervisor") from None
    return file
