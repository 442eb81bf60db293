"""The people of a load test, as the processes that play them read it.

A village is the people of one such process. They follow and write to one another only, so that
what one did and what another must see meet in one memory. Everyone follows the celebrity, who
has more followers than are pushed to.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Person:
    user_id: str
    username: str
    token: str
    follows: list[int]
    """Places in the same village."""


@dataclass(frozen=True, slots=True)
class Town:
    villages: list[list[Person]]
    celebrity: Person
    seeds: list[str]
    """Post ids of the celebrity's, the oldest first."""

    def save(self, path: Path) -> None:
        """It holds tokens: for its owner alone."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file)

    @classmethod
    def load(cls, path: Path) -> "Town":
        raw = json.loads(path.read_text())
        villages = [[Person(**person) for person in village] for village in raw["villages"]]
        return cls(villages, Person(**raw["celebrity"]), raw["seeds"])
