"""A Locust user with a phone: HTTP and a socket, kept to the contract.

What the contract asks of a client is done and counted as `retried`: 503 with Retry-After is
repeated after that time, with the same idempotency key; a socket call is sent again after a
break. Any other refusal is a failure.
"""

import random
import time
from typing import Any

import gevent
import orjson
from gevent.event import Event as Signal
from geventhttpclient.client import HTTPClientPool
from locust import FastHttpUser

from loadtests.phone.device import CallRefused, Device
from loadtests.phone.reader import Event, Live
from loadtests.phone.world import World

GIVE_UP_S = 30.0
_HTTP_AT_ONCE = 64


class Phone(FastHttpUser):
    """Opens its socket and hears; what it does besides is said by subclasses."""

    abstract = True
    network_timeout = GIVE_UP_S
    connection_timeout = 10.0
    client_pool = HTTPClientPool(
        concurrency=_HTTP_AT_ONCE, network_timeout=GIVE_UP_S, connection_timeout=10.0
    )
    """One for all: a connection each besides the sockets would be more than the descriptors."""

    world: World
    """Set before the first is made (`loadtests.phone.hooks`)."""

    def on_start(self) -> None:
        world = self.world
        self.number = self.place()
        self.person = world.people[self.number]
        self.device = Device(
            world.address, self.person.token, world.late_s, world.findings, world.timed, self._hear
        )
        self.shown: dict[str, int] = {}
        """Topic → the newest number of likes told."""
        self._wanted: list[tuple[str, int, float, float]] = []
        """(topic, likes, asked at, subscribed since): an update that must come."""
        self._media: dict[str, Signal] = {}
        world.phones[self.number] = self
        self.device.open()
        gevent.sleep(self.wait_time())

    def place(self) -> int:
        """Whose phone it is."""
        return self.world.place()

    def on_stop(self) -> None:
        self.device.close()

    def wait_time(self) -> float:
        """So that all together act `--acts-per-s` times a second, at random."""
        rate = self.world.acts_per_s / max(1, len(self.world.people))
        return random.expovariate(rate)

    # HTTP

    def ask(self, method: str, path: str, name: str, body: Any = None, key: str = "") -> Any:
        """The answer's data, {} for none; None when it failed, which Locust has recorded."""
        headers = {"Authorization": f"Bearer {self.person.token}"}
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else orjson.dumps(body)
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            with self.client.request(
                method, f"/api/v1{path}", name=name, data=content, headers=headers,
                catch_response=True,
            ) as answer:  # fmt: skip
                if 200 <= answer.status_code < 300:
                    return orjson.loads(answer.content)["data"] if answer.content else {}
                wait_s = _wait_s(answer)
                if wait_s is None or time.monotonic() + wait_s > deadline:
                    said = (answer.content or b"")[:200]
                    answer.failure(f"{answer.status_code} {said!r} {getattr(answer, 'error', '')}")
                    self.world.findings.fault(
                        "answer", f"{method} {path}: {answer.status_code} {said!r}"
                    )
                    return None
                answer.request_meta["name"] = f"{name} (told to retry)"
                answer.success()
            self.world.findings.count("retried", f"{method} {name}: {answer.status_code}")
            gevent.sleep(wait_s)

    def put(self, link: dict[str, Any], content: bytes) -> bool:
        """An upload by a signed address."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            with self.client.request(
                "PUT", link["upload_url"], name="signed upload", data=content,
                headers=link["headers"], catch_response=True,
            ) as answer:  # fmt: skip
                # 412: it is there already, from a time whose answer was lost.
                if answer.status_code in (200, 412):
                    answer.success()
                    return True
                wait_s = _wait_s(answer)
                if wait_s is None or time.monotonic() + wait_s > deadline:
                    answer.failure(f"{answer.status_code}")
                    self.world.findings.fault("answer", f"upload: {answer.status_code}")
                    return False
                answer.success()
            self.world.findings.count("retried", f"PUT upload: {answer.status_code}")
            gevent.sleep(wait_s)

    # Socket

    def call(self, method: str, **params: Any) -> Any:
        """An operation's result over the socket; None when it failed, which is recorded."""
        began = time.monotonic()
        stats, failed = self.environment.stats, ""
        while True:
            try:
                answer = self.device.call(method, params, GIVE_UP_S)
            except CallRefused as refused:
                if refused.code in _AGAIN and time.monotonic() - began < GIVE_UP_S:
                    self.world.findings.count("retried", f"call {method}: {refused.code}")
                    gevent.sleep(1 + random.random())
                    continue
                failed = str(refused)
            except TimeoutError:
                failed = f"no answer in {GIVE_UP_S:g} s"
            stats.log_request("CALL", method, (time.monotonic() - began) * 1000, 0)
            if not failed:
                return answer
            stats.log_error("CALL", method, failed)
            self.world.findings.fault("answer", f"call {method}: {failed}")
            return None

    def watch(self, topics: list[str]) -> None:
        try:
            self.device.watch(topics)
        except (TimeoutError, CallRefused) as error:
            self.world.findings.fault("answer", f"sub {topics}: {error!r}")
        self.shown = {topic: n for topic, n in self.shown.items() if topic in topics}

    def processed(self, media_id: str, timeout_s: float) -> bool:
        """Wait for the upload's `media.ready`, which may have come already."""
        done = self._media.setdefault(media_id, Signal())
        found = bool(done.wait(timeout_s))
        del self._media[media_id]
        return found

    # Hearing: called by the hub, so nothing here may wait

    def _hear(self, heard: Event | Live, now: float) -> None:
        world = self.world
        if isinstance(heard, Live):
            world.findings.count("updates", heard.type)
            if heard.type == "post.counts":
                self._counted(heard.topic, heard.data()["likes"], now)
            elif heard.type == "post.hint":
                post_id = heard.data()["post_id"]
                self._saw(f"hint:{post_id}", "hint → me", now)
                self.hinted(post_id)
            return
        world.findings.count("events", heard.type)
        if heard.type == "post.new":
            self._saw("post:" + world.subject(heard, "post_id"), "post → screen", now)
        elif heard.type == "message.new":
            act = "message:" + world.subject(heard, "message_id", "message")
            self._saw(act, "message → screen", now)
        elif heard.type in ("media.ready", "media.failed"):
            media_id = world.subject(heard, "media_id")
            self._media.setdefault(media_id, Signal()).set()

    def hinted(self, post_id: str) -> None:
        """A popular author posted."""

    def _saw(self, act: str, name: str, now: float) -> None:
        waited = self.world.ledger.seen(act, self.number, now)
        if waited is not None:
            self.record_delivery(name, waited, self.device)

    def record_delivery(self, name: str, waited: float, device: Device) -> None:
        """Without a break in between it is a figure of the server; else one of the network."""
        began = time.monotonic() - waited
        deaf_until = device.numbering.hears_since - time.time() + time.monotonic()
        if max(device.online_since, deaf_until) > began:
            self.world.timed(f"{name}, after a break", waited * 1000)
            return
        self.world.timed(name, waited * 1000)
        if waited > self.world.late_s:
            self.world.findings.fault("late", f"{name}: {waited:.1f} s after the answer")

    # Counters

    def want_likes(self, topic: str, likes: int) -> None:
        """A like was acknowledged: the counter must come to those who watch."""
        now, since = time.monotonic(), self.device.topics.get(topic)
        if since is None or since > now:
            return
        if self.shown.get(topic, -1) >= likes:
            self.world.timed("like → counts", 0)
        else:
            self._wanted.append((topic, likes, now, since))

    def _counted(self, topic: str, likes: int, now: float) -> None:
        self.shown[topic] = max(likes, self.shown.get(topic, 0))
        if not self._wanted:
            return
        still = []
        for want in self._wanted:
            if want[0] == topic and likes >= want[1]:
                self.world.timed("like → counts", (now - want[2]) * 1000)
            else:
                still.append(want)
        self._wanted = still

    def check_counters(self, now: float) -> None:
        """Updates are not repeated after a break; without one they must have come."""
        device = self.device
        deaf_until = device.numbering.hears_since - time.time() + now
        for want in list(self._wanted):
            topic, likes, asked_at, since = want
            if device.topics.get(topic) != since or deaf_until > asked_at:
                self._wanted.remove(want)
            elif now - asked_at > self.world.late_s and device.hearing:
                self._wanted.remove(want)
                told = self.shown.get(topic)
                self.world.findings.fault("counter", f"{topic}: {likes} likes, told of {told}")


_AGAIN = {"unavailable", "idempotency_in_progress"}


def _wait_s(answer: Any) -> float | None:
    """How long the answer asks to wait before the same is asked again; None: it does not."""
    said = (answer.headers or {}).get("retry-after")
    if answer.status_code == 503 and said is not None and str(said).isdigit():
        return float(said)
    if answer.status_code == 409 and b"idempotency_in_progress" in (answer.content or b""):
        return 0.5
    return None
