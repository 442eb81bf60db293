"""What people do with a story: answer, react, reply, show it again; and who is told."""

import pytest

from app.stories import ending
from tests.app.stories.telling import SCENE, end, real_story, story
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import quiet

pytestmark = pytest.mark.usefixtures("loop_at_work")


async def test_one_answer_a_person_and_what_they_come_to(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    for who in (ben, cem):
        await who.follow(ana)
    made = await story(ana, **SCENE)
    poll, question, quiz, slider = (s["sticker_id"] for s in made["stickers"])
    path = f"/stories/{made['story_id']}/answers"
    first = await ben.call("POST", path, {"sticker_id": poll, "answer": 1})
    assert first["results"] == {"total": 1, "counts": [0, 1]}
    error = await ben.refused("POST", path, {"sticker_id": poll, "answer": 0}, status=409)
    assert error["code"] == "already_answered"
    second = await cem.call("POST", path, {"sticker_id": poll, "answer": 1})
    assert second["results"] == {"total": 2, "counts": [0, 2]}
    await ben.call("POST", path, {"sticker_id": quiz, "answer": 2})
    await ben.call("POST", path, {"sticker_id": slider, "answer": 0.5})
    await cem.call("POST", path, {"sticker_id": slider, "answer": 1})
    await ben.call("POST", path, {"sticker_id": question, "answer": "the moon"})
    for sticker, answer in ((poll, 2), (poll, "a"), (question, 1), (slider, "b"), (slider, 2)):
        wrong = {"sticker_id": sticker, "answer": answer}
        assert "answer" in (await cem.refused("POST", path, wrong, status=422))["details"]["fields"]
    await cem.refused("POST", path, {"sticker_id": "stk_nope", "answer": 0}, status=404)
    await ana.refused("POST", path, {"sticker_id": poll, "answer": 0}, status=403)

    seen = {s["sticker_id"]: s for s in (await ben.get(path[:-8]))["stickers"]}
    assert (seen[poll]["answer"], seen[poll]["results"]["counts"]) == (1, [0, 2])
    assert seen[quiz]["correct"] == 2
    assert "results" not in seen[question]
    own = {s["sticker_id"]: s for s in (await ana.get(path[:-8]))["stickers"]}
    assert own[slider]["results"] == {"total": 2, "average": 0.75}
    said = await ana.get(f"{path}?sticker_id={question}")
    assert [row["answer"] for row in said["answers"]] == ["the moon"]
    await ben.refused("GET", f"{path}?sticker_id={question}", status=403)


async def test_reactions_replies_and_insights(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    for who in (ben, cem):
        await who.follow(ana)
    story_id = (await story(ana))["story_id"]
    path = f"/stories/{story_id}"
    for who in (ben, cem):
        await who.call("POST", f"{path}/view")
    await ben.call("POST", f"{path}/reactions", {"reaction": "🔥"})
    await ben.call("POST", f"{path}/reactions", {"reaction": "😍"})
    await cem.call("POST", f"{path}/reactions", {"reaction": "🔥"})
    await cem.call("DELETE", f"{path}/reactions")
    await ben.refused("POST", f"{path}/reactions", {"reaction": "wow"}, status=422)
    assert (await ben.get(path))["reaction"] == "😍"
    said = await ben.call("POST", f"{path}/replies", {"text": "lovely"})
    assert (said["story"]["state"], said["story"]["kind"]) == ("live", "reply")
    signals = [{"story_id": story_id, "impressions": 1, "forward": 2, "back": 1, "exits": 1}]
    assert (await ben.call("POST", "/stories/signals", {"signals": signals}))["noted"] == 1
    assert (await ana.call("POST", "/stories/signals", {"signals": signals}))["noted"] == 0
    await quiet(api.resources)
    found = await ana.get(f"{path}/insights")
    assert found == found | {
        "reach": 2, "impressions": 3, "taps_forward": 2, "taps_back": 1, "exits": 1,
        "replies": 1, "reactions": 1, "reactions_by": [{"reaction": "😍", "count": 1}],
        "hours": [{"hour": 0, "views": 2}],
    }  # fmt: skip
    await ben.refused("GET", f"{path}/insights", status=403)
    await end(api, story_id)
    assert (await ana.get(f"{path}/insights"))["reach"] == 2
    late = await ana.get(f"/messages/{said['message_id']}")
    assert late["story"]["state"] == "expired"
    assert late["text"] == "lovely"


async def test_replies_and_reposts_only_where_wanted(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    made = await story(ana, allow_replies=False, allow_repost=False)
    path = f"/stories/{made['story_id']}"
    error = await ben.refused("POST", f"{path}/replies", {"text": "hi"}, status=403)
    assert error["code"] == "replies_not_allowed"
    error = await ben.refused("POST", f"{path}/repost", status=403)
    assert error["code"] == "repost_not_allowed"


async def test_a_repost_names_its_origin_and_goes_with_it(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    await ben.follow(ana)
    await cem.follow(ben)
    made = await real_story(ana, audience="public", overlays=SCENE["overlays"])
    path = f"/stories/{made['story_id']}"
    again = await ben.call("POST", f"{path}/repost", {"audience": "public"})
    assert again["reposted_from"]["story_id"] == made["story_id"]
    assert again["reposted_from"]["user"]["username"] == ana.username
    assert again["overlays"] == made["overlays"]
    seen = await cem.get(f"/stories/{again['story_id']}")
    assert (await api.http.get(seen["media_url"])).status_code == 200
    await ana.call("PUT", f"/users/{ana.username}", {"privacy_level": "private"})
    await cem.refused("GET", f"/stories/{again['story_id']}", status=404)
    await ana.call("PUT", f"/users/{ana.username}", {"privacy_level": "public"})
    await ana.call("DELETE", path)
    await quiet(api.resources)
    await ben.refused("GET", f"/stories/{again['story_id']}", status=404)


@pytest.mark.parametrize("how", ["forgotten", "blocked", "blocked by"])
async def test_a_repost_goes_with_its_origin_from_highlights_too(api: Api, how: str) -> None:
    ana, ben, cem = await api.people(3)
    made = await story(ana, audience="public")
    again = await ben.call("POST", f"/stories/{made['story_id']}/repost", {"audience": "public"})
    own = await story(ben, audience="public")
    kept = {"name": "Best", "story_ids": [again["story_id"], own["story_id"]]}
    highlight = f"/highlights/{(await ben.call('POST', '/highlights', kept))['highlight_id']}"
    assert (await cem.get(highlight))["count"] == 2
    if how == "forgotten":
        for one in (made, again):
            await end(api, one["story_id"])
        await ending.sweep(api.resources)
        await ana.call("DELETE", f"/me/stories/archive/{made['story_id']}")
    else:
        one, other = (ana, ben) if how == "blocked" else (ben, ana)
        await one.call("POST", f"/users/{other.username}/block")
    await quiet(api.resources)
    for who in (ben, cem):
        await who.refused("GET", f"/stories/{again['story_id']}", status=404)
        inside = (await who.get(highlight))["stories"]
        assert [view["story_id"] for view in inside] == [own["story_id"]]


async def heard(who: Person) -> list[tuple[str, int]]:
    """Kinds of what a person was told, with how many did it."""
    found = (await who.get("/notifications"))["notifications"]
    return [(row["kind"], row["actor_count"]) for row in found if row["story"]]


async def test_mentions_and_reactions_are_told(api: Api) -> None:
    ana, ben, cem = await api.people(3)
    for who in (ben, cem):
        await who.follow(ana)
    await ana.call("PUT", "/me/close-friends", {"add": [ben.username]})
    both = [{"kind": "mention", "username": who.username} for who in (ben, cem)]
    made = await story(ana, audience="close_friends", overlays=both)
    path = f"/stories/{made['story_id']}"
    await quiet(api.resources)
    assert await heard(ben) == [("story_mention", 1)]
    assert await heard(cem) == [], "who may not see it is not told of it"
    await ben.call("POST", f"{path}/reactions", {"reaction": "🔥"})
    await quiet(api.resources)
    assert await heard(ana) == [("story_reaction", 1)]
    [told] = [row for row in (await ana.get("/notifications"))["notifications"] if row["story"]]
    assert (told["story"]["story_id"], told["story"]["is_live"]) == (made["story_id"], True)
    await end(api, made["story_id"])
    [told] = [row for row in (await ben.get("/notifications"))["notifications"] if row["story"]]
    assert (told["story"]["is_live"], told["story"]["thumbnail"]) == (False, None)
    other = await story(ana, audience="public", overlays=both[1:])
    await cem.call("POST", f"/stories/{other['story_id']}/reactions", {"reaction": "🔥"})
    await quiet(api.resources)
    assert await heard(cem) == [("story_mention", 1)]
    await ana.call("DELETE", f"/stories/{other['story_id']}")
    await quiet(api.resources)
    assert await heard(cem) == []
    assert await heard(ana) == [("story_reaction", 1)]
