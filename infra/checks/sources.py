"""The files of the checkout that people wrote, or that are kept in version control."""

import subprocess
from pathlib import Path, PurePosixPath


def tracked(checkout: Path) -> list[PurePosixPath]:
    """Files git knows or would add, so a new file is checked before it is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=checkout,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    files = {PurePosixPath(name) for name in listed.split("\0") if name}
    return sorted(file for file in files if (checkout / file).is_file())
