"""With no worker at all: what one does oneself holds from the answer on, whatever was cached."""

from datetime import datetime

from app import clock
from tests.app.stories.telling import ids, story, tray
from tests.fixtures.api import Api


async def test_what_one_does_holds_before_anyone_heard_of_it(api: Api) -> None:
    await api.resources.redis.flushall()
    me, ana, ben = await api.people(3)
    told = {who.username: await story(who, audience="public") for who in (ana, ben)}
    path = f"/users/{ana.username}"
    assert await tray(me) == {}

    await me.follow(ana)
    assert ids((await tray(me))[ana.username]) == [told[ana.username]["story_id"]]
    await me.follow(ben)
    assert list(await tray(me)) == [ben.username, ana.username]
    await me.call("POST", f"/stories/{told[ben.username]['story_id']}/view")
    shown = await tray(me)
    assert list(shown) == [ana.username, ben.username]
    assert shown[ben.username]["unviewed_count"] == 0
    await me.call("POST", f"{path}/mute")
    assert list(await tray(me)) == [ben.username]
    await me.call("DELETE", f"{path}/mute")
    assert list(await tray(me)) == [ana.username, ben.username]
    await me.call("DELETE", f"{path}/follow")
    assert list(await tray(me)) == [ben.username]
    await me.follow(ana)
    assert list(await tray(me)) == [ana.username, ben.username]
    await ana.call("POST", f"/users/{me.username}/block")
    assert list(await tray(me)) == [ben.username]
    mine = await story(me)
    assert list(await tray(me)) == [me.username, ben.username]
    await me.call("DELETE", f"/stories/{mine['story_id']}")
    assert list(await tray(me)) == [ben.username]


async def test_an_author_too_many_in_the_set_shows_nothing(api: Api) -> None:
    """As a fan-out leaves it that read the followers just before one of them left."""
    me, ana, ben = await api.people(3)
    made = await story(ana, audience="public")
    await me.follow(ben)
    assert await tray(me) == {}
    until_ms = clock.ms(datetime.fromisoformat(made["expires_at"]))
    assert await api.resources.trays.push([me.user_id], ana.user_id, until_ms) == 1
    assert await tray(me) == {}
    await me.follow(ana)
    assert list(await tray(me)) == [ana.username]


async def test_a_set_made_while_one_followed_is_not_kept(api: Api) -> None:
    me, ana = await api.people(2)
    await story(ana, audience="public")
    trays = api.resources.trays
    token = await trays.begin(me.user_id)
    await me.follow(ana)
    assert not await trays.finish(me.user_id, token, {}), "what it read was of before"
    assert list(await tray(me)) == [ana.username]
