"""Steady: everyone scrolls, likes, comments, writes and posts, on networks that fail now and then."""

from typing import ClassVar

from loadtests.phone.hooks import Phases
from loadtests.phone.person import Mix, Someone


class SteadyPhases(Phases):
    """Come, act, be quiet."""


class Steady(Someone):
    """One in 25 acts loses the network; posts are rare, as each is a real upload."""

    mix: ClassVar[Mix] = {
        "scroll": 28,
        "read_comments": 8,
        "inbox": 6,
        "like": 24,
        "comment": 8,
        "message": 20,
        "post": 2,
        "trouble": 4,
    }
