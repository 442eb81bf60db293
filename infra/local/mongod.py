"""MongoDB of the local stack: one `mongod` as a replica set of one.

A replica set, because change streams and transactions need an oplog.
"""

import asyncio
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from infra.local import binaries
from infra.local.process import Service

REPLICA_SET = "glimpse"
_NOT_YET_INITIALIZED = 94
_CACHE_GB = 0.5
_OPLOG_MB = 1024
"""How far back the relay may have been away: hours of a busy local stack."""
_TRANSACTION_S = 3
"""A process that is killed in the midst of a transaction leaves its rows locked for so long (a
minute by default); ours take milliseconds, and one that is cut off is tried again."""


def url(port: int) -> str:
    """The connection string processes get."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def service(port: int, folder: Path) -> Service:
    """Runs on loopback; journaled, majority read concern: the server's defaults."""
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        binaries.find("mongod"),
        *("--dbpath", str(folder), "--bind_ip", "127.0.0.1", "--port", str(port)),
        *("--replSet", REPLICA_SET, "--oplogSize", str(_OPLOG_MB), "--nounixsocket"),
        *("--wiredTigerCacheSizeGB", str(_CACHE_GB), "--quiet"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", f"transactionLifetimeLimitSeconds={_TRANSACTION_S}"),
    )
    return Service("mongod", "mongod", command, lambda: ready(port), port)


async def ready(port: int) -> bool:
    """Whether it takes writes; makes it a replica set on the first start, any number of times."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000
    )
    try:
        async with asyncio.timeout(5):
            if (await client.admin.command("hello"))["isWritablePrimary"]:
                return True
            await _initiate(client, f"127.0.0.1:{port}")
            return bool((await client.admin.command("hello"))["isWritablePrimary"])
    except (PyMongoError, TimeoutError):
        return False
    finally:
        await client.close()


async def _initiate(client: AsyncMongoClient[dict[str, Any]], host: str) -> None:
    try:
        stored = await client.local.system.replset.find_one()
    except OperationFailure:
        stored = None
    if stored is None:
        members = [{"_id": 0, "host": host}]
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    elif [member["host"] for member in stored["members"]] != [host]:
        # The port changed since the last start, because something else took it.
        stored["members"][0]["host"] = host
        stored["version"] += 1
        await client.admin.command("replSetReconfig", stored, force=True)
