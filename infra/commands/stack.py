"""`glimpse down`, `status`, `logs`, `hold`, `release`, `restart`."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.commands.options import Data
from infra.local import hold as holding, launch
from infra.local.identity import is_alive
from infra.local.layout import layout_of
from infra.local.state import StackState, read_state

Name = Annotated[str, typer.Argument(help="A process's name as `glimpse status` shows it.")]

_COLOURS = {"running": "green", "starting": "yellow", "backoff": "red", "stopped": "red"}
RESTART_TIMEOUT_S = 60


def down(data: Data = None) -> None:
    """Stop everything, in order. What is stored stays."""
    print("Glimpse is stopped." if launch.end(layout_of(data)) else "Glimpse was not running.")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data: Data = None,
) -> None:
    """Every process: what it is and how it is. Fails unless all are running."""
    state = read_state(layout_of(data)).seen()
    if as_json:
        print(json.dumps(state.public()))
    else:
        table = Table(title=state.url if state.alive else "Glimpse is not running")
        for column in ("process", "role", "state", "pid", "port", "restarts"):
            table.add_column(column, justify="right" if column in ("pid", "port") else "left")
        for row in state.processes:
            colour = _COLOURS[row.state]
            cells = (row.name, row.role, f"[{colour}]{row.state}[/]", row.pid, row.port)
            table.add_row(*(str(cell or "") for cell in cells), str(row.restarts))
        Console().print(table)
    if not (state.all_running and state.ready):
        raise typer.Exit(1)


def logs(
    name: Annotated[str, typer.Argument(help="A process or a role; all without.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of each.")] = 20,
    data: Data = None,
) -> None:
    """What the processes printed."""
    layout = layout_of(data)
    rows = read_state(layout).processes
    known = ["supervisor", "prepare", *(row.name for row in rows)]
    chosen = [n for n in known if name in ("", n)] + [
        r.name for r in rows if r.role == name != r.name
    ]
    if not chosen:
        raise typer.BadParameter(f"no such process; there are {', '.join(known)}")
    places: dict[Path, int] = {}
    for each in chosen:
        path = layout.log(each)
        if path.exists():
            for line in path.read_text(errors="replace").splitlines()[-lines:]:
                print(f"{each:>10} │ {line}")
            places[path] = path.stat().st_size
    try:
        while follow:
            time.sleep(0.2)
            _print_new(places)
    except KeyboardInterrupt:
        return


def _print_new(places: dict[Path, int]) -> None:
    for path, place in places.items():
        size = path.stat().st_size if path.exists() else 0
        # Smaller than before: it was rotated.
        start = place if size >= place else 0
        if size > start:
            with path.open("rb") as file:
                file.seek(start)
                for line in file.read(size - start).decode(errors="replace").splitlines():
                    print(f"{path.stem:>10} │ {line}", flush=True)
        places[path] = size


def hold(name: Name, data: Data = None) -> None:
    """Kill a process and keep it down until `glimpse release` (for experiments)."""
    try:
        holding.hold(layout_of(data), name)
    except KeyError:
        raise typer.BadParameter(f"no process is called {name}") from None


def release(name: Name, data: Data = None) -> None:
    """Let a held process start again."""
    holding.release(layout_of(data), name)


def restart(
    names: Annotated[
        list[str] | None, typer.Argument(help="Processes; all of ours without.")
    ] = None,
    data: Data = None,
) -> None:
    """Replace processes one by one, each drained, the next when the one before is ready again."""
    layout = layout_of(data)
    state = read_state(layout)
    if not state.alive:
        print("Glimpse is not running.")
        raise typer.Exit(1)
    ours = [row for row in state.processes if row.role not in ("mongod", "redis", "s3", "proxy")]
    for row in ours if not names else [row for row in state.processes if row.name in names]:
        if row.identity is None or not is_alive(row.identity):
            continue
        os.kill(row.identity.pid, signal.SIGTERM)
        deadline = time.monotonic() + RESTART_TIMEOUT_S
        while not _is_replaced(read_state(layout), row.name, row.identity.pid):
            if time.monotonic() > deadline:
                print(f"{row.name} did not come back in {RESTART_TIMEOUT_S} s")
                raise typer.Exit(1)
            time.sleep(0.05)
        print(f"{row.name} is replaced")


def _is_replaced(state: StackState, name: str, old_pid: int) -> bool:
    return any(
        row.name == name and row.state == "running" and row.pid != old_pid
        for row in state.processes
    )
