"""Log lines of supervised processes: to a size-bounded file each, and colour-tagged to a console."""

import itertools
import sys
from pathlib import Path
from typing import BinaryIO

FILE_BYTES_MAX = 8 * 1024 * 1024
"""A file this long is renamed to `NAME.log.1`, replacing the one before: 16 MiB a process."""
LINE_BYTES_MAX = 16 * 1024
"""A longer line is cut into pieces, so a process that prints without end costs bounded memory."""

_COLOURS = itertools.cycle(["36", "33", "35", "32", "34", "91", "96", "93", "95", "92", "94"])


class RotatingFile:
    """Appends lines to `path`, keeping one older file."""

    def __init__(self, path: Path, bytes_max: int = FILE_BYTES_MAX) -> None:
        self.path = path
        self.bytes_max = bytes_max
        self._file: BinaryIO | None = None

    def write(self, line: bytes) -> None:
        file = self._file
        if file is None:
            file = self._file = self.path.open("ab", buffering=0)
        file.write(line + b"\n")
        if file.tell() >= self.bytes_max:
            self.close()
            self.path.replace(self.path.with_name(self.path.name + ".1"))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Log:
    """Where the lines of one process go."""

    def __init__(self, name: str, path: Path, console: bool) -> None:
        self.name = name
        self._file = RotatingFile(path)
        self._console = console
        tag = f"{name:>9} │ "
        self._tag = f"\x1b[{next(_COLOURS)}m{tag}\x1b[0m" if sys.stdout.isatty() else tag
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take a piece of output as it came from the pipe, whole lines or not."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            for piece in _pieces(line):
                self.line(piece)
        *pieces, self._rest = _pieces(self._rest)
        for piece in pieces:
            self.line(piece)

    def line(self, line: bytes) -> None:
        """Write one whole line."""
        self._file.write(line)
        if self._console:
            print(self._tag + line.decode(errors="replace"), flush=True)

    def close(self) -> None:
        if self._rest:
            self.line(self._rest)
            self._rest = b""
        self._file.close()


def _pieces(line: bytes) -> list[bytes]:
    starts = range(0, max(len(line), 1), LINE_BYTES_MAX)
    return [line[start : start + LINE_BYTES_MAX] for start in starts]
