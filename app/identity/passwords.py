"""Passwords: argon2id, hashed off the event loop, at most two at once.

Argon2 takes 19 MiB and some 20 ms of a core for each; without the bound a burst of log-ins
would take all of both.
"""

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.errors import Invalid
from app.settings import Auth

LENGTH_MIN = 8
LENGTH_MAX = 256
_two_at_once = asyncio.Semaphore(2)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


@lru_cache(maxsize=4)
def _hasher(auth: Auth) -> PasswordHasher:
    return PasswordHasher(
        time_cost=auth.argon2_time,
        memory_cost=auth.argon2_memory_kib,
        parallelism=1,
        type=Type.ID,
    )


def check_strength(password: str, username: str) -> None:
    """Raises Invalid when the password is too easy to guess."""
    if password.lower() in _common() or password.lower() == username:
        raise Invalid.field(
            "password", "This password is among the first ones guessed. Choose another."
        )


async def hash_password(auth: Auth, password: str) -> str:
    async with _two_at_once:
        return await asyncio.to_thread(_hasher(auth).hash, password)


def _matches(auth: Auth, stored: str, password: str) -> bool:
    try:
        return _hasher(auth).verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=4)
def _nobody(auth: Auth) -> str:
    return _hasher(auth).hash("nobody has this password")


async def verify_password(auth: Auth, stored: str | None, password: str) -> bool:
    """Whether it matches; takes as long for an account that does not exist (None)."""
    async with _two_at_once:
        matches = await asyncio.to_thread(_matches, auth, stored or _nobody(auth), password)
    return matches and stored is not None
