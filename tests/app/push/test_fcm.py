"""FCM's HTTP v1, against a double that checks the service account's signature."""

from typing import Any

import pytest

from app.push.fcm import ServiceAccount
from app.settings import SettingsError
from tests.app.push.conftest import Pushing
from tests.fixtures.api import Person

TOKEN = "registration-token:0123456789"


async def liked(pushing: Pushing, ana: Person | None = None) -> tuple[Person, Person, str]:
    """Ana has an app, and a like waits to be pushed to it."""
    owner, ben = ana or await pushing.api.person(), await pushing.api.person("ben")
    await owner.call("POST", "/push/subscriptions", {"fcm_token": f"{TOKEN}:{owner.user_id}"})
    post = await owner.post()
    await ben.call("POST", f"/posts/{post['post_id']}/like")
    return owner, ben, post["post_id"]


async def test_an_app_is_pushed_to(pushing: Pushing) -> None:
    ana, ben, post_id = await liked(pushing)
    assert await pushing.push() == ["sent"]
    [got] = pushing.fcm.got
    assert got["token"] == f"{TOKEN}:{ana.user_id}"
    text = f"{ben.username} liked your post"
    assert got["notification"] == {"title": "Glimpse", "body": text}
    assert got["data"]["path"] == f"/p/{post_id}"
    assert all(isinstance(value, str) for value in got["data"].values())
    assert got["android"]["collapse_key"] == got["data"]["id"]


async def test_one_token_serves_many_and_a_revoked_one_is_renewed(pushing: Pushing) -> None:
    await liked(pushing)
    assert await pushing.push() == ["sent"]
    before = len(pushing.fcm.tokens)
    await liked(pushing)
    assert await pushing.push() == ["sent"]
    assert len(pushing.fcm.tokens) == before
    pushing.fcm.revoked.add(pushing.fcm.tokens[-1])
    await liked(pushing)
    assert await pushing.push() == ["sent"]
    assert len(pushing.fcm.tokens) == before + 1
    assert len(pushing.fcm.got) == 3


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (429, "QUOTA_EXCEEDED", "retries"),
        (500, "INTERNAL", "retries"),
        (503, "UNAVAILABLE", "retries"),
        (404, "UNREGISTERED", "sent"),
        (403, "SENDER_ID_MISMATCH", "sent"),
        (400, "INVALID_ARGUMENT", "dead"),
    ],
)
async def test_what_its_answers_mean(
    pushing: Pushing, status: int, code: str, outcome: str
) -> None:
    ana, _, _ = await liked(pushing)
    pushing.fcm.answers.append((status, code))
    assert await pushing.push() == [outcome]
    rows = pushing.api.resources.mongo.push_subscriptions
    kept = await rows.count_documents({"user_id": ana.user_id})
    assert kept == (0 if outcome == "sent" else 1)
    if outcome == "retries":
        assert await pushing.push() == ["sent"]


async def test_a_block_is_kept_here_too(pushing: Pushing) -> None:
    ana, ben, _ = await liked(pushing)
    await ana.call("POST", f"/users/{ben.username}/block")
    assert set(await pushing.push()) <= {"nothing"}
    assert pushing.fcm.got == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"project_id":"x"}'])
def test_wrong_credentials_stop_the_start(tmp_path: Any, text: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match="GLIMPSE_PUSH_FCM_CREDENTIALS"):
        ServiceAccount.load(str(path))
