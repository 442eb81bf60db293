"""Text from outside: what every string must satisfy before anyone looks at its meaning."""

import re
import unicodedata
from typing import Any

from app.errors import Invalid, Malformed

_DEPTH_MAX = 16
_EMOJI_MAX = 16
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufe0e\ufe0f")
"""Blank, though Unicode calls them letters, symbols or marks."""
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HASHTAG = re.compile(r"(?<![\w&])#(\w{1,50})")
_MENTION = re.compile(r"(?<![\w.@])@([A-Za-z0-9._]{3,30})")


def check_raw(value: Any, field: str = "", depth: int = 0) -> None:
    """Refuse NUL, lone surrogates and deep nesting anywhere in parsed JSON."""
    if depth > _DEPTH_MAX:
        raise Malformed(f"Nested deeper than {_DEPTH_MAX} levels.", "too_deep")
    if isinstance(value, str):
        if "\0" in value:
            raise Invalid.field(field or "body", "Must not contain a NUL character.")
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid.field(field or "body", "Is not valid Unicode text.")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_raw(key, field or "body", depth + 1)
            check_raw(item, f"{field}.{key}" if field else key, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_raw(item, field, depth + 1)


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: spaces, zero-width characters and the like."""
    return not text.isascii() and all(
        letter in _UNSEEN or unicodedata.category(letter) in ("Cf", "Cc", "Zs", "Zl", "Zp")
        for letter in text
    )


def check_name(name: str) -> str:
    """The name; raises ValueError when it would turn the direction of the text around it."""
    if not name.isascii() and not _TURNS.isdisjoint(name):
        raise ValueError("Leave out the characters that turn the direction of text")
    return name


def hashtags(text: str) -> list[str]:
    """Distinct hashtags in lower case, in order of appearance."""
    found = (tag.lower() for tag in _HASHTAG.findall(unicodedata.normalize("NFC", text)))
    return list(dict.fromkeys(tag for tag in found if not tag.isdigit()))


def mentions(text: str) -> list[str]:
    """Distinct usernames mentioned, in lower case."""
    return list(dict.fromkeys(name.lower().rstrip(".") for name in _MENTION.findall(text)))


def check_emoji(emoji: str) -> str:
    """The emoji; raises ValueError for what is not one or so."""
    words = any(unicodedata.category(letter)[0] in "LZC" for letter in emoji.replace("\u200d", ""))
    if emoji.isascii() or words or len(emoji) > _EMOJI_MAX:
        raise ValueError("Send one emoji")
    return emoji
