"""What is refused, each with its code and a reason that says what was wrong."""

from typing import Any

from app import ids
from app.media import keys
from tests.app.stories.telling import SCENE, end, story
from tests.fixtures.api import Api, Person


def overlay(**more: Any) -> dict[str, Any]:
    return {"overlays": [{"kind": "text", "text": "a", **more}]}


def link(url: str) -> dict[str, Any]:
    return {"overlays": [{"kind": "link", "url": url}]}


BODIES: list[tuple[str, dict[str, Any], str, str]] = [
    ("right of the picture", overlay(x=1.01), "overlays.0.x", "less than or equal to 1"),
    ("above the picture", overlay(y=-0.01), "overlays.0.y", "greater than or equal to 0"),
    ("nowhere", overlay(x="NaN"), "overlays.0.x", "finite"),
    ("too big", overlay(scale=10.1), "overlays.0.scale", "less than or equal to 10"),
    (
        "a drawing that leaves the picture",
        {"overlays": [{"kind": "drawing", "strokes": [{"points": [[0.5, 1.5]]}]}]},
        "overlays.0.strokes.0.points.0.1",
        "less than or equal to 1",
    ),
    ("script", link("javascript:alert(1)"), "overlays.0.url", "begins with http"),
    ("script, in capitals", link("JavaScript:alert(1)"), "overlays.0.url", "begins with http"),
    ("script, behind a space", link(" javascript:a()"), "overlays.0.url", "begins with http"),
    ("data", link("data:text/html,<script>"), "overlays.0.url", "begins with http"),
    ("61 seconds", {"duration": 61}, "duration", "less than or equal to 60"),
]


async def test_a_body_that_is_wrong(api: Api) -> None:
    ana = await api.person()
    photo = await ana.quick_photo()
    for what, body, field, reason in BODIES:
        error = await ana.refused("POST", "/stories", {"media_url": photo, **body}, status=422)
        assert error["code"] == "invalid", what
        assert reason in error["details"]["fields"][field], what
    assert await api.resources.mongo.stories.count_documents({"author_id": ana.user_id}) == 0
    await ana.call("POST", "/stories", {"media_url": photo})  # it was not used up


async def video(api: Api, owner: Person, length_s: float) -> str:
    """The media key of a processed video of that length."""
    await owner.quick_photo()
    model = await api.resources.mongo.media.find_one({"owner_id": owner.user_id})
    assert model is not None
    media_id = ids.new_id("media")
    key = keys.original_key("us-east-1", "video", owner.user_id, media_id)
    row = {**model, "_id": media_id, "media_key": key, "kind": "video", "duration": length_s}
    await api.resources.mongo.media.insert_one(row)
    return key


async def test_a_video_of_61_seconds_and_an_eleventh_item(api: Api) -> None:
    ana = await api.person()
    body = {"media_url": await video(api, ana, 61), "media_type": "video"}
    error = await ana.refused("POST", "/stories", body, status=422)
    assert error["code"] == "too_long"
    assert error["details"]["fields"]["duration"] == "A story's video has at most 60 seconds."
    # A client's word does not make it shorter.
    error = await ana.refused("POST", "/stories", {**body, "duration": 30}, status=422)
    assert error["code"] == "too_long"
    body = {"media_url": await video(api, ana, 60), "media_type": "video"}
    assert (await ana.call("POST", "/stories", body))["duration"] == 60

    for _ in range(10):
        await story(ana, sequence_id="trip")
    body = {"media_url": await ana.quick_photo(), "sequence_id": "trip"}
    error = await ana.refused("POST", "/stories", body, status=422)
    assert error["code"] == "too_many_items"
    assert error["details"]["fields"]["sequence_id"] == "A sequence has at most 10 items."


async def test_a_list_of_someone_elses(api: Api) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    theirs = await ana.call("POST", "/me/lists", {"name": "Sea", "usernames": [ben.username]})
    audience = f"list:{theirs['list_id']}"
    shown = await story(ana, audience="public")
    photo = await ben.quick_photo()
    for path, body in (
        ("/stories", {"media_url": photo, "audience": audience}),
        (f"/stories/{shown['story_id']}/repost", {"audience": audience}),
        ("/posts", {"media": [{"url": photo}], "audience": audience}),
    ):
        error = await ben.refused("POST", path, body, status=422)
        assert error["code"] == "list_not_found", path
        assert error["details"]["fields"]["audience"] == "You have no such list.", path
    for method, sent in (("GET", None), ("PUT", {"name": "Mine"}), ("DELETE", None)):
        error = await ben.refused(method, f"/me/lists/{theirs['list_id']}", sent, status=404)
        assert error["code"] == "list_not_found"
    await ben.call("POST", "/stories", {"media_url": photo})  # it was not used up


async def test_views_and_answers_where_there_is_no_right_to_them(api: Api) -> None:
    ana, ben, eve = await api.people(3)
    await ben.follow(ana)
    made = await story(ana, **SCENE)
    path = f"/stories/{made['story_id']}"
    poll, question = (s["sticker_id"] for s in made["stickers"][:2])
    acts = (("view", None), ("answers", {"sticker_id": poll, "answer": 0}))
    over = "This story is over, or is not for you to see."

    for act, sent in acts:  # not for her
        error = await eve.refused("POST", f"{path}/{act}", sent, status=404)
        assert (error["code"], error["message"]) == ("story_not_found", over)
    for act, sent in acts:
        await ben.call("POST", f"{path}/{act}", sent)
    for wrong in (True, None, [0], {"$gt": 0}, -1, 4, 1.5, ""):
        error = await ben.refused(
            "POST", f"{path}/answers", {"sticker_id": poll, "answer": wrong}, status=422
        )
        assert set(error["details"]["fields"]) == {"answer"}
    for answer in (0, 1):  # the same again, and a change of mind
        sent = {"sticker_id": poll, "answer": answer}
        error = await ben.refused("POST", f"{path}/answers", sent, status=409)
        assert error["code"] == "already_answered"
        assert error["message"] == "You have answered this already."

    await end(api, made["story_id"])
    acts += (("answers", {"sticker_id": question, "answer": "late"}),)
    for who in (ben, eve):
        for act, sent in acts:
            error = await who.refused("POST", f"{path}/{act}", sent, status=404)
            assert (error["code"], error["message"]) == ("story_not_found", over)
    mongo, one = api.resources.mongo, {"story_id": made["story_id"]}
    assert await mongo.story_views.distinct("viewer_id", one) == [ben.user_id]
    stored = await mongo.story_answers.find(one).to_list(None)
    assert [(row["user_id"], row["choice"]) for row in stored] == [(ben.user_id, 0)]
