"""Secrets of a local stack, made on its first start and kept under its data folder."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.layout import Layout


@dataclass(frozen=True, slots=True)
class Secrets:
    auth: str
    """Signs tokens, cursors and media links."""
    storage_access_key: str
    storage_secret_key: str
    vapid_private_key: str
    """Browsers' push subscriptions are tied to it. P-256, 32 bytes in URL-safe base64."""


def load_or_make(layout: Layout) -> Secrets:
    """The stack's secrets. A new set would sign everybody out, so what is there is kept; only
    what an older version did not have is added."""
    try:
        kept = json.loads(layout.secrets.read_text())
    except FileNotFoundError:
        kept = {}
    made = Secrets(
        auth=secrets.token_urlsafe(48),
        storage_access_key="glimpse-" + secrets.token_hex(8),
        storage_secret_key=secrets.token_urlsafe(32),
        vapid_private_key=p256_key(),
    )
    whole = Secrets(**{**asdict(made), **kept})
    if asdict(whole) == kept:
        return whole
    draft = layout.secrets.with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(whole), file)
    draft.replace(layout.secrets)
    return whole


def p256_key() -> str:
    """A new private key for VAPID, as `Secrets.vapid_private_key` has it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
