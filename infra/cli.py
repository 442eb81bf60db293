"""The `glimpse` command."""

import typer

from infra.commands import stack

cli = typer.Typer(
    name="glimpse", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
cli.command("up")(stack.up)
cli.command("down")(stack.down)
cli.command("status")(stack.status)
cli.command("logs")(stack.logs)
cli.command("hold")(stack.hold)
cli.command("release")(stack.release)
cli.command("restart")(stack.restart)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
