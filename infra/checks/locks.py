"""Lock files hold for everybody: pinned, hashed, and silent about where one machine looked."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

_FOREIGN = re.compile(r"index-url|find-links|trusted-host|file:/|https?://", re.IGNORECASE)
_REQUIREMENT = re.compile(r"^[A-Za-z0-9]")


def unfit_lines(checkout: Path, files: Iterable[PurePosixPath]) -> Iterator[str]:
    """A line for each place that names an index or a path, or pins nothing."""
    for file in files:
        if file.suffix == ".lock":
            yield from _python_lock(file, (checkout / file).read_text().splitlines())
        elif file.name == "package-lock.json":
            for number, line in enumerate((checkout / file).read_text().splitlines(), 1):
                if '"resolved"' in line:
                    yield f"{file}:{number}: names where a package was fetched"


def _python_lock(file: PurePosixPath, lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if _FOREIGN.search(line):
            yield f"{file}:{number}: names an index or a path"
        elif _REQUIREMENT.match(line) and not re.match(r"[\w.-]+==\S+ \\$", line):
            yield f"{file}:{number}: not pinned with a hash"
