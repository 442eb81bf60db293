"""Which errors mean "a store is away" rather than "this work is wrong".

Workers wait and repeat on the first kind, however long it takes; the second kind uses up an
event's deliveries.
"""

import asyncio
import secrets
from typing import TYPE_CHECKING

from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
)
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError, WTimeoutError
from redis import exceptions as redis_errors

from app.errors import Unavailable

if TYPE_CHECKING:
    from app.resources import Resources

_REDIS = (
    redis_errors.ConnectionError,
    redis_errors.TimeoutError,
    redis_errors.BusyLoadingError,
    redis_errors.ReadOnlyError,
    redis_errors.OutOfMemoryError,
    redis_errors.ClusterDownError,
    redis_errors.TryAgainError,
    redis_errors.MasterDownError,
)
# Answers that redis-py gives as plain ResponseErrors: full, disk full, loading, no quorum.
_REDIS_WORDS = ("OOM", "MISCONF", "LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS")
# From inside a script it is `… @user_script: 22: -OOM command not allowed …`.
_IN_SCRIPT = tuple(f"-{word} " for word in _REDIS_WORDS)
# Shutdown, stepping down, not primary, interrupted by either, write concern that timed out,
# exceeded time limit, disk full.
_MONGO_CODES = {
    6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031,
}  # fmt: skip
_MONGO_LABELS = ("TransientTransactionError", "RetryableWriteError")
PROBE_TIMEOUT_S = 3.0


def is_outage(error: BaseException) -> bool:
    """True when the same work can succeed once a store is back."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_outage(part) for part in error.exceptions)
    if isinstance(error, Unavailable | ConnectionError | ConnectionFailure | WTimeoutError):
        return True
    if isinstance(error, (*_REDIS, EndpointConnectionError, HTTPClientError)):
        return True
    if isinstance(error, redis_errors.ResponseError):
        # A pipeline puts the command before the answer, and the answer in quotes.
        text = str(error).rpartition("caused error: ")[2].lstrip("('\"")
        return text.startswith(_REDIS_WORDS) or any(word in text for word in _IN_SCRIPT)
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500
    if isinstance(error, PyMongoError):
        if any(error.has_error_label(label) for label in _MONGO_LABELS):
            return True
        return isinstance(error, OperationFailure) and error.code in _MONGO_CODES
    return False


async def probe(resources: "Resources") -> dict[str, str]:
    """What keeps MongoDB and Redis from being read and written, by name; empty: nothing."""
    wrong: dict[str, str] = {}

    async def mongo() -> None:
        await resources.mongo.command("ping")

    async def redis() -> None:
        # Written, not only pinged: a full Redis still answers a ping.
        await resources.redis.set(f"probe:{secrets.randbelow(64)}", b"", px=1000)

    for name, ask in (("mongo", mongo), ("redis", redis)):
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await ask()
        except Exception as error:  # whatever it is, the store does not serve
            wrong[name] = repr(error)[:300]
    return wrong
