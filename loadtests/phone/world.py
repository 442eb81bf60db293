"""What the phones of one load-generating process share: who they are, what is known of acts
and deliveries, and the watch over all of it."""

import itertools
import random
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import gevent

from loadtests.phone.findings import Findings
from loadtests.phone.generator import Generator
from loadtests.phone.ledger import Ledger, Missing
from loadtests.phone.reader import Event
from loadtests.town import Person, Town

if TYPE_CHECKING:
    from loadtests.phone.user import Phone

_STEP_S = 1.0
_SUBJECTS_MAX = 2048
_COUNTED_POSTS_MAX = 20
_COUNTED_WITHIN_S = 10.0


class World:
    def __init__(self, environment: Any, village: int) -> None:
        options = environment.parsed_options
        self.environment = environment
        self.late_s = float(options.late_s)
        self.acts_per_s = float(options.acts_per_s) / options.villages
        self.town = Town.load(Path(options.town))
        self.people: list[Person] = [*self.town.villages[village], self.town.celebrity]
        self.celebrity = len(self.people) - 1
        self.alone = len(self.town.villages) == 1
        self.followers: list[list[int]] = [[] for _ in self.people]
        for number, person in enumerate(self.people):
            for followee in person.follows:
                self.followers[followee].append(number)
        parts = urlsplit(environment.host)
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, socket.AF_INET)
        self.address: tuple[str, int] = found[0][4]  # type: ignore[assignment]
        self.findings = Findings(self._failed)
        self.ledger = Ledger()
        self.generator = Generator()
        self.phones: dict[int, Phone] = {}
        self.posts: list[str] = list(self.town.seeds)
        """To like and comment on; the newest last."""
        self.likes: dict[str, tuple[set[int], set[int]]] = {}
        """Post → who tried to like it, whose like was acknowledged."""
        self.live: list[int] = []
        """Sockets connected, second by second, once all are there."""
        self._places = itertools.count()
        self._subjects: dict[str, str] = {}
        self._acts_until = time.monotonic() + ramp_s(options) + options.acts_for_s
        self._full_from = time.monotonic() + ramp_s(options) + 5
        self._greenlets = [gevent.spawn(self.generator.run), gevent.spawn(self._watch)]

    def close(self) -> None:
        gevent.killall(self._greenlets)

    @property
    def acts_left_s(self) -> float:
        return max(0.0, self._acts_until - time.monotonic())

    @property
    def acts_over(self) -> bool:
        """The rest is for what is under way to arrive."""
        return not self.acts_left_s

    def place(self) -> int:
        """A person for the next phone."""
        number = next(self._places)
        assert number < self.celebrity, "more phones than people"
        return number

    def timed(self, name: str, ms: float) -> None:
        """A figure for Locust's tables, beside those of its requests."""
        self.environment.stats.log_request("SOCKET", name, ms, 0)

    def _failed(self, kind: str, text: str) -> None:
        self.environment.stats.log_request("CHECK", kind, 0, 0)
        self.environment.stats.log_error("CHECK", kind, f"{kind} (the report says more)")

    def subject(self, event: Event, field: str, *inside: str) -> str:
        """The id that an event is about. The same event of many recipients is read once."""
        known = self._subjects.get(event.id)
        if known is None:
            data = event.data()
            for name in inside:
                data = data[name]
            known = self._subjects[event.id] = data[field]
            if len(self._subjects) > _SUBJECTS_MAX:
                del self._subjects[next(iter(self._subjects))]
        return known

    def some_post(self) -> str:
        """Rather a new one."""
        return random.choice(self.posts[-50:])

    def connected(self) -> int:
        return sum(phone.device.connected for phone in self.phones.values())

    # Watching

    def _watch(self) -> None:
        while True:
            gevent.sleep(_STEP_S)
            now = time.monotonic()
            for phone in list(self.phones.values()):
                phone.device.check_silence(now)
                phone.check_counters(now)
            if self._full_from < now < self._acts_until:
                self.live.append(self.connected())

    def judge(self) -> None:
        """All should have arrived by now: what has not is lost."""
        for missing in self.ledger.missing():
            if not self._excused(missing):
                name = self.people[missing.person].username
                self.findings.fault("lost", f"{missing.act} never reached {name}")
        self._judge_counters()
        gone = len(self.phones) - self.connected()
        if gone:
            self.findings.fault("socket", f"{gone} phones did not get back in time")

    def _excused(self, missing: Missing) -> bool:
        """It need not have been told, if reloading, as the phone was asked to, shows it; and
        hints are not repeated for whoever was away."""
        kind, _, subject = missing.act.partition(":")
        phone = self.phones[missing.person]
        if kind == "hint":
            return phone.device.online_since > missing.began_at
        if phone.device.resynced_at < missing.began_at:
            return False
        self.findings.count("deliveries", "found by reloading")
        path = "/posts/" if kind == "post" else "/messages/"
        return phone.ask("GET", f"{path}{subject}", f"{path}{{id}}") is not None

    def _judge_counters(self) -> None:
        """Likes of some posts: at least those acknowledged, at most those tried."""
        if not self.phones:
            return
        reader = next(iter(self.phones.values()))
        for post_id, (tried, done) in list(self.likes.items())[-_COUNTED_POSTS_MAX:]:
            most = len(tried) if self.alone else len(self.people) * len(self.town.villages)
            deadline = time.monotonic() + _COUNTED_WITHIN_S
            while True:
                post = reader.ask("GET", f"/posts/{post_id}", "/posts/{id}")
                shown = post["likes_count"] if post else -1
                if len(done) <= shown <= most:
                    break
                if time.monotonic() > deadline:
                    text = f"{post_id} shows {shown} likes, {len(done)} were acknowledged"
                    self.findings.fault("counter", text)
                    break
                gevent.sleep(0.5)

    def exported(self) -> dict[str, Any]:
        """This process's part of the report."""
        return {
            **self.findings.exported(),
            "expected": self.ledger.expected,
            "live": self.live,
            "generator": self.generator.exported(),
        }


def ramp_s(options: Any) -> float:
    """How long it takes until all phones are there."""
    return float(options.num_users / options.spawn_rate)
