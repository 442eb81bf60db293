"""Supervision of one process, with real ones that crash, hang, fork and print."""

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from infra.local.identity import started_at
from infra.local.logs import LINE_BYTES_MAX, Log, RotatingFile
from infra.local.process import BACKOFF_FIRST_S, BACKOFF_MAX_S, Process, Service


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


def supervised(
    folder: Path,
    code: str,
    grace_s: float = 5,
    ready: Callable[[], object] = at_once,
    is_held: Callable[[], bool] = lambda: False,
) -> tuple[Process, Path]:
    """A process that runs Python `code`, and its log file."""
    path = folder / "it.log"
    command = (sys.executable, "-c", code)
    service = Service("app", "it", command, ready, grace_s=grace_s)  # type: ignore[arg-type]
    return Process(service, Log("it", path, console=False), is_held=is_held), path


async def until(condition: Callable[[], object], seconds: float = 30) -> float:
    """How long it took for the condition to hold."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "waited too long"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def ended(process: Process, task: "asyncio.Task[None]") -> None:
    process.stop()
    await task
    assert process.state == "stopped"


async def test_one_that_crashes_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    began = tmp_path / "began"
    code = f"import time; open({str(began)!r}, 'a').write(f'{{time.time()}} '); raise SystemExit(3)"
    process, log = supervised(tmp_path, code)
    task = asyncio.create_task(process.run())
    await until(lambda: process.restarts >= 4)
    await ended(process, task)
    times = [float(word) for word in began.read_text().split()]
    pauses = [later - sooner for sooner, later in pairwise(times[:4])]
    for number, pause in enumerate(pauses):
        assert pause >= BACKOFF_FIRST_S * 2**number
    assert "ended (exit code 3)" in log.read_text()


async def test_one_that_is_killed_is_back_at_once(tmp_path: Path) -> None:
    process, _ = supervised(tmp_path, "import time; time.sleep(60)")
    task = asyncio.create_task(process.run())
    await until(process.is_ready.is_set)
    first = process.identity
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    took = await until(lambda: process.state == "running" and process.identity != first)
    assert took < BACKOFF_MAX_S - 1
    assert process.restarts == 1
    await ended(process, task)


async def test_it_is_not_ready_before_its_probe_says_so(tmp_path: Path) -> None:
    process, _ = supervised(tmp_path, "import time; time.sleep(60)", ready=never)
    task = asyncio.create_task(process.run())
    await until(lambda: process.identity)
    await asyncio.sleep(0.3)
    assert process.state == "starting"
    await ended(process, task)


async def test_one_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True);"
    process, log = supervised(tmp_path, code + "time.sleep(60)", grace_s=0.5)
    task = asyncio.create_task(process.run())
    await until(lambda: log.exists() and "deaf" in log.read_text())
    began = time.monotonic()
    await ended(process, task)
    assert 0.4 < time.monotonic() - began < 30


async def test_sigterm_lets_it_finish(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n    time.sleep(0.3)\n    print('drained')\n    sys.exit()\n"
        "signal.signal(15, end)\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    process, log = supervised(tmp_path, code)
    task = asyncio.create_task(process.run())
    await until(lambda: log.exists() and "up" in log.read_text())
    await ended(process, task)
    assert "drained" in log.read_text()


async def test_what_it_started_dies_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, time\n"
        "print('child', subprocess.Popen(['sleep', '60']).pid, flush=True)\ntime.sleep(60)\n"
    )
    process, log = supervised(tmp_path, code)
    task = asyncio.create_task(process.run())
    await until(lambda: log.exists() and "child" in log.read_text())
    child = int(log.read_text().split()[1])
    assert started_at(child) is not None
    assert process.identity is not None
    os.kill(process.identity.pid, signal.SIGKILL)
    await until(lambda: started_at(child) is None)
    await ended(process, task)


async def test_a_held_one_stays_down_until_it_is_released(tmp_path: Path) -> None:
    mark = tmp_path / "held"
    process, _ = supervised(tmp_path, "import time; time.sleep(60)", is_held=mark.exists)
    task = asyncio.create_task(process.run())
    await until(lambda: process.identity)
    assert process.identity is not None
    mark.touch()
    os.kill(process.identity.pid, signal.SIGKILL)
    await until(lambda: process.state == "backoff")
    await asyncio.sleep(0.5)
    assert process.state == "backoff"
    mark.unlink()
    await until(lambda: process.state == "running")
    await ended(process, task)


async def test_it_may_open_as_many_files_as_the_system_allows(tmp_path: Path) -> None:
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], flush=True)"
    process, log = supervised(tmp_path, code)
    task = asyncio.create_task(process.run())
    await until(lambda: log.exists() and "ended" in log.read_text())
    await ended(process, task)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert int(log.read_text().split()[0]) == hard


async def test_a_command_that_is_not_there_is_told_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    service = Service("app", "it", ("/nowhere/program",), at_once)
    process = Process(service, Log("it", log, console=False))
    task = asyncio.create_task(process.run())
    await until(lambda: log.exists() and "cannot run /nowhere/program" in log.read_text())
    await ended(process, task)


def test_log_files_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "it.log"
    file = RotatingFile(path, bytes_max=1000)
    for number in range(1000):
        file.write(b"line %d" % number)
    file.close()
    older = path.with_name("it.log.1")
    assert path.stat().st_size <= 1010
    assert older.stat().st_size <= 1010
    assert (older.read_bytes() + path.read_bytes()).endswith(b"line 998\nline 999\n")


def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    log = Log("it", tmp_path / "it.log", console=False)
    for _ in range(10):
        log.feed(b"x" * LINE_BYTES_MAX)
    log.feed(b"end\nhalf")
    log.close()
    lines = (tmp_path / "it.log").read_bytes().splitlines()
    assert max(map(len, lines)) <= LINE_BYTES_MAX
    assert lines[-2:] == [b"end", b"half"]
    assert sum(map(len, lines)) == 10 * LINE_BYTES_MAX + len(b"endhalf")
