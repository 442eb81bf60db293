"""Celebrity post: an author above the push threshold posts; followers are hinted and pull.

Nothing is pushed: each node tells its sockets (`post.hint` on `me`), and some of those who are
told pull their feed within ten seconds, in which the post must be.
"""

import time
from typing import ClassVar

from loadtests.phone.hooks import Phases
from loadtests.phone.person import Mix, Someone

EVERY_S = 10.0
ONLINE_ENOUGH_S = 15.0
"""Nodes learn whose hints a new socket wants some time after its hello."""


class CelebrityPhases(Phases):
    """Come, act, be quiet."""


class Follower(Someone):
    mix: ClassVar[Mix] = {"scroll": 60, "like": 25, "message": 10, "trouble": 5}


class Celebrity(Someone):
    """Posts every ten seconds; who has been online for a while must be hinted at each."""

    fixed_count = 1
    mix: ClassVar[Mix] = {"post": 1}

    def place(self) -> int:
        return self.world.celebrity

    def wait_time(self) -> float:
        return EVERY_S

    def posted(self, post_id: str, must_see: list[int], began: float) -> None:
        long_ago = time.monotonic() - ONLINE_ENOUGH_S
        phones = self.world.phones.values()
        online = [p.number for p in phones if p.device.hearing and p.device.online_since < long_ago]
        self._acknowledged(
            f"hint:{post_id}", "hint → me", [n for n in online if n != self.number], began
        )
