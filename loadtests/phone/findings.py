"""What a load-test process found: faults, counts and samples, as its report will say them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

SAMPLES_MAX = 20
FAULTS = (
    "gap", "repeated", "doubled", "late", "unasked", "lost", "counter", "socket", "answer",
    "broken", "deploy", "storm",
)  # fmt: skip
"""Any of these fails the run."""


class Findings:
    """`on_fault` is told of each kind and sentence: Locust shows it as a failure."""

    def __init__(self, on_fault: Callable[[str, str], None] = lambda kind, text: None) -> None:
        self._on_fault = on_fault
        self.faults: Counter[str] = Counter()
        self.samples: list[str] = []
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        """`sockets`, `closed`, `events`, `acts`, … → name → how many."""
        self.notes: dict[str, list[Any]] = defaultdict(list)
        """What a scenario measured of its own."""

    def fault(self, kind: str, text: str) -> None:
        assert kind in FAULTS, kind
        self.faults[kind] += 1
        if len(self.samples) < SAMPLES_MAX:
            self.samples.append(f"{kind}: {text}")
        self._on_fault(kind, text)

    def count(self, group: str, name: str, by: int = 1) -> None:
        self.counts[group][name] += by

    def exported(self) -> dict[str, Any]:
        return {
            "faults": dict(self.faults),
            "samples": self.samples,
            "counts": {group: dict(names) for group, names in self.counts.items()},
            "notes": dict(self.notes),
        }


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The findings of several processes as one."""
    whole = Findings()
    for part in parts:
        whole.faults.update(part["faults"])
        whole.samples += part["samples"][: max(0, SAMPLES_MAX - len(whole.samples))]
        for group, names in part["counts"].items():
            whole.counts[group].update(names)
        for name, said in part["notes"].items():
            whole.notes[name] += said
    return whole.exported()
