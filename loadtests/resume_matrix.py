"""Every way to lose a connection and come back: what is lost, doubled, reordered, or denied.

    python -m loadtests.resume_matrix [--rounds 3] [--people 10] [--only NAME] [--socketio]
                                      [--json FILE]

Starts MongoDB and Redis of its own and two gateway processes, and plays the table of
`loadtests/resume/scenario.py`. With `--socketio` the same is played on two nodes of Socket.IO
with connection state recovery and its Redis Streams adapter, through its own client.

    resumed       it said that nothing was missed
    reload        it said that the state has to be loaded; then it was, and state and events are
                  together what a fresh load gives (Socket.IO keeps no state: it is taken at its
                  word, and what had been pushed by then counts as loaded)
    replayed      of the events missed, how many came by themselves
    falsely       said to be resumed, and something was missing; or from a place that never was

Ends with 1 when anything of Glimpse's that has to be 0 is not.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from infra.local.launch import running
from infra.local.layout import Layout
from loadtests import stage
from loadtests.resume.glimpse_side import GlimpseSide
from loadtests.resume.redis import BrittleRedis
from loadtests.resume.rounds import play
from loadtests.resume.scenario import RESUMED, SCENARIOS, Scenario
from loadtests.resume.side import Side
from loadtests.resume.tally import Tally

Results = dict[str, dict[str, Tally]]
"""Side → scenario → what was counted."""


async def run(
    sides: Sequence[Side], scenarios: Sequence[Scenario], rounds: int, people: int
) -> Results:
    results: Results = {side.name: {} for side in sides}
    first = 1
    for scenario in scenarios:
        for side in sides:
            results[side.name][scenario.name] = await play(side, scenario, rounds, people, first)
            _print_line(scenario, side.name, results[side.name][scenario.name])
        first += 1_000_000
    return results


_HEAD = (
    f"{'':27} {'':10} {'back':>5} {'resumed':>8} {'reload':>7} {'replayed':>11}"
    f" {'lost':>5} {'doubled':>8} {'reordered':>10} {'falsely':>8} {'stale':>6}"
)


def _print_line(scenario: Scenario, name: str, tally: Tally) -> None:
    resumed = tally.said[RESUMED]
    reload = sum(tally.said.values()) - resumed - tally.said["nothing"]
    print(
        f"{scenario.name:27} {name:10} {tally.returns:5} {resumed:8} {reload:7}"
        f" {f'{tally.replayed}/{tally.missed}':>11} {tally.lost:5} {tally.doubled:8}"
        f" {tally.reordered:10} {tally.falsely_resumed:8} {tally.stale:6}",
        flush=True,
    )


async def _measure(
    environment: dict[str, str], layout: Layout, arguments: argparse.Namespace
) -> Results:
    from app.resources import open_resources
    from app.settings import load_settings

    environment = environment | stage.UNLIMITED
    scenarios = [s for s in SCENARIOS if arguments.only in s.name]
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_resources(load_settings(environment)))
        glimpse = GlimpseSide(environment, resources, BrittleRedis(layout))
        stack.push_async_callback(glimpse.close)
        sides: list[Side] = [glimpse]
        if arguments.socketio:
            from loadtests.resume.socketio_side import SocketIoSide

            peer = SocketIoSide(resources.settings.redis.url, resources.redis, BrittleRedis(layout))
            await stack.enter_async_context(peer)
            sides.append(peer)
        print(_HEAD)
        return await run(sides, scenarios, arguments.rounds, arguments.people)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=10, help="devices a round")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    parser.add_argument("--socketio", action="store_true", help="the same on Socket.IO")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="glimpse-resume-") as folder,
        running(Path(folder), frozenset({"mongod", "redis"})) as state,
    ):
        results = asyncio.run(_measure(dict(state.environment), Layout(Path(folder)), arguments))
    report = {side: {n: t.report() for n, t in found.items()} for side, found in results.items()}
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1))
    faults = {n: t.faults for n, t in results["Glimpse"].items() if any(t.faults.values())}
    if faults:
        sys.exit(f"not as it has to be: {faults}")


if __name__ == "__main__":
    main()
