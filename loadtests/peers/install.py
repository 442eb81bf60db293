"""Servers of others, installed into the checkout: `python -m loadtests.peers.install`.

    Node `ws`, Socket.IO   npm, from loadtests/peers/package-lock.json
    picows                 a virtual environment of its own, from requirements.lock
    nchan                  Debian's packages, unpacked; nothing of the system is touched

Each is done once and is quick after that. What can't be had raises Absent, and the reason
stands in the table: a comparison goes on without it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
HERE = CHECKOUT / "loadtests" / "peers"
ROOM = CHECKOUT / ".glimpse" / "peers"
_TIMEOUT_S = 300


class Absent(Exception):
    """A peer that can't be had on this machine; the message says why."""


def node() -> str:
    """The Node that runs them; their packages are installed then. Raises Absent."""
    lock = HERE / "package-lock.json"
    packages = HERE / "node_modules"
    if not _is_done(packages, lock):
        # The script finds a Node, or installs one from its wheel.
        _run("infra/install.sh", "npm", "--prefix", str(HERE), "ci", "--loglevel=error")
        _done(packages, lock)
    found = shutil.which("node", path=f"{os.environ['PATH']}:{CHECKOUT / '.venv' / 'node'}")
    if found is None:
        raise Absent("no Node")
    return found


def picows() -> str:
    """The Python that has picows. Raises Absent."""
    folder, lock = ROOM / "picows", HERE / "requirements.lock"
    python = folder / "bin" / "python"
    if not _is_done(folder, lock):
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(
            *(str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
            *("--require-hashes", "--only-binary", ":all:", "-r", str(lock)),
        )
        _done(folder, lock)
    return str(python)


def nchan() -> Path:
    """The folder with Debian's nginx and nchan unpacked as at `/`. Raises Absent."""
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Absent(f"no {tool}: Debian's packages are unpacked")
    root = ROOM / "nchan"
    if not (root / ".installed").exists():
        shutil.rmtree(root, ignore_errors=True)
        packages = root / "packages"
        packages.mkdir(parents=True)
        wanted = ["libnginx-mod-nchan", "nginx", *_libraries("nginx")]
        _run("apt-get", "download", "-qq", *wanted, folder=packages)
        for package in sorted(packages.glob("*.deb")):
            _run("dpkg-deb", "--extract", str(package), str(root))
        (root / ".installed").touch()
    return root


def _libraries(package: str) -> list[str]:
    """Shared libraries a Debian package needs; the C library is the system's own."""
    listed = _run("apt-cache", "depends", "--important", package)
    names = [line.split()[-1] for line in listed.splitlines() if "Depends:" in line]
    return [name for name in names if name.startswith("lib") and name != "libc6"]


def _run(*command: str, folder: Path = CHECKOUT) -> str:
    """What it prints; raises Absent with its last words."""
    try:
        ran = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(str(error)) from None
    if ran.returncode:
        words = (ran.stderr or ran.stdout).strip().splitlines() or ["no reason given"]
        raise Absent(f"{Path(command[0]).name}: {words[-1][:200]}")
    return ran.stdout


def _stamp(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _is_done(folder: Path, lock: Path) -> bool:
    mark = folder / ".installed"
    return mark.exists() and mark.read_text() == _stamp(lock)


def _done(folder: Path, lock: Path) -> None:
    (folder / ".installed").write_text(_stamp(lock))


def main(wanted: Sequence[str]) -> None:
    """Install the named ones, or all; those that can't be had are named and are no error."""
    for each in (node, picows, nchan):
        if wanted and each.__name__ not in wanted:
            continue
        try:
            print(f"{each.__name__}: {each()}")
        except Absent as absent:
            print(f"{each.__name__}: absent: {absent}")


if __name__ == "__main__":
    main(sys.argv[1:])
