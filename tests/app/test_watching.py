"""The answers for many are those that each would get alone."""

from itertools import product
from random import Random
from typing import Any

import pytest

from app import clock, ids
from app.errors import NotFound
from app.graph.queries import blocked_between
from app.media import queries as media
from app.messages.access import visible_conversation
from app.messages.conversations import direct_id
from app.posts.access import visible_post
from app.presence.queries import visible
from app.watching import Question, answer
from tests.fixtures.api import Api

PEOPLE = 7


async def world(api: Api, random: Random) -> tuple[list[str], list[str]]:
    """(people, topics) with every relation at random between them."""
    mongo = api.resources.mongo
    people = [ids.new_id("usr") for _ in range(PEOPLE)]
    topics = [f"presence:{user_id}" for user_id in people]
    for user_id in people:
        flags = {"is_private": random.random() < 0.5, "hides_activity": random.random() < 0.25}
        name = {"username": user_id, "email": user_id, "created_at": clock.now()}
        await mongo.users.insert_one({"_id": user_id} | name | flags)
        for status, audience in product(
            ("published", "archived", "deleted"), ("public", "followers")
        ):
            post_id = ids.new_id("post")
            post = {"author_id": user_id, "status": status, "audience": audience}
            await mongo.posts.insert_one({"_id": post_id} | post)
            topics.append(f"post:{post_id}")
        medium = {"_id": ids.new_id("media"), "media_key": user_id, "owner_id": user_id}
        await mongo.media.insert_one(medium | {"status": random.choice(("ready", "deleted"))})
        topics.append(f"media:{medium['_id']}")
    for one, other in product(people, people):
        if one == other:
            continue
        pair = {"_id": f"{one}:{other}"}
        if random.random() < 0.4:
            await mongo.follows.insert_one(pair | {"follower_id": one, "followee_id": other})
        if random.random() < 0.15:
            await mongo.blocks.insert_one(pair | {"blocker_id": one, "blocked_id": other})
        if one < other and random.random() < 0.6:
            topics.append(await _conversation(mongo, direct_id(one, other), [one, other], random))
    for _ in range(4):
        members = random.sample(people, 3)
        topics.append(await _conversation(mongo, ids.new_id("conv"), members, random))
    strange = [f"post:{ids.new_id('post')}", f"conversation:{ids.new_id('conv')}", "me", "x:1"]
    return people, [*topics, f"presence:{ids.new_id('usr')}", *strange]


async def _conversation(mongo: Any, id_: str, members: list[str], random: Random) -> str:
    folders: dict[str, list[str]] = {"inbox": [], "requests": [], "declined": [], "new": []}
    for member in members:
        folders[random.choice(("inbox", "inbox", "inbox", "requests", "declined", "new"))].append(
            member
        )
    del folders["new"]
    kind = "direct" if len(members) == 2 else "group"
    row = {"_id": id_, "kind": kind, "member_ids": members, "members": {m: {} for m in members}}
    await mongo.conversations.insert_one(row | folders)
    return f"conversation:{id_}"


async def alone(api: Api, viewer: str, topic: str) -> str:
    """By the rules that every other edge uses."""
    kind, _, id_ = topic.partition(":")
    resources = api.resources
    try:
        if kind == "me":
            return "ok"
        if kind == "x":
            return "unknown"
        if kind == "post":
            await visible_post(resources, viewer, id_)
        if kind == "media":
            await media.own(resources, viewer, id_)
        if kind == "conversation":
            await visible_conversation(resources, viewer, id_)
        if kind == "presence":
            return "ok" if await _sees(api, viewer, id_) else "forbidden"
    except NotFound:
        return "forbidden"
    return "ok"


async def _sees(api: Api, viewer: str, target: str) -> bool:
    resources = api.resources
    person = await resources.mongo.users.find_one({"_id": target})
    if viewer == target:
        return True
    if person is None or await blocked_between(resources, viewer, target):
        return False
    if not (await visible(resources, viewer) and await visible(resources, target)):
        return False
    between = await resources.mongo.conversations.find_one({"_id": direct_id(viewer, target)})
    partners = between is not None and set(between["inbox"]) == {viewer, target}
    follows = await resources.mongo.follows.find_one({"_id": f"{viewer}:{target}"})
    return not person["is_private"] or follows is not None or partners


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_many_questions_at_once_are_answered_as_each_alone(api: Api, seed: int) -> None:
    random = Random(seed)
    people, topics = await world(api, random)
    questions = [
        Question(viewer, random.sample(topics, len(topics)), hidden=random.random() < 0.5)
        for viewer in people
    ]
    answers = await answer(api.resources, questions)
    allowed = 0
    for question, found in zip(questions, answers, strict=True):
        expected = {topic: await alone(api, question.viewer, topic) for topic in question.topics}
        assert found.verdicts == expected
        assert list(found.verdicts) == question.topics
        allowed += sum(verdict == "ok" for verdict in expected.values())
        if question.hidden:
            hidden = {p for p in people if await blocked_between(api.resources, question.viewer, p)}
            assert found.hidden == hidden
        else:
            assert found.hidden is None
    assert 0 < allowed < len(people) * len(topics)
