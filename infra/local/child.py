"""One run of a program: its output as it comes, and its end the moment it happens.

Not asyncio's subprocess: its `wait` returns only when the output pipe is closed too, and a
program's own children may hold that open long after it was killed.
"""

import asyncio
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

_READ_BYTES = 65_536
_DRAIN_READS_MAX = 16
"""What is still in the pipe when the program has ended is read, up to 1 MiB of it."""


class Child:
    """A started program. Call `close` when done with it; needs a running event loop."""

    def __init__(
        self,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        folder: Path | None,
        output: Callable[[bytes], None],
    ) -> None:
        """Raises OSError when it can't be started."""
        self._loop = asyncio.get_running_loop()
        self._output = output
        self._reading, writing = os.pipe()
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                env=environment,
                cwd=folder,
                # A session of its own: Ctrl-C reaches the supervisor alone, which stops the
                # rest in order; and one signal ends a program with all it started.
                start_new_session=True,
            )
        except OSError:
            os.close(self._reading)
            raise
        finally:
            os.close(writing)
        os.set_blocking(self._reading, False)
        self._loop.add_reader(self._reading, self._read)
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._pidfd = os.pidfd_open(self._popen.pid)
        self._loop.add_reader(self._pidfd, self._end)

    @property
    def pid(self) -> int:
        return self._popen.pid

    async def wait(self) -> int:
        """The exit code, or minus the signal's number."""
        return await asyncio.shield(self._ended)

    def send(self, number: int) -> None:
        """Signal the program itself, not what it started."""
        self._popen.send_signal(number)

    def close(self) -> None:
        """Take what is left of its output, and let go of it."""
        if self._reading < 0:
            return
        for _ in range(_DRAIN_READS_MAX):
            if not self._read():
                break
        self._stop_reading()

    def _end(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._ended.set_result(self._popen.wait())

    def _read(self) -> bool:
        """Pass one piece on; false when there is none."""
        if self._reading < 0:
            return False
        try:
            data = os.read(self._reading, _READ_BYTES)
        except BlockingIOError:
            return False
        if data:
            self._output(data)
        else:
            self._stop_reading()
        return bool(data)

    def _stop_reading(self) -> None:
        if self._reading >= 0:
            self._loop.remove_reader(self._reading)
            os.close(self._reading)
            self._reading = -1
