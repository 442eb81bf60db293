"""`glimpse schema`: the API and the socket protocol as files, from which the web app's types
are made."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.web import openapi
from infra.local.layout import CHECKOUT
from realtime import schema as protocol

FOLDER = CHECKOUT / "frontend" / "schema"


def documents() -> dict[str, dict[str, Any]]:
    """File name → what belongs in it."""
    return {"openapi.json": openapi.document(), "protocol.json": protocol.schema()}


def rendered(document: dict[str, Any]) -> str:
    """The same text for the same document, with a line for each part: changes read well."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the files that are missing or no longer say what the code says."""
    return [
        name
        for name, document in documents().items()
        if not (folder / name).exists()
        or (folder / name).read_text(encoding="utf-8") != rendered(document)
    ]


def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a file is stale.")
    ] = False,
) -> None:
    """Write the API and socket schemas for the web app (frontend/schema)."""
    wrong = stale()
    if check:
        for name in wrong:
            print(f"{name} is stale: run `glimpse schema`, then `make gen`")
        raise typer.Exit(1 if wrong else 0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in wrong:
        (FOLDER / name).write_text(rendered(documents()[name]), encoding="utf-8")
        print(f"wrote {(FOLDER / name).relative_to(CHECKOUT)}")
