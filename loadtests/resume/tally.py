"""What went wrong between what was pushed and what devices were handed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from loadtests.resume.history import Got, History, Loaded, Said, shown
from loadtests.resume.scenario import RESUMED, Scenario


@dataclass
class Tally:
    """Sums over devices and rounds."""

    returns: int = 0
    said: Counter[str] = field(default_factory=Counter)
    """How often each word was said to those who came back."""
    missed: int = 0
    """Events pushed while they were away."""
    replayed: int = 0
    """How many of those came as events; the others were in what was loaded."""
    lost: int = 0
    """Acknowledged events that neither came nor were in what the server said to load."""
    doubled: int = 0
    """Events that came a second time, without a reload between."""
    reordered: int = 0
    """Events that came after a later one."""
    falsely_resumed: int = 0
    """Times it said that nothing was missed, and something was; or said so of a place that
    never was."""
    stale: int = 0
    """Devices whose screen (state and events) differs from the state loaded afresh."""
    silent: int = 0
    """Devices that came back and were told nothing."""

    def add(
        self,
        scenario: Scenario,
        pushed: Sequence[int],
        missed: Sequence[int],
        history: History,
        fresh: frozenset[int] | None,
    ) -> None:
        """One device's part in one round. `pushed`: all numbers acknowledged since it first
        looked on, ascending; `fresh`: the state at the end, where the server keeps one."""
        got = [entry.number for entry in history if isinstance(entry, Got)]
        loaded = {n for entry in history if isinstance(entry, Loaded) for n in entry.numbers}
        said = [entry.word for entry in history if isinstance(entry, Said)]
        lost = set(pushed) - set(got) - loaded
        self.returns += 1
        self.said.update(said or ["nothing"])
        self.missed += len(missed)
        self.replayed += len(set(missed) & set(got))
        self.lost += len(lost)
        before: set[int] = set()
        for numbers in _since_each_reload(history):
            self.doubled += len(numbers) - len(set(numbers))
            new = [number for number in numbers if number not in before]
            self.reordered += sum(later < earlier for earlier, later in pairwise(new))
            before.update(numbers)
        self.falsely_resumed += _falsely(scenario, history, lost)
        self.stale += fresh is not None and shown(history) & set(pushed) != fresh & set(pushed)
        self.silent += scenario.leaves and not said

    @property
    def faults(self) -> dict[str, int]:
        """What has to be 0."""
        names = ("lost", "doubled", "reordered", "falsely_resumed", "stale", "silent")
        return {name: getattr(self, name) for name in names}

    def report(self) -> dict[str, Any]:
        return {**asdict(self), "said": dict(self.said)}


def _since_each_reload(history: History) -> list[list[int]]:
    """The events' numbers, in parts. What came before the word to reload may come once more
    after it, since it is applied to a state that may have it."""
    parts: list[list[int]] = [[]]
    for entry in history:
        if isinstance(entry, Got):
            parts[-1].append(entry.number)
        elif isinstance(entry, Said) and entry.word != RESUMED:
            parts.append([])
    return parts


def _falsely(scenario: Scenario, history: History, lost: set[int]) -> int:
    """Each `resumed` that the events after it belie."""
    count, seen = 0, 0
    for at, entry in enumerate(history):
        if isinstance(entry, Got):
            seen = max(seen, entry.number)
        elif entry == Said(RESUMED):
            allowed = RESUMED in scenario.says
            hole = any(seen < number <= _reach(history[at + 1 :]) for number in lost)
            count += hole or not allowed
    return count


def _reach(rest: History) -> float:
    """How far a word holds: to the newest event before the next one, or to the end."""
    numbers = [0]
    for entry in rest:
        if isinstance(entry, Said):
            return max(numbers)
        if isinstance(entry, Got):
            numbers.append(entry.number)
    return float("inf")
