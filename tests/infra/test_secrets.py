"""The local stack's secrets: made once, and kept when a newer version wants more."""

import json
from pathlib import Path

from app.push.webpush import public_key
from app.settings import Push
from infra.local.layout import Layout
from infra.local.secrets import load_or_make


def test_they_are_made_once(tmp_path: Path) -> None:
    layout = Layout(tmp_path).make()
    made = load_or_make(layout)
    assert load_or_make(layout) == made
    assert layout.secrets.stat().st_mode & 0o077 == 0
    key = public_key(Push(vapid_private_key=made.vapid_private_key))
    assert key is not None
    assert len(key) == 87  # 65 bytes, a point of P-256


def test_those_of_an_older_version_are_kept(tmp_path: Path) -> None:
    layout = Layout(tmp_path).make()
    old = {"auth": "a" * 64, "storage_access_key": "key", "storage_secret_key": "secret"}
    layout.secrets.write_text(json.dumps(old))
    found = load_or_make(layout)
    assert (found.auth, found.storage_access_key) == ("a" * 64, "key")
    assert found.vapid_private_key
    assert load_or_make(layout) == found
    assert layout.secrets.stat().st_mode & 0o077 == 0
