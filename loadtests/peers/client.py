"""The neutral client: compiled from C, driven line by line. `client.c` says what it understands."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from infra.local.process import leashed
from loadtests.peers.install import HERE, Absent

PAYLOAD_BYTES = 200
PAYLOAD = f"TS={0:019};".ljust(PAYLOAD_BYTES, "x")
"""What every server carries to each socket; the client puts its clock into it."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a client says to a kind of server; texts may hold %T, %A and %B (see client.c)."""

    path: str = "/"
    protocol: str = ""
    says: tuple[tuple[str, str], ...] = ()
    """After the handshake: (text, a part of the answer to await)."""
    join: tuple[str, str] | None = None
    heartbeat: tuple[str, str] | None = None
    """The application's own ping and its answer; WebSocket's are always answered."""
    catches: tuple[str, ...] = ()
    back_path: str = ""
    back_says: tuple[str, ...] = ()
    resumes: bool = False
    """Coming back, it can ask for what it missed."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Where a message goes so that the server sends it to all."""

    port: int
    message: bytes
    path: str = "/"
    says: tuple[tuple[str, str], ...] = ()
    raw: bool = False
    """The message goes onto the connection as it is: no WebSocket."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a stretch of messages came to."""

    deliveries_per_cpu_s: float
    deliveries_per_s: float
    server_share: float
    """Of the server's core."""
    client_share: float
    """Of the client's: near 1 it would have measured itself."""
    p50_ms: float
    p99_ms: float
    lost: int


@dataclass(frozen=True, slots=True)
class Return:
    p50_s: float
    p99_s: float
    last_s: float
    open: int
    whole: int
    retries: int


def compiled(folder: Path) -> Path:
    """The program. Raises Absent without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Absent("no C compiler: install gcc (the client of the comparison is a C program)")
    program = folder / "client"
    sources = (str(HERE / name) for name in ("client.c", "sockets.c"))
    command = (compiler, "-O2", "-o", str(program), *sources)
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Absent(f"the client does not compile: {made.stderr[-400:]}")
    return program


class Client:
    """One process of it; `with Client(…) as client`."""

    def __init__(
        self,
        program: Path,
        core: int,
        port: int,
        sockets: int,
        talk: Talk,
        publisher: Publisher | None = None,
        back_port: int = 0,
        tokens: Sequence[str] = (),
        catching: bool = False,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glimpse-quality-")
        options = [("--path", talk.path), *_steps(talk)]
        if back_port:
            options.append(("--back-port", str(back_port)))
        if catching:
            options += [("--catch", prefix) for prefix in talk.catches]
        if tokens:
            options.append(("--tokens", self._file("tokens", "\n".join(tokens).encode())))
        if publisher is not None:
            options += [
                ("--out-port", str(publisher.port)),
                ("--out-path", publisher.path),
                ("--out-raw", str(int(publisher.raw))),
                ("--message", self._file("message", publisher.message)),
                *(("--out-say", text) for text, _ in publisher.says),
                *(("--out-until", awaited) for _, awaited in publisher.says),
            ]
        arguments = [word for option in options for word in option]
        command = ("taskset", "-c", str(core), str(program), str(port), str(sockets), *arguments)
        self._child = subprocess.Popen(
            leashed(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _file(self, name: str, content: bytes) -> str:
        path = Path(self._folder.name) / name
        path.write_bytes(content)
        return str(path)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()  # it ends
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()
        self._folder.cleanup()

    def _tell(self, line: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    def _answer(self, name: str) -> list[float]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        word, *numbers = line.split() or [""]
        if word != name:
            raise RuntimeError(f"the client said {line!r} instead of {name}")
        return [float(number) for number in numbers]

    def open(self) -> tuple[int, float]:
        """(how many sockets are open, seconds it took)"""
        self._tell("open")
        opened, _, seconds = self._answer("open")
        return int(opened), seconds

    def join(self) -> int:
        self._tell("join")
        return int(self._answer("joined")[0])

    def fan(self, window: int, warm_s: float, for_s: float, cpu_s: Callable[[], float]) -> Load:
        """Bursts of `window` messages, the next when all have the last."""
        self._tell(f"fan {window} {warm_s} {for_s}")
        return self._load(cpu_s)

    def rate(self, per_s: float, warm_s: float, for_s: float, cpu_s: Callable[[], float]) -> Load:
        """So many messages a second, whatever comes back."""
        self._tell(f"rate {per_s} {warm_s} {for_s}")
        return self._load(cpu_s)

    def _load(self, cpu_s: Callable[[], float]) -> Load:
        self._answer("measure")
        used, parts = cpu_s(), []
        for _ in range(4):
            deliveries, wall, client = self._answer("part")
            now = cpu_s()
            parts.append((deliveries, wall, max(now - used, 1e-9), client))
            used = now
        p50, p99, _, lost, _ = self._answer("done")
        return Load(
            median(deliveries / server for deliveries, _, server, _ in parts),
            median(deliveries / wall for deliveries, wall, _, _ in parts),
            median(server / wall for _, wall, server, _ in parts),
            median(client / wall for _, wall, _, client in parts),
            p50,
            p99,
            int(lost),
        )

    def publish(self, count: int, timeout_s: float) -> int:
        """How many sockets have all of them."""
        self._tell(f"publish {count} {timeout_s}")
        return int(self._answer("got")[0])

    def wait(self, count: int, timeout_s: float) -> tuple[int, int]:
        """Of messages published elsewhere: (sockets that have as many, messages in all)."""
        self._tell(f"wait {count} {timeout_s}")
        whole, total = self._answer("got")
        return int(whole), int(total)

    def drop(self) -> int:
        self._tell("drop")
        return int(self._answer("dropped")[0])

    def back(self, count: int, timeout_s: float) -> Return:
        """All return at once and await `count` messages each."""
        self._tell(f"back {count} {timeout_s}")
        p50, p99, last, opened, whole, retries = self._answer("back")
        return Return(p50, p99, last, int(opened), int(whole), int(retries))


def _steps(talk: Talk) -> list[tuple[str, str]]:
    options = [("--say", text) for text, _ in talk.says]
    options += [("--until", awaited) for _, awaited in talk.says]
    options += [("--back-say", text) for text in talk.back_says]
    if talk.protocol:
        options.append(("--protocol", talk.protocol))
    if talk.join is not None:
        options += [("--join", talk.join[0]), ("--joined", talk.join[1])]
    if talk.heartbeat is not None:
        options += [("--heartbeat", talk.heartbeat[0]), ("--beat", talk.heartbeat[1])]
    if talk.back_path:
        options.append(("--back-path", talk.back_path))
    return options
