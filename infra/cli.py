"""The `glimpse` command: what there is, in one list; each command lives in infra/commands."""

import typer

from infra.commands import dead, demo, schema, settings, stack, up

cli = typer.Typer(
    name="glimpse",
    help="Run and look after a Glimpse on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command()(up.up)
cli.command()(stack.down)
cli.command()(stack.status)
cli.command()(stack.logs)
cli.command()(stack.restart)
cli.command()(stack.hold)
cli.command()(stack.release)
cli.command()(settings.settings)
cli.command()(demo.demo)
cli.command()(schema.schema)
cli.add_typer(dead.dead_cli, name="dead")


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
