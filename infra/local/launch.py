"""Run a supervisor in the background: for `glimpse up --detach`, and for tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.local.layout import CHECKOUT, Layout
from infra.local.process import leashed
from infra.local.stack import START_TIMEOUT_S, Options, StartError
from infra.local.state import StackState, read_state

STOP_TIMEOUT_S = 40
_POLL_S = 0.05


def _command(options: Options) -> tuple[str, ...]:
    command = [sys.executable, "-m", "infra.cli", "up", "--quiet", "--port", str(options.port)]
    if options.data is not None:
        command += ["--data", str(options.data)]
    if options.lan:
        command.append("--lan")
    return (*command, "--only", ",".join(sorted(options.only)))


def launch(
    options: Options,
    layout: Layout,
    environ: Mapping[str, str] = os.environ,
    tied: bool = False,
    progress: Callable[[StackState], None] = lambda _: None,
) -> tuple[StackState, subprocess.Popen[bytes]]:
    """Start a supervisor and wait until all is ready. Raises StartError.

    With `tied` the stack ends when this process ends, however it does.
    """
    layout.make()
    command = _command(options)
    if tied:
        command = leashed(command)
    with layout.log("supervisor").open("wb") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
            env={**environ, "PYTHONUNBUFFERED": "1"},
            # Not in this terminal's group: closing it, or Ctrl-C, must not end the stack.
            start_new_session=True,
        )
    deadline = time.monotonic() + 2 * START_TIMEOUT_S
    while time.monotonic() < deadline:
        state = read_state(layout)
        if state.supervisor is not None and state.supervisor.pid == child.pid:
            progress(state)
            if state.ready:
                return state, child
        if child.poll() is not None:
            break
        time.sleep(_POLL_S)
    else:
        child.terminate()
    raise StartError(layout.log("supervisor").read_text(errors="replace").strip())


def end(layout: Layout, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Ask the running supervisor to stop everything, and wait. False when none runs."""
    state = read_state(layout)
    if not state.alive or state.supervisor is None:
        return False
    os.kill(state.supervisor.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while state.alive and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    if state.alive:
        raise TimeoutError(f"the supervisor ({state.supervisor.pid}) did not end in {timeout_s} s")
    return True


@contextmanager
def running(
    data: Path, only: frozenset[str], environ: Mapping[str, str] | None = None
) -> Iterator[StackState]:
    """A private stack on free ports, tied to this process; for tests and benchmarks.

    `environ` is added to this process's environment, from which GLIMPSE_* is left out.
    """
    options = Options(data=data, port=0, only=only)
    layout = Layout(data)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("GLIMPSE_")}
    state, child = launch(options, layout, {**bare, **(environ or {})}, tied=True)
    try:
        yield state
    finally:
        child.terminate()
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
