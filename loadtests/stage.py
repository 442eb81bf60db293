"""What benchmarks need before they begin: rows straight into the stores, and processes of ours."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app import clock, ids
from app.resources import Resources

CHECKOUT = Path(__file__).resolve().parents[1]
UNLIMITED = {
    f"GLIMPSE_LIMITS_{name}": "0"
    for name in (
        "WRITES_PER_HOUR",
        "READS_PER_HOUR",
        "UPLOADS_PER_DAY",
        "FOLLOWS_PER_HOUR",
        "LIKES_PER_HOUR",
        "REGISTRATIONS_PER_HOUR",
        "LOGINS_PER_5MIN",
    )
}
_START_TIMEOUT_S = 30
_BATCH = 5000


def load_average() -> float:
    """How busy the machine is with everything: figures of a busy one are low."""
    return os.getloadavg()[0]


def post_row(
    author_id: str, at: datetime, caption: str = "A morning by the lake"
) -> dict[str, Any]:
    """A published post with one photo, as the product would have stored it."""
    return {
        "_id": ids.new_id("post", round(at.timestamp() * 1000)),
        "author_id": author_id,
        "status": "published",
        "status_from": None,
        "caption": f"{caption} #morning",
        "hashtags": ["morning"],
        "mentions": [],
        "media": [
            {
                "media_id": ids.new_id("media"),
                "type": "photo",
                "alt_text": "A lake with fog on it",
                "tags": [],
                "status": "ready",
                "reason": None,
                "width": 1080,
                "height": 1350,
                "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
                "variants": [
                    {"name": f"{w}", "ext": e, "width": w, "height": w * 5 // 4, "size_bytes": 9}
                    for w in (1080, 640, 150)
                    for e in ("webp", "jpg")
                ],
            }
        ],
        "location": None,
        "audience": "public",
        "comments_disabled": False,
        "created_at": at,
        "published_at": at,
        "edited_at": None,
        "deleted_at": None,
    }


async def insert(resources: Resources, collection: str, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _BATCH):
        await resources.mongo[collection].insert_many(rows[start : start + _BATCH], ordered=False)


async def make_people(resources: Resources, count: int) -> list[str]:
    """Ids of new people."""
    now = clock.now()
    people = [ids.new_id("usr") for _ in range(count)]
    rows = [
        {
            "_id": user_id,
            "username": user_id[-16:],
            "email": f"{user_id}@example.org",
            "password_hash": "",
            "full_name": "Somebody There",
            "bio": "",
            "avatar": None,
            "is_verified": False,
            "is_private": False,
            "created_at": now,
        }
        for user_id in people
    ]
    await insert(resources, "users", rows)
    return people


async def begin_sessions(resources: Resources, people: Sequence[str]) -> list[str]:
    """The id of a new session for each."""
    now = clock.now()
    sessions = [(user_id, ids.new_id("ses")) for user_id in people]
    rows = [
        {
            "_id": session_id,
            "user_id": user_id,
            "refresh_hash": session_id,
            "created_at": now,
            "last_used_at": now,
            "expires_at": now + timedelta(days=1),
            "revoked_at": None,
        }
        for user_id, session_id in sessions
    ]
    await insert(resources, "sessions", rows)
    return [session_id for _, session_id in sessions]


async def log_in(resources: Resources, people: Sequence[str]) -> list[str]:
    """An access token for each, with a session behind it."""
    sessions = await begin_sessions(resources, people)
    return [
        resources.tokens.access(user_id, session_id)
        for user_id, session_id in zip(people, sessions, strict=True)
    ]


@contextmanager
def process(environment: dict[str, str], *arguments: str, port: int) -> Iterator[int]:
    """`python ARGUMENTS` until it is ready on `port` (`/healthz`); its pid."""
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL if not os.environ.get("BENCH_VERBOSE") else None,
    )
    try:
        _wait(child, port)
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def _wait(child: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{child.args!r} did not get ready")
