"""Locust's events: a world in each process that has phones, one report in the process that
leads. Importing this registers them."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from locust import LoadTestShape, events
from locust.argument_parser import LocustArgumentParser
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from loadtests.phone.findings import Findings
from loadtests.phone.user import Phone
from loadtests.phone.world import World, ramp_s
from loadtests.report import summary

JUDGING_S = 15.0
LEAVING_S = 5.0
"""A worker process reports every 3 s."""

Conductor = Callable[[World], None]
Leader = Callable[[Any, Findings], None]
_conductors: list[Conductor] = []
_leaders: list[Leader] = []
_worlds: list[World] = []
_greenlets: list[gevent.Greenlet] = []
_judged: list[bool] = []
_parts: dict[str, dict[str, Any]] = {}
_findings = Findings()
"""Of the leaders."""


def conducts(conductor: Conductor) -> Conductor:
    """Run it in each process with phones, from when all of them are there (a decorator)."""
    _conductors.append(conductor)
    return conductor


def leads(leader: Leader) -> Leader:
    """Run it once, in the process that leads, with Locust's options (a decorator)."""
    _leaders.append(leader)
    return leader


class Phases(LoadTestShape):
    """Everyone comes at `--spawn-rate`; acts for `--acts-for-s`; then quiet, and the verdict."""

    abstract = True
    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        assert self.runner is not None
        options: Any = self.runner.environment.parsed_options
        ends = ramp_s(options) + options.acts_for_s + options.settle_s + JUDGING_S + LEAVING_S
        over = self.get_run_time() > ends or (
            bool(_judged) and isinstance(self.runner, LocalRunner)
        )
        return None if over else (options.num_users, options.spawn_rate)


@events.init_command_line_parser.add_listener
def _arguments(parser: LocustArgumentParser) -> None:
    group = parser.add_argument_group("Glimpse")
    group.add_argument("--town", required=True, help="The file that loadtests.town made.")
    group.add_argument("--scenario", default="", help="What the report calls it.")
    group.add_argument("--villages", type=int, default=1, help="How many it has: processes.")
    # Not Locust's --run-time: worker processes are not told of it.
    group.add_argument("--acts-for-s", type=float, default=60.0, help="Once all are there.")
    group.add_argument("--acts-per-s", type=float, default=20.0, help="Of all together.")
    group.add_argument("--late-s", type=float, default=5.0, help="What came later is a fault.")
    group.add_argument("--settle-s", type=float, default=20.0, help="Quiet before the verdict.")
    group.add_argument("--data", default="", help="The stack's data folder.")
    group.add_argument("--report", default="", help="Where the JSON goes.")


@events.test_start.add_listener
def _begin(environment: Any, **_: Any) -> None:
    runner = environment.runner
    if not isinstance(runner, MasterRunner):
        village = runner.worker_index if isinstance(runner, WorkerRunner) else 0
        Phone.world = world = World(environment, village)
        _worlds.append(world)
        _greenlets.append(gevent.spawn(_run, world))
    if not isinstance(runner, WorkerRunner):
        _greenlets.extend(
            gevent.spawn(_lead, leader, environment.parsed_options) for leader in _leaders
        )


def _lead(leader: Leader, options: Any) -> None:
    gevent.sleep(ramp_s(options) + 5)
    try:
        leader(options, _findings)
    except Exception as error:
        # The boundary of this greenlet: the report says it.
        _findings.fault("broken", repr(error))


def _run(world: World) -> None:
    options = world.environment.parsed_options
    began = time.monotonic()
    gevent.sleep(ramp_s(options) + 5)
    conducting = [gevent.spawn(conductor, world) for conductor in _conductors]
    gevent.sleep(
        max(0.0, ramp_s(options) + options.acts_for_s + options.settle_s - time.monotonic() + began)
    )
    for greenlet in conducting:
        if not greenlet.ready():
            greenlet.kill()
        elif not greenlet.successful():
            world.findings.fault("broken", repr(greenlet.exception))
    with gevent.Timeout(JUDGING_S, False):
        world.judge()
        _judged.append(True)
    if not _judged:
        world.findings.fault("broken", f"no verdict in {JUDGING_S:g} s")


@events.report_to_master.add_listener
def _report_part(client_id: str, data: dict[str, Any], **_: Any) -> None:
    for world in _worlds:
        data["glimpse"] = world.exported()


@events.worker_report.add_listener
def _take_part(client_id: str, data: dict[str, Any], **_: Any) -> None:
    if "glimpse" in data:
        _parts[client_id] = data["glimpse"]


@events.quitting.add_listener
def _end(environment: Any, **_: Any) -> None:
    for world in _worlds:
        _parts["here"] = world.exported()
        world.close()
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        return
    options = environment.parsed_options
    report = summary(environment, list(_parts.values()), _findings.exported())
    if options.report:
        Path(options.report).write_text(json.dumps(report, indent=1))
    environment.process_exit_code = 0 if report["passed"] else 1
