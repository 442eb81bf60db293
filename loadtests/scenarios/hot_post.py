"""Hot post: all of the town look at one post, like it once each, and comment on it."""

from typing import Any, ClassVar

from loadtests.phone.hooks import Phases
from loadtests.phone.person import Mix, Someone


class HotPostPhases(Phases):
    """Come, act, be quiet. The verdict compares the post's likes with those acknowledged."""


class Onlooker(Someone):
    """The post stays on the screen: every counter and comment of it goes to every socket."""

    mix: ClassVar[Mix] = {"like_it": 60, "comment_on_it": 15, "look": 20, "trouble": 5}

    def on_start(self) -> None:
        super().on_start()
        self.hot: str = self.world.town.seeds[0]
        self.watch([f"post:{self.hot}"])

    def like_it(self) -> None:
        """Once; after that, look at it."""
        if self.hot in self.liked:
            self.look()
        else:
            self.like_post(self.hot)

    def comment_on_it(self) -> None:
        self.comment_on(self.hot)

    def look(self) -> Any:
        self.ask("GET", f"/posts/{self.hot}", "/posts/{id}")
        return self.ask("GET", f"/posts/{self.hot}/comments", "/posts/{id}/comments")
