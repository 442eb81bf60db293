"""The client of the comparison counts what comes, and finds what does not."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, broadcast, serve

from loadtests.peers.client import PAYLOAD, Client, Publisher, Talk, compiled
from loadtests.peers.install import Absent

SOCKETS = 30
TALK = Talk(
    path="/watch",
    says=(("I am %T", "you are "),),
    catches=('"at":"',),
    back_says=("%T was at %A",),
    resumes=True,
)
NAMES = [f"person-{number}" for number in range(SOCKETS)]


class Server:
    """Sends to all what comes on /publish, each with its number; remembers who came."""

    def __init__(self) -> None:
        self.watchers: set[ServerConnection] = set()
        self.greetings: list[str] = []
        self.kept: list[str] = []
        self.withheld: set[str] = set()
        """Names that get nothing."""

    async def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        if socket.request.path == "/publish":
            async for text in socket:
                assert isinstance(text, str)
                self.kept.append(f'{{"text":"{text}","at":"{len(self.kept) + 1}"}}')
                broadcast(self.watchers, self.kept[-1])
            return
        greeting = await socket.recv()
        assert isinstance(greeting, str)
        self.greetings.append(greeting)
        await socket.send("you are welcome")
        if " was at " in greeting:
            for text in self.kept[int(greeting.rpartition(" ")[2]) :]:
                await socket.send(text)
        if greeting.removeprefix("I am ") not in self.withheld:
            self.watchers.add(socket)
        try:
            await socket.wait_closed()
        finally:
            self.watchers.discard(socket)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return compiled(tmp_path_factory.mktemp("client"))
    except Absent as absent:
        pytest.skip(str(absent))


@asynccontextmanager
async def _serving(server: Server) -> AsyncIterator[int]:
    async with serve(server.handle, "127.0.0.1", 0, compression=None) as listening:
        yield next(iter(listening.sockets)).getsockname()[1]


@contextmanager
def _client(program: Path, port: int) -> Iterator[Client]:
    publisher = Publisher(port, PAYLOAD.encode(), "/publish")
    with Client(program, 0, port, SOCKETS, TALK, publisher, tokens=NAMES, catching=True) as client:
        yield client


async def test_each_message_is_counted_once_and_who_returns_says_where_they_were(
    program: Path,
) -> None:
    server = Server()

    def play(port: int) -> None:
        with _client(program, port) as client:
            assert client.open()[0] == SOCKETS
            assert client.publish(3, 20) == SOCKETS
            load = client.fan(4, 0.1, 0.4, lambda: 0.0)
            assert load.lost == 0
            assert load.deliveries_per_s > 0
            assert client.drop() == SOCKETS
            client.publish(2, 0)
            back = client.back(2, 20)
            assert (back.open, back.whole) == (SOCKETS, SOCKETS)
            assert client.wait(2, 0) == (SOCKETS, 2 * SOCKETS)

    async with _serving(server) as port:
        await asyncio.to_thread(play, port)
    seen = len(server.kept) - 2
    assert seen > 3
    assert server.greetings[:SOCKETS] == [f"I am {name}" for name in NAMES]
    assert sorted(server.greetings[SOCKETS:]) == sorted(f"{name} was at {seen}" for name in NAMES)


async def test_what_one_socket_does_not_get_is_missed(program: Path) -> None:
    server = Server()
    server.withheld = {NAMES[7]}

    def play(port: int) -> None:
        with _client(program, port) as client:
            client.open()
            assert client.publish(2, 1) == SOCKETS - 1
            assert client.rate(50, 0, 0.4, lambda: 0.0).lost > 0
            client.drop()
            client.publish(1, 0)
            server.kept.clear()  # who returns is told nothing
            assert client.back(1, 1).whole == 0

    async with _serving(server) as port:
        await asyncio.to_thread(play, port)
