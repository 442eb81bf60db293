"""JSON Schema of every message, for the TypeScript types and the AsyncAPI document. No I/O."""

from typing import Any

from pydantic import TypeAdapter

from app import wire
from realtime import protocol

_REF = "#/components/schemas/{model}"


def schema() -> dict[str, Any]:
    """`{"client": […], "server": […], "events": {type: …}, "topics": {topic: {type: …}},
    "components": {name: …}}`: each a JSON Schema whose references point into components."""
    components: dict[str, Any] = {}

    def of(kind: Any) -> dict[str, Any]:
        found = TypeAdapter(kind).json_schema(ref_template=_REF, mode="serialization")
        components.update(found.pop("$defs", {}))
        return found

    def named(kind: Any) -> dict[str, Any]:
        components[kind.__name__] = of(kind)
        return {"$ref": _REF.format(model=kind.__name__)}

    return {
        "client": [named(kind) for kind in protocol.CLIENT_FRAMES],
        "server": [named(kind) for kind in protocol.SERVER_FRAMES],
        "events": {name: of(kind) for name, kind in wire.EVENTS.items()},
        "topics": {
            topic: {name: of(kind) for name, kind in types.items()}
            for topic, types in wire.TOPICS.items()
        },
        "components": components,
    }
