"""JSON Schema of every message, for the TypeScript types and the AsyncAPI document. No I/O."""

from typing import Any, Literal, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from app import wire
from realtime import protocol
from realtime.protocol import Id

# The client's messages as they stand in a frame.


class ClientInfo(TypedDict):
    name: str
    version: str
    device: NotRequired[str]


class ResumePoint(TypedDict):
    epoch: str
    seq: int


class HelloFrame(TypedDict):
    op: Literal["hello"]
    token: str
    client: NotRequired[ClientInfo]
    resume: NotRequired[ResumePoint]


class AuthFrame(TypedDict):
    op: Literal["auth"]
    id: NotRequired[Id]
    token: str


class CallFrame(TypedDict):
    op: Literal["call"]
    id: Id
    method: str
    params: NotRequired[dict[str, Any]]
    key: NotRequired[str]


class SubFrame(TypedDict):
    op: Literal["sub"]
    id: Id
    topics: list[str]


class UnsubFrame(TypedDict):
    op: Literal["unsub"]
    id: Id
    topics: list[str]


class AckFrame(TypedDict):
    op: Literal["ack"]
    seq: int


class PingFrame(TypedDict):
    op: Literal["ping"]
    t: NotRequired[Any]


CLIENT_FRAMES: tuple[Any, ...] = (
    HelloFrame,
    AuthFrame,
    CallFrame,
    SubFrame,
    UnsubFrame,
    AckFrame,
    PingFrame,
)
SERVER_FRAMES: tuple[Any, ...] = (
    protocol.Welcome,
    protocol.Event,
    protocol.Live,
    protocol.Resync,
    protocol.Expiring,
    protocol.Bye,
    protocol.Result,
    protocol.Error,
    protocol.Ok,
    protocol.Pong,
)


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
        "client": [named(kind) for kind in CLIENT_FRAMES],
        "server": [named(kind) for kind in SERVER_FRAMES],
        "events": {name: of(kind) for name, kind in wire.EVENTS.items()},
        "topics": {
            topic: {name: of(kind) for name, kind in types.items()}
            for topic, types in wire.TOPICS.items()
        },
        "components": components,
    }
