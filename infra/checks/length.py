"""No source file over 400 lines, unless a line in it says why: `# long: …` or `// long: …`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

LINES_MAX = 400
_SUFFIXES = {".py", ".ts", ".tsx", ".js", ".mjs", ".sh"}
_REASON = re.compile(r"^\s*(#|//)\s*long:\s*\S", re.MULTILINE)


def too_long(checkout: Path, files: Iterable[PurePosixPath]) -> Iterator[str]:
    """A line for each file that breaks the rule. Generated ones (`*.gen.*`) are exempt."""
    for file in files:
        if file.suffix not in _SUFFIXES or ".gen." in file.name:
            continue
        text = (checkout / file).read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > LINES_MAX and not _REASON.search(text):
            yield f"{file}: {lines} lines, at most {LINES_MAX} without a `# long: reason` line"
