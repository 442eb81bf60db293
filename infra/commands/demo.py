"""`glimpse demo`: fill a running stack with people and photos."""

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data
from infra.local.layout import CHECKOUT, Layout, layout_of
from infra.local.state import StackState, read_state

_MODULE = "infra.demo"


def is_filled(layout: Layout) -> bool:
    return layout.demo.exists()


def fill(layout: Layout, state: StackState, arguments: list[str]) -> bool:
    """Run the filling against a running stack; false when it failed, or is not there."""
    if find_spec(_MODULE) is None:
        return False
    command = [sys.executable, "-m", _MODULE, "--url", state.url, *arguments]
    environment = {**os.environ, **state.environment}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False)
    if done.returncode == 0:
        layout.demo.touch()
    return done.returncode == 0


def logins() -> list[str]:
    """The demo's log-ins, a line each, as the demo itself knows them."""
    if find_spec(_MODULE) is None:
        return []
    return [f"{name} / {password}" for name, password in import_module(_MODULE).LOGINS]


def demo(
    graph: Annotated[
        Path | None, typer.Option("--graph", help="Also import this social graph (CSV, gzipped).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data: Data = None,
) -> None:
    """Fill a running Glimpse with people, follows and photos, once."""
    layout = layout_of(data)
    state = read_state(layout)
    if not (state.alive and state.ready):
        print("Glimpse is not running: start it with `glimpse up --detach`.", file=sys.stderr)
        raise typer.Exit(1)
    arguments = ["--graph", str(graph.expanduser().resolve())] if graph else []
    if as_json:
        arguments.append("--json")
    if not fill(layout, state, arguments):
        raise typer.Exit(1)
    if not as_json:
        for line in logins():
            print(f"  log in as {line}")
