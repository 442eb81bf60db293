"""`glimpse dead list|show|retry|drop`: events that a role gave up on.

The database's libraries are loaded by these commands alone: others, above all the supervisor,
need a second less to start without.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from app.settings import Settings, SettingsError, load_settings
from infra.commands.options import Data
from infra.local.layout import layout_of
from infra.local.state import read_state

if TYPE_CHECKING:
    from app.resources import Resources

T = TypeVar("T")
Role = Annotated[str, typer.Argument(help="A worker's role, such as fanout.")]
Letter = Annotated[str, typer.Argument(help="The letter's id as `list` shows it, or `all`.")]

dead_cli = typer.Typer(
    help="Events that a role gave up on after several tries.", no_args_is_help=True
)


@dead_cli.command("list")
def list_dead(
    role: Annotated[str, typer.Argument(help="Only of this role.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many, the newest.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data: Data = None,
) -> None:
    """What there is, the newest first."""
    from infra import dead

    wanted = _known(role) if role else None
    letters = _run(_settings(data), lambda resources: dead.list_dead(resources, wanted, limit))
    if as_json:
        print(json.dumps([asdict(letter) for letter in letters], default=str))
        return
    table = Table(title=None if letters else "There are no dead letters.")
    for column in ("role", "id", "event", "tries", "dead since", "error"):
        table.add_column(column, no_wrap=column == "id")
    for one in letters:
        since = f"{one.dead_at:%Y-%m-%d %H:%M:%S}"
        error = one.error.strip().splitlines()[-1:] or [""]
        table.add_row(one.role, one.id, one.type, str(one.deliveries), since, error[0][:120])
    Console().print(table)


@dead_cli.command()
def show(role: Role, letter: Letter, data: Data = None) -> None:
    """All of one: the event and the error."""
    from infra import dead

    name = _known(role)
    found = _run(_settings(data), lambda resources: dead.show_dead(resources, name, letter))
    for field, value in asdict(found).items():
        print(f"{field:>10}: {value}")


@dead_cli.command()
def retry(role: Role, letter: Letter, data: Data = None) -> None:
    """Give it to its role once more."""
    from infra import dead

    name = _known(role)
    count = _run(_settings(data), lambda resources: dead.retry_dead(resources, name, letter))
    print(f"{count} given to {name} again")


@dead_cli.command()
def drop(role: Role, letter: Letter, data: Data = None) -> None:
    """Forget it for good."""
    from infra import dead

    name = _known(role)
    count = _run(_settings(data), lambda resources: dead.drop_dead(resources, name, letter))
    print(f"{count} dropped")


def _known(role: str) -> str:
    from app.events import ROLES

    if role not in ROLES:
        raise typer.BadParameter(f"no such role: {role}; {', '.join(ROLES)}")
    return role


def _settings(data: Any) -> Settings:
    """Those of the stack in `data`, or of the environment where it names other servers."""
    try:
        return load_settings({**read_state(layout_of(data)).environment, **os.environ})
    except SettingsError as error:
        print(f"settings: {error}")
        raise typer.Exit(1) from None


def _run(settings: Settings, act: "Callable[[Resources], Awaitable[T]]") -> T:
    from app.resources import open_resources

    async def inside() -> T:
        async with open_resources(settings) as resources:
            return await act(resources)

    try:
        return asyncio.run(inside())
    except KeyError as error:
        print(error.args[0])
        raise typer.Exit(1) from None
