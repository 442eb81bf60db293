"""The gateway beside the servers one could pick instead, measured by one client in one run.

    python -m loadtests.quality [--quick] [--only one-to-many,storm] [--servers ws,nchan]
                                [--json FILE]

Everything it needs is installed into `.glimpse/peers` and `loadtests/peers` the first time;
what can't be had on a machine is left out, and the reason printed. Servers run on one core, the
client on another, the stores beside it; all of it on loopback, without TLS or compression, on
free ports. A figure a CPU-second counts the server's processes only, so a busy machine lowers
it little; the latencies it does change. The table goes to stdout, progress to stderr.

Every server carries the same 200 bytes of text to each socket, in the envelope that its clients
expect. The gateway has its real settings and does all it does in production: people with
sessions and signed tokens, permission to watch a post, Redis between worker and node, and in
the storm a log for each person. Goals are those of the README.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local.launch import running
from infra.local.services import STORES
from loadtests import bench_post_to_screen, stage
from loadtests.peers import glimpse
from loadtests.peers.client import compiled
from loadtests.peers.install import Absent
from loadtests.peers.rows import CROWD, MANY, ROWS, Bench, Scale
from loadtests.peers.server import Target
from loadtests.peers.servers import peers
from loadtests.peers.table import markdown, verdicts

Report = dict[str, Any]


class Progress:
    """A line for each step, with the time since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        passed = time.monotonic() - self._began
        print(f"{passed:6.1f} s  {line}", file=sys.stderr, flush=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began


def measure(rows: set[str], names: set[str], scale: Scale, say: Progress) -> Report:
    """The whole comparison; figures by row and server."""
    allowed = sorted(os.sched_getaffinity(0))
    client_core, server_core = allowed[0], allowed[-1]
    report: Report = {
        "name": "quality",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": _processor(), "cores": len(allowed)},
        "scale": {name: getattr(scale, name) for name in scale.__slots__},
        "versions": {},
        "absent": {},
        "figures": {row: {} for row in ROWS if row in rows},
    }
    if client_core == server_core:
        say("only one core: server and client share it, and the latencies mean little")
    if rows - {"screen"}:
        # The stores, and all that is started from here, stay off the servers' core.
        os.sched_setaffinity(0, set(allowed[:-1]) or set(allowed))
        try:
            _compare(report, rows, names, scale, say, client_core, server_core)
        finally:
            os.sched_setaffinity(0, allowed)
    if "screen" in rows and (not names or "glimpse" in names):
        say(ROWS["screen"])
        found = bench_post_to_screen.measure(20.0, 3 if scale.rounds == 1 else 12, 100)
        report["figures"]["screen"]["Glimpse"] = found
    report["load_average"] = stage.load_average()
    report["seconds"] = round(say.seconds)
    return report


def _compare(
    report: Report,
    rows: set[str],
    names: set[str],
    scale: Scale,
    say: Progress,
    client_core: int,
    server_core: int,
) -> None:
    with tempfile.TemporaryDirectory(prefix="glimpse-quality-") as room:
        folder = Path(room)
        bench = Bench(compiled(folder), client_core, scale, say)
        say("starting the stores")
        with running(folder / "stores", frozenset(STORES)) as state:
            at = glimpse.staged(dict(state.environment), max(scale.sockets, scale.idle))
            redis_url = at.settings.redis.url
            targets = [glimpse.glimpse(server_core, folder, at)]
            targets += peers(server_core, folder, redis_url)
            targets = [each for each in targets if each.name.lower() in names or not names]
            for target in targets:
                _one(report, target, bench, rows)
            if "one-to-many" in rows:
                present = [each for each in targets if each.name not in report["absent"]]
                found, failed = bench.in_turns(present)
                report["figures"]["one-to-many"] = found
                report["absent"] |= failed
            if "one-to-many" in rows and (not names or "glimpse" in names):
                say("Glimpse: beside bare writes, in turns")
                report["bare"] = bench.against_bare(server_core, folder, at)


def _one(report: Report, target: Target, bench: Bench, rows: set[str]) -> None:
    """All rows of one server; its failure is told and ends nothing but its column."""
    try:
        report["versions"][target.name] = target.version()
        found = bench.many(target, rows) if rows & set(MANY) else {}
        if rows & set(CROWD):
            found |= bench.crowd(target, rows)
    except (Absent, RuntimeError, OSError) as error:
        if target.name == "Glimpse":
            raise
        report["absent"][target.name] = str(error)
        bench.say(f"{target.name} is left out: {error}")
        return
    for row, figures in found.items():
        report["figures"][row][target.name] = figures


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _among(text: str, known: Sequence[str], parser: argparse.ArgumentParser) -> set[str]:
    chosen = {word.strip().lower() for word in text.split(",") if word.strip()}
    if strange := chosen - set(known):
        parser.error(f"{', '.join(sorted(strange))}: not one of {', '.join(known)}")
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter: a rough look")
    parser.add_argument("--only", default="", metavar="ROW,…", help=", ".join(ROWS))
    parser.add_argument("--servers", default="", metavar="NAME,…")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    arguments = parser.parse_args()
    rows = _among(arguments.only, list(ROWS), parser) or set(ROWS)
    columns = ["glimpse", "ws", "socket.io", "nchan", "websockets", "picows"]
    names = _among(arguments.servers, columns, parser)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # what it started ends with it
    scale = Scale.quick() if arguments.quick else Scale()
    try:
        report = measure(rows, names, scale, Progress())
    except Absent as absent:
        sys.exit(str(absent))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    print(markdown(report))
    for line in verdicts(report):
        print(line)


if __name__ == "__main__":
    main()
