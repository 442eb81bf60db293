"""The choice whether others see when one is active. Who sees what: tests/realtime."""

from app import ids
from app.ids import now_ms
from app.presence.queries import last_active
from app.presence.service import keep_last_active
from tests.fixtures.api import Api

PATH = "/me/presence"


async def test_the_choice_stays_and_is_ones_own(api: Api) -> None:
    ana, ben = await api.people(2)
    assert await ana.get(PATH) == {"visible": True}
    for chosen in (False, False, True):
        assert await ana.call("PUT", PATH, {"visible": chosen}) == {"visible": chosen}
        assert await ana.get(PATH) == {"visible": chosen}
        assert await ben.get(PATH) == {"visible": True}
    for wrong in (
        {},
        {"visible": None},
        {"visible": "no"},
        {"visible": 0},
        {"visible": True, "x": 1},
    ):
        await ana.refused("PUT", PATH, wrong, status=422)


async def test_hiding_shows_nowhere_in_a_profile(api: Api) -> None:
    ana, ben = await api.people(2)
    before = await ben.get(f"/users/{ana.username}")
    await ana.call("PUT", PATH, {"visible": False})
    assert await ben.get(f"/users/{ana.username}") == before


async def test_when_someone_was_active_never_moves_back(api: Api) -> None:
    ana, ben, eve = (ids.new_id("usr") for _ in range(3))
    now = now_ms()
    await keep_last_active(api.resources, {ana: now, ben: now})
    await keep_last_active(api.resources, {ana: now - 5, ben: now + 5})
    await keep_last_active(api.resources, {})
    assert await last_active(api.resources, [ana, ben, eve]) == {ana: now, ben: now + 5}
