"""The words of what was said, as search knows them. Pure.

Case, accents and width make no difference. A word is found by its beginning. Scripts without
spaces (Chinese, Japanese, Thai, …) and emoji have no words to begin: there any part is found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

STEPS = (1, 2, 3, 5, 8)
"""Beginnings of these lengths are indexed: a search reads those of the longest that its word has,
and looks at the text for the rest. All lengths would make a third more of them."""

_SPACELESS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007),
    (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0x1F000, 0x3FFFF),
)  # fmt: skip
"""Thai and Lao, Myanmar, Khmer, Han, kana; emoji that this Python may not know yet."""
_ALIKE = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
)
"""Letters with a stroke are letters of their own to Unicode."""
_PLAIN = re.compile(r"[a-z0-9]+")
_EXCERPT = 140
_BEFORE = 40

Range = tuple[int, int]
"""[start, end) in characters of the text."""


@dataclass(frozen=True, slots=True)
class Run:
    """A word, or a stretch of a script without spaces."""

    text: str
    """Folded."""
    places: list[Range]
    """Where each of its letters comes from."""
    spaceless: bool


@dataclass(frozen=True, slots=True)
class Term:
    """Something that is looked for, folded."""

    text: str
    spaceless: bool

    @property
    def tokens(self) -> list[str]:
        """What a text that has it is indexed by."""
        if self.spaceless:
            return _pairs(self.text) or [self.text]
        return [self.text[: max(step for step in STEPS if step <= len(self.text))]]


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _is_accent(letter: str) -> bool:
    # Marks over, under and through letters, and vowel points of Hebrew and Arabic. Those that
    # make another letter (kana) or are tones and vowels of a syllable (Thai, Indic) stay.
    kind = unicodedata.combining(letter)
    return kind == 1 or 10 <= kind <= 36 or kind >= 200


def _joins(letter: str) -> bool:
    """Invisible inside a word, or the tone and form of an emoji."""
    if unicodedata.category(letter) in ("Cf", "Me"):
        return True
    return "\ufe00" <= letter <= "\ufe0f" or "\U0001f3fb" <= letter <= "\U0001f3ff"


@lru_cache(8192)
def _fold(cluster: str) -> str:
    """A letter with its marks, as all that are alike are written; nothing for what only joins."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", cluster).casefold())
    kept = "".join(letter for letter in plain if not _is_accent(letter) and not _joins(letter))
    # Hangul stays in parts, so that a syllable is found while it is typed.
    if not any("\u1100" <= letter <= "\u11ff" for letter in kept):
        kept = unicodedata.normalize("NFC", kept)
    return kept.translate(_ALIKE)


@lru_cache(8192)
def _hangs_on(letter: str) -> bool:
    """On the one before it."""
    return _joins(letter) or unicodedata.combining(unicodedata.normalize("NFKD", letter)[0]) != 0


@lru_cache(8192)
def _kind(letter: str) -> bool | None:
    """Of a folded letter: whether its script is without spaces; None between words."""
    category = unicodedata.category(letter)
    if category[0] not in "LMN" and category not in ("So", "Cn"):
        return None
    return category == "So" or any(low <= ord(letter) <= high for low, high in _SPACELESS)


def _clusters(text: str) -> Iterator[Range]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _hangs_on(text[at]):
            yield start, at
            start = at


def _letters(text: str) -> Iterator[tuple[str, Range]]:
    """Folded, each with where it comes from."""
    for start, end in _clusters(text):
        cluster = text[start:end]
        for letter in cluster.lower() if cluster.isascii() else _fold(cluster):
            yield letter, (start, end)


def runs(text: str) -> list[Run]:
    """In order of appearance."""
    if text.isascii():  # most of what is said, at a fraction of the time
        return [
            Run(word.group(), [(at, at + 1) for at in range(*word.span())], False)
            for word in _PLAIN.finditer(text.lower())
        ]
    found: list[Run] = []
    for kind, group in groupby(_letters(text), lambda one: _kind(one[0])):
        if kind is not None:
            letters, places = zip(*group, strict=True)
            found.append(Run("".join(letters), list(places), kind))
    return found


def tokens(text: str) -> list[str]:
    """What a message with this text is found by, each once."""
    found: set[str] = set()
    for run in runs(text):
        if run.spaceless:
            found.update(run.text, _pairs(run.text))
        else:
            found.update(run.text[:step] for step in STEPS if step <= len(run.text))
    return sorted(found)


def terms(query: str) -> list[Term]:
    """What a query asks for, each once; all of it has to be there."""
    return list(dict.fromkeys(Term(run.text, run.spaceless) for run in runs(query)))


def matches(text: str, wanted: list[Term]) -> list[Range] | None:
    """Where the text has what is wanted, in order and apart; None when something is missing."""
    there = runs(text)
    found: list[Range] = []
    for term in wanted:
        places = [place for run in there for place in _in_run(run, term)]
        if not places:
            return None
        found += places
    return _joined(found)


def _in_run(run: Run, term: Term) -> Iterator[Range]:
    if run.spaceless != term.spaceless:
        return
    at = run.text.find(term.text)
    while at == 0 or (at > 0 and run.spaceless):
        yield run.places[at][0], run.places[at + len(term.text) - 1][1]
        at = run.text.find(term.text, at + 1)


def _joined(ranges: list[Range]) -> list[Range]:
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def excerpt(text: str, found: list[Range]) -> list[tuple[str, bool]]:
    """The text around the first match in pieces, and which of them match. Cut between words
    where there is a space near."""
    start = max(0, found[0][0] - _BEFORE) if len(text) > _EXCERPT else 0
    if start:
        space = text.find(" ", start, found[0][0])
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + _EXCERPT)
    if end < len(text):
        space = text.rfind(" ", max(start + _EXCERPT // 2, found[0][1]), end)
        end = space if space >= 0 else end
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for low, high in found:
        if low >= end:
            break
        pieces += [(text[at:low], False), (text[low : min(high, end)], True)]
        at = min(high, end)
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [piece for piece in pieces if piece[0]]
