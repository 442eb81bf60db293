"""Secrets of a local stack, made on its first start and kept under its data folder."""

import json
import os
import secrets
from dataclasses import asdict, dataclass

from infra.local.layout import Layout


@dataclass(frozen=True, slots=True)
class Secrets:
    auth: str
    """Signs tokens, cursors and media links."""
    storage_access_key: str
    storage_secret_key: str


def load_or_make(layout: Layout) -> Secrets:
    """The stack's secrets. A new set would sign everybody out, so the file is only ever made."""
    try:
        return Secrets(**json.loads(layout.secrets.read_text()))
    except FileNotFoundError:
        made = Secrets(
            auth=secrets.token_urlsafe(48),
            storage_access_key="glimpse-" + secrets.token_hex(8),
            storage_secret_key=secrets.token_urlsafe(32),
        )
    draft = layout.secrets.with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(made), file)
    draft.replace(layout.secrets)
    return made
