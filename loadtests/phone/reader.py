"""Bytes of a server's socket to messages: the handshake's answer, then frames. No I/O.

Only what a server of ours sends: whole frames, unmasked, uncompressed. The bulk of them are
events and topic updates, of which only the head is read, with one pattern; the rest is JSON.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

_EVENT = re.compile(
    rb'\{"op":"event","seq":(\d+),"id":"([^"\\]+)","type":"([^"\\]+)","ts":"([^"\\]+)"'
)
_LIVE = re.compile(rb'\{"op":"live","topic":"([^"\\]+)","type":"([^"\\]+)"')
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass(slots=True)
class Event:
    seq: int
    id: str
    type: str
    ts: str
    frame: bytes

    def data(self) -> Any:
        return orjson.loads(self.frame)["data"]


@dataclass(slots=True)
class Live:
    topic: str
    type: str
    frame: bytes

    def data(self) -> Any:
        return orjson.loads(self.frame)["data"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The handshake's answer; `retry_after_s` where a refusal names it."""

    status: int
    retry_after_s: float | None


class Malformed(ValueError):
    """Not what a server of this protocol sends."""


def message(payload: bytes) -> Event | Live | dict[str, Any]:
    """A text frame's message; events and updates keep the frame for whoever wants the data."""
    if found := _EVENT.match(payload):
        seq, id_, type_, ts = found.groups()
        return Event(int(seq), id_.decode(), type_.decode(), ts.decode(), payload)
    if found := _LIVE.match(payload):
        return Live(found[1].decode(), found[2].decode(), payload)
    whole: dict[str, Any] = orjson.loads(payload)
    if whole["op"] == "event":  # the same in another order of fields
        return Event(whole["seq"], whole["id"], whole["type"], whole["ts"], payload)
    if whole["op"] == "live":
        return Live(whole["topic"], whole["type"], payload)
    return whole


class Reader:
    """`fed(data)` gives what has become whole: Answered first, then (opcode, payload)."""

    __slots__ = ("_open", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._open = False

    def fed(self, data: bytes) -> Iterator[Answered | tuple[int, bytes]]:
        """Raises Malformed."""
        data = self._rest + data if self._rest else data
        at = 0
        if not self._open:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._rest = data
                return
            yield _answered(data[:end])
            self._open, at = True, end + 4
        size = len(data)
        while size - at >= 2:
            first, length = data[at], data[at + 1]
            start = at + 2
            if length == 126:
                start += 2
                length = int.from_bytes(data[at + 2 : start], "big")
            elif length == 127:
                start += 8
                length = int.from_bytes(data[at + 2 : start], "big")
            elif length > 127:
                raise Malformed("a masked frame")
            if size < start + length:
                break
            if not first & 0x80:
                raise Malformed("a fragment")
            at = start + length
            yield first & 15, data[start:at]
        self._rest = data[at:]


def _answered(head: bytes) -> Answered:
    lines = head.split(b"\r\n")
    status = lines[0].split(b" ", 2)
    if len(status) < 2 or not status[1].isdigit():
        raise Malformed(f"not HTTP: {lines[0][:80]!r}")
    retry_after_s = None
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"retry-after" and value.strip().isdigit():
            retry_after_s = float(value)
    return Answered(int(status[1]), retry_after_s)
