"""A video's way while its uploader watches: progress on the socket, and a worker that is killed."""

import asyncio
import os
import signal
from pathlib import Path

from app import clock, ids
from app.media import keys
from app.resources import Resources
from realtime.client import Client
from tests.app.media.clips import clip
from tests.realtime.conftest import Connect, MakeAccount
from tests.realtime.nodes import Account, Node
from tests.workers.rig import Rig, eventually

SOON = {"GLIMPSE_BUS_CLAIM_IDLE_MS": "1500"}


async def upload(resources: Resources, owner: Account, data: bytes) -> str:
    """A medium whose bytes have arrived, as far as the worker can tell; its id."""
    media_id = ids.new_id("media")
    key = keys.original_key("us-east-1", "video", owner.user_id, media_id)
    await resources.storage.write(key, data, "video/mp4")
    await resources.mongo.media.insert_one(
        {
            "_id": media_id,
            "owner_id": owner.user_id,
            "media_key": key,
            "kind": "video",
            "declared_type": "video/mp4",
            "declared_size_bytes": len(data),
            "status": "pending",
            "variants": [],
            "attached_to": None,
            "audience": "public",
            "attempts": 0,
            "created_at": clock.now(),
            "updated_at": clock.now(),
        }
    )
    return media_id


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def _living(pids: list[int]) -> list[int]:
    return [
        pid
        for pid in pids
        if Path(f"/proc/{pid}").exists()
        and ") Z " not in Path(f"/proc/{pid}/stat").read_text(errors="replace")
    ]


async def _until(client: Client, stage: str, percent: int = 0) -> list[tuple[int, str]]:
    """What was told until this stage came, and so much of it."""
    told: list[tuple[int, str]] = []
    async with asyncio.timeout(90):
        while not told or told[-1][1] != stage or told[-1][0] < percent:
            update = await client.update("media.progress", timeout_s=90)
            told.append((update.data["percent"], update.data["stage"]))
    return told


async def test_a_worker_killed_in_the_middle_is_followed_by_one_that_finishes(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect
) -> None:
    ana = await account()
    client = await connect(ana, node.url)
    media_id = await upload(rig.resources, ana, clip("mp4", "1280x720", 12, 30))
    assert await client.subscribe(f"media:{media_id}") == {f"media:{media_id}": "ok"}
    first = rig.process("transcode", **SOON)
    await rig.mongo.media.update_one({"_id": media_id}, {"$set": {"status": "uploaded"}})
    begun = await _until(client, "processing", percent=11)
    assert begun[0][1] == "checking"
    working = _children(first.pid)
    assert working
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    async def gone() -> bool:
        return not _living(working)

    await eventually(gone)  # ffmpeg goes with its worker, and files without a name with both

    rig.process("transcode", **SOON)
    told = await _until(client, "ready")
    # What the first one said last may still have been on its way.
    told = told[len(told) - 1 - told[::-1].index((5, "checking")) :]
    stages = list(dict.fromkeys(stage for _, stage in told))
    assert stages == ["checking", "processing", "storing", "ready"]
    percents = [percent for percent, _ in told]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len({percent for percent, stage in told if stage == "processing"}) > 1
    ready = await client.event("media.ready", timeout_s=10)
    assert ready.data["media_id"] == media_id
    assert {v["type"] for v in ready.data["variants"]} >= {"video/mp4", "image/jpeg"}
    medium = await rig.mongo.media.find_one({"_id": media_id})
    assert medium is not None
    assert (medium["status"], medium["attempts"]) == ("ready", 2)

    async def all_done() -> bool:
        progress = await rig.resources.bus.progress(["transcode"])
        return all(part.pending == 0 for part in progress)

    await eventually(all_done)
    assert await rig.dead("transcode") == []
