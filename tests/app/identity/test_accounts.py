"""Registering and logging in: exact answers, what is refused, and races."""

import asyncio
from typing import Any

import pytest

from tests.fixtures.api import PASSWORD, Api, refusal


def body(name: str, **other: Any) -> dict[str, Any]:
    return {
        "username": name,
        "email": f"{name}@example.org",
        "password": PASSWORD,
        "full_name": "Ana",
    } | other


async def test_registering_answers_201_with_exactly_these_fields(api: Api) -> None:
    answer = await api.send("POST", "/users/register", body("Mixed.Case_9"))
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert set(data) == {"user_id", "username", "access_token", "refresh_token"}
    assert data["username"] == "mixed.case_9"
    assert data["user_id"].startswith("usr_")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_logging_in_by_name_in_any_case_or_by_email(api: Api) -> None:
    ana = await api.person()
    for login in (ana.username, ana.username.upper(), ana.email, ana.email.upper()):
        answer = await api.send("POST", "/users/login", {"username": login, "password": PASSWORD})
        assert answer.status_code == 200
        data = answer.json()["data"]
        assert set(data) == {"user_id", "username", "access_token", "refresh_token"}
        assert data["user_id"] == ana.user_id


USERNAMES = [
    "",
    "ab",
    "a" * 31,
    "a" * 5000,
    "has space",
    "has-dash",
    "has/slash",
    "...",
    "___",
    "аnа",  # Cyrillic
    "ana\u200b",  # zero width
    "\u202eana",  # right to left
    "ﬁne",  # ligature
    "anä",
    "Kelvin\u212a",  # lower case is an ASCII k
    "ana\n",
    "admin",
    "ADMIN",
    "me",
    "search",
    "$where",
    {"$ne": 1},
    ["ana"],
    123,
    None,
    True,
]


@pytest.mark.parametrize("username", USERNAMES, ids=repr)
async def test_usernames_that_are_refused(api: Api, username: Any) -> None:
    sent = body("someone") | {"username": username}
    answer = await api.send("POST", "/users/register", sent)
    if username == "ana\n":  # white space around a value is not part of it
        assert answer.status_code == 201
        return
    error = refusal(answer, 422)
    assert set(error["details"]["fields"]) == {"username"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "ana"),
        ("email", "ana@"),
        ("email", "@example.org"),
        ("email", "ana@example"),
        ("email", "a b@example.org"),
        ("email", "ana@exa mple.org"),
        ("email", "ana@example..org"),
        ("email", "ana@example.org@example.org"),
        ("email", "anä@example.org"),
        ("email", "a" * 250 + "@example.org"),
        ("email", {"$gt": ""}),
        ("email", 5),
        ("password", ""),
        ("password", "1234567"),
        ("password", "password"),
        ("password", "PASSWORD1"),
        ("password", "a" * 257),
        ("password", {"$ne": 1}),
        ("password", None),
        ("full_name", "x" * 61),
        ("full_name", {"a": 1}),
        ("is_verified", True),
        ("user_id", "usr_1"),
        ("$where", "1"),
        ("a.b", 1),
    ],
    ids=repr,
)
async def test_other_fields_that_are_refused(api: Api, field: str, value: Any) -> None:
    answer = await api.send("POST", "/users/register", body("someone") | {field: value})
    error = refusal(answer, 422)
    assert error["code"] == "invalid"
    assert set(error["details"]["fields"]) == {field}


@pytest.mark.parametrize("field", ["username", "email", "password"])
async def test_what_is_left_out_is_named(api: Api, field: str) -> None:
    sent = body("someone")
    del sent[field]
    error = refusal(await api.send("POST", "/users/register", sent), 422)
    assert error["details"]["fields"] == {field: "This field is needed."}


async def test_ones_own_name_is_no_password(api: Api) -> None:
    sent = body("a.long.name") | {"password": "A.Long.Name"}
    error = refusal(await api.send("POST", "/users/register", sent), 422)
    assert set(error["details"]["fields"]) == {"password"}


@pytest.mark.parametrize("taken", ["username", "email"])
async def test_what_is_taken_is_a_conflict(api: Api, taken: str) -> None:
    ana = await api.person()
    sent = body(f"other.{taken}") | {taken: getattr(ana, taken).upper()}
    error = refusal(await api.send("POST", "/users/register", sent), 409)
    assert error["code"] == f"{taken}_taken"
    assert set(error["details"]["fields"]) == {taken}


async def test_of_many_who_want_one_name_one_gets_it(api: Api) -> None:
    answers = await asyncio.gather(
        *(
            api.send("POST", "/users/register", body("wanted") | {"email": f"w{n}@example.org"})
            for n in range(8)
        ),
        *(
            api.send(
                "POST", "/users/register", body(f"wanted{n}") | {"email": "wanted@example.org"}
            )
            for n in range(8)
        ),
    )
    names, emails = answers[:8], answers[8:]
    assert sorted(a.status_code for a in names) == [201] + [409] * 7
    assert sorted(a.status_code for a in emails) == [201] + [409] * 7
    assert {a.json()["error"]["code"] for a in names if a.status_code == 409} == {"username_taken"}
    assert {a.json()["error"]["code"] for a in emails if a.status_code == 409} == {"email_taken"}
    assert await api.resources.mongo.users.count_documents({"username": "wanted"}) == 1


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(api: Api) -> None:
    ana = await api.person()
    answers = [
        await api.send("POST", "/users/login", {"username": name, "password": password})
        for name, password in (
            (ana.username, "not the password"),
            (ana.email, "not the password"),
            ("nobody.here", "not the password"),
            ("nobody@example.org", PASSWORD),
            ("ﬁne", PASSWORD),
        )
    ]
    errors = [refusal(answer, 401) for answer in answers]
    assert {(e["code"], e["message"], str(e["details"])) for e in errors} == {
        ("bad_credentials", "The name or the password is wrong.", "{}")
    }


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(api: Api) -> None:
    """Measured by what is done, not by the clock: both hash once."""
    from app.identity import passwords

    ana = await api.person()
    hashed: list[str] = []
    matches = passwords._matches

    def count(auth: Any, stored: str, password: str) -> bool:
        hashed.append(stored)
        return matches(auth, stored, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_matches", count)
        for name in (ana.username, "nobody.here"):
            await api.anonymous(
                "POST", "/users/login", {"username": name, "password": "not the password"}
            )
    assert len(hashed) == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"username": {"$ne": None}, "password": {"$ne": None}},
        {"username": {"$gt": ""}, "password": PASSWORD},
        {"username": "ana", "password": {"$regex": ".*"}},
        {"username": ["ana"], "password": PASSWORD},
        {"username": "ana"},
        {"username": "ana", "password": "x" * 257},
        {"username": "ana", "password": PASSWORD, "$or": []},
    ],
    ids=repr,
)
async def test_log_in_takes_no_operators(api: Api, sent: dict[str, Any]) -> None:
    error = refusal(await api.send("POST", "/users/login", sent), 422)
    assert error["details"]["fields"]


async def test_passwords_are_not_kept_readable(api: Api) -> None:
    ana = await api.person()
    user = await api.resources.mongo.users.find_one({"_id": ana.user_id})
    assert user is not None
    assert user["password_hash"].startswith("$argon2id$")
    sessions = await api.resources.mongo.sessions.find({"user_id": ana.user_id}).to_list(None)
    assert ana.refresh_token not in str(sessions)
