"""What every operation refuses before it looks at its meaning."""

from typing import Any

import pytest

from tests.fixtures.api import BASE, Api, Person, bearer, refusal


@pytest.fixture(scope="module")
async def ana(api: Api) -> Person:
    return await api.person()


async def put(api: Api, ana: Person, content: bytes, kind: str = "application/json") -> Any:
    return await api.http.put(
        f"{BASE}/users/{ana.username}",
        content=content,
        headers={**bearer(ana.token), "Content-Type": kind},
    )


DEEP = b"[" * 100_000 + b"]" * 100_000

BAD_BODIES: dict[str, tuple[bytes, int, str]] = {
    "not json": (b"{bio}", 400, "not_json"),
    "cut off": (b'{"bio":"x"', 400, "not_json"),
    "two values": (b'{"bio":"x"}{}', 400, "not_json"),
    "array": (b'["bio"]', 400, "not_an_object"),
    "text": (b'"bio"', 400, "not_an_object"),
    "null": (b"null", 400, "not_an_object"),
    "a key twice": (b'{"bio":"x","bio":"y"}', 400, "duplicate_key"),
    "a key twice inside": (b'{"bio":{"a":1,"a":2}}', 400, "duplicate_key"),
    "latin-1": ('{"bio":"é"}'.encode("latin-1"), 400, "not_utf8"),
    "overlong": (b'{"bio":"\xc0\xaf"}', 400, "not_utf8"),
    "surrogate bytes": (b'{"bio":"\xed\xa0\x80"}', 400, "not_utf8"),
    "utf-16": ('{"bio":"x"}'.encode("utf-16"), 400, "not_utf8"),
    "NaN": (b'{"bio":NaN}', 400, "not_json"),
    "Infinity": (b'{"bio":-Infinity}', 400, "not_json"),
    "endless number": (b'{"bio":' + b"9" * 10_000 + b"}", 400, "not_json"),
    "very deep": (b'{"bio":' + DEEP + b"}", 400, "not_json"),
    "deep": (b'{"bio":' + b"[" * 60 + b"]" * 60 + b"}", 400, "too_deep"),
    "300 KB": (b'{"bio":"' + b"x" * 300_000 + b'"}', 413, "too_large"),
    "10 MB": (b'{"bio":"' + b"x" * 10_000_000 + b'"}', 413, "too_large"),
    "NUL": (b'{"bio":"a\\u0000b"}', 422, "invalid"),
    "NUL in a name": (b'{"b\\u0000io":"x"}', 422, "invalid"),
    "lone surrogate": (b'{"bio":"\\ud800"}', 422, "invalid"),
    "lone surrogate as name": (b'{"\\udfff":"x"}', 422, "invalid"),
    "number": (b'{"bio":1e400}', 422, "invalid"),
    "operator": (b'{"bio":{"$ne":1}}', 422, "invalid"),
    "dotted name": (b'{"avatar.media_id":"x"}', 422, "invalid"),
    "operator as name": (b'{"$set":{"is_verified":true}}', 422, "invalid"),
    "undeclared": (b'{"is_verified":true}', 422, "invalid"),
    "path name again": (b'{"username":"other"}', 422, "duplicate_field"),
}


@pytest.mark.parametrize("what", BAD_BODIES)
async def test_bodies_that_are_refused(api: Api, ana: Person, what: str) -> None:
    content, status, code = BAD_BODIES[what]
    error = refusal(await put(api, ana, content), status)
    assert error["code"] == code
    if status == 422:
        assert error["details"]["fields"]
    assert (await ana.get("/users/me"))["bio"] == ""


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json"])
async def test_other_content_types(api: Api, ana: Person, kind: str) -> None:
    assert refusal(await put(api, ana, b'{"bio":"x"}', kind), 415)["code"] == "not_json"


async def test_a_charset_may_be_said(api: Api, ana: Person) -> None:
    answer = await put(api, ana, '{"bio":"Ω"}'.encode(), "application/json; charset=utf-8")
    assert answer.json()["data"]["bio"] == "Ω"
    await ana.call("PUT", f"/users/{ana.username}", {"bio": ""})


async def test_a_body_that_says_no_length_is_counted(api: Api, ana: Person) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield b"x" * 1000

    answer = await api.http.put(
        f"{BASE}/users/{ana.username}",
        content=endless(),
        headers={**bearer(ana.token), "Content-Type": "application/json"},
    )
    assert refusal(answer, 413)["code"] == "too_large"


async def test_a_body_that_is_too_large_is_refused_unread(api: Api, ana: Person) -> None:
    read = 0

    async def slow() -> Any:
        nonlocal read
        for _ in range(10):
            read += 1
            yield b"x"

    answer = await api.http.put(
        f"{BASE}/users/{ana.username}",
        content=slow(),
        headers={**bearer(ana.token), "Content-Length": "99999999"},
    )
    assert refusal(answer, 413)["code"] == "too_large"


@pytest.mark.parametrize(
    "query",
    ["q=a&q=b", "q=%00", "q=a&nope=1", "q=a&limit=0", "q=a&limit=101", "q=a&limit=1e3", "q=",
     "q=a&limit=-1", "q=a&limit=99999999999999999999999", "q[$ne]=1", "limit=5",
     "q=a&cursor=%F0%9F%92%A9", "q=" + "a" * 65, "q=a&cursor=" + "a" * 513],
)  # fmt: skip
async def test_query_parameters_that_are_refused(api: Api, ana: Person, query: str) -> None:
    error = await ana.refused("GET", f"/users/search?{query}", status=422)
    assert error["details"]["fields"]


@pytest.mark.parametrize(
    "path",
    ["/users/%00", "/users/%ED%A0%80", "/users/%FF", "/users/" + "a" * 5000, "/users/..%2F..",
     "/users/%7B%22$ne%22:1%7D", "/posts/%00", "/posts/" + "p" * 65, "/posts/post_%E2%80%AE",
     "/comments/$where/replies", "/users/a%20b/followers"],
)  # fmt: skip
async def test_paths_that_lead_nowhere(api: Api, ana: Person, path: str) -> None:
    answer = await ana.send("GET", path)
    assert answer.status_code in (404, 422), answer.text
    refusal(answer, answer.status_code)


async def test_what_is_not_there(api: Api, ana: Person) -> None:
    assert (await ana.refused("GET", "/nothing", status=404))["code"] == "no_such_route"
    wrong = await ana.send("PATCH", f"/posts/{'x' * 9}")
    assert refusal(wrong, 405)["code"] == "method_not_allowed"
    assert wrong.headers["allow"] == "DELETE, GET, HEAD, PUT"


async def test_request_ids_are_taken_or_made(api: Api, ana: Person) -> None:
    for good in ("abc-123", "req_7.a:b/c+d=@1", "x" * 128):
        refused = await ana.send("GET", "/users/nobody", headers={"X-Request-Id": good})
        assert refused.headers["x-request-id"] == good
        assert refused.json()["error"]["request_id"] == good
    for bad in ("a b", "x" * 129, "<script>", ""):
        answer = await ana.send("GET", "/users/me", headers={"X-Request-Id": bad})
        assert answer.headers["x-request-id"].startswith("req_")


async def test_html_is_text(api: Api, ana: Person) -> None:
    words = '<script>alert(1)</script> & "quotes" \u2028 </textarea>'
    answer = await ana.send("PUT", f"/users/{ana.username}", {"bio": words})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["data"]["bio"] == words
    assert (await ana.get(f"/users/{ana.username}"))["bio"] == words
    await ana.call("PUT", f"/users/{ana.username}", {"bio": ""})
