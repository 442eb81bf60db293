"""The served OpenAPI 3.1 document, made from the operations, and a page to read it."""

import html
from functools import lru_cache
from typing import Any

import orjson
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.catalogue import OPERATIONS
from app.operation import Operation
from app.web.counted import counted

_REF = "#/components/schemas/{model}"
_ERROR_STATUSES = {
    400: "Malformed",
    401: "The token is missing, wrong, expired or revoked",
    403: "Not allowed",
    404: "Not there, or not for the caller to know of",
    409: "In conflict with what is stored",
    413: "Too large",
    415: "Not JSON",
    422: "A field is wrong: details.fields names it",
    429: "Too many requests: see Retry-After",
    503: "A dependency is away: see Retry-After",
}


def _split(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    components.update(schema.pop("$defs", {}))
    return schema


def _parameters(operation: Operation, schema: dict[str, Any]) -> list[dict[str, Any]]:
    names = operation.path_names
    inside_query = operation.method == "GET"
    found = []
    for name, field in schema.get("properties", {}).items():
        if name in names or inside_query:
            place = "path" if name in names else "query"
            required = place == "path" or name in schema.get("required", [])
            found.append({"name": name, "in": place, "required": required, "schema": field})
    return found


def _body(operation: Operation, schema: dict[str, Any]) -> dict[str, Any] | None:
    names = operation.path_names
    properties = {n: f for n, f in schema.get("properties", {}).items() if n not in names}
    if operation.method == "GET" or not properties:
        return None
    required = [n for n in schema.get("required", []) if n in properties]
    content = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        content["required"] = required
    return {"required": bool(required), "content": {"application/json": {"schema": content}}}


def _answers(operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    if operation.result is None:
        good: dict[str, Any] = {"description": "Done"}
    else:
        data = _split(
            TypeAdapter(operation.result).json_schema(ref_template=_REF, mode="serialization"),
            components,
        )
        envelope = {
            "type": "object",
            "required": ["success", "data"],
            "properties": {"success": {"const": True}, "data": data},
        }
        good = {"description": "Done", "content": {"application/json": {"schema": envelope}}}
    refusal = {"$ref": "#/components/schemas/Failure"}
    bad = {
        str(status): {
            "description": text,
            "content": {"application/json": {"schema": refusal}},
        }
        for status, text in _ERROR_STATUSES.items()
    }
    return {str(operation.status): good, **bad}


def _describe(operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    schema = _split(operation.params.model_json_schema(ref_template=_REF), components)
    parameters = _parameters(operation, schema)
    if operation.method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        )
    described: dict[str, Any] = {
        "operationId": operation.name or f"{operation.method} {operation.path}",
        "summary": operation.summary,
        "tags": [operation.path.split("/")[1]],
        "parameters": parameters,
        "responses": _answers(operation, components),
        "security": [] if operation.public else [{"bearer": []}],
    }
    if operation.name:
        described["x-socket-method"] = operation.name
    body = _body(operation, schema)
    if body:
        described["requestBody"] = body
    return described


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    components: dict[str, Any] = {
        "Failure": {
            "type": "object",
            "required": ["success", "error"],
            "properties": {
                "success": {"const": False},
                "error": {
                    "type": "object",
                    "required": ["code", "message", "details", "request_id"],
                    "properties": {
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "details": {"type": "object"},
                        "request_id": {"type": "string"},
                    },
                },
            },
        }
    }
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(
            operation, components
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Glimpse", "version": "1", "license": {"name": "MIT"}},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


@lru_cache(maxsize=1)
def _json() -> bytes:
    return orjson.dumps(document())


@lru_cache(maxsize=1)
def _page() -> str:
    rows = "".join(
        f"<tr><td><code>{op.method}</code></td><td><code>/api/v1{html.escape(op.path)}</code></td>"
        f"<td><code>{html.escape(op.name or '–')}</code></td><td>{html.escape(op.summary)}</td></tr>"
        for op in OPERATIONS
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        "<meta name=color-scheme content='light dark'><title>Glimpse API</title>"
        "<h1>Glimpse API, version 1</h1><p>Every operation is a route and, where a method is "
        "named, a socket call with the same parameters and results. Machine-readable: "
        "<a href='/api/v1/openapi.json'>OpenAPI</a>, "
        "<a href='/api/v1/asyncapi.json'>AsyncAPI</a>.</p>"
        f"<table><thead><tr><th>Method<th>Path<th>Socket call<th></thead>{rows}</table></html>"
    )


async def _serve_json(request: Request) -> Response:
    return await counted(request, Response(_json(), media_type="application/json"))


async def _serve_page(request: Request) -> Response:
    return Response(_page(), media_type="text/html")


def routes() -> list[Route]:
    return [Route("/api/v1/openapi.json", _serve_json), Route("/docs", _serve_page)]
