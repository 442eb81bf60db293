"""The servers a user could pick instead: how each is started, and what its clients say."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from pathlib import Path
from string import Template

from infra.local.ports import PortBook
from loadtests.peers import install
from loadtests.peers.client import PAYLOAD, Publisher, Talk
from loadtests.peers.install import HERE
from loadtests.peers.server import Running, Target, spawned

_PLAIN = Talk()


def peers(core: int, folder: Path, redis_url: str) -> list[Target]:
    """All of them, as columns, in their own default settings but for compression, which is off.

    They are started on `core` and write their logs to `folder`.
    """
    return [
        Target("ws", lambda: _package("ws"), lambda _: _node_ws(core, folder)),
        Target(
            "Socket.IO",
            lambda: _package("socket.io"),
            lambda storm: _socketio(core, folder, redis_url, storm),
            heartbeat_s=25,
        ),
        Target("nchan", _nchan_version, lambda storm: _nchan(core, folder, storm)),
        Target(
            "websockets",
            lambda: version("websockets"),
            lambda _: _python(core, folder, sys.executable, "broadcast_server.py"),
            heartbeat_s=20,
        ),
        Target(
            "picows",
            _picows_version,
            lambda _: _python(core, folder, install.picows(), "picows_server.py"),
        ),
    ]


def _package(name: str) -> str:
    install.node()
    found = json.loads((HERE / "node_modules" / name / "package.json").read_text())
    return str(found["version"])


def _publisher(port: int, path: str = "/publish") -> Publisher:
    return Publisher(port, PAYLOAD.encode(), path)


@contextmanager
def _node_ws(core: int, folder: Path) -> Iterator[Running]:
    port = PortBook({}).take("ws")
    command = (install.node(), "ws.js", str(port))
    with spawned(core, command, port, folder / "ws.log", folder=HERE) as pid:
        yield Running(pid, port, _PLAIN, _publisher(port))


@contextmanager
def _python(core: int, folder: Path, python: str, program: str) -> Iterator[Running]:
    port = PortBook({}).take("python")
    command = (python, str(HERE / program), str(port))
    with spawned(core, command, port, folder / f"{program}.log", folder=folder) as pid:
        yield Running(pid, port, _PLAIN, _publisher(port))


def _picows_version() -> str:
    command = (install.picows(), "-c", "from importlib.metadata import *; print(version('picows'))")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


# Socket.IO

_EVENT = '42["publish",{}]'
_SOCKETIO = Talk(
    path="/socket.io/?EIO=4&transport=websocket",
    says=(("40", '"sid":"'),),
    heartbeat=("2", "3"),
    # What it gives to a client that wants to come back: who it was, and behind the payload of
    # each message where in the stream it stood.
    catches=('"pid":"', 'x","'),
    back_says=('40{"pid":"%A","offset":"%B"}',),
    resumes=True,
)


@contextmanager
def _socketio(core: int, folder: Path, redis_url: str, storm: bool) -> Iterator[Running]:
    with _socketio_node(core, folder, redis_url) as (pid, port):
        publisher = Publisher(
            port,
            _EVENT.format(json.dumps(PAYLOAD)).encode(),
            _SOCKETIO.path,
            (('40{"publisher":true}', '"sid":"'),),
        )
        if not storm:
            yield Running(pid, port, _SOCKETIO, publisher)
            return
        with _socketio_node(core, folder, redis_url) as (back_pid, back_port):
            yield Running(pid, port, _SOCKETIO, publisher, back_port, back_pid)


@contextmanager
def _socketio_node(core: int, folder: Path, redis_url: str) -> Iterator[tuple[int, int]]:
    port = PortBook({}).take("socket.io")
    command = (install.node(), "socketio.js", str(port), redis_url)
    with spawned(core, command, port, folder / "socketio.log", folder=HERE) as pid:
        yield pid, port


# nchan

_NCHAN_KEPT = Talk(
    path="/watch-kept",
    protocol="ws+meta.nchan",
    catches=("id: ",),
    back_path="/watch-kept?after=%A",
    resumes=True,
)


def _nchan_version() -> str:
    root = install.nchan()
    names = [path.name for path in (root / "packages").glob("libnginx-mod-nchan_*")]
    return names[0].split("_")[1].replace("%3a", ":").split(":")[-1].split("+")[0]


def _nchan(core: int, folder: Path, storm: bool) -> AbstractContextManager[Running]:
    return _nginx(core, folder / "nchan", install.nchan(), storm)


@contextmanager
def _nginx(core: int, folder: Path, root: Path, storm: bool) -> Iterator[Running]:
    (folder / "var/lib/nginx").mkdir(parents=True, exist_ok=True)
    port = PortBook({}).take("nchan")
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    filled = Template((HERE / "nchan.conf.template").read_text()).substitute(
        root=root,
        folder=folder,
        port=port,
        files=min(files, 65_536),
        # As root it would change to a user that may not look into this folder.
        user="user root;" if os.geteuid() == 0 else "",
    )
    (folder / "nginx.conf").write_text(filled)
    libraries = [str(path.parent) for path in root.rglob("libpcre2-8.so.0")]
    libraries += [str(path.parent) for path in root.rglob("libcrypt.so.1")]
    command = (str(root / "usr/sbin/nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"))
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
    with spawned(core, command, port, folder / "nchan.log", environment) as pid:
        if storm:
            yield Running(pid, port, _NCHAN_KEPT, _publisher(port, "/publish-kept"))
        else:
            yield Running(pid, port, Talk(path="/watch"), _publisher(port))
