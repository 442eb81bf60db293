"""The AsyncAPI 3 document of the socket, made from the protocol. No I/O."""

from functools import lru_cache
from typing import Any

import orjson

from app.catalogue import BY_NAME
from app.operation import Operation
from realtime import protocol
from realtime.examples import EXAMPLES
from realtime.schema import schema

ANSWERS: dict[str, tuple[str, ...]] = {
    "hello": ("welcome",),
    "auth": ("ok",),
    "call": ("result", "error"),
    "sub": ("result",),
    "unsub": ("result",),
    "ack": (),
    "ping": ("pong",),
}
"""What the client says → what it is answered with."""
_SUMMARIES = {
    "hello": "The first message: who this is, and where it was.",
    "auth": "Renews the session before its token runs out.",
    "call": "An operation (`x-methods`), with the parameters and results of its REST twin.",
    "sub": "Asks for the updates of topics.",
    "unsub": "Wants no more of these topics.",
    "ack": "Everything up to `seq` has been shown or stored.",
    "ping": "A sign of life.",
}


def _message(name: str, payload: dict[str, Any], title: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": name,
        "title": title,
        "contentType": "application/json",
        "payload": payload,
    }
    if name in EXAMPLES:
        message["examples"] = [{"payload": each} for each in EXAMPLES[name]]
    return message


def _op(reference: dict[str, Any], components: dict[str, Any]) -> str:
    model = components[reference["$ref"].rpartition("/")[2]]
    name: str = model["properties"]["op"]["const"]
    return name


def _with_data(frame: str, type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "allOf": [
            {"$ref": f"#/components/schemas/{frame}"},
            {"type": "object", "properties": {"type": {"const": type_}, "data": data}},
        ]
    }


def _methods(operations: dict[str, Operation]) -> list[dict[str, str]]:
    return [{"method": name, "summary": op.summary} for name, op in sorted(operations.items())]


def _operations(said: dict[str, list[str]]) -> dict[str, Any]:
    """As the server sees it: it receives what clients say, answers, and sends of its own."""
    channel = {"$ref": "#/channels/socket"}

    def messages(names: list[str]) -> list[dict[str, str]]:
        return [{"$ref": f"#/channels/socket/messages/{name}"} for name in names]

    operations: dict[str, Any] = {}
    for op in said["client"]:
        operations[op] = {
            "action": "receive",
            "channel": channel,
            "summary": _SUMMARIES[op],
            "messages": messages([op]),
        }
        if ANSWERS[op]:
            reply = {"channel": channel, "messages": messages(list(ANSWERS[op]))}
            operations[op]["reply"] = reply
    answers = {answer for each in ANSWERS.values() for answer in each}
    operations["tell"] = {
        "action": "send",
        "channel": channel,
        "summary": "What the server says by itself.",
        "messages": messages([name for name in said["server"] if name not in answers]),
    }
    return operations


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    found = schema()
    components: dict[str, Any] = found["components"]
    messages: dict[str, Any] = {}
    said: dict[str, list[str]] = {"client": [], "server": []}
    for side, names in said.items():
        for reference in found[side]:
            op = _op(reference, components)
            names.append(op)
            messages[op] = _message(op, reference, f"`{op}`, from the {side}")
    for type_, data in found["events"].items():
        name = f"event.{type_}"
        said["server"].append(name)
        messages[name] = _message(name, _with_data("Event", type_, data), f"event `{type_}`")
    for topic, types in found["topics"].items():
        for type_, data in types.items():
            name = f"live.{topic.partition(':')[0]}.{type_}"
            said["server"].append(name)
            messages[name] = _message(
                name, _with_data("Live", type_, data), f"`{type_}` on topic `{topic}`"
            )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Glimpse socket",
            "version": str(protocol.VERSION),
            "description": "One socket a device: durable events in order with resume, "
            "ephemeral topic updates, and every client operation callable. Text frames, one JSON "
            "object a frame, each with `op`. Close codes: `x-close-codes`; methods: `x-methods`.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "here": {"host": "localhost", "protocol": "ws", "description": "The app's own origin."}
        },
        "channels": {
            "socket": {
                "address": "/ws",
                "description": f"WebSocket subprotocol `{protocol.SUBPROTOCOL}`.",
                "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in messages},
                "bindings": {"ws": _HANDSHAKE},
            }
        },
        "operations": _operations(said),
        "components": {"messages": messages, "schemas": components},
        "x-close-codes": {str(code): text for code, text in protocol.CLOSE_CODES.items()},
        "x-methods": _methods(BY_NAME),
    }


_HANDSHAKE = {
    "method": "GET",
    "headers": {
        "type": "object",
        "properties": {"Sec-WebSocket-Protocol": {"type": "string", "const": protocol.SUBPROTOCOL}},
    },
    "bindingVersion": "0.1.0",
}


@lru_cache(maxsize=1)
def document_json() -> bytes:
    return orjson.dumps(document())
