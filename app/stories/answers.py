"""Answers to stickers: one a person, and what they come to."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from app import clock, paging
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.graph import queries as graph
from app.identity import queries as people
from app.identity.views import user_view
from app.operation import Context
from app.posts.views import pagination
from app.stories import access
from app.stories.ending import gone_at
from app.stories.views import AnswersPage, ResultsView

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
Answer = int | str | float


async def give(ctx: Context, story_id: str, sticker_id: str, answer: Answer) -> ResultsView:
    """Store the answer; what all have answered so far. Conflict for a second one."""
    resources, user_id = ctx.resources, ctx.user_id
    story = await access.visible_story(resources, user_id, story_id)
    sticker = sticker_of(story, sticker_id)
    if story["author_id"] == user_id:
        raise Forbidden("This is your own story: others answer it.", "own_story")
    row = {
        "_id": f"{story_id}:{sticker_id}:{user_id}",
        "story_id": story_id,
        "sticker_id": sticker_id,
        "user_id": user_id,
        "choice": None,
        "text": None,
        "value": None,
        **_checked(sticker, answer),
        "key": ctx.new_id("ans"),
        "created_at": clock.now(),
        "gone_at": gone_at(resources.settings, story),
    }
    try:
        await resources.mongo.story_answers.insert_one(row)
    except DuplicateKeyError:
        stored = await resources.mongo.story_answers.find_one({"_id": row["_id"]})
        if stored is None or stored["key"] != row["key"]:
            raise Conflict("You have answered this already.", "already_answered") from None
    return (await results(resources, story_id, [sticker]))[sticker_id]


def sticker_of(story: Raw, sticker_id: str) -> Raw:
    for sticker in story["stickers"]:
        if sticker["sticker_id"] == sticker_id:
            found: Raw = sticker
            return found
    raise NotFound("There is no such sticker on this story.", "sticker_not_found")


def _checked(sticker: Raw, answer: Answer) -> Raw:
    """The field to store; Invalid when this sticker is not answered like this."""
    kind = sticker["kind"]
    if kind in ("poll", "quiz"):
        if isinstance(answer, int) and answer < len(sticker["options"]):
            return {"choice": answer}
        count = len(sticker["options"])
        raise Invalid.field("answer", f"Send the index of an option, 0 to {count - 1}.")
    if kind == "question":
        if isinstance(answer, str):
            return {"text": answer}
        raise Invalid.field("answer", "Send a text.")
    if not isinstance(answer, str) and answer <= 1:
        return {"value": float(answer)}
    raise Invalid.field("answer", "Send a number from 0 to 1.")


def answer_of(row: Raw) -> Answer:
    for field in ("choice", "text", "value"):
        if row[field] is not None:
            found: Answer = row[field]
            return found
    raise AssertionError(f"an answer without an answer: {row['_id']}")


async def results(
    resources: "Resources", story_id: str, stickers: Iterable[Raw]
) -> dict[str, ResultsView]:
    """What was answered to these stickers of one story, by sticker id."""
    wanted = {sticker["sticker_id"]: sticker for sticker in stickers}
    rows = resources.mongo.story_answers.aggregate(
        [
            {"$match": {"story_id": story_id, "sticker_id": {"$in": list(wanted)}}},
            {
                "$group": {
                    "_id": {"sticker": "$sticker_id", "choice": "$choice"},
                    "n": {"$sum": 1},
                    "average": {"$avg": "$value"},
                }
            },
        ]
    )
    found: dict[str, ResultsView] = {}
    for sticker_id, sticker in wanted.items():
        found[sticker_id] = {"total": 0}
        if sticker["kind"] in ("poll", "quiz"):
            found[sticker_id]["counts"] = [0] * len(sticker["options"])
        elif sticker["kind"] == "slider":
            found[sticker_id]["average"] = None
    async for row in rows:
        of = found[row["_id"]["sticker"]]
        of["total"] += row["n"]
        if "counts" in of:
            of["counts"][row["_id"]["choice"]] = row["n"]
        elif "average" in of:
            of["average"] = round(row["average"], 4)
    return found


async def given(resources: "Resources", viewer: str, stories: list[Raw]) -> dict[str, Answer]:
    """The viewer's own answers, by sticker id."""
    keys = [
        f"{story['_id']}:{sticker['sticker_id']}:{viewer}"
        for story in stories
        for sticker in story["stickers"]
    ]
    if not keys:
        return {}
    rows = resources.mongo.story_answers.find({"_id": {"$in": keys}})
    return {row["sticker_id"]: answer_of(row) async for row in rows}


async def results_for(
    resources: "Resources", viewer: str, stories: list[Raw], answered: Mapping[str, Any]
) -> dict[str, ResultsView]:
    """What the viewer may see of the results: all of one's own, else of what one has answered.
    How others answered a question is the author's alone."""
    found: dict[str, ResultsView] = {}
    for story in stories:
        shown = [
            sticker
            for sticker in story["stickers"]
            if story["author_id"] == viewer
            or (sticker["sticker_id"] in answered and sticker["kind"] != "question")
        ]
        if shown:
            found |= await results(resources, story["_id"], shown)
    return found


async def page(
    resources: "Resources",
    viewer: str,
    story_id: str,
    sticker_id: str,
    cursor: str | None,
    limit: int,
) -> AnswersPage:
    """Of one's own story; without people behind a block."""
    record = await access.own_record(resources, viewer, story_id)
    sticker_of(record, sticker_id)
    rows, after = await paging.by_time(
        resources,
        "story_answers",
        {"story_id": story_id, "sticker_id": sticker_id},
        "created_at",
        f"answers:{story_id}:{sticker_id}",
        cursor,
        limit,
    )
    ids = [row["user_id"] for row in rows]
    cards = await people.cards(resources, ids)
    blocked = await graph.blocked_among(resources, viewer, ids)
    return {
        "answers": [
            {
                "user": user_view(cards[row["user_id"]]),
                "answer": answer_of(row),
                "created_at": clock.iso(row["created_at"]),
            }
            for row in rows
            if row["user_id"] in cards and row["user_id"] not in blocked
        ],
        "pagination": pagination(after),
    }
