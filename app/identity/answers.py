"""Idempotency keys: the first answer is kept for 24 hours and given again.

A claim is stored before the operation runs, with a seed from which all ids made in the
operation derive. When a process dies between the effect and the keeping of the answer, the
repeat runs with the same seed: what was stored already is met as a duplicate, not made twice.
"""

import asyncio
import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.errors import DuplicateKeyError

from app import clock, ids
from app.errors import Conflict
from app.identity.models import KeptAnswer
from app.settings import Auth

_STALE = timedelta(seconds=20)
_POLLS = 20
_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    seed: str
    seed_ms: int
    status: int | None = None
    answer: bytes | None = None
    """Set when the operation ran before."""


async def claim(scope: str, key: str, body_hash: str) -> Claim:
    """Claim `key` for `scope` (a user id); waits for one that runs at this moment.

    Raises Conflict when the key came with another body, or still runs after five seconds.
    """
    claim_id = hashlib.sha256(f"{scope}\0{key}".encode()).hexdigest()
    mine = KeptAnswer(
        id=claim_id,
        body_hash=body_hash,
        seed=secrets.token_hex(16),
        seed_ms=ids.now_ms(),
        claimed_at=clock.now(),
    )
    for _ in range(_POLLS):
        try:
            await mine.insert()
        except DuplicateKeyError:
            kept = await KeptAnswer.get(claim_id)
        else:
            return Claim(claim_id, mine.seed, mine.seed_ms)
        if kept is None:  # released between the two calls
            continue
        if kept.body_hash != body_hash:
            raise Conflict(
                "This idempotency key came before with another body. Use a new key.",
                "idempotency_key_reused",
            )
        if kept.status is not None:
            return Claim(claim_id, kept.seed, kept.seed_ms, kept.status, kept.answer)
        if clock.now() - kept.claimed_at > _STALE:
            return Claim(claim_id, kept.seed, kept.seed_ms)
        await asyncio.sleep(_POLL_S)
    raise Conflict(
        "The first request with this key is still at work. Repeat this one in a few seconds.",
        "idempotency_in_progress",
    )


async def keep(claim_id: str, status: int, answer: bytes) -> None:
    await KeptAnswer.get_motor_collection().update_one(
        {"_id": claim_id}, {"$set": {"status": status, "answer": answer}}
    )


async def release(claim_id: str) -> None:
    """The operation was refused: a repeat may try anew."""
    await KeptAnswer.get_motor_collection().delete_one({"_id": claim_id, "status": None})


def _cipher(auth: Auth, key: str) -> AESGCM:
    """Credentials at rest open only with the client's own idempotency key and our secret."""
    return AESGCM(hashlib.sha256(f"{auth.secret}\0kept answer\0{key}".encode()).digest())


def seal(auth: Auth, key: str, answer: bytes) -> bytes:
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + _cipher(auth, key).encrypt(nonce, answer, None))


def unseal(auth: Auth, key: str, sealed: bytes) -> bytes:
    raw = base64.b64decode(sealed)
    return _cipher(auth, key).decrypt(raw[:12], raw[12:], None)
