"""`glimpse up`: start everything and watch over it."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from infra.commands import demo as filling
from infra.commands.options import Data
from infra.local import launch, network
from infra.local.binaries import BinaryMissingError
from infra.local.layout import Layout, layout_of
from infra.local.ports import PortTakenError
from infra.local.services import ROLES
from infra.local.stack import START_TIMEOUT_S, Options, Stack, StartError
from infra.local.state import AlreadyRunningError, StackState, read_state

PORT_DEFAULT = 8000


def _roles(text: str) -> frozenset[str]:
    if not text:
        return frozenset(ROLES)
    chosen = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := chosen - set(ROLES):
        raise typer.BadParameter(f"no such role: {', '.join(sorted(unknown))}; {', '.join(ROLES)}")
    return chosen


def up(
    port: Annotated[int, typer.Option(help="The public port; 0 chooses one.")] = PORT_DEFAULT,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when ready.")] = False,
    lan: Annotated[bool, typer.Option("--lan", help="Let the local network in.")] = False,
    only: Annotated[str, typer.Option(help="Roles to start, with commas between.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="Fill it with a demo, once.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Leave lines to the log files.")] = False,
    data: Data = None,
) -> None:
    """Start everything and watch over it. Safe to repeat."""
    options = Options(data, port, lan, _roles(only), console=not (detach or quiet))
    layout = layout_of(data)
    running = _running(layout)
    if running is not None:
        print(f"Glimpse is running already: {running.url or 'stores only'}")
        _show_demo(layout, running, demo)
        return
    try:
        if detach:
            state, _ = launch.launch(options, layout, progress=_progress())
            print(_welcome(state, lan))
            _show_demo(layout, state, demo)
        else:
            asyncio.run(_supervise(options))
    except AlreadyRunningError:
        print("Glimpse is being started or stopped by another command; see `glimpse status`.")
        raise typer.Exit(1) from None
    except (PortTakenError, BinaryMissingError, StartError) as error:
        # A supervisor in the background says it bare: who launched it adds the rest.
        print(error if quiet else f"Glimpse did not start: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _running(layout: Layout) -> StackState | None:
    """The stack that runs; one that is just starting or stopping is waited for."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while (state := read_state(layout)).alive and time.monotonic() < deadline:
        if state.ready:
            return state
        time.sleep(0.1)
    return None


def _show_demo(layout: Layout, state: StackState, wanted: bool) -> None:
    """Fill it the first time; print the log-ins every time."""
    if wanted and state.url and not filling.is_filled(layout):
        filling.fill(layout, state, [])
    if filling.is_filled(layout):
        for line in filling.logins():
            print(f"  log in as {line}")


async def _supervise(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    starting = asyncio.current_task()

    def ask_to_stop() -> None:
        # While it still starts, nobody waits for the event yet: cut the start short.
        stop.set()
        if starting is not None:
            starting.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ask_to_stop)
    try:
        async with Stack(options) as stack:
            starting = None
            print(_welcome(read_state(stack.layout), options.lan), flush=True)
            await stop.wait()
            print("stopping …", flush=True)
    except asyncio.CancelledError:
        print("stopped before it was up", flush=True)


def _progress() -> Callable[[StackState], None]:
    """Prints each part once, when it is ready."""
    shown: set[str] = set()

    def show(state: StackState) -> None:
        for row in state.processes:
            if row.state == "running" and row.name not in shown:
                shown.add(row.name)
                print(f"  {row.name} is ready", flush=True)

    return show


def _welcome(state: StackState, lan: bool) -> str:
    if not state.url:
        return "The stores are up; their addresses are in state.json."
    lines = [f"\nGlimpse is up: {state.url}"]
    port = state.ports["proxy"]
    if lan:
        lines += [f"  on your network: http://{host}:{port}" for host in network.addresses()]
    else:
        lines.append("  (open to this machine only; `--lan` lets phones on your network in)")
    return "\n".join(lines)
