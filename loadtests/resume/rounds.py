"""Plays a scenario: any server, any number of people, any number of rounds."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from loadtests.resume.history import Got, Loaded
from loadtests.resume.scenario import Harm, Return, Scenario
from loadtests.resume.side import Device, Side
from loadtests.resume.tally import Tally

SEEN_S = 20.0
"""What has not come by then is counted as lost."""
_BEFORE = 3
_AFTER = 3
_PAUSE_S = 0.01
"""Between the events that come while devices return."""


class Round:
    def __init__(self, side: Side, scenario: Scenario, first: int) -> None:
        self._side = side
        self._scenario = scenario
        self.next = first
        self._pushed: list[int] = []
        self._missed: list[int] = []

    async def play(self, people: int, tally: Tally) -> None:
        scenario = self._scenario
        home, back = await self._side.ready(scenario)
        devices = list(await self._side.devices(people))
        try:
            await asyncio.gather(*(device.arrive(home) for device in devices))
            if scenario.harm is Harm.REDIS_FALLS_BACK:
                await self._side.remember()
            await self._push(_BEFORE)
            await self._seen(devices)
            await self._break(devices, home)
            if scenario.leaves:
                devices += await self._return(devices, back)
            await self._push(_AFTER)
            await self._seen(devices)
            for device in devices:
                fresh = await device.fresh()
                tally.add(scenario, self._pushed, self._missed, device.history, fresh)
        finally:
            await asyncio.gather(*(device.close() for device in devices))

    async def _push(self, count: int, pause_s: float = 0.0) -> list[int]:
        numbers = []
        for _ in range(count):
            number, self.next = self.next, self.next + 1
            await self._side.push(number)
            self._pushed.append(number)
            numbers.append(number)
            if pause_s:
                await asyncio.sleep(pause_s)
        return numbers

    async def _break(self, devices: Sequence[Device], home: str) -> None:
        scenario = self._scenario
        half = scenario.missed // 2
        if scenario.harm is Harm.NONE:
            await self._side.idle()
        elif scenario.harm in (Harm.TERMINATED, Harm.KILLED):
            await self._push(half)  # on their way when it happens
            await self._side.harm(scenario.harm, home)
            await asyncio.gather(*(device.gone() for device in devices))
        else:
            if scenario.leaves:
                await asyncio.gather(*(device.cut() for device in devices))
            first = await self._push(half)
            if scenario.leaves:
                self._missed += first
            if scenario.harm is not Harm.CUT:
                await self._side.harm(scenario.harm, home)
        last = await self._push(scenario.missed - half)
        if scenario.leaves:
            self._missed += last
        if scenario.leaves and scenario.hour:
            await self._side.forgotten()

    async def _return(self, devices: Sequence[Device], back: str) -> list[Device]:
        """They come back while more is pushed; the devices that came besides."""
        scenario = self._scenario
        twins: list[Device] = []
        if scenario.comes_back is Return.AGAIN:
            await asyncio.gather(*(device.arrive_in_vain(back) for device in devices))
        elif scenario.comes_back is Return.TWICE:
            twins = [device.twin() for device in devices]
        await asyncio.gather(
            self._push(scenario.meanwhile, _PAUSE_S),
            *(device.arrive(back, scenario.point) for device in (*devices, *twins)),
        )
        return twins

    async def _seen(self, devices: Sequence[Device]) -> None:
        """Wait until the newest event is on every screen."""

        def all_seen() -> bool:
            newest = self._pushed[-1]
            return all(
                any(
                    (isinstance(entry, Got) and entry.number == newest)
                    or (isinstance(entry, Loaded) and newest in entry.numbers)
                    for entry in reversed(device.history)
                )
                for device in devices
            )

        with suppress(TimeoutError):
            async with asyncio.timeout(SEEN_S):
                while not all_seen():  # noqa: ASYNC110  histories of any server
                    await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # for what comes twice


async def play(side: Side, scenario: Scenario, rounds: int, people: int, first: int = 1) -> Tally:
    """`rounds` times `people`; numbers begin at `first`, and are never used again."""
    tally = Tally()
    for _ in range(rounds):
        one = Round(side, scenario, first)
        await one.play(people, tally)
        first = one.next
    return tally
