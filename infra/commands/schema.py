"""`glimpse schema`: the API and the socket protocol as files, from which the web app's types
are made, and the Python client's kinds of events. What describes itself is loaded when asked."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.local.layout import CHECKOUT

SCHEMAS = "frontend/schema"
KINDS = "realtime/client/kinds.py"


def documents() -> dict[str, dict[str, Any]]:
    """File name → what belongs in it."""
    from app.web import openapi
    from realtime import schema as protocol

    return {"openapi.json": openapi.document(), "protocol.json": protocol.schema()}


def rendered(document: dict[str, Any]) -> str:
    """The same text for the same document, with a line for each part: changes read well."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def texts() -> dict[str, str]:
    """Path in the checkout → what belongs there."""
    from realtime import kinds

    schemas = {f"{SCHEMAS}/{name}": rendered(each) for name, each in documents().items()}
    return {**schemas, KINDS: kinds.source()}


def stale(checkout: Path = CHECKOUT) -> list[str]:
    """Paths of the files that are missing or no longer say what the code says."""
    return [
        path
        for path, text in texts().items()
        if not (checkout / path).exists() or (checkout / path).read_text(encoding="utf-8") != text
    ]


def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a file is stale.")
    ] = False,
) -> None:
    """Write the API and socket schemas (frontend/schema), and the Python client's kinds."""
    wrong = stale()
    if check:
        for path in wrong:
            print(f"{path} is stale: run `make gen`")
        raise typer.Exit(1 if wrong else 0)
    found = texts()
    for path in wrong:
        (CHECKOUT / path).parent.mkdir(parents=True, exist_ok=True)
        (CHECKOUT / path).write_text(found[path], encoding="utf-8")
        print(f"wrote {path}")
