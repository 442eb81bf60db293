"""Every field of every operation refuses what is wrong, and says which field it was."""

from typing import Any
from urllib.parse import quote

import pytest

from app.catalogue import OPERATIONS
from app.operation import Operation
from tests.fixtures.api import Api, Person

BODY: list[Any] = [{"$ne": 1}, {"$where": "1"}, "x" * 10_000, 10**30, "a\0b", [["x"]], -(10**30)]
QUERY = ["\0", "x" * 10_000, "a\0b"]
NUMBERS = ["-1", "1e9", "9" * 30, "NaN", "x", "0x10", "1.5", ""]


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def fields_of(operation: Operation) -> list[str]:
    return [f for f in operation.params.model_fields if f not in operation.path_names]


def path_of(operation: Operation) -> str:
    path = operation.path
    for part in operation.path_names:
        path = path.replace(f"{{{part}}}", "someone")
    return path


@pytest.fixture(scope="module")
async def ana(api: Api) -> Person:
    return await api.person()


def named(error: dict[str, Any]) -> set[str]:
    return {field.split(".")[0] for field in error["details"]["fields"]}


async def call(ana: Person, operation: Operation, given: dict[str, Any]) -> Any:
    """The error; nothing given here may be accepted, nor break anything."""
    path = path_of(operation)
    if operation.method == "GET":
        query = "&".join(f"{k}={quote(str(v))}" for k, v in given.items())
        answer = await ana.send("GET", f"{path}?{query}")
    else:
        answer = await ana.send(operation.method, path, given)
    assert answer.status_code == 422, f"{given}: {answer.status_code} {answer.text[:300]}"
    return answer.json()["error"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_an_unknown_field_is_named(ana: Person, operation: Operation) -> None:
    for unknown in ("nope", "$where", "user_id.x", "__proto__"):
        assert unknown in (await call(ana, operation, {unknown: "1"}))["details"]["fields"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_every_field_refuses_what_is_wrong(ana: Person, operation: Operation) -> None:
    schema = operation.params.model_json_schema()["properties"]
    for field in fields_of(operation):
        if operation.method == "GET":
            values: list[Any] = [
                *QUERY,
                *(NUMBERS if schema[field].get("type") == "integer" else []),
            ]
        else:
            values = BODY
        for value in values:
            error = await call(ana, operation, {field: value})
            assert field in named(error), f"{field}={str(value)[:40]}: {error['details']}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_what_is_needed_is_asked_for(ana: Person, operation: Operation) -> None:
    needed = {
        name
        for name, field in operation.params.model_fields.items()
        if field.is_required() and name not in operation.path_names
    }
    if needed:
        assert needed <= named(await call(ana, operation, {}))


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if "{" in op.path], ids=name_of)
async def test_paths_refuse_what_is_wrong(ana: Person, operation: Operation) -> None:
    """A body that is right is not needed: the path alone is wrong."""
    for bad in ("%00", "x" * 300, "%7B%22$ne%22%3A1%7D", "%E2%80%AEana", "..%2F..", "$where"):
        path = operation.path
        for part in operation.path_names:
            path = path.replace(f"{{{part}}}", bad)
        answer = await ana.send(operation.method, path, {} if operation.method != "GET" else None)
        if operation.name in ("posts.unsave", "posts.unmute") and answer.status_code == 200:
            continue  # what is gone may be forgotten too
        assert answer.status_code in (401, 404, 422), f"{path}: {answer.status_code}"
        assert answer.json()["success"] is False
