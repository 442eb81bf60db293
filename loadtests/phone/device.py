"""One device of one person: a socket that comes back, as the contract asks of clients."""

import itertools
import random
import time
from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Any

import gevent
from gevent.event import AsyncResult

from loadtests.crowd import masked, upgrade
from loadtests.phone.findings import Findings
from loadtests.phone.line import Line
from loadtests.phone.numbering import Numbering
from loadtests.phone.reader import (
    CLOSE,
    PING,
    TEXT,
    Answered,
    Event,
    Live,
    Reader,
    message,
)
from realtime import protocol
from realtime.client.backoff import Backoff

HANDSHAKE_S = 20.0
SILENCE_S = 60.0
PEACE_S = 60.0
_STOPPING = {
    protocol.MALFORMED,
    protocol.BAD_TOKEN,
    protocol.NOT_ALLOWED,
    protocol.TOO_MANY_SOCKETS,
}
_LOST = 1006
_CLIENT = {"name": "load", "version": "1", "device": ""}

Timed = Callable[[str, float], None]
"""(name, milliseconds)"""


class CallRefused(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Device:
    def __init__(
        self,
        address: tuple[str, int],
        token: str,
        late_s: float,
        findings: Findings,
        timed: Timed,
        hearer: Callable[[Event | Live, float], None],
    ) -> None:
        self._address = address
        self._token = token
        self._findings = findings
        self._timed = timed
        self._hearer = hearer
        """Told of each event and topic update with the monotonic time; must not wait."""
        self.numbering = Numbering(late_s)
        self.topics: dict[str, float] = {}
        """Wanted, with the monotonic time since when without a break; `inf`: not at present."""
        self.welcomes = 0
        self.resynced_at = 0.0
        self.whole = False
        """Connected, and everything missed has come."""
        self._line: Line | None = None
        self._reader = Reader()
        self._status = 0
        self._welcomed: AsyncResult | None = None
        """While a connection is being made."""
        self._asked: dict[int, tuple[bytes, AsyncResult]] = {}
        self._numbers = itertools.count(1)
        self._backoff = Backoff()
        self._wait_s: float | None = None
        """How long the server asked to wait."""
        self._resumes_to = 0
        self._opened_at = self._heard_at = self._since = 0.0
        self._closed = True

    # For the person

    @property
    def connected(self) -> bool:
        return self._line is not None and self._welcomed is None

    @property
    def hearing(self) -> bool:
        """Connected, and not silent at present."""
        return self._line is not None and self.connected and self._line.listening

    @property
    def online_since(self) -> float:
        """Monotonic; `inf` while it is not connected."""
        return self._since if self.connected else inf

    def open(self) -> None:
        """Connect, and again whenever it breaks, until `close`. Waits for the first welcome."""
        self._closed = False
        self._connect_until_welcome()

    def close(self) -> None:
        self._closed = True
        self._drop()

    def call(self, method: str, params: dict[str, Any], timeout_s: float) -> Any:
        """An operation's result, with a key: sent again after each break until it is answered.

        Raises CallRefused, or TimeoutError.
        """
        number = next(self._numbers)
        key = f"{random.getrandbits(64):016x}"
        asked = {"op": "call", "id": number, "method": method, "params": params, "key": key}
        return self._ask(number, asked, timeout_s)

    def watch(self, topics: list[str]) -> None:
        """Subscribe to these and to none but these; raises TimeoutError."""
        gone = [topic for topic in self.topics if topic not in topics]
        new = [topic for topic in topics if topic not in self.topics]
        for topic in gone:
            del self.topics[topic]
        if gone:
            self._send({"op": "unsub", "id": 0, "topics": gone})
        if new:
            number = next(self._numbers)
            answer = self._ask(number, {"op": "sub", "id": number, "topics": new}, HANDSHAKE_S)
            self._granted(answer["topics"])

    def _granted(self, answers: dict[str, str]) -> None:
        now = time.monotonic()
        self.topics.update({topic: now for topic, answer in answers.items() if answer == "ok"})

    def _ask(self, number: int, asked: dict[str, Any], timeout_s: float) -> Any:
        frame, answer = masked(asked), AsyncResult()
        self._asked[number] = (frame, answer)
        try:
            if self.connected:  # else the next welcome sends it
                self._write(frame)
            with gevent.Timeout(timeout_s, TimeoutError(str(asked.get("method", "sub")))):
                return answer.get()
        finally:
            self._asked.pop(number, None)

    # A bad network

    def cut(self) -> None:
        """The connection is gone without a word."""
        if self._line is not None and self.connected:
            self._line.close(reset=True)
            self._lost(_LOST, "cut by the phone")

    def silence(self, seconds: float) -> None:
        """Nothing is read for a while, pings neither; then all that came meanwhile."""
        line = self._line
        if line is None or not self.connected:
            return
        self._findings.count("closed", "not at all, silent for a while")
        line.deafen()
        gevent.sleep(seconds)
        if self._line is line:
            self.numbering.hears_since, self._heard_at = time.time(), time.monotonic()
            line.listen()

    def move(self, linger_s: float) -> None:
        """Another network: a new connection resumes while the old one stays open, unread."""
        line = self._line
        if line is not None and self.connected:
            line.deafen()
            gevent.spawn_later(linger_s, line.close)
            self._line = None
            self._lost(_LOST, "left open by the phone")

    def check_silence(self, now: float) -> None:
        """Reconnect when nothing came for a minute."""
        if self.hearing and now - self._heard_at > SILENCE_S:
            self._lost(_LOST, "given up after 60 s without a word")

    # Connecting

    def _connect_until_welcome(self) -> None:
        while not self._closed:
            try:
                self._connect()
                return
            except OSError as error:  # TimeoutError is one
                self._findings.count("retried", f"handshake: {self._status or repr(error)}")
                self._drop()
            gevent.sleep(self._pause_s(_LOST))

    def _connect(self) -> None:
        """One attempt; raises OSError."""
        self._opened_at = time.monotonic()
        self._status, self._wait_s, self._reader = 0, None, Reader()
        self._welcomed = welcomed = AsyncResult()
        self._line = Line(self._received)
        self._line.dial(self._address, HANDSHAKE_S)
        self._write(upgrade(self._address[1]))
        with gevent.Timeout(HANDSHAKE_S, TimeoutError("no welcome")):
            welcomed.get()

    def _pause_s(self, code: int) -> float:
        if code == protocol.TOO_SLOW:
            return 0.0
        return self._backoff.next_s() if self._wait_s is None else self._wait_s

    def _lost(self, code: int, why: str = "") -> None:
        """The connection is gone."""
        dialling, peace = self._welcomed, time.monotonic() - self._since > PEACE_S
        self._drop()
        if dialling is not None:
            dialling.set_exception(ConnectionError(f"closed with {code}"))
            return
        self._findings.count("closed", why or f"{code} by the server")
        if code in _STOPPING:
            self._findings.fault("socket", f"closed with {code}, for good")
        elif not self._closed:
            if peace:
                self._backoff.reset()
            gevent.spawn(self._come_back, code)

    def _come_back(self, code: int) -> None:
        gevent.sleep(self._pause_s(code))
        self._connect_until_welcome()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = self._welcomed = None
        self.whole = False
        self.topics = dict.fromkeys(self.topics, inf)

    # What comes: called by the hub, so nothing below may wait

    def _received(self, data: bytes) -> None:
        if not data:
            self._lost(_LOST)
            return
        self._heard_at = now = time.monotonic()
        before, line = self.numbering.seq, self._line
        try:
            for found in self._reader.fed(data):
                if isinstance(found, Answered):
                    self._answered(found)
                else:
                    self._frame(*found, now)
                if self._line is not line:
                    return
        except Exception as error:
            # The hub would print it and go on: a fault of the server's, or of this file.
            self._findings.fault("broken", repr(error))
            self._lost(_LOST, "broken")
            return
        if self.numbering.seq > before:
            self._send({"op": "ack", "seq": self.numbering.seq})

    def _answered(self, answer: Answered) -> None:
        self._status = answer.status
        if answer.status == 101:
            point = self.numbering.point
            resume = {"resume": {"epoch": point[0], "seq": point[1]}} if point else {}
            hello = {"op": "hello", "token": self._token, "client": _CLIENT, **resume}
            self._write(masked(hello))
            return
        if answer.status not in (429, 503) or answer.retry_after_s is None:
            self._findings.fault("socket", f"handshake answered with {answer.status}")
        if answer.retry_after_s is not None:
            # Spread: a server that sends many away would see them all again at once.
            self._wait_s = answer.retry_after_s * (1 + random.random())
        self._lost(_LOST)

    def _frame(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == TEXT:
            found = message(payload)
            if isinstance(found, Event):
                self._event(found, now)
            elif isinstance(found, Live):
                if found.type == "revoked":
                    self.topics.pop(found.topic, None)
                self._hearer(found, now)
            else:
                self._word(found, now)
        elif opcode == PING:
            self._write(bytes((0x8A, 0x80 | len(payload))) + b"\0\0\0\0" + payload)
        elif opcode == CLOSE:
            self._lost(int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005)

    def _event(self, event: Event, now: float) -> None:
        sent_at = datetime.fromisoformat(event.ts).timestamp()
        fault = self.numbering.event(event.seq, event.id, sent_at, time.time())
        if fault is not None:
            self._findings.fault(*fault)
        if not self.whole and event.seq >= self._resumes_to:
            self._is_whole(now, "resume")
        self._hearer(event, now)

    def _word(self, word: dict[str, Any], now: float) -> None:
        match word["op"]:
            case "welcome":
                self._greeted(word, now)
            case "resync":
                self._findings.count("resyncs", word["reason"])
                self.resynced_at = now
                epoch, seq = self.numbering.epoch, self.numbering.seq
                self.numbering.resynced(word.get("epoch", epoch), word.get("seq", seq))
                self._is_whole(now, "resync")
            case "bye":
                if word["reconnect_after_ms"] is not None:
                    self._wait_s = word["reconnect_after_ms"] / 1000
            case "result" | "error" | "ok":
                self._result(word)

    def _greeted(self, word: dict[str, Any], now: float) -> None:
        welcomed, self._welcomed = self._welcomed, None
        first = self.numbering.point is None
        fault = self.numbering.welcomed(word["epoch"], word["seq"], word["resumed"], time.time())
        if fault is not None:
            self._findings.fault(*fault)
        self._since, self.welcomes = now, self.welcomes + 1
        if word["resumed"]:
            self._findings.count("sockets", "resumed")
            self._resumes_to = word["seq"]
            if self.numbering.seq >= word["seq"]:
                self._is_whole(now, "resume")
        elif first:
            self._findings.count("sockets", "opened")
            self._is_whole(now, "handshake")
        if self.topics:
            self._send({"op": "sub", "id": 0, "topics": list(self.topics)})
        for frame, _ in list(self._asked.values()):
            self._write(frame)
        if welcomed is not None:
            welcomed.set(None)

    def _is_whole(self, now: float, how: str) -> None:
        if not self.whole:
            self.whole = True
            self._timed(how, (now - self._opened_at) * 1000)

    def _result(self, word: dict[str, Any]) -> None:
        if word["id"] == 0:
            granted = word.get("data", {}).get("topics", {})
            self._granted({t: answer for t, answer in granted.items() if t in self.topics})
            return
        _, answer = self._asked.get(word["id"], (b"", None))
        if answer is not None and not answer.ready():
            if word["op"] == "error":
                answer.set_exception(CallRefused(word["code"], word["message"]))
            else:
                answer.set(word.get("data"))

    def _send(self, word: dict[str, Any]) -> None:
        if self.connected:
            self._write(masked(word))

    def _write(self, data: bytes) -> None:
        if self._line is not None:
            self._line.write(data)
