"""The AsyncAPI document: valid by the official schema, complete, and its examples true."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from app import wire
from realtime import protocol
from realtime.asyncapi import ANSWERS, document, document_json
from realtime.schema import CLIENT_FRAMES, SERVER_FRAMES
from tests.fixtures.missing import missing

OFFICIAL = Path(__file__).parents[2] / "frontend/node_modules/@asyncapi/specs/schemas/3.0.0.json"


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft7Validator:
    """The schema that the makers of AsyncAPI publish."""
    if not OFFICIAL.exists():
        missing("the schema of AsyncAPI is not installed: run `infra/install.sh node`")
    schema = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def ops(frames: tuple[Any, ...]) -> set[str]:
    return {frame.__annotations__["op"].__args__[0] for frame in frames}


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(each) for each in part.values()))
    if isinstance(part, list):
        return set().union(*(references(each) for each in part))
    return set()


def at(reference: str) -> Any:
    found: Any = document()
    for name in reference.removeprefix("#/").split("/"):
        found = found[name.replace("~1", "/").replace("~0", "~")]
    return found


def test_the_served_document_is_valid(official: jsonschema.Draft7Validator) -> None:
    served = json.loads(document_json())
    faults = [f"{list(each.path)}: {each.message[:200]}" for each in official.iter_errors(served)]
    assert faults == []


@pytest.mark.parametrize(
    "broken",
    [
        {"channels": {"socket": {"address": 7}}},
        {"operations": {"hello": {"action": "shout"}}},
        {"info": {"title": "x"}},
    ],
    ids=lambda each: next(iter(each)),
)
def test_the_official_schema_finds_faults(
    official: jsonschema.Draft7Validator, broken: dict[str, Any]
) -> None:
    assert list(official.iter_errors({**document(), **broken}))


def test_every_message_is_in_an_operation_and_every_reference_leads_somewhere() -> None:
    found = document()
    for reference in references(found):
        at(reference)
    messages = set(found["components"]["messages"])
    events = {f"event.{type_}" for type_ in wire.EVENTS}
    live = {
        f"live.{topic.partition(':')[0]}.{type_}"
        for topic, types in wire.TOPICS.items()
        for type_ in types
    }
    assert messages == ops(CLIENT_FRAMES) | ops(SERVER_FRAMES) | events | live
    assert set(found["channels"]["socket"]["messages"]) == messages
    said = references(found["operations"]) - {"#/channels/socket"}
    assert said == {f"#/channels/socket/messages/{name}" for name in messages}
    assert set(ANSWERS) == ops(CLIENT_FRAMES)
    assert set(found["x-close-codes"]) == {str(code) for code in protocol.CLOSE_CODES}


def test_examples_fit_their_schemas() -> None:
    found = document()
    shown = {name for name, each in found["components"]["messages"].items() if "examples" in each}
    assert shown >= ops(CLIENT_FRAMES) | ops(SERVER_FRAMES)
    for name in shown:
        message = found["components"]["messages"][name]
        schema = {**message["payload"], "components": found["components"]}
        for example in message["examples"]:
            jsonschema.Draft202012Validator(schema).validate(example["payload"])
            if name in ANSWERS:  # the server takes them too
                protocol.decode(json.dumps(example["payload"]))
