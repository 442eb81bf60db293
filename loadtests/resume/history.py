"""What one device was handed, in the order it came."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Got:
    """An event."""

    number: int


@dataclass(frozen=True, slots=True)
class Said:
    """The server's word on a resume, or in the midst of a connection: `resumed`, or why the
    device has to reload."""

    word: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The whole state was loaded; the numbers that are in it."""

    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection ended, with this close code (1006: without one)."""

    code: int


Entry = Got | Said | Loaded | Lost
History = list[Entry]


def shown(history: History) -> set[int]:
    """What stands on the screen: the newest state, and the events since the word to load it."""
    found: set[int] = set()
    for entry in history:
        match entry:
            case Got():
                found.add(entry.number)
            case Loaded():
                found |= entry.numbers
            case Said() if entry.word != "resumed":
                found = set()
    return found
