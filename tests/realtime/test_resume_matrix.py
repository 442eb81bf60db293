"""The table of ways to lose a connection, played on real gateway processes: a device gets back
all it missed, once and in order, or is told to load the state, and then has all of it."""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import count

import pytest

from app.resources import open_resources
from app.settings import load_settings
from infra.local.launch import running
from infra.local.layout import Layout
from loadtests.resume.glimpse_side import GlimpseSide
from loadtests.resume.history import Got, History, Loaded, Said
from loadtests.resume.redis import BrittleRedis
from loadtests.resume.rounds import play
from loadtests.resume.scenario import SCENARIOS, Harm, Scenario
from loadtests.resume.tally import Tally
from tests.fixtures.folders import data_folder
from tests.fixtures.full_stack import UNLIMITED

PEOPLE = 3
_firsts = count(1, 10_000)


@pytest.fixture(scope="module")
async def glimpse() -> AsyncIterator[GlimpseSide]:
    """Stores of this module's own, since their Redis is killed and emptied."""
    with data_folder() as folder, running(folder, frozenset({"mongod", "redis"})) as state:
        environment = state.environment | UNLIMITED
        async with open_resources(load_settings(environment)) as resources:
            side = GlimpseSide(environment, resources, BrittleRedis(Layout(folder)))
            try:
                yield side
            finally:
                await side.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_a_device_comes_back_whole_or_is_told(
    glimpse: GlimpseSide, scenario: Scenario
) -> None:
    tally = await play(glimpse, scenario, rounds=1, people=PEOPLE, first=next(_firsts))
    assert tally.faults == dict.fromkeys(tally.faults, 0)
    assert set(tally.said) <= (scenario.says or {"nothing"})
    if scenario.leaves:
        assert tally.missed
        assert sum(tally.said.values()) >= tally.returns
    if set(tally.said) == {"resumed"}:
        assert tally.replayed == tally.missed


CUT = Scenario("for the tally", Harm.CUT, frozenset({"resumed"}))
RELOAD = Scenario("for the tally", Harm.CUT, frozenset({"epoch"}))
START: History = [Loaded(frozenset()), Got(1)]


@pytest.mark.parametrize(
    ("scenario", "history", "faults"),
    [
        (CUT, [Said("resumed"), Got(2), Got(3), Got(4)], {}),
        (CUT, [Said("resumed"), Got(3), Got(4)], {"lost": 1, "falsely_resumed": 1, "stale": 1}),
        (CUT, [Said("resumed"), Got(2), Got(3)], {"lost": 1, "falsely_resumed": 1, "stale": 1}),
        (CUT, [Said("resumed"), Got(2), Got(2), Got(3), Got(4)], {"doubled": 1}),
        (CUT, [Said("resumed"), Got(3), Got(2), Got(4)], {"reordered": 1}),
        (CUT, [Got(2), Got(3), Got(4)], {"silent": 1}),
        (RELOAD, [Said("resumed"), Got(2), Got(3), Got(4)], {"falsely_resumed": 1}),
        (RELOAD, [Said("epoch"), Loaded(frozenset({1, 2, 3})), Got(4)], {}),
        (RELOAD, [Said("epoch"), Loaded(frozenset({1, 2})), Got(4)], {"lost": 1, "stale": 1}),
        (RELOAD, [Said("epoch"), Loaded(frozenset({2, 3})), Got(4)], {"stale": 1}),
        (RELOAD, [Got(2), Said("epoch"), Loaded(frozenset({1, 2})), Got(3), Got(2), Got(4)], {}),
        (RELOAD, [Said("epoch"), Loaded(frozenset({1})), Got(3), Got(2), Got(4)], {"reordered": 1}),
        (RELOAD, [Said("epoch"), Got(4)], {"lost": 2, "stale": 1}),
    ],
)
def test_the_tally_sees_what_is_wrong(
    scenario: Scenario, history: History, faults: dict[str, int]
) -> None:
    tally = Tally()
    tally.add(scenario, [1, 2, 3, 4], [2, 3], [*START, *history], frozenset({1, 2, 3, 4}))
    assert Counter(tally.faults) == Counter(faults)
