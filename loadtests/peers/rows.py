"""What is measured of each server: the same steps, by the same client, in the same order."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from loadtests.peers import glimpse
from loadtests.peers.client import Client, Load
from loadtests.peers.glimpse import Stage
from loadtests.peers.server import Running, Target

ROWS = {
    "one-to-many": "one event to many sockets, one outstanding",
    "bursts": "bursts of 16 events",
    "latency": "20,000 deliveries a second",
    "idle": "idle sockets: memory and heartbeat",
    "handshakes": "handshakes",
    "storm": "all sockets dropped at once",
    "screen": "post acknowledged to followers' screens",
}
MANY = ("bursts", "latency")
CROWD = ("idle", "handshakes", "storm")
BURST = 16
RATE_PER_S = 20_000
MISSED = 5
_RETURN_S = 45.0
Figures = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much, and for how long."""

    sockets: int = 1000
    idle: int = 5000
    seconds: float = 4.0
    warm_s: float = 1.0
    settle_s: float = 3.0
    heartbeats: float = 1.0
    """Of how many intervals the cost is taken."""
    rounds: int = 3
    turns: int = 7
    turn_s: float = 1.6

    @classmethod
    def quick(cls) -> "Scale":
        return cls(500, 1000, 1.2, 0.4, 1.5, 0.2, 1, 3, 0.8)


@dataclass(frozen=True, slots=True)
class Bench:
    program: Path
    """The compiled client."""
    client_core: int
    scale: Scale
    say: Say

    @contextmanager
    def _client(
        self, server: Running, sockets: int, name: str, catching: bool = False
    ) -> Iterator[Client]:
        with Client(
            self.program,
            self.client_core,
            server.port,
            sockets,
            server.talk,
            server.publisher,
            server.back_port,
            server.tokens[:sockets],
            catching,
        ) as client:
            yield client

    def _connect(self, client: Client, sockets: int) -> float:
        """Seconds it took until all were open; then they join."""
        opened, seconds = client.open()
        if opened != sockets:
            raise RuntimeError(f"{sockets - opened} of {sockets} sockets did not open")
        return seconds

    def _join(self, client: Client, sockets: int) -> None:
        joined = client.join()
        if joined != sockets:
            raise RuntimeError(f"{sockets - joined} of {sockets} sockets did not join")

    def many(self, target: Target, rows: set[str]) -> Figures:
        """The rows in which few sockets get much."""
        found: Figures = {}
        scale = self.scale
        with (
            target.start(False) as server,
            self._client(server, scale.sockets, target.name) as client,
        ):
            self._connect(client, scale.sockets)
            self._join(client, scale.sockets)
            stretch = (scale.warm_s, scale.seconds, server.cpu_s)
            if "bursts" in rows:
                self.say(f"{target.name}: {ROWS['bursts']}")
                found["bursts"] = asdict(client.fan(BURST, *stretch))
            if "latency" in rows:
                self.say(f"{target.name}: {ROWS['latency']}")
                found["latency"] = asdict(client.rate(RATE_PER_S / scale.sockets, *stretch))
        return found

    def in_turns(self, targets: Sequence[Target]) -> tuple[dict[str, Figures], dict[str, str]]:
        """One event to many sockets, by all servers: (figures by name, who failed and why).

        Each keeps its sockets and waits while the others have their turns, so what a shared
        machine does to one minute it does to all of them. `times` is the median over the rounds
        of the first server's rate to this one's in the same round.
        """
        self.say(f"all in turns: {ROWS['one-to-many']}")
        scale, failed = self.scale, dict[str, str]()
        with ExitStack() as everything:
            ready: dict[str, tuple[Running, Client]] = {}
            for target in targets:
                try:
                    server = everything.enter_context(target.start(False))
                    crowd = self._client(server, scale.sockets, target.name)
                    client = everything.enter_context(crowd)
                    self._connect(client, scale.sockets)
                    self._join(client, scale.sockets)
                    ready[target.name] = server, client
                except (RuntimeError, OSError) as error:
                    failed[target.name] = str(error)
            loads: dict[str, list[Load]] = {name: [] for name in ready}
            for turn in range(scale.turns):
                self.say(f"round {turn + 1} of {scale.turns}")
                for name, (server, client) in ready.items():
                    loads[name].append(client.fan(1, 0.4, scale.turn_s, server.cpu_s))
        first = [load.deliveries_per_cpu_s for load in next(iter(loads.values()), [])]
        found: dict[str, Figures] = {}
        for name, series in loads.items():
            rates = [load.deliveries_per_cpu_s for load in series]
            middle = sorted(series, key=lambda load: load.deliveries_per_cpu_s)[len(series) // 2]
            times = median(ours / theirs for ours, theirs in zip(first, rates, strict=True))
            found[name] = asdict(middle) | {"rounds": rates, "times": times}
        return found, failed

    def against_bare(self, core: int, folder: Path, at: Stage) -> Figures:
        """The gateway and a bare loop take turns in one process: (ours to bare) each round."""
        scale, ratios, rates = self.scale, [], []
        with glimpse.bare(core, folder, at) as pair:
            for _ in range(scale.rounds):
                turn = []
                for server in pair:
                    with self._client(server, scale.sockets, "bare") as client:
                        self._connect(client, scale.sockets)
                        self._join(client, scale.sockets)
                        load = client.fan(1, scale.warm_s / 2, scale.seconds / 2, server.cpu_s)
                        turn.append(load.deliveries_per_cpu_s)
                ratios.append(turn[0] / turn[1])
                rates.append(turn[1])
        return {"ratio": median(ratios), "ratios": ratios, "bare_per_cpu_s": median(rates)}

    def crowd(self, target: Target, rows: set[str]) -> Figures:
        """The rows with many sockets, of which each gets little."""
        found: Figures = {}
        count = self.scale.idle
        with (
            target.start("storm" in rows) as server,
            self._client(server, count, target.name, server.talk.resumes) as client,
        ):
            self.say(f"{target.name}: {count:,} sockets")
            memory, began = server.pss_kib(), server.cpu_s()
            seconds = self._connect(client, count)
            found["handshakes"] = {
                "per_cpu_s": count / (server.cpu_s() - began),
                "per_s": count / seconds,
            }
            self._join(client, count)
            if "idle" in rows:
                found["idle"] = self._idle(target, server, memory, count)
            if "storm" in rows:
                self.say(f"{target.name}: {ROWS['storm']}")
                found["storm"] = self._storm(server, client, count)
        return {name: figures for name, figures in found.items() if name in rows}

    def _idle(self, target: Target, server: Running, memory_kib: int, count: int) -> Figures:
        time.sleep(self.scale.settle_s)
        figures: Figures = {"sockets": count}
        figures["kib_per_socket"] = (server.pss_kib() - memory_kib) / count
        if target.heartbeat_s:
            began, long_s = server.cpu_s(), target.heartbeat_s * self.scale.heartbeats
            time.sleep(long_s)
            figures["heartbeat_share"] = (server.cpu_s() - began) / long_s
        return figures

    def _storm(self, server: Running, client: Client, count: int) -> Figures:
        """One message to all, so that each knows where it was; then the cut, and what is missed."""
        send = server.send_all
        if send is not None:
            send(1)
            before, _ = client.wait(1, 20)
        else:
            before = client.publish(1, 20)
        if before != count:
            raise RuntimeError(f"{count - before} sockets lacked a message before the storm")
        client.drop()
        time.sleep(1)  # the server sees it
        if send is not None:
            send(MISSED)
        else:
            client.publish(MISSED, 0)
        asked = server.queries() if server.queries is not None else 0
        expected = MISSED if server.talk.resumes else 0
        back = client.back(expected, _RETURN_S)
        queries = server.queries() - asked if server.queries is not None else None
        _, total = client.wait(MISSED, 0.5)
        figures = asdict(back) | {
            "sockets": count,
            "missed_each": MISSED,
            "missed_that_came": total,
        }
        if queries is not None:
            figures["queries_per_resume"] = queries / count
        return figures
