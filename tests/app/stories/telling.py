"""How the tests tell stories and look at them."""

from typing import Any

from app.events import MediaUploaded
from tests.fixtures.api import Api, Person
from workers import images

SCENE: dict[str, Any] = {
    "overlays": [
        {"kind": "text", "text": "<b>hello</b>", "x": 0.5, "y": 0.25, "font": "neon"},
        {"kind": "hashtag", "tag": "#Sea"},
        {"kind": "place", "name": "Harbour", "lat": 54.3, "lng": 10.1},
        {"kind": "link", "url": "https://example.org/a?b=c", "label": "more"},
        {"kind": "emoji", "emoji": "🌊", "rotation": -20, "scale": 2},
        {"kind": "drawing", "strokes": [{"points": [[0, 0], [0.5, 1]], "color": "red"}]},
    ],
    "filter": "warm",
    "stickers": [
        {"kind": "poll", "question": "Sea or lake?", "options": ["Sea", "Lake"]},
        {"kind": "question", "prompt": "Where next?"},
        {"kind": "quiz", "question": "How deep?", "options": ["1", "2", "3"], "correct": 2},
        {"kind": "slider", "prompt": "How cold?", "emoji": "🥶"},
    ],
}


async def story(who: Person, **more: Any) -> dict[str, Any]:
    """A live story with one photo, as `stories.create` answers it."""
    body = {"media_url": await who.quick_photo(), "media_type": "photo", **more}
    made: dict[str, Any] = await who.call("POST", "/stories", body)
    assert made["status"] == "live"
    return made


async def real_story(who: Person, **more: Any) -> dict[str, Any]:
    """With a photo that was uploaded and processed: its links can be fetched."""
    body = {"media_url": await who.photo(), "media_type": "photo", **more}
    made: dict[str, Any] = await who.call("POST", "/stories", body)
    return made


async def early_story(who: Person, **more: Any) -> tuple[dict[str, Any], MediaUploaded]:
    """Told while its photo waits to be processed; and what will have it processed."""
    data = who.api.photo
    link = await who.call(
        "POST", "/media/upload-url", {"file_type": "image/jpeg", "file_size": len(data)}
    )
    await who.api.storage.put(link["upload_url"], content=data, headers=link["headers"])
    body = {"media_url": link["media_key"], "media_type": "photo", **more}
    made = await who.call("POST", "/stories", body)
    return made, MediaUploaded(link["media_id"], who.user_id)


async def process(api: Api, event: MediaUploaded) -> None:
    await images.handle("1-0", event, api.resources)


async def end(api: Api, story_id: str) -> None:
    """Its time is over, as the database's clock has it; nothing was swept yet."""
    mongo = api.resources.mongo
    past = [{"$set": {"expires_at": {"$subtract": ["$$NOW", 1000]}}}]
    await mongo.stories.update_one({"_id": story_id}, past)
    await mongo.story_records.update_one({"_id": story_id}, past)
    its_own = {"attached_to": story_id, "expires_at": {"$type": "date"}}
    await mongo.media.update_many(its_own, past)


async def tray(who: Person) -> dict[str, dict[str, Any]]:
    """By username, in order."""
    found = (await who.get("/stories/feed"))["stories"]
    return {entry["user"]["username"]: entry for entry in found}


def ids(entry: dict[str, Any]) -> list[str]:
    return [item["story_id"] for item in entry["items"]]
