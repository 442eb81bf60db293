"""How long a client waits before it comes back."""

import random
from collections.abc import Callable

FIRST_S = 0.5
MAX_S = 30.0


class Backoff:
    """Exponential with full jitter, so that clients of a dead node don't return as one wave."""

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._failures = 0

    def next_s(self) -> float:
        ceiling = min(MAX_S, FIRST_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return self._draw() * ceiling

    def reset(self) -> None:
        self._failures = 0
