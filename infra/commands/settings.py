"""`glimpse settings`: every variable with its default and its value here."""

import json
import os
import re
from typing import Annotated, Any

import typer

from app.settings import SettingsError, load_settings, variables
from infra.commands.options import Data
from infra.local.layout import layout_of
from infra.local.state import read_state

_SECRET = re.compile(r"SECRET|PASSWORD|PRIVATE|ACCESS_KEY|TOKEN$")
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@:]*):([^/@]*)@")


def masked(variable: str, value: str) -> str:
    """The value as it may be shown: no secret, and no password inside a URL."""
    if value and _SECRET.search(variable):
        return "••••••"
    return _PASSWORD_IN_URL.sub(r"\1:••••••@", value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def settings(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data: Data = None,
) -> None:
    """Every setting: its variable, default, and value here (secrets hidden)."""
    given = {**read_state(layout_of(data)).environment, **os.environ}
    rows = []
    for name, (_, _, kind, default) in variables().items():
        value = given.get(name)
        shown = masked(name, _text(default))
        now = shown if value is None else masked(name, value)
        kind_name = getattr(kind, "__name__", "list")
        rows.append({"name": name, "type": kind_name, "default": shown, "value": now})
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            note = "" if row["value"] == row["default"] else f"   (default: {row['default']})"
            print(f"{row['name']}={row['value']}{note}")
    try:
        load_settings({"GLIMPSE_AUTH_SECRET": "x" * 32, **given})
    except SettingsError as error:
        print(f"these would not start: {error}")
        raise typer.Exit(1) from None
