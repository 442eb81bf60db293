"""Reconnect storm: all sockets are dropped at once; how long until 99 % are back and whole.

Whole: connected, and everything missed has come. Phones come back as the contract asks, with
backoff and jitter (at first up to half a second), and later where the server says so.
"""

import time
from typing import ClassVar

import gevent

from loadtests.phone.hooks import Phases, conducts
from loadtests.phone.person import Mix, Someone
from loadtests.phone.world import World

_STEP_S = 0.02


class StormPhases(Phases):
    """Come, act; the storm, while acts go on; be quiet."""


class Caught(Someone):
    """Writes and posts go on while the others are away: there is something to miss."""

    mix: ClassVar[Mix] = {"scroll": 30, "like": 20, "message": 45, "post": 5}


@conducts
def storm(world: World) -> None:
    phones = [phone.device for phone in world.phones.values() if phone.device.connected]
    before = dict(world.findings.counts["sockets"])
    began = time.monotonic()
    for device in phones:
        device.cut()
    dropped_s = time.monotonic() - began
    wanted = {"back_50_s": 0.5, "back_99_s": 0.99, "back_all_s": 1.0}
    took: dict[str, float] = {}
    while len(took) < len(wanted):
        gevent.sleep(_STEP_S)
        whole = sum(device.whole for device in phones)
        for name, share in wanted.items():
            if name not in took and whole >= share * len(phones):
                took[name] = round(time.monotonic() - began, 2)
    after = world.findings.counts["sockets"]
    world.findings.notes["storm"].append(
        {
            "dropped": len(phones),
            "dropped_within_s": round(dropped_s, 2),
            **took,
            "resumed": after["resumed"] - before.get("resumed", 0),
            "resyncs": sum(world.findings.counts["resyncs"].values()),
        }
    )
