"""State: whole for every reader, and recovery after a supervisor that was killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import hold
from infra.local.identity import Identity, end_all, identify, is_alive, started_at
from infra.local.launch import end, launch
from infra.local.layout import Layout
from infra.local.stack import Options
from infra.local.state import (
    AlreadyRunningError,
    ProcessRow,
    StackState,
    read_state,
    take_lock,
    write_state,
)

REDIS = frozenset({"redis"})


def sleeper() -> tuple["subprocess.Popen[bytes]", Identity]:
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    return child, identify(child.pid)


def until_gone(pid: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while started_at(pid) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    layout = Layout(tmp_path).make()
    who = Identity(1, 2, "boot")
    row = ProcessRow("app", "app-1", 1, "running", 3, 20_000, who)
    state = StackState(who, "http://x", True, "", {"app-1": 20_000}, {"GLIMPSE_A": "b"}, (row,))
    write_state(layout, state)
    assert read_state(layout) == state
    assert layout.state.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"processes": 3}'])
def test_a_damaged_state_counts_as_none(tmp_path: Path, text: str) -> None:
    layout = Layout(tmp_path).make()
    layout.state.write_text(text)
    assert read_state(layout) == StackState()


def test_readers_never_see_half_a_state(tmp_path: Path) -> None:
    layout = Layout(tmp_path).make()
    state = StackState(ports={f"p{number}": number for number in range(500)})
    write_state(layout, state)
    seen: list[StackState] = []

    def write() -> None:
        for number in range(200):
            write_state(layout, replace(state, url=str(number)))

    writing = threading.Thread(target=write)
    writing.start()
    while writing.is_alive():
        seen.append(read_state(layout))
    assert all(len(each.ports) == 500 for each in seen)


def test_one_supervisor_a_folder(tmp_path: Path) -> None:
    with take_lock(tmp_path / "lock"), pytest.raises(AlreadyRunningError):
        take_lock(tmp_path / "lock")
    take_lock(tmp_path / "lock").close()


def test_leftovers_are_ended_but_never_a_stranger_with_the_same_pid() -> None:
    ours, identity = sleeper()
    stranger, other = sleeper()
    try:
        later = replace(other, started=other.started + 1)
        long_ago = replace(other, boot="another")
        assert end_all([identity, later, long_ago], grace_s=2) == [identity]
        assert ours.wait(1) == -signal.SIGTERM
        assert is_alive(other)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_works(tmp_path: Path) -> None:
    options, layout = Options(data=tmp_path, only=REDIS), Layout(tmp_path)
    before, first = launch(options, layout)
    redis = before.processes[0]
    assert redis.pid is not None
    first.kill()
    first.wait()
    # The kernel ends the children of a supervisor that died (leash.py).
    until_gone(redis.pid)
    assert [row.state for row in read_state(layout).seen().processes] == ["stopped"]
    after, second = launch(options, layout)
    assert after.ports["redis"] == before.ports["redis"]
    assert end(layout)
    assert second.wait(30) == 0
    assert not end(layout)


def test_a_leftover_that_survived_is_ended_by_the_next_start(tmp_path: Path) -> None:
    options, layout = Options(data=tmp_path, only=REDIS), Layout(tmp_path).make()
    child, identity = sleeper()
    row = ProcessRow("redis", "redis", child.pid, "running", 0, None, identity)
    write_state(layout, StackState(processes=(row,)))
    _, supervisor = launch(options, layout)
    assert child.wait(30) == -signal.SIGTERM
    assert end(layout)
    supervisor.wait(30)


def test_a_store_can_be_held_down_and_released(tmp_path: Path) -> None:
    options, layout = Options(data=tmp_path, only=REDIS), Layout(tmp_path)
    _, supervisor = launch(options, layout)
    try:
        hold.hold(layout, "redis")
        time.sleep(1)
        assert read_state(layout).processes[0].state == "backoff"
        hold.release(layout, "redis")
        deadline = time.monotonic() + 30
        while read_state(layout).processes[0].state != "running":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with pytest.raises(KeyError):
            hold.hold(layout, "nobody")
    finally:
        supervisor.terminate()
        supervisor.wait(30)


def test_status_for_programs(tmp_path: Path) -> None:
    options, layout = Options(data=tmp_path, only=REDIS), Layout(tmp_path)
    _, supervisor = launch(options, layout)
    status = [sys.executable, "-m", "infra.cli", "status", "--json", "--data", str(tmp_path)]
    try:
        done = subprocess.run(status, capture_output=True, text=True)
        assert done.returncode == 0
        assert '"role": "redis"' in done.stdout
        assert '"state": "running"' in done.stdout
        assert str(os.getpid()) not in done.stdout
    finally:
        supervisor.terminate()
        supervisor.wait(30)
    done = subprocess.run(status, capture_output=True, text=True)
    assert done.returncode == 1
    assert '"state": "stopped"' in done.stdout
