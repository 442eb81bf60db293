"""Numbers a process shows on `/metrics`, and the small server that shows them.

A metric is declared once, at the top of the module that counts it:

    ENTRIES = Counter("glimpse_fanout_entries_total", "Feed entries written.")
    ENTRIES.add(120)
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import ClassVar

Labels = tuple[tuple[str, str], ...]
_REGISTRY: dict[str, "_Metric"] = {}
_REQUEST_BYTES_MAX = 8192
_REQUEST_S_MAX = 5.0


class _Metric:
    kind: ClassVar[str]

    def __init__(self, name: str, help_text: str) -> None:
        assert name not in _REGISTRY, f"{name} is declared twice"
        self.name = name
        self.help_text = help_text
        self.values: dict[Labels, float] = {}
        _REGISTRY[name] = self

    def get(self, **labels: str) -> float:
        return self.values.get(tuple(sorted(labels.items())), 0.0)

    def lines(self) -> list[str]:
        if not self.values:
            return []
        out = [f"# HELP {self.name} {self.help_text}", f"# TYPE {self.name} {self.kind}"]
        for labels, value in self.values.items():
            shown = ",".join(f'{k}="{_escaped(v)}"' for k, v in labels)
            out.append(f"{self.name}{{{shown}}} {value!r}" if shown else f"{self.name} {value!r}")
        return out


class Counter(_Metric):
    """Only grows."""

    kind = "counter"

    def add(self, amount: float = 1, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        self.values[key] = self.values.get(key, 0.0) + amount


class Gauge(_Metric):
    """The state now."""

    kind = "gauge"

    def set(self, value: float, **labels: str) -> None:
        self.values[tuple(sorted(labels.items()))] = value


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def render() -> str:
    """All metrics in Prometheus' text format."""
    return "\n".join(line for metric in _REGISTRY.values() for line in metric.lines()) + "\n"


Readiness = Callable[[], Awaitable[dict[str, str]]]
"""What keeps the process from working, by name; empty: ready."""


async def serve(host: str, port: int, readiness: Readiness) -> asyncio.Server:
    """Answer GET `/healthz`, `/readyz` and `/metrics`; port 0 picks a free one."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_S_MAX):
                head = await reader.readuntil(b"\r\n\r\n")
                status, kind, body = await _answer(head, readiness)
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
                    "\r\nConnection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever asks badly gets nothing
        finally:
            writer.close()

    return await asyncio.start_server(respond, host, port, limit=_REQUEST_BYTES_MAX)


async def _answer(head: bytes, readiness: Readiness) -> tuple[str, str, bytes]:
    method, _, rest = head.decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if method != "GET":
        return "405 Method Not Allowed", "text/plain", b"GET only\n"
    if path == "/healthz":
        return "200 OK", "application/json", b'{"status":"alive"}'
    if path == "/metrics":
        return "200 OK", "text/plain; version=0.0.4", render().encode()
    if path == "/readyz":
        wrong = await readiness()
        body = json.dumps({"status": "waiting" if wrong else "ready", "wrong": wrong}).encode()
        return "503 Service Unavailable" if wrong else "200 OK", "application/json", body
    return "404 Not Found", "text/plain", b"/healthz /readyz /metrics\n"
