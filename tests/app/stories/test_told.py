"""What readers ask of the database together: never more than what is true now."""

import asyncio
from datetime import timedelta
from typing import Any

from app.graph.models import pair
from app.stories.told import Told, ask
from tests.app.stories.telling import ids, story, tray
from tests.fixtures.api import Api, Person


async def change(api: Api, author: Person, story_id: str, fields: dict[str, Any]) -> None:
    """Behind the back of this process, which keeps what it made of the story."""
    stories = api.resources.mongo.stories
    await stories.update_one({"_id": story_id}, {"$set": fields})
    api.resources.memory.stories.drop(author.user_id)
    assert api.resources.memory.items.get(story_id) is not None


async def test_of_the_pairs_those_that_stand(api: Api) -> None:
    me, ana, ben, cy = await api.people(4)
    await me.follow(ana, ben)
    pairs = [pair(me.user_id, other.user_id) for other in (ana, ben, cy)]
    for asked, standing in ((pairs, pairs[:2]), (pairs[:2], pairs[:2]), (pairs[2:], []), ([], [])):
        told, found = await ask(api.resources, [], [me.user_id], asked)
        assert found == set(standing)
        assert told == {me.user_id: Told(b"", False, [])}


async def test_many_readers_at_once_get_each_their_own(api: Api) -> None:
    """One question for all: whom one follows is nothing to the other."""
    authors, readers = await api.people(3, "tells"), await api.people(3, "reads")
    for place, reader in enumerate(readers):
        await reader.follow(*authors[: place + 1])
    for author in authors:
        await story(author)
    found = await asyncio.gather(*(tray(reader) for reader in readers))
    names = [author.username for author in authors]
    assert [set(one) for one in found] == [set(names[:1]), set(names[:2]), set(names)]


async def test_what_was_dropped_while_it_was_read_is_not_kept(api: Api) -> None:
    ana = await api.person()
    memory = api.resources.memory.stories
    await ask(api.resources, [], [ana.user_id])
    assert memory.get(ana.user_id) is not None
    reading = asyncio.create_task(ask(api.resources, [], [ana.user_id]))
    for _ in range(3):
        await asyncio.sleep(0)  # it has been sent
    memory.drop(ana.user_id)  # as telling a story does
    await reading
    assert memory.get(ana.user_id) is None


async def test_who_is_taken_off_a_list_sees_nothing_of_it_from_the_answer_on(api: Api) -> None:
    me, ana = await api.people(2)
    await me.follow(ana)
    await ana.send("PUT", "/me/close-friends", {"add": [me.username]})
    close = await story(ana, audience="close_friends")
    open_ = await story(ana)
    assert ids((await tray(me))[ana.username]) == [close["story_id"], open_["story_id"]]
    assert ids((await tray(ana))[ana.username]) == [close["story_id"], open_["story_id"]]
    await ana.send("PUT", "/me/close-friends", {"remove": [me.username]})
    assert ids((await tray(me))[ana.username]) == [open_["story_id"]]


async def test_an_end_or_an_audience_that_changed_is_seen(api: Api) -> None:
    me, ana = await api.people(2)
    await me.follow(ana)
    made = await story(ana)
    [first] = (await tray(me))[ana.username]["items"]
    stored = await api.resources.mongo.stories.find_one({"_id": made["story_id"]})
    assert stored is not None
    sooner = stored["expires_at"] - timedelta(hours=1)
    await change(api, ana, made["story_id"], {"expires_at": sooner})
    [second] = (await tray(me))[ana.username]["items"]
    assert second["expires_at"] < first["expires_at"]
    await change(api, ana, made["story_id"], {"audience": "close_friends"})
    assert await tray(me) == {}
    assert list(await tray(ana)) == [ana.username]
