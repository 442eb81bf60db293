"""The AsyncAPI 3 document of the socket, made from the protocol. No I/O."""

from functools import lru_cache
from typing import Any

import orjson

from app.catalogue import BY_NAME
from app.operation import Operation
from realtime import protocol
from realtime.schema import schema


def _message(name: str, payload: dict[str, Any], title: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "contentType": "application/json",
        "payload": payload,
    }


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
            "ephemeral topic updates, and every client operation callable.",
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
            }
        },
        "operations": {
            "fromClient": _operation("receive", said["client"]),
            "fromServer": _operation("send", said["server"]),
        },
        "components": {"messages": messages, "schemas": components},
        "x-close-codes": {str(code): text for code, text in protocol.CLOSE_CODES.items()},
        "x-methods": _methods(BY_NAME),
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [{"$ref": f"#/channels/socket/messages/{name}"} for name in names],
    }


@lru_cache(maxsize=1)
def document_json() -> bytes:
    return orjson.dumps(document())
