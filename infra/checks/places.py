"""The top level holds the rooms and a few known files; everything else has a room."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

ROOMS = {"app", "realtime", "workers", "frontend", "infra", "loadtests", "tests"}
FILES = {"pyproject.toml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md"}


def strange_places(files: Iterable[PurePosixPath]) -> Iterator[str]:
    """A line for each name at the top level that does not belong there."""
    for name in sorted({(file.parts[0], len(file.parts)) for file in files}):
        first, depth = name
        known = ROOMS if depth > 1 else FILES
        if first not in known and not first.startswith("."):
            yield f"{first}: does not belong at the top level"
