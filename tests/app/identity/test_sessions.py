"""Tokens and sessions: what is accepted, rotation, reuse, logging out."""

import asyncio
import base64
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from app import clock
from app.identity.tokens import Tokens
from tests.fixtures.api import Api, Person, bearer, refusal


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def claims(person: Person, **other: Any) -> dict[str, Any]:
    """Those of the person's own token, changed."""
    middle = person.token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return {k: v for k, v in {**found, **other}.items() if v is not None}


def signed(api: Api, content: dict[str, Any], key: str = "", algorithm: str = "HS256") -> str:
    return jwt.encode(
        {"alg": algorithm},
        content,
        OctKey.import_key(key or api.settings.auth.secret),
        algorithms=[algorithm],
    )


async def test_tokens_that_are_not_good(api: Api) -> None:
    ana, ben = await api.people(2)
    head, middle, signature = ana.token.split(".")
    bad = {
        "nothing": "x",
        "empty": "..",
        "tampered claims": f"{head}.{part(claims(ana, sub=ben.user_id))}.{signature}",
        "tampered signature": ana.token[:-4] + "AAAA",
        "no signature": f"{head}.{middle}.",
        "alg none": f"{part({'alg': 'none'})}.{middle}.",
        "alg none signed": f"{part({'alg': 'none'})}.{middle}.{signature}",
        "wrong key": signed(api, claims(ana), "another secret of at least 32 characters"),
        "other algorithm": signed(api, claims(ana), algorithm="HS512"),
        "other audience": signed(api, claims(ana, aud="other-api")),
        "no audience": signed(api, claims(ana, aud=None)),
        "other issuer": signed(api, claims(ana, iss="other")),
        "no expiry": signed(api, claims(ana, exp=None)),
        "expiry as text": signed(api, claims(ana, exp="tomorrow")),
        "no session": signed(api, claims(ana, sid=None)),
        "refresh token": ana.refresh_token,
        "very long": "a" * 20_000,
        "two tokens": f"{ana.token} {ben.token}",
    }
    for what, token in bad.items():
        answer = await api.send("GET", "/users/me", headers=bearer(token))
        assert answer.status_code == 401, what
        assert refusal(answer, 401)["code"] in ("bad_token", "token_expired"), what


async def test_an_expired_token_says_so(api: Api) -> None:
    ana = await api.person()
    for past_s in (1, 3600):
        token = signed(api, claims(ana, exp=int(time.time()) - past_s))
        error = await api.anonymous("GET", "/users/me", token=token)
        assert error["code"] == "token_expired"


async def test_a_token_runs_out_also_when_it_was_seen_before(api: Api) -> None:
    ana = await api.person()
    tokens = Tokens(replace(api.settings.auth, access_s=1))
    session_id = claims(ana)["sid"]
    token = tokens.access(ana.user_id, session_id)
    assert (await api.send("GET", "/users/me", headers=bearer(token))).status_code == 200
    await asyncio.sleep(1.1)
    assert (await api.anonymous("GET", "/users/me", token=token))["code"] == "token_expired"


async def test_another_persons_session_is_no_session(api: Api) -> None:
    ana, ben = await api.people(2)
    token = signed(api, claims(ana, sid=claims(ben)["sid"]))
    assert (await api.anonymous("GET", "/users/me", token=token))["code"] == "session_revoked"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "token", ""])
async def test_other_authorization_headers(api: Api, header: str) -> None:
    answer = await api.send("GET", "/users/me", headers={"Authorization": header})
    assert refusal(answer, 401)["code"] == "bad_token"


async def test_without_a_token(api: Api) -> None:
    assert (await api.anonymous("GET", "/users/me"))["code"] == "unauthenticated"


async def refresh(api: Api, token: str, status: int = 200) -> dict[str, Any]:
    answer = await api.send("POST", "/auth/refresh", {"refresh_token": token})
    if status == 200:
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data
    return refusal(answer, status)


async def test_refreshing_rotates_and_reuse_ends_the_family(api: Api) -> None:
    ana = await api.person()
    phone = await api.log_in(ana)
    first = await refresh(api, ana.refresh_token)
    assert set(first) == {"user_id", "username", "access_token", "refresh_token"}
    assert first["refresh_token"] != ana.refresh_token
    second = await refresh(api, first["refresh_token"])
    for token in (ana.token, first["access_token"], second["access_token"]):
        assert (await api.send("GET", "/users/me", headers=bearer(token))).status_code == 200

    # Someone shows the first one again.
    assert (await refresh(api, ana.refresh_token, 401))["code"] == "bad_refresh_token"
    for token in (ana.token, first["access_token"], second["access_token"]):
        error = await api.anonymous("GET", "/users/me", token=token)
        assert error["code"] == "session_revoked"
    await refresh(api, second["refresh_token"], 401)
    # Another log-in is another family.
    assert (await phone.get("/users/me"))["user_id"] == ana.user_id


async def test_a_token_used_up_long_ago_ends_the_family_too(api: Api) -> None:
    ana = await api.person()
    newest: Any = {"refresh_token": ana.refresh_token}
    for _ in range(60):
        newest = await refresh(api, newest["refresh_token"])
    forged = ana.refresh_token[:-1] + ("0" if ana.refresh_token[-1] != "0" else "1")
    await refresh(api, forged, 401)
    newest = await refresh(api, newest["refresh_token"])  # a forged one has ended nothing
    await refresh(api, ana.refresh_token, 401)
    await refresh(api, newest["refresh_token"], 401)


async def test_of_two_refreshes_at_once_one_wins(api: Api) -> None:
    ana = await api.person()
    body = {"refresh_token": ana.refresh_token}
    answers = await asyncio.gather(*(api.send("POST", "/auth/refresh", body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


@pytest.mark.parametrize("token", ["", "x", "x" * 257, {"$ne": 1}, 5, ["x"]], ids=repr)
async def test_refresh_tokens_that_are_not_good(api: Api, token: Any) -> None:
    answer = await api.send("POST", "/auth/refresh", {"refresh_token": token})
    api.http.cookies.clear()
    assert answer.status_code in (401, 422)
    error = refusal(answer, answer.status_code)
    if answer.status_code == 422:
        assert set(error["details"]["fields"]) == {"refresh_token"}


async def test_an_expired_refresh_token(api: Api) -> None:
    from app import clock

    ana = await api.person()
    await api.resources.mongo.sessions.update_one(
        {"user_id": ana.user_id}, {"$set": {"expires_at": clock.now()}}
    )
    await refresh(api, ana.refresh_token, 401)


async def test_logging_out_ends_the_session_everywhere(api: Api) -> None:
    ana = await api.person()
    phone = await api.log_in(ana)
    assert await ana.call("POST", "/auth/logout") == {"ended": 1}
    assert (await ana.refused("GET", "/users/me", status=401))["code"] == "session_revoked"
    await refresh(api, ana.refresh_token, 401)
    await phone.get("/users/me")
    # By the refresh token alone, as an app that was away for hours does.
    by_refresh = {"refresh_token": phone.refresh_token}
    assert (await api.send("POST", "/auth/logout", by_refresh)).status_code == 200
    await phone.refused("GET", "/users/me", status=401)
    await api.anonymous("POST", "/auth/logout", by_refresh)


async def test_logging_out_without_any_token(api: Api) -> None:
    await api.anonymous("POST", "/auth/logout")
    await api.anonymous("POST", "/auth/logout", {"refresh_token": "unknown"})


async def test_devices_are_listed_and_ended(api: Api) -> None:
    ana = await api.person()
    phone, tablet = await api.log_in(ana), await api.log_in(ana)
    other = await api.person()
    sessions = (await phone.get("/auth/sessions"))["sessions"]
    assert len(sessions) == 3
    assert [s["is_current"] for s in sessions].count(True) == 1
    [current] = [s for s in sessions if s["is_current"]]
    assert current["session_id"] == claims(phone)["sid"]

    tablet_id = claims(tablet)["sid"]
    error = await other.refused("DELETE", f"/auth/sessions/{tablet_id}", status=404)
    assert error["code"] == "session_not_found"
    assert await phone.call("DELETE", f"/auth/sessions/{tablet_id}") == {"ended": 1}
    assert (await tablet.refused("GET", "/users/me", status=401))["code"] == "session_revoked"
    await phone.refused("DELETE", f"/auth/sessions/{tablet_id}", status=404)

    assert await phone.call("DELETE", "/auth/sessions") == {"ended": 1}
    await ana.refused("GET", "/users/me", status=401)
    assert len((await phone.get("/auth/sessions"))["sessions"]) == 1


async def test_all_other_sessions_end_however_many_there_are(api: Api) -> None:
    ana = await api.person()
    for _ in range(120):
        last = await api.log_in(ana)
    assert await last.call("DELETE", "/auth/sessions") == {"ended": 120}
    assert (await ana.refused("GET", "/users/me", status=401))["code"] == "session_revoked"


async def test_a_session_seen_alive_is_dead_at_once_when_revoked(api: Api) -> None:
    ana = await api.person()
    phone = await api.log_in(ana)
    for _ in range(3):
        await phone.get("/users/me")
    await ana.call("DELETE", f"/auth/sessions/{claims(phone)['sid']}")
    await phone.refused("GET", "/users/me", status=401)
    await api.resources.redis.flushall()
    await phone.refused("GET", "/users/me", status=401)


async def test_the_browsers_cookie_refreshes_from_its_own_origin_alone(api: Api) -> None:
    ana = await api.person()
    cookie = {"Cookie": f"glimpse_refresh={ana.refresh_token}"}
    foreign = {**cookie, "Origin": "https://evil.example"}
    answer = await api.send("POST", "/auth/refresh", headers=foreign)
    assert refusal(answer, 401)["code"] == "foreign_origin"
    origin = str(api.http.base_url).rstrip("/")
    answer = await api.send("POST", "/auth/refresh", headers={**cookie, "Origin": origin})
    assert answer.status_code == 200
    api.http.cookies.clear()


async def test_a_page_that_was_left_while_it_asked_is_not_logged_out(api: Api) -> None:
    ana = await api.person()
    sessions = api.resources.mongo["sessions"]
    origin = str(api.http.base_url).rstrip("/")

    async def shown(token: str) -> httpx.Response:
        api.http.cookies.clear()
        headers = {"Cookie": f"glimpse_refresh={token}", "Origin": origin}
        return await api.send("POST", "/auth/refresh", headers=headers)

    first = await shown(ana.refresh_token)
    assert first.status_code == 200  # nobody hears of this one
    again = await shown(ana.refresh_token)
    assert again.status_code == 200
    newest = again.json()["data"]["refresh_token"]
    newer = await shown(newest)
    assert newer.status_code == 200
    # Its successor's was used: whoever shows the first one now is somebody else.
    assert refusal(await shown(ana.refresh_token), 401)["code"] == "bad_refresh_token"
    assert refusal(await shown(newer.json()["data"]["refresh_token"]), 401)
    assert await sessions.count_documents({"user_id": ana.user_id, "revoked_at": None}) == 0


async def test_a_cookie_that_was_renewed_a_while_ago_ends_its_session(api: Api) -> None:
    ana = await api.person()
    origin = str(api.http.base_url).rstrip("/")
    headers = {"Cookie": f"glimpse_refresh={ana.refresh_token}", "Origin": origin}
    assert (await api.send("POST", "/auth/refresh", headers=headers)).status_code == 200
    long_ago = clock.now() - timedelta(minutes=1)
    sessions = api.resources.mongo["sessions"]
    await sessions.update_one({"user_id": ana.user_id}, {"$set": {"renewed_at": long_ago}})
    api.http.cookies.clear()
    answer = await api.send("POST", "/auth/refresh", headers=headers)
    assert refusal(answer, 401)["code"] == "bad_refresh_token"
    assert await sessions.count_documents({"user_id": ana.user_id, "revoked_at": None}) == 0
    api.http.cookies.clear()
