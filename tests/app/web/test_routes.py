"""Every operation is found at its own address and nowhere else."""

import pytest
from starlette.routing import Match

from app.catalogue import OPERATIONS
from app.operation import Operation
from app.web.routes import BASE, Operations
from tests.fixtures.api import Api

ROUTE = Operations(OPERATIONS)


def find(method: str, path: str) -> tuple[Match, str, dict[str, str]]:
    """(how it matches, the handler's operation, parameters)."""
    match, found = ROUTE.matches({"type": "http", "method": method, "path": path})
    cells = getattr(found.get("endpoint"), "__closure__", None) or ()
    named = [c.cell_contents for c in cells if isinstance(c.cell_contents, Operation)]
    return (
        match,
        f"{named[0].method} {named[0].path}" if named else "",
        found.get("path_params", {}),
    )


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda op: f"{op.method} {op.path}")
def test_each_is_found(one: Operation) -> None:
    wanted = {name: f"a.{name}" for name in one.path_names}
    path = BASE + one.path.format(**wanted)
    assert find(one.method, path) == (Match.FULL, f"{one.method} {one.path}", wanted)
    for wrong in (path + "/", path[len(BASE) :], "/x" + path):
        assert find(one.method, wrong)[1] != f"{one.method} {one.path}"


def test_a_fixed_path_comes_before_a_parameter() -> None:
    assert find("GET", f"{BASE}/users/me")[1:] == ("GET /users/me", {})
    assert find("GET", f"{BASE}/users/mo")[1:] == ("GET /users/{username}", {"username": "mo"})


def test_a_parameter_is_one_part_and_not_empty() -> None:
    for wrong in ("/users/", "/users//", "/users/a/b/c/d"):
        assert find("GET", BASE + wrong)[0] is Match.NONE


def test_head_is_served_like_get() -> None:
    assert find("HEAD", f"{BASE}/users/me") == find("GET", f"{BASE}/users/me")


def test_another_method_is_told_apart_from_no_address() -> None:
    assert find("PATCH", f"{BASE}/users/me")[0] is Match.PARTIAL
    assert find("PATCH", f"{BASE}/nothing")[0] is Match.NONE
    assert ROUTE.matches({"type": "websocket", "path": f"{BASE}/users/me"})[0] is Match.NONE


async def test_a_slash_too_many_leads_to_the_address(api: Api) -> None:
    answer = await api.http.get(f"{BASE}/users/me/")
    assert answer.status_code == 307
    assert answer.headers["location"].endswith(f"{BASE}/users/me")
