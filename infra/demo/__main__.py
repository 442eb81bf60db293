"""`python -m infra.demo`: fill the system that the GLIMPSE_* variables name."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.resources import open_resources
from app.settings import Settings, SettingsError, load_settings
from infra.demo.actor import DemoRefused, UploadRefused
from infra.demo.cast import LOGINS
from infra.demo.fill import Fill, Filled, Tell
from infra.demo.graph import PASSWORD, Graph, GraphImport, GraphUnreadable, Imported, read_graph


def main() -> None:
    parser = argparse.ArgumentParser(prog="glimpse demo", description=__doc__)
    parser.add_argument("--url", default="", help="The public origin; uploads go through it.")
    parser.add_argument("--graph", type=Path, help="Also import this social graph (CSV, gzipped).")
    parser.add_argument("--json", action="store_true", help="For programs.")
    arguments = parser.parse_args()
    try:
        settings = load_settings()
        graph = read_graph(arguments.graph) if arguments.graph else None
        filled, imported = asyncio.run(_run(settings, arguments.url, graph, arguments.json))
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    except (DemoRefused, UploadRefused, GraphUnreadable, OSError) as error:
        sys.exit(f"The demo was not filled: {error}")
    if arguments.json:
        print(json.dumps(_report(filled, imported)))
    else:
        print(_told(filled, imported))


async def _run(
    settings: Settings, url: str, graph: Graph | None, quiet: bool
) -> tuple[Filled, Imported | None]:
    with _bar(quiet) as bar:
        tell = _teller(bar)
        async with open_resources(settings) as resources:
            filled = await Fill(resources, url, tell).run()
            imported = await GraphImport(resources, tell).run(graph) if graph else None
    return filled, imported


def _bar(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description:>25}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        # Apart from what a script reads.
        console=Console(stderr=True),
        disable=quiet,
    )


def _teller(bar: Progress) -> Tell:
    """A line for each thing that is done, the one before it finished."""
    rows: dict[str, Any] = {}

    def tell(what: str, done: int, total: int) -> None:
        if what not in rows:
            for other in rows.values():
                size = bar.tasks[bar.task_ids.index(other)].total
                bar.update(other, completed=size or 1, total=size or 1)
            rows[what] = bar.add_task(what, total=total or None)
        bar.update(rows[what], completed=done, total=total or None)

    return tell


def _told(filled: Filled, imported: Imported | None) -> str:
    if filled.filled_before:
        lines = ["The demo was filled before; nothing was changed."]
        if filled.stories:
            lines = [f"The demo's people told {filled.stories} stories; the last ones were over."]
    else:
        lines = [
            f"{filled.people} people, {filled.posts} posts with {filled.photos} photos, "
            f"{filled.acts} acts and {filled.stories} stories in {filled.seconds} s."
        ]
    if imported is not None:
        lines.append(
            f"The graph: {imported.people:,} people ({imported.people_new:,} new, "
            f"{imported.people_per_s:,}/s) and {imported.follows:,} follows "
            f"({imported.follows_new:,} new, {imported.follows_per_s:,}/s) in "
            f"{imported.seconds} s; at most {imported.followers_max:,} followers; "
            f"{imported.counters_wrong} of {imported.counters_checked} counters compared differ. "
            f"They log in as dev00001 / {PASSWORD}, and so on."
        )
    return "\n".join(lines)


def _report(filled: Filled, imported: Imported | None) -> dict[str, Any]:
    return {
        **asdict(filled),
        "logins": [{"username": name, "password": password} for name, password in LOGINS],
        "graph": asdict(imported) if imported else None,
    }


if __name__ == "__main__":
    main()
